"""Finds the dash between a mark's groups: whole characters stand about it alike, a rest of one does not."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import cv2
import numpy as np

from kilpi.plates.canvas import Canvas
from kilpi.types import Ink

# Contrasts below the ground from which a pixel is the dash's: it is thin, so that blur takes more of it.
INKED = 0.4
FLAT, WIDE = 0.3, 0.12  # heights of the characters beside it: most height, least width
BAND = (0.3, 0.7)  # of their height, in which its middle is


def dashes(
    canvas: Canvas, inks: Sequence[Ink | None], rows: Sequence[int]
) -> tuple[tuple[float, float] | None, ...]:
    """For each character but the last where the dash after it begins and ends, plate widths; None for none,
    and where the characters beside it are not seen alone.
    """
    return tuple(
        dash_between(canvas, before, after) if before and after and row == next_row else None
        for (before, after), (row, next_row) in zip(pairwise(inks), pairwise(rows), strict=True)
    )


def dash_between(canvas: Canvas, before: Ink, after: Ink) -> tuple[float, float] | None:
    """The widest flat piece of ink between two characters' inks, half-way up."""
    top, bottom = (before.top + after.top) / 2, (before.bottom + after.bottom) / 2
    x1, x2 = canvas.column(before.right) + 1, canvas.column(after.left) - 1
    y1, y2 = canvas.line(top), canvas.line(bottom)
    tall = y2 - y1
    if x2 - x1 < 3 or tall < 6:
        return None
    part = (canvas.light[y1:y2, x1:x2] > INKED).astype(np.uint8)
    _, _, stats, middles = cv2.connectedComponentsWithStats(part, connectivity=8)
    found = [
        (int(piece[cv2.CC_STAT_WIDTH]), int(piece[cv2.CC_STAT_LEFT]))
        for piece, (_, y) in zip(stats[1:], middles[1:], strict=True)
        if piece[cv2.CC_STAT_HEIGHT] <= FLAT * tall
        and piece[cv2.CC_STAT_WIDTH] >= WIDE * tall
        and BAND[0] * tall <= y <= BAND[1] * tall
    ]
    if not found:
        return None
    width, left = max(found)
    return canvas.x(x1 + left), canvas.x(x1 + left + width)
