"""Drawn instruments: panels of seven segments and of dots, lit on dark glass."""

from __future__ import annotations

import cv2
import numpy as np

from kilpi.types import Photo, Pixels

# Segments a to g: top, upper right, lower right, bottom, lower left, upper left, middle.
SEGMENTS = {
    "0": "abcdef",
    "1": "bc",
    "2": "abged",
    "3": "abgcd",
    "4": "fgbc",
    "5": "afgcd",
    "6": "afgcde",
    "7": "abc",
    "8": "abcdefg",
    "9": "abcdfg",
}
# Rows of five dots, top to bottom, as bits (the 5 x 7 font of the HD44780's data sheet).
DOTS = {
    "0": (14, 17, 19, 21, 25, 17, 14),
    "1": (4, 12, 4, 4, 4, 4, 14),
    "2": (14, 17, 1, 2, 4, 8, 31),
    "3": (31, 2, 4, 2, 1, 17, 14),
    "4": (2, 6, 10, 18, 31, 2, 2),
    "5": (31, 16, 30, 1, 1, 17, 14),
    "6": (6, 8, 16, 30, 17, 17, 14),
    "7": (31, 1, 2, 4, 8, 8, 8),
    "8": (14, 17, 17, 14, 17, 17, 14),
    "9": (14, 17, 17, 15, 1, 2, 12),
    "k": (16, 16, 18, 20, 24, 20, 18),
    "m": (0, 0, 26, 21, 21, 17, 17),
    " ": (0, 0, 0, 0, 0, 0, 0),
}
LIT = (255, 150, 40)


def glass(width: int, height: int) -> Pixels:
    """Dark instruments, (height, width, 3) uint8 RGB."""
    return np.full((height, width, 3), (18, 18, 20), dtype=np.uint8)


def seven_segments(pixels: Pixels, text: str, x: int, y: int, height: int) -> None:
    """Draw digits with their upper left corner at (x, y)."""
    w, half, bar = height // 2, height // 2, max(2, height // 10)
    ends = {
        "a": ((0, 0), (w, 0)),
        "b": ((w, 0), (w, half)),
        "c": ((w, half), (w, height)),
        "d": ((0, height), (w, height)),
        "e": ((0, half), (0, height)),
        "f": ((0, 0), (0, half)),
        "g": ((0, half), (w, half)),
    }
    for i, char in enumerate(text):
        left = x + i * (w + 3 * bar)
        for segment in SEGMENTS[char]:
            (x1, y1), (x2, y2) = ends[segment]
            dx, dy = np.sign(x2 - x1) * bar, np.sign(y2 - y1) * bar  # a gap at each end
            start, end = (left + x1 + dx, y + y1 + dy), (left + x2 - dx, y + y2 - dy)
            cv2.line(
                pixels, (int(start[0]), int(start[1])), (int(end[0]), int(end[1])), LIT, bar, cv2.LINE_AA
            )


def dot_matrix(pixels: Pixels, text: str, x: int, y: int, dot: int) -> None:
    """Draw characters of 5 x 7 dots, `dot` pixels apart, with their upper left corner at (x, y)."""
    for i, char in enumerate(text):
        for row, bits in enumerate(DOTS[char]):
            for column in range(5):
                if bits >> (4 - column) & 1:
                    left, top = x + (6 * i + column) * dot, y + row * dot
                    pixels[top : top + dot - 1, left : left + dot - 1] = LIT


def as_photo(pixels: Pixels, reduction: int = 1) -> Photo:
    """The panel as a photo; with a reduction its native size is so many times larger."""
    h, w = pixels.shape[:2]
    return Photo("panel", "panel.jpg", w * reduction, h * reduction, pixels, reduction)
