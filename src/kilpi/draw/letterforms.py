"""One face as many authorities might press it: heavier, lighter, rounder, wider in one stroke than the other.

A face's name with "~" and a number behind it ("t-gothic~7") is that face reshaped; the same number always
reshapes alike. Masks are (h, w) uint8 at the master's size, as in `kilpi.draw.glyphs`.
"""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.uint8]

MARK = "~"
SHAPES = 24  # ways to reshape a face; numbers above are not drawn
HEAVIER = (-3.0, 3.0)  # hundredths of the height that strokes grow, across and upright
ROUNDER = (0.0, 7.0)  # hundredths of the height: radius taken off outer corners and filled into inner ones
LEAN = 0.03  # of the height that a face leans, one standard deviation


def base_of(face: str) -> str:
    """The face that a reshaped one is made from; itself where it is none."""
    return face.partition(MARK)[0]


def reshaped_name(face: str, rng: np.random.Generator) -> str:
    """The face in one of its shapes, by lot."""
    return f"{face}{MARK}{int(rng.integers(SHAPES))}"


@cache
def _shape(number: int) -> tuple[float, float, float, float, float]:
    """How a number reshapes: stroke across and upright, outer and inner corners, lean."""
    rng = np.random.default_rng([number, 83])
    both = rng.uniform(*HEAVIER)
    across, upright = both + rng.normal(0, 1.2), both + rng.normal(0, 1.2)
    outer, inner = rng.uniform(*ROUNDER), rng.uniform(*ROUNDER) * 0.6
    return across, upright, outer, inner, float(np.clip(rng.normal(0, LEAN), -0.08, 0.08))


def reshaped(mask: Mask, face: str) -> Mask:
    """A character of the base face as the reshaped one has it; its height stays."""
    across, upright, outer, inner, lean = _shape(int(face.partition(MARK)[2]))
    height = mask.shape[0]
    unit = height / 100
    pad = round(14 * unit)
    work = np.pad(mask, pad)
    work = _grown(work, across * unit, upright * unit)
    for radius, way in ((outer, cv2.MORPH_OPEN), (inner, cv2.MORPH_CLOSE)):
        size = 2 * round(radius * unit) + 1
        if size > 1:
            kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))
            changed = cv2.morphologyEx(work, way, kernel)
            # Opening must not wipe out thin strokes, nor closing fill a bowl.
            if 0.8 < float(changed.sum()) / max(1.0, float(work.sum())) < 1.12:
                work = np.asarray(changed, np.uint8)
    if lean:
        matrix = np.array([[1, -lean, lean * work.shape[0] / 2], [0, 1, 0]])
        work = np.asarray(cv2.warpAffine(work, matrix, (work.shape[1], work.shape[0])), np.uint8)
    rows, columns = (np.flatnonzero(work.max(axis=axis) > 40) for axis in (1, 0))
    if not len(rows):
        return mask
    cut = np.ascontiguousarray(work[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1])
    return np.asarray(cv2.resize(cut, (cut.shape[1], height), interpolation=cv2.INTER_AREA), np.uint8)


def _grown(mask: Mask, across: float, upright: float) -> Mask:
    """Strokes wider by so many pixels to the sides and up and down; narrower where negative."""
    for size, shape in ((round(abs(across)), (1, 0)), (round(abs(upright)), (0, 1))):
        if not size:
            continue
        kernel = np.ones((1 + size * shape[1], 1 + size * shape[0]), np.uint8)
        grow = across > 0 if shape[0] else upright > 0
        changed = (cv2.dilate if grow else cv2.erode)(mask, kernel)
        if float(changed.sum()) > 0.6 * float(mask.sum()):
            mask = np.asarray(changed, np.uint8)
    return mask
