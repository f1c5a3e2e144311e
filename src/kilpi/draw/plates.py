"""Draws a flat, clean plate as its grammar describes it: true proportions, varied typefaces and fittings.

What light, dirt and a lens do to it comes later (`degrade`, `composite`). Millimetres on the plate, origin
top left.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from kilpi.draw import plate_parts
from kilpi.draw.coats_of_arms import shield
from kilpi.draw.faces import any_face, kind_of_face
from kilpi.draw.glyphs import Habit, face_names, glyph, habit, level_for
from kilpi.draw.plate_layout import Layout, Look, Placed, lay_out, text_zone
from kilpi.draw.random_fonts import chance_names
from kilpi.grammar import PlateStyle, SampledMark
from kilpi.types import Pixels

Floats = NDArray[np.float32]

CHANCE_FACE = 0.3  # how often an alphabet drawn by chance is taken
LIKELY_FACE = 0.65  # of the others, how often a country's own kind of typeface is taken; else any
STRANGE_STICKER = 0.1  # how often a plate carries a sticker that its country's rules do not name
FAINT = 0.35  # how often a sticker is faded, or a hologram that hardly shows
INSIDE_ACCENT = 0.6  # how often an accent stays within a capital's height
BOLTS = 0.4  # how often bolts or screws are seen
# What a grammar's word for a fitting means for the layout, and how often it is there.
STICKERS = {
    "seals": ("seals", 0.92), "shield": ("shield", 0.95), "shields": ("shields", 0.97),
    "sticker": ("square", 0.8), "sticker_gap": ("square", 0.3),
}  # fmt: skip
STRANGE = ("seals", "shield", "square", "end", "end")
REAR_YELLOW = 0.5  # half of all views of a British car are of its rear
TOP_WORDS = ("BAILEATHACLIATH", "CORCAIGH", "GAILLIMH", "LUIMNEACH", "CILLDARA", "ANMHI")
PLAIN_BORDER = 0.25  # how often a plate whose rule names no border has one all the same
EMBOSSED = 0.7  # how often light shows the pressed edges


@dataclass(frozen=True, slots=True)
class RenderedPlate:
    """A drawn plate.

    `pixels` (h, w, 3) uint8 RGB fills the whole rectangle; `alpha` (h, w) uint8 is 255 on the plate and 0
    outside its round corners. `boxes` (n, 4) float32: x1, y1, x2, y2 of each character of `text`, pixels.
    """

    text: str  # letters and digits, upper case
    country: str | None
    rows: int
    size_mm: tuple[int, int]  # width, height
    pixels: Pixels = field(compare=False, repr=False)
    alpha: NDArray[np.uint8] = field(compare=False, repr=False)
    boxes: Floats = field(compare=False, repr=False)
    typeface: str = ""  # as `kind_of_face` calls it
    ink: NDArray[np.uint8] | None = field(default=None, compare=False, repr=False)  # (h, w): 255 where it is


def render_plate(
    sample: SampledMark, rng: np.random.Generator, height_px: int = 64, any_letterforms: bool = False
) -> RenderedPlate:
    """Draw one plate, `height_px` pixels high over all rows; its width follows from its millimetres.

    `sample` comes from `Grammars.sample`. Every call differs in typeface, weight, spacing, fittings and light
    on the pressed edges, all taken from `rng`. `any_letterforms`: of all faces, dies and shapes that can be
    drawn, not those of the country.
    """
    style = sample.plate
    width_mm, height_mm = style.size_mm
    scale = height_px / height_mm  # pixels a millimetre
    width_px = max(8, round(width_mm * scale))
    look = choose_look(style, rng)
    if any_letterforms:
        look = replace(look, face=any_face(rng), weight=0, widest=rng.uniform(0.9, 1.8))
    placed = lay_out(sample.rows, style, look, rng)
    cover = np.zeros((height_px, width_px), np.uint8)
    boxes = [_draw_char(cover, p, look, scale) for p in placed.chars]
    for bar in placed.bars:
        _fill(cover, *(v * scale for v in bar))
    canvas = _ground(style, look, width_px, height_px, rng)
    _ink(canvas, cover, look, rng)
    _trimmings(canvas, style, look, scale)
    _border(canvas, style, look, scale)
    _bands(canvas, style, look, scale)
    _fittings(canvas, style, placed, scale, rng)
    pixels = np.clip(canvas, 0, 255).astype(np.uint8)
    alpha = _corners(width_px, height_px, max(1, round(look.radius_mm * scale)))
    return RenderedPlate(
        sample.mark.compact, style.country, style.rows, style.size_mm, pixels, alpha,
        np.array(boxes, np.float32).reshape(-1, 4), kind_of_face(look.face, style.country), cover,
    )  # fmt: skip


def choose_look(style: PlateStyle, rng: np.random.Generator) -> Look:
    """Draw everything about one plate that its country's rules leave open."""
    usual: Habit = habit(style.country)
    faces = usual.faces if rng.random() < LIKELY_FACE else face_names()
    if rng.random() < CHANCE_FACE:
        faces = chance_names()
    weight = int(rng.integers(-2, 4))
    ground, ink = np.array(plate_parts.colour(style.ground)), np.array(plate_parts.colour(style.ink))
    bright = rng.uniform(0.82, 1.03)
    if "yellow_rear" in style.furniture and rng.random() < REAR_YELLOW:
        ground = np.array((240, 196, 25))
    return Look(
        face=str(faces[int(rng.integers(len(faces)))]),
        weight=weight,
        accent=int(rng.random() < INSIDE_ACCENT),
        char_mm=usual.char_mm * rng.uniform(0.96, 1.04),
        mean_width_mm=usual.width_mm * rng.uniform(0.93, 1.07),
        widest=rng.uniform(0.95, 1.6),
        gap_mm=usual.gap_mm * rng.uniform(0.7, 1.3),
        pitch=bool(rng.random() < 0.4),
        band_mm=rng.uniform(37, 48) if style.band != "none" else 0.0,
        band_right_mm=rng.uniform(38, 46) if style.band_right != "none" else 0.0,
        band_full=bool(style.rows == 1 or rng.random() < 0.3),
        sticker=_sticker(style, rng),
        sticker_size=rng.uniform(0.5, 0.92),
        top_text=_top_text(style, rng),
        bordered=style.border is not None or bool(rng.random() < PLAIN_BORDER),
        border_mm=rng.uniform(1.8, 4.0),
        border_inset_mm=rng.uniform(0.8, 4.5),
        radius_mm=rng.uniform(5, 12),
        strip=int(rng.integers(plate_parts.STRIPS)),
        ground=tuple(np.clip(ground * bright + rng.normal(0, 3, 3), 0, 255)),
        ink=tuple(np.clip(ink * rng.uniform(0.8, 1.05) + rng.uniform(0, 22) + rng.normal(0, 2, 3), 0, 255)),
    )


def _sticker(style: PlateStyle, rng: np.random.Generator) -> str:
    for word in style.furniture:
        kind, often = STICKERS.get(word, ("none", 0.0))
        if rng.random() < often:
            return kind
    if rng.random() < STRANGE_STICKER:
        strange = str(rng.choice(STRANGE))
        # In the place of its dash it would make a Finnish plate a Swedish one.
        return "end" if style.separator == "dash" else strange
    return "none"


def _top_text(style: PlateStyle, rng: np.random.Generator) -> str:
    word = next((w.partition(":")[2] for w in style.furniture if w.startswith("top_text:")), "")
    return str(rng.choice(TOP_WORDS)) if "name" in word else word


def _draw_char(cover: NDArray[np.uint8], placed: Placed, look: Look, scale: float) -> tuple[float, ...]:
    """Scale a cached glyph to its place with sub-pixel position; returns its box in pixels."""
    cap_px = placed.cap_mm * scale
    sign = glyph(look.face, placed.char, look.accent, look.weight, level_for(cap_px))
    h, w = sign.mask.shape
    sx, sy = placed.width_mm * scale / w, cap_px / sign.cap
    x, bottom = placed.x_mm * scale, placed.base_mm * scale
    top = bottom - h * sy
    left_px, top_px = int(np.floor(x)), int(np.floor(top))
    out_w, out_h = int(np.ceil(x + w * sx)) - left_px + 1, int(np.ceil(bottom)) - top_px + 1
    matrix = np.array([[sx, 0, x - left_px + sx / 2 - 0.5], [0, sy, top - top_px + sy / 2 - 0.5]])
    drawn = cv2.warpAffine(sign.mask, matrix, (out_w, out_h), flags=cv2.INTER_LINEAR)
    x0, y0 = max(0, left_px), max(0, top_px)
    x1, y1 = min(cover.shape[1], left_px + out_w), min(cover.shape[0], top_px + out_h)
    if x1 > x0 and y1 > y0:
        place = cover[y0:y1, x0:x1]
        np.maximum(place, drawn[y0 - top_px : y1 - top_px, x0 - left_px : x1 - left_px], out=place)
    return x, top, x + w * sx, bottom


def _fill(cover: NDArray[np.uint8], x1: float, y1: float, x2: float, y2: float) -> None:
    """A rectangle with anti-aliased edges, pixels."""
    xs, ys = np.arange(cover.shape[1]), np.arange(cover.shape[0])
    across = np.clip(np.minimum(xs + 1, x2) - np.maximum(xs, x1), 0, 1)
    down = np.clip(np.minimum(ys + 1, y2) - np.maximum(ys, y1), 0, 1)
    rows = np.flatnonzero(down)
    if len(rows):
        place = cover[rows[0] : rows[-1] + 1]
        np.maximum(place, np.outer(down[rows], across * 255).astype(np.uint8), out=place)


def _ground(style: PlateStyle, look: Look, width: int, height: int, rng: np.random.Generator) -> Floats:
    canvas = np.empty((height, width, 3), np.float32)
    canvas[:] = look.ground
    if "left_half_yellow" in style.furniture:
        canvas[:, : width // 2] = np.array((243, 197, 24), np.float32) * (max(look.ground) / 255)
    slope = rng.normal(0, 5)  # reflective sheet is never quite even
    canvas += np.linspace(-slope, slope, width, dtype=np.float32)[None, :, None]
    return canvas


def _ink(canvas: Floats, cover: NDArray[np.uint8], look: Look, rng: np.random.Generator) -> None:
    share: Floats = cover * np.float32(1 / 255)
    ink = np.array(look.ink, np.float32)
    for c in range(3):
        plane = canvas[:, :, c]
        plane += (ink[c] - plane) * share
    if rng.random() < EMBOSSED:
        angle, strength = rng.uniform(0, 2 * np.pi), rng.uniform(10, 60)
        # a pressed edge is lit on one side and in shade on the other: the slope along the light's direction
        across = np.outer([1, 1, 1], [-1, 0, 1]) * (strength / 6)
        kernel = across * np.cos(angle) + across.T * np.sin(angle)
        slope = cv2.filter2D(share, cv2.CV_32F, kernel, borderType=cv2.BORDER_REPLICATE)
        canvas += np.asarray(slope, np.float32)[:, :, None]


@lru_cache(maxsize=512)
def _outline(width: int, height: int, inset: int, thick: int, radius: int) -> Floats:
    """(h, w) 0..1 coverage of a border line with round corners."""
    big = 2
    canvas = np.zeros((height * big, width * big), np.uint8)
    _round_box(canvas, inset * big // 2, radius * big, 255)
    _round_box(canvas, inset * big // 2 + thick * big // 2, max(1, radius * big - thick), 0)
    return (cv2.resize(canvas, (width, height), interpolation=cv2.INTER_AREA) / np.float32(255)).astype(
        np.float32
    )


def _round_box(canvas: NDArray[np.uint8], inset: int, radius: int, value: int) -> None:
    h, w = canvas.shape
    x0, y0, x1, y1 = inset, inset, w - 1 - inset, h - 1 - inset
    r = min(radius, (x1 - x0) // 2, (y1 - y0) // 2)
    cv2.rectangle(canvas, (x0 + r, y0), (x1 - r, y1), value, -1)
    cv2.rectangle(canvas, (x0, y0 + r), (x1, y1 - r), value, -1)
    for cx in (x0 + r, x1 - r):
        for cy in (y0 + r, y1 - r):
            cv2.circle(canvas, (cx, cy), r, value, -1)


@lru_cache(maxsize=512)
def _corners(width: int, height: int, radius: int) -> NDArray[np.uint8]:
    canvas = np.zeros((height * 4, width * 4), np.uint8)
    _round_box(canvas, 0, radius * 4, 255)
    mask = np.asarray(cv2.resize(canvas, (width, height), interpolation=cv2.INTER_AREA), dtype=np.uint8)
    mask.setflags(write=False)
    return mask


def _border(canvas: Floats, style: PlateStyle, look: Look, scale: float) -> None:
    if not look.bordered:
        return
    h, w = canvas.shape[:2]
    half = [max(1, round(v * scale * 2)) for v in (look.border_inset_mm, look.border_mm)]  # half pixels
    line = _outline(w, h, half[0], half[1], max(2, round(look.radius_mm * scale)))
    ink = np.array(plate_parts.colour(style.border or style.ink), np.float32)
    canvas += (ink - canvas) * line[:, :, None]


def _trimmings(canvas: Floats, style: PlateStyle, look: Look, scale: float) -> None:
    """What single countries add: a word above the characters, red edges, a yellow half, a raised T."""
    h, w = canvas.shape[:2]
    if look.top_text:
        middle = (w + look.band_mm * scale) / 2
        word = plate_parts.word(look.top_text, max(3, round(0.13 * h)), look.ink)
        plate_parts.put(canvas, word, (middle, 0.115 * h))
    if "red_edges" in style.furniture:
        thick = max(1, round(4 * scale))
        canvas[:thick] = canvas[-thick:] = (190, 25, 35)
    if "taxi_t" in style.furniture:
        word = plate_parts.word("T", max(4, round(0.3 * h)), look.ink)
        plate_parts.put(canvas, word, (w - 0.16 * h, 0.3 * h))


def _bands(canvas: Floats, style: PlateStyle, look: Look, scale: float) -> None:
    h, w = canvas.shape[:2]
    left, right = round(look.band_mm * scale), round(look.band_right_mm * scale)
    edge = round(0.5 * scale)
    if left > 2:
        bottom = h - edge if look.band_full else round(h * 0.5)
        picture = plate_parts.band(style.band, style.band_text, left, bottom - edge, look.strip)
        canvas[edge:bottom, edge : edge + left] = picture
    if right > 2:
        picture = plate_parts.band(style.band_right, "", right, h - 2 * edge, look.strip)
        canvas[edge : h - edge, w - edge - right : w - edge] = picture


def _fittings(
    canvas: Floats, style: PlateStyle, placed: Layout, scale: float, rng: np.random.Generator
) -> None:
    """Stickers where the layout left room for them, and bolts."""
    for kind, x, y, size_mm in placed.stickers:
        size, variant = max(4, round(size_mm * scale)), int(rng.integers(plate_parts.VARIANTS))
        draw = {"seal": plate_parts.seal, "shield": shield, "square": plate_parts.sticker}[kind]
        stamp = draw(size, variant)
        if rng.random() < FAINT:
            stamp = plate_parts.faded(stamp, rng.uniform(0.15, 0.6))
        plate_parts.put(canvas, stamp, (x * scale, y * scale))
    if rng.random() >= BOLTS:
        return
    height = style.size_mm[1]
    left, right = text_zone(style, 45.0 if style.band != "none" else 0.0, 0.0)
    inset, across, variant = rng.uniform(0.08, 0.3), rng.uniform(7, 15), int(rng.integers(10))
    ys = [rng.uniform(0.06, 0.14), rng.uniform(0.86, 0.94)]
    pair = ys if style.rows == 2 or rng.random() < 0.4 else ys[:1]
    for y in pair:
        for x in (left + (right - left) * inset, right - (right - left) * inset):
            stamp = plate_parts.bolt(max(3, round(across * scale)), variant)
            plate_parts.put(canvas, stamp, ((x + rng.normal(0, 2)) * scale, y * height * scale))
