"""Letters as a plate would show them, drawn small: whole, or with a part of them under a cover.

A picture is (ROWS, w) float32, 0 the ground and 1 the ink, capitals `CAP` pixels high from row `TOP` on;
`SIDE` columns of ground stand on either side. The typefaces are those of `kilpi.draw.glyphs`: free ones that
stand in for a country's own.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from kilpi.draw.glyphs import PARTS, glyph, habit

Floats = NDArray[np.float32]

CAP, TOP, ROWS = 24, 9, 39  # pixels: a capital's height, what is above it (dots, a ring), all rows
SIDE = 14
DRAWN = 48  # pixels of a capital in the masks that these come from
STEP = 4  # hundredths in which widths are stretched: so each is drawn once
SHOWN = (0.18, 0.28, 0.38, 0.48)  # parts of a letter's width that a cover leaves
COVERS = (0.0, 0.5, 1.0)  # what a cover looks like: the ground's colour, mud, the ink's colour
CHANNELS = 96  # of a picture that OpenCV filters at once; it takes 128 at most
LETTERS, DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "0123456789"


class Letter(NamedTuple):
    """One drawn letter: its picture, and its own height and width in pixels."""

    picture: Floats
    height: int
    width: int


class Covered(NamedTuple):
    """Letters of which a cover leaves one side: `pictures` (n, ROWS, w), and for each which letter it is,
    whether its left side is left, and its whole width.
    """

    pictures: Floats
    chars: NDArray[np.str_]
    left: NDArray[np.bool_]
    widths: NDArray[np.intp]


def faces_of(country: str | None) -> tuple[str, ...]:
    """The typefaces to try for a country's plates: those that stand in for its own, then the usual ones."""
    return tuple(dict.fromkeys((*habit(country).faces, *habit(None).faces)))


def stepped(stretch: float) -> int:
    """A stretch in hundredths, in steps."""
    return STEP * max(1, round(100 * stretch / STEP))


def styles(char: str) -> tuple[int, ...]:
    """How a face may draw a character: an accent on top of a capital, or within its height."""
    return (0, 1) if char in PARTS else (0,)


@lru_cache(maxsize=4096)
def _mask(face: str, char: str, style: int, stretch: int) -> Floats:
    mask = glyph(face, char, style, 0, DRAWN).mask
    size = max(2, round(mask.shape[1] * CAP / DRAWN * stretch / 100)), round(mask.shape[0] * CAP / DRAWN)
    small = cv2.resize(mask, size, interpolation=cv2.INTER_AREA)
    return np.asarray(small[-(TOP + CAP - 1) :] / np.float32(255), np.float32)


@lru_cache(maxsize=2048)
def letter(face: str, char: str, style: int, stretch: int, blur: float) -> Letter:
    """A character of a face, its width stretched (hundredths); `blur` is in pixels."""
    mask = _mask(face, char, style, stretch)
    high, wide = mask.shape
    picture = np.zeros((ROWS, wide + 2 * SIDE), np.float32)
    picture[TOP + CAP - high : TOP + CAP, SIDE : SIDE + wide] = mask
    return Letter(np.asarray(cv2.GaussianBlur(picture, (0, 0), blur), np.float32), high, wide)


@lru_cache(maxsize=4)  # 3 MB each; a plate asks for its letters and its digits, a few times in a row
def covered(face: str, digits: bool, stretch: int, blur: float) -> Covered:
    """All letters (or digits) of a face under all covers."""
    masks = {char: _mask(face, char, 0, stretch) for char in (DIGITS if digits else LETTERS)}
    ways = [(char, left, part) for char in masks for left in (True, False) for part in SHOWN]
    wide = max(mask.shape[1] for mask in masks.values()) + 2 * SIDE
    seen, over = np.zeros((2, len(ways), ROWS, wide), np.float32)  # what is left of a letter; what lies on it
    for i, (char, left, part) in enumerate(ways):
        high, own = masks[char].shape
        cut = max(1, round(part * own))
        hidden = slice(SIDE + cut, SIDE + own + 1) if left else slice(SIDE - 1, SIDE + own - cut)
        seen[i, TOP + CAP - high : TOP + CAP, SIDE : SIDE + own] = masks[char]
        seen[i, :, hidden] = 0
        over[i, TOP - 2 : TOP + CAP + 2, hidden] = 1
    # Blurring adds up, so that each cover need not be blurred by itself.
    letters, covers = (blurred(part, blur)[:, None] for part in (seen, over))
    pictures = letters + np.array(COVERS, np.float32)[:, None, None] * covers
    each = len(COVERS)
    return Covered(
        pictures.reshape(-1, ROWS, wide),
        np.repeat([char for char, _, _ in ways], each),
        np.repeat([left for _, left, _ in ways], each),
        np.repeat([masks[char].shape[1] for char, _, _ in ways], each),
    )


def blurred(pictures: Floats, blur: float) -> Floats:
    """Pictures (n, ROWS, w) blurred, as the channels of a few large ones."""
    parts = [
        cv2.GaussianBlur(np.ascontiguousarray(pictures[i : i + CHANNELS].transpose(1, 2, 0)), (0, 0), blur)
        for i in range(0, len(pictures), CHANNELS)
    ]
    return np.ascontiguousarray(np.concatenate(parts, axis=2).transpose(2, 0, 1), np.float32)
