"""Whether characters have their feet: snow or a frame's lip on the lower edge takes them from all alike.

An E without its foot is an F, an R without its leg a P, each read surely, and no character is shorter than
its neighbours. But the lowest strokes are thinner than the highest, where a character has both.
"""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

import numpy as np

from kilpi.plates.canvas import Canvas
from kilpi.types import Ink

BOTH = frozenset("0235689BCDEGOQSZ")  # characters with a stroke along their head and one along their foot
SIDES = 0.32  # of a character's width that its upright strokes may take at either side
PART = 0.3  # of a character's height in which its head or its foot is
LEAST = 5, 12  # pixels of width and height; smaller ones show no strokes
INK = 0.5  # rows of ink in head and foot together, below which there is nothing to compare


def feet_of(canvas: Canvas, inks: Sequence[Ink | None], text: str) -> float | None:
    """The ink of characters' feet less that of their heads, parts of both: the median, -1 to 1; 0 for whole
    ones. None where no character shows both.
    """
    seen = [foot_of(canvas, ink) for ink, char in zip(inks, text, strict=True) if ink and char in BOTH]
    known = [value for value in seen if value is not None]
    return median(known) if known else None


def foot_of(canvas: Canvas, ink: Ink) -> float | None:
    """The same of one character, in the middle of its width."""
    x1, x2 = canvas.column(ink.left), canvas.column(ink.right)
    y1, y2 = canvas.line(ink.top), canvas.line(ink.bottom)
    wide = x2 - x1
    if wide < LEAST[0] or y2 - y1 < LEAST[1]:
        return None
    inner = slice(round(x1 + SIDES * wide), round(x2 - SIDES * wide) + 1)
    rows = np.clip(canvas.light[max(0, y1 - 1) : y2 + 1, inner], 0, 1).mean(axis=1)
    part = round(PART * len(rows))
    head, foot = float(rows[:part].sum()), float(rows[-part:].sum())
    return (foot - head) / (foot + head) if foot + head > INK else None
