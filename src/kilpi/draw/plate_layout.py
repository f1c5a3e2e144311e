"""Where each character, dash and sticker of a plate goes. Millimetres, origin at the plate's top left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import NamedTuple

import numpy as np

from kilpi.draw.glyphs import glyph
from kilpi.grammar import PlateStyle

COMMON = "ABDEHKNPRSU2345689"  # letters of usual width: their mean is set to a country's
ACCENTED = "ÅÄÖÜ"
ROOM_FOR_ACCENT = 0.84
JITTER_UP = 1.0  # mm that a character may stand above its line
MIN_PITCH = 0.42  # a narrow I or 1 still takes this share of the mean width where cells are even


@dataclass(frozen=True, slots=True)
class Look:
    """All that was drawn by lot for one plate; lengths in mm, colours 0..255 RGB."""

    face: str
    weight: int
    accent: int  # 1: accents stay within a capital's height
    char_mm: float
    mean_width_mm: float
    widest: float  # a W or M is narrowed to so many mean widths: many plates have one width for all
    gap_mm: float
    pitch: bool  # even cells rather than even gaps
    band_mm: float
    band_right_mm: float
    band_full: bool  # the strip runs over both rows
    sticker: str
    sticker_size: float  # a shield's height as a part of a capital's; other stickers follow it
    top_text: str
    bordered: bool
    border_mm: float
    border_inset_mm: float
    radius_mm: float
    strip: int  # the variant of the strips at its ends
    ground: tuple[float, ...]
    ink: tuple[float, ...]


class Placed(NamedTuple):
    """One character: its left edge, base line, ink width and the height of a capital."""

    char: str
    x_mm: float
    base_mm: float
    width_mm: float
    cap_mm: float


class Sticker(NamedTuple):
    """A sticker's kind (seal, shield, square), centre and size."""

    kind: str
    x_mm: float
    y_mm: float
    size_mm: float


@dataclass(slots=True)
class Layout:
    """What is printed and stuck on a plate. `bars` are dashes and dots: x1, y1, x2, y2."""

    chars: list[Placed] = field(default_factory=list)
    bars: list[tuple[float, float, float, float]] = field(default_factory=list)
    stickers: list[Sticker] = field(default_factory=list)


class _Item(NamedTuple):
    what: str  # a character, or: dash, dot, gap, sticker
    width: float
    gap: float  # clear space after it


@cache
def ink_width(face: str, char: str, accent: int, weight: int) -> float:
    """A character's ink width as a share of its cap height."""
    sign = glyph(face, char, accent, weight, 64)
    return float(sign.mask.shape[1] / sign.cap)


@cache
def ink_height(face: str, char: str, accent: int, weight: int) -> float:
    """A character's ink height with its accent as a share of the cap height."""
    sign = glyph(face, char, accent, weight, 64)
    return float(sign.mask.shape[0] / sign.cap)


@cache
def mean_width(face: str, weight: int) -> float:
    """Mean ink width of usual letters and digits, as a share of the cap height."""
    return float(np.mean([ink_width(face, c, 0, weight) for c in COMMON]))


def text_zone(style: PlateStyle, band_mm: float, band_right_mm: float) -> tuple[float, float]:
    """Left and right end of where characters may stand."""
    margin = 0.022 * style.size_mm[0]
    return band_mm + margin, style.size_mm[0] - band_right_mm - margin


def lay_out(rows: Sequence[Sequence[str]], style: PlateStyle, look: Look, rng: np.random.Generator) -> Layout:
    """Place the groups of each row, squeezed where the plate is too short for them."""
    layout = Layout()
    height = style.size_mm[1]
    share = 0.78 if len(rows) == 1 else 0.41
    cap = min(look.char_mm, share * height)
    base_shift = 0.0
    if look.accent == 0 and any(c in ACCENTED for groups in rows for group in groups for c in group):
        cap *= ROOM_FOR_ACCENT  # the accent stands above the capital: both must stay on the plate
        base_shift = 0.08 * cap
    if look.top_text:
        cap, base_shift = min(cap, 0.62 * height), base_shift + 0.075 * height
    centres = [0.5] if len(rows) == 1 else [0.265, 0.735]
    shift = rng.normal(0, 0.012)
    for number, (groups, centre) in enumerate(zip(rows, centres, strict=False)):
        band = look.band_mm if look.band_full or number == 0 else 0.0
        zone = text_zone(style, band, look.band_right_mm)
        if look.sticker == "shields" and style.rows == 1:  # arms stand at both ends
            zone = (zone[0] + look.sticker_size * cap, zone[1] - look.sticker_size * cap)
        base = (centre + shift) * height + cap / 2 + base_shift
        tallest = max(
            (ink_height(look.face, c, look.accent, look.weight) for g in groups for c in g), default=1.0
        )
        base = max(base, tallest * cap + JITTER_UP)  # an accent stays on the plate
        _lay_row(layout, groups, style, look, zone, base, cap, rng)
    return layout


def _items(groups: Sequence[str], style: PlateStyle, look: Look, cap: float, single: bool) -> list[_Item]:
    stretch = float(
        np.clip(look.mean_width_mm / look.char_mm / mean_width(look.face, look.weight), 0.72, 1.5)
    )
    mean = cap * look.mean_width_mm / look.char_mm
    gap = look.gap_mm * cap / look.char_mm
    items: list[_Item] = []
    for number, group in enumerate(groups):
        if number:
            items.append(_between(number, style, look, cap, gap, single))
        for char in group:
            width = ink_width(look.face, char, look.accent, look.weight) * cap * stretch
            width = min(width, look.widest * mean)
            items.append(_Item(char, width, gap))
            if look.pitch:
                items[-1] = _Item(char, width, gap + max(0.0, MIN_PITCH * mean - width))
    return items


def _between(number: int, style: PlateStyle, look: Look, cap: float, gap: float, single: bool) -> _Item:
    if number == 1 and single and look.sticker != "none":
        width = {"seals": 0.56, "shield": 0.9 * look.sticker_size, "square": 0.42}.get(look.sticker)
        if width:
            return _Item("sticker", width * cap, gap)
    if style.separator == "dash":
        return _Item("dash", 0.24 * cap, gap * 1.25)
    if style.separator == "dot":
        return _Item("dot", 0.14 * cap, gap)
    return _Item("gap", 0.0 if style.separator == "none" else 0.22 * cap, gap)


def _lay_row(
    layout: Layout,
    groups: Sequence[str],
    style: PlateStyle,
    look: Look,
    zone: tuple[float, float],
    base: float,
    cap: float,
    rng: np.random.Generator,
) -> None:
    items = _items(groups, style, look, cap, single=style.rows == 1)
    if not items:
        return
    if look.sticker == "end":
        items.append(_Item("sticker", look.sticker_size * cap, 0.0))
    total = sum(i.width + i.gap for i in items) - items[-1].gap
    room = zone[1] - zone[0]
    squeeze = min(1.0, room / total)
    spare = room - total * squeeze
    x = zone[0] + spare * float(np.clip(0.5 + rng.normal(0, 0.06), 0.1, 0.9))
    middle = base - cap / 2
    for item in items:
        width = item.width * squeeze
        jitter = rng.normal(0, 0.35)
        if len(item.what) == 1:
            layout.chars.append(Placed(item.what, x + jitter, base + rng.normal(0, 0.3), width, cap))
        elif item.what == "dash":
            thick = 0.13 * cap
            layout.bars.append((x, middle - thick / 2, x + width, middle + thick / 2))
        elif item.what == "dot":
            layout.bars.append((x, middle - width / 2, x + width, middle + width / 2))
        elif item.what == "sticker":
            _stick(layout, look.sticker, x + width / 2, middle, width, rng)
        x += width + item.gap * squeeze
    if look.sticker == "shields" and style.rows == 1:
        size = look.sticker_size * cap
        for edge in zone:
            inward = 1 if edge == zone[0] else -1
            layout.stickers.append(Sticker("shield", edge - inward * 0.55 * size, middle, size))


def _stick(layout: Layout, kind: str, x: float, middle: float, room: float, rng: np.random.Generator) -> None:
    if kind == "seals":
        size = room * rng.uniform(0.8, 1.0)
        top, bottom = middle - 0.55 * size, middle + 0.6 * size
        layout.stickers.append(Sticker("seal", x, top, size * rng.uniform(0.75, 1.0)))
        if rng.random() < 0.75:
            layout.stickers.append(Sticker("seal", x, bottom, size))
    elif kind == "end":
        what = ("seal", "shield", "square")[int(rng.integers(3))]
        layout.stickers.append(
            Sticker(what, x, middle + rng.normal(0, 0.15) * room, room * rng.uniform(0.6, 1.1))
        )
    elif kind == "shield":
        layout.stickers.append(Sticker("shield", x, middle + rng.normal(0, 2), room * 1.1))
    else:
        layout.stickers.append(Sticker("square", x, middle + rng.uniform(-0.4, 0.4) * room, room))
