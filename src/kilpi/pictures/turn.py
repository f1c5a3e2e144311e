"""Stands a picture upright by the plates that were read in it."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np

from kilpi.types import Pixels, Point, Quad

UPRIGHT = 25.0  # degrees; a plate lies straighter than that in a photo that is upright


def quarter_turns(plates: Sequence[Quad]) -> int:
    """How many quarter turns to the left stand a picture upright, by plates read in it; 0 in doubt."""
    ways = set()
    for tl, tr, _, _ in plates:
        angle = math.degrees(math.atan2(tr.y - tl.y, tr.x - tl.x))
        quarter = round(angle / 90)
        ways.add(quarter % 4 if abs(angle - 90 * quarter) <= UPRIGHT else 0)
    return ways.pop() if len(ways) == 1 else 0


def turned(pixels: Pixels, quads: Sequence[Quad], turns: int) -> tuple[Pixels, list[Quad]]:
    """A picture turned by quarter turns to the left, with the quads in it."""
    height, width = pixels.shape[:2]
    return np.ascontiguousarray(np.rot90(pixels, turns)), moved(quads, width, height, turns)


def turned_back(quads: Sequence[Quad], width: int, height: int, turns: int) -> list[Quad]:
    """Quads of a turned picture of `width` x `height` pixels, as they were before it was turned."""
    return moved(quads, width, height, -turns % 4)


def moved(quads: Sequence[Quad], width: int, height: int, turns: int) -> list[Quad]:
    """Where quads come to lie when their picture of `width` x `height` pixels is turned to the left."""
    places: dict[int, Callable[[Point], Point]] = {
        0: lambda p: p,
        1: lambda p: Point(p.y, width - p.x),
        2: lambda p: Point(width - p.x, height - p.y),
        3: lambda p: Point(height - p.y, p.x),
    }
    return [Quad(*(places[turns](point) for point in quad)) for quad in quads]
