"""Cuts a plate out of its photo, upright, from native pixels: what the reader sees."""

from __future__ import annotations

import numpy as np

from kilpi.geometry import grow_quad, quad_size
from kilpi.images import warp
from kilpi.types import Photo, Pixels, Quad

HEIGHT = 64  # pixels of an upright plate; the reader's


ASPECTS = (1.0, 8.0)  # narrower and wider than any plate: 200 x 230 mm to 520 x 110 mm seen at an angle


def straighten(
    photo: Photo, quad: Quad, height: int = HEIGHT, margin: tuple[float, float] = (0.0, 0.0)
) -> Pixels:
    """The plate upright, (height, w, 3) uint8 RGB, from native pixels where those show more.

    Its width follows from the lengths of its sides; `margin` are parts of width and height left around it.
    """
    outer = grow_quad(quad, *margin) if any(margin) else quad
    return warp(photo, outer, straight_width(quad, height), height)


def straight_width(quad: Quad, height: int = HEIGHT) -> int:
    """How wide `straighten` cuts a plate of these corners, pixels."""
    wide, tall = quad_size(quad)
    aspect = float(np.clip(wide / max(tall, 1e-6), *ASPECTS))
    return max(1, round(height * aspect))
