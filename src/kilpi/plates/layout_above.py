"""What is above a plate's characters: dots, a ring, clean ground, or the lip of a frame that hides them."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from kilpi.decision.diacritics import FAINT
from kilpi.plates.canvas import Canvas
from kilpi.types import Ink, Place

EDGE = 0.06  # plate heights from its upper edge that its border may take
BESIDE = 0.03  # plate heights above a character that its blur may take
FEWEST = 3  # characters that say where a row is
EVEN = 0.12  # contrasts within which a row of pixels above the characters, all along them, is ground
BLUR = 0.035  # plate heights above the characters that their own blur may take


def above(canvas: Canvas, inks: Sequence[Ink | None], places: Sequence[Place]) -> tuple[float, ...]:
    """How far what is above each character is from the ground, in contrasts: the strongest of three parts."""
    tops = [ink.top for ink in inks if ink is not None]
    usual = float(np.median(tops)) if tops else 0.2
    found = []
    for ink, place in zip(inks, places, strict=True):
        top = ink.top if ink is not None else usual
        half = (ink.right - ink.left) / 2 if ink is not None else 0.045
        x1, x2 = canvas.column(place.x - half), canvas.column(place.x + half)
        y1, y2 = canvas.line(EDGE), canvas.line(top - BESIDE)
        if y2 - y1 < 2 or x2 - x1 < 2 or x1 < 0:
            found.append(1.0)  # there is no ground to be seen
            continue
        part = np.abs(canvas.light[y1:y2, x1:x2])
        found.append(float(cv2.blur(part, (3, 3)).max()))
    return tuple(found)


def clear_above(canvas: Canvas, inks: Sequence[Ink | None]) -> tuple[float, ...]:
    """How far the ground above each character is clear, plate heights from `BESIDE` above it upwards; 0 where
    its ink is not known.

    `above` sees a plate's own dark border as well as a frame's lip. A lip that hides dots begins right above
    the letter, a border does not.
    """
    found = []
    for ink in inks:
        if ink is None:
            found.append(0.0)
            continue
        x1, x2, start = canvas.column(ink.left), canvas.column(ink.right), canvas.line(ink.top - BESIDE)
        if x2 - x1 < 2 or x1 < 0 or start <= 0:
            found.append(0.0)
            continue
        strongest = cv2.blur(np.abs(canvas.light[:, x1:x2]), (3, 3)).max(axis=1)[:start][::-1]
        clear = next((i for i, value in enumerate(strongest) if value >= FAINT), start)
        found.append(clear / canvas.size[1])
    return tuple(found)


def room_above(canvas: Canvas, inks: Sequence[Ink | None], rows: Sequence[int]) -> float | None:
    """How far the ground above the characters is even all along them, plate heights; None for two rows, and
    where fewer than three characters are seen.

    A frame's lip may be as grey as the plate, and differs from it by less than what stands above one letter
    may. All along the plate the median of a row of pixels shows it.
    """
    seen = [ink for ink in inks if ink is not None]
    if len(seen) < FEWEST or max(rows):
        return None
    top, bottom = float(np.median([i.top for i in seen])), float(np.median([i.bottom for i in seen]))
    x1, x2 = canvas.column(min(i.left for i in seen)), canvas.column(max(i.right for i in seen))
    inner = canvas.light[canvas.line(top) : canvas.line(bottom), max(0, x1) : x2]
    ground = inner[inner < FAINT]
    start = canvas.line(top - BLUR)
    if not ground.size or start <= 0:
        return None
    lines = np.median(canvas.light[:start, max(0, x1) : x2], axis=1)[::-1]
    uneven = np.abs(lines - float(np.median(ground))) > EVEN
    return float(np.argmax(uneven) if uneven.any() else len(lines)) / canvas.size[1]
