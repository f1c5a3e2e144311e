"""Places in a photo, and the pixels themselves."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
"""An image: (h, w, 3) uint8, RGB, row 0 at the top."""


class Point(NamedTuple):
    """A place in a photo: pixels of the photo as displayed, origin top left, x right, y down."""

    x: float
    y: float


class Box(NamedTuple):
    """An upright rectangle in the same pixels as `Point`; x1 <= x2, y1 <= y2."""

    x1: float
    y1: float
    x2: float
    y2: float


class Quad(NamedTuple):
    """Four corners, clockwise as the text reads: the first is where the first character begins."""

    tl: Point
    tr: Point
    br: Point
    bl: Point

    @property
    def box(self) -> Box:
        """The upright rectangle around the corners."""
        xs, ys = [p.x for p in self], [p.y for p in self]
        return Box(min(xs), min(ys), max(xs), max(ys))
