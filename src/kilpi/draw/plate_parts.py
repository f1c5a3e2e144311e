"""What a plate carries beside its characters: blue strips, seals, stickers, bolts. All cached.

A part is drawn at four times its size and averaged down, so that it looks the same at any height.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from kilpi.draw.glyphs import glyph, level_for
from kilpi.types import Pixels

Colour = tuple[int, int, int]

OVER = 4  # supersampling
BLUE: Colour = (0, 51, 153)  # reflex blue of Council Regulation (EC) No 2411/98
BLUES: tuple[Colour, ...] = (BLUE, BLUE, (10, 66, 178), (28, 88, 200), (40, 100, 190), (0, 38, 120))
YELLOW: Colour = (255, 204, 0)
WHITE: Colour = (245, 245, 242)

# Colours of seals and stickers that are met: inspection years, state seals, tax and registration stickers.
SEAL_COLOURS: tuple[Colour, ...] = (
    (235, 235, 230), (214, 120, 40), (60, 110, 190), (230, 200, 50),
    (150, 90, 60), (220, 130, 160), (70, 150, 90),
)  # fmt: skip


STRIP_FACES = ("a-semi-bold", "a-semi", "b-semi", "h-grotesque", "l-grotesque", "p-din")
VARIANTS = 180  # of every kind of sticker
STRIPS = 48  # variants of a strip

# Flags on strips from before, or outside, the EU's. Crosses: ground, then colour and width of each cross.
CROSSES: dict[str, tuple[Colour, tuple[tuple[Colour, float], ...]]] = {
    "no": ((186, 12, 47), ((WHITE, 0.30), ((0, 32, 91), 0.14))),
    "is": ((2, 82, 156), ((WHITE, 0.30), ((220, 30, 53), 0.14))),
    "fo": (WHITE, (((0, 94, 185), 0.30), ((239, 48, 62), 0.14))),
    "gb": ((1, 33, 105), ((WHITE, 0.30), ((200, 16, 46), 0.18))),
    "green": ((1, 33, 105), ((WHITE, 0.30), ((200, 16, 46), 0.18))),
    "ch": ((213, 43, 30), ((WHITE, 0.22),)),
}
STRIPES: dict[str, tuple[Colour, ...]] = {
    "pl": (WHITE, (220, 20, 60)),
    "cz": (WHITE, (215, 20, 26)),
    "ee": ((0, 114, 206), (20, 20, 20), WHITE),
    "lt": ((253, 185, 19), (0, 106, 68), (193, 39, 45)),
    "lv": ((158, 48, 57), WHITE, (158, 48, 57)),
    "ro": ((0, 43, 127), (252, 209, 22), (206, 17, 38)),
}
GROUNDS: dict[str, Colour] = {"green": (0, 120, 60), "yellow": (245, 196, 20)}


@dataclass(frozen=True, slots=True)
class Stamp:
    """A small picture and where it covers what is under it: (h, w, 3) uint8 RGB and (h, w) uint8."""

    pixels: Pixels
    alpha: NDArray[np.uint8]


def colour(text: str) -> Colour:
    """#rrggbb -> (r, g, b)."""
    value = int(text.lstrip("#"), 16)
    return (value >> 16, value >> 8 & 255, value & 255)


def averaged(canvas: NDArray[np.uint8], width: int, height: int) -> NDArray[np.uint8]:
    """A canvas drawn too large -> (height, width, ...), averaged by area."""
    return np.asarray(cv2.resize(canvas, (width, height), interpolation=cv2.INTER_AREA), dtype=np.uint8)


def _word(
    canvas: Pixels,
    text: str,
    centre: tuple[float, float],
    cap: float,
    ink: Colour,
    most: float,
    face: str = "a-semi-bold",
    weight: int = 0,
    narrowed: float = 1.0,
) -> None:
    """Writes `text` on the canvas, `cap` pixels high, at most `most` wide."""
    glyphs = [glyph(face, c, 0, weight, level_for(cap)) for c in text.upper() if c.isalnum()]
    if not glyphs:
        return
    scale = cap / glyphs[0].cap
    gap = 0.16 * cap
    wide = sum(g.mask.shape[1] * scale for g in glyphs) + gap * (len(glyphs) - 1)
    squeeze = min(narrowed, most / wide)
    x = centre[0] - wide * squeeze / 2
    for g in glyphs:
        w, h = max(1, round(g.mask.shape[1] * scale * squeeze)), max(1, round(g.mask.shape[0] * scale))
        mask = cv2.resize(g.mask, (w, h), interpolation=cv2.INTER_AREA)
        x0, y0 = round(x), round(centre[1] + cap / 2) - h
        place = canvas[max(0, y0) : y0 + h, max(0, x0) : x0 + w]
        cover = mask[-place.shape[0] :, : place.shape[1], None].astype(np.float32) / 255
        place[:] = (place * (1 - cover) + np.array(ink, np.float32) * cover).astype(np.uint8)
        x += w + gap * squeeze


def _ring_of_stars(canvas: Pixels, centre: tuple[float, float], radius: float, size: float) -> None:
    """Twelve stars, `size` radii from the middle to a point."""
    for i in range(12):
        angle = math.tau * i / 12
        middle = np.array([centre[0] + radius * math.sin(angle), centre[1] - radius * math.cos(angle)])
        turn = np.arange(10) * math.pi / 5
        reach = np.where(np.arange(10) % 2 == 0, radius * size, radius * size * 0.42)[:, None]
        star = middle + reach * np.stack([np.sin(turn), -np.cos(turn)], axis=1)
        cv2.fillPoly(canvas, [np.round(star).astype(np.int32)], YELLOW, cv2.LINE_AA)


def _flag(canvas: Pixels, kind: str, box: tuple[int, int, int, int]) -> None:
    """A cross, stripes, or plain; box is x, y, width, height."""
    x, y, w, h = box
    for i, ink in enumerate(STRIPES.get(kind, ())):
        n = len(STRIPES[kind])
        if kind == "ro":
            cv2.rectangle(canvas, (x + w * i // n, y), (x + w * (i + 1) // n, y + h), ink, -1)
        else:
            cv2.rectangle(canvas, (x, y + h * i // n), (x + w, y + h * (i + 1) // n), ink, -1)
    if kind not in CROSSES:
        return
    ground, crosses = CROSSES[kind]
    cv2.rectangle(canvas, (x, y), (x + w, y + h), ground, -1)
    middle = x + int(w * (0.5 if kind in {"gb", "ch", "green"} else 0.38))
    if kind in {"gb", "green"}:
        for ends in (((x, y), (x + w, y + h)), ((x, y + h), (x + w, y))):
            cv2.line(canvas, *ends, WHITE, max(1, h // 6), cv2.LINE_AA)
    for ink, share in crosses:
        half = max(1, int(h * share / 2))
        cv2.rectangle(canvas, (x, y + h // 2 - half), (x + w, y + h // 2 + half), ink, -1)
        cv2.rectangle(canvas, (middle - half, y), (middle + half, y + h), ink, -1)


@lru_cache(maxsize=4096)
def band(kind: str, text: str, width: int, height: int, variant: int = 0) -> Pixels:
    """The strip at a plate's end, (height, width, 3). `kind` is a grammar file's word: eu, no, gb, ...

    `variant` picks what differs between makers: the blue, the letters' typeface, weight, size and place, and
    the stars.
    """
    rng = np.random.default_rng([variant, 51])
    big_w, big_h = width * OVER, height * OVER
    blue = BLUES[int(rng.integers(len(BLUES)))]
    canvas = np.full((big_h, big_w, 3), GROUNDS.get(kind, blue), np.uint8)
    cap = min(big_h * rng.uniform(0.16, 0.24), big_w * rng.uniform(0.42, 0.6))
    low = (big_w / 2, big_h * rng.uniform(0.70, 0.83))
    if kind == "eu":
        radius = min(big_w * rng.uniform(0.25, 0.37), big_h * rng.uniform(0.15, 0.21))
        middle = big_w / 2, big_h * rng.uniform(0.26, 0.36)
        _ring_of_stars(canvas, middle, radius, rng.uniform(0.12, 0.24))
    elif kind in CROSSES or kind in STRIPES:
        w, h = int(big_w * 0.66), int(min(big_w * 0.46, big_h * 0.3))
        _flag(canvas, kind, ((big_w - w) // 2, int(big_h * 0.16), w, h))
    elif kind in {"plain", "blue"} and big_h > big_w:
        low = (big_w / 2, big_h * 0.5)
    face = STRIP_FACES[int(rng.integers(len(STRIP_FACES)))]
    most, weight, narrowed = big_w * rng.uniform(0.62, 0.86), int(rng.integers(0, 5)), rng.uniform(0.65, 1.0)
    _word(canvas, text, low, cap, WHITE, most, face, weight, narrowed)
    result = averaged(canvas, width, height)
    result.setflags(write=False)
    return result


@lru_cache(maxsize=512)
def seal(size: int, variant: int) -> Stamp:
    """A round seal or an inspection sticker, `size` pixels across; `variant` picks colours and marks."""
    big = size * OVER
    canvas = np.full((big, big, 3), 225, np.uint8)
    alpha = np.zeros((big, big), np.uint8)
    middle, radius = (big // 2, big // 2), int(big * 0.47)
    cv2.circle(alpha, middle, radius, 255, -1, cv2.LINE_AA)
    ink = SEAL_COLOURS[variant % len(SEAL_COLOURS)]
    cv2.circle(canvas, middle, radius, ink, -1)
    dark = (40, 40, 45)
    if variant % 3 == 0:  # a state seal: arms in the middle, words around
        cv2.circle(canvas, middle, int(radius * 0.7), (210, 205, 190), max(1, big // 24), cv2.LINE_AA)
        shield = np.array([[-0.3, -0.35], [0.3, -0.35], [0.3, 0.1], [0, 0.42], [-0.3, 0.1]]) * radius
        cv2.fillPoly(canvas, [np.round(shield + middle).astype(np.int32)], (150, 60, 50), cv2.LINE_AA)
    else:  # an inspection sticker: months around, year in the middle
        for i in range(12):
            angle = math.tau * i / 12
            spot = (
                int(middle[0] + 0.76 * radius * math.sin(angle)),
                int(middle[1] - 0.76 * radius * math.cos(angle)),
            )
            cv2.circle(canvas, spot, max(1, big // 26), dark, -1, cv2.LINE_AA)
        cv2.circle(canvas, middle, int(radius * 0.55), dark, max(1, big // 40), cv2.LINE_AA)
        _word(canvas, str(21 + variant % 9), middle, radius * 0.5, dark, radius * 0.8)
    cv2.circle(canvas, middle, radius, dark, max(1, big // 40), cv2.LINE_AA)
    return Stamp(averaged(canvas, size, size), averaged(alpha, size, size))


def faded(stamp: Stamp, strength: float) -> Stamp:
    """The same picture, hardly there."""
    return Stamp(stamp.pixels, (stamp.alpha * strength).astype(np.uint8))


@lru_cache(maxsize=512)
def sticker(size: int, variant: int) -> Stamp:
    """A square sticker (tax, registration, hologram), `size` pixels high."""
    width = max(2, int(size * (0.6 + 0.15 * (variant % 4))))
    big_w, big_h = width * OVER, size * OVER
    canvas = np.full((big_h, big_w, 3), SEAL_COLOURS[variant % len(SEAL_COLOURS)], np.uint8)
    dark = (60, 60, 70)
    cv2.rectangle(canvas, (0, 0), (big_w - 1, big_h - 1), dark, max(1, big_h // 30))
    for i in range(1 + variant % 3):
        y = int(big_h * (0.25 + 0.22 * i))
        cv2.line(canvas, (big_w // 6, y), (big_w * 5 // 6, y), dark, max(1, big_h // 22))
    if variant % 2:
        _word(canvas, str(20 + variant % 9), (big_w / 2, big_h * 0.72), big_h * 0.26, dark, big_w * 0.7)
    return Stamp(averaged(canvas, width, size), np.full((size, width), 235, np.uint8))


@lru_cache(maxsize=256)
def bolt(size: int, variant: int) -> Stamp:
    """A screw head, a plastic cap or a bare hole, `size` pixels across."""
    big = size * OVER
    heads = ((150, 150, 150), (238, 238, 234), (28, 28, 30), (90, 90, 92), (200, 200, 198))
    canvas = np.full((big, big, 3), heads[variant % 5], np.uint8)
    alpha = np.zeros((big, big), np.uint8)
    middle, radius = (big // 2, big // 2), int(big * 0.46)
    cv2.circle(alpha, middle, radius, 255, -1, cv2.LINE_AA)
    cv2.circle(canvas, middle, radius, (60, 60, 62), max(1, big // 10), cv2.LINE_AA)
    cv2.ellipse(
        canvas, middle, (radius - big // 8,) * 2, 0, 180, 300, (250, 250, 250), max(1, big // 12), cv2.LINE_AA
    )
    if variant % 2:
        cv2.line(
            canvas,
            (int(big * 0.3), int(big * 0.4)),
            (int(big * 0.7), int(big * 0.6)),
            (50, 50, 50),
            max(1, big // 9),
        )
    return Stamp(averaged(canvas, size, size), averaged(alpha, size, size))


@lru_cache(maxsize=256)
def word(text: str, cap: int, ink: tuple[float, ...]) -> Stamp:
    """A short word on nothing, `cap` pixels high."""
    big_h, big_w = cap * OVER + 8, int(cap * OVER * (0.85 * len(text) + 0.4))
    canvas = np.zeros((big_h, big_w, 3), np.uint8)
    _word(canvas, text, (big_w / 2, big_h / 2), cap * OVER, (255, 255, 255), big_w)
    alpha = averaged(np.ascontiguousarray(canvas[:, :, 0]), big_w // OVER, big_h // OVER)
    return Stamp(np.broadcast_to(np.array(ink).astype(np.uint8), (*alpha.shape, 3)), alpha)


def put(canvas: NDArray[np.float32], stamp: Stamp, centre: tuple[float, float]) -> None:
    """Lays a stamp on an (h, w, 3) float32 canvas, in place; what falls outside is cut off."""
    h, w = stamp.alpha.shape
    x, y = round(centre[0] - w / 2), round(centre[1] - h / 2)
    x0, y0, x1, y1 = max(0, x), max(0, y), min(canvas.shape[1], x + w), min(canvas.shape[0], y + h)
    if x1 <= x0 or y1 <= y0:
        return
    cut = np.s_[y0 - y : y1 - y, x0 - x : x1 - x]
    cover = stamp.alpha[cut][..., None].astype(np.float32) / 255
    place = canvas[y0:y1, x0:x1]
    place += (stamp.pixels[cut] - place) * cover
