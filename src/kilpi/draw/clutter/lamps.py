"""Extra lamps in front of a plate, as on cars of the north: in a row above it or over its upper edge."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from kilpi.draw.clutter.body import lamp
from kilpi.draw.clutter.lettering import Rng
from kilpi.draw.clutter.placing import lay
from kilpi.types import Pixels

OVERLAP = (-0.5, 0.45)  # of the plate's height that a lamp reaches down over it; below 0 it stays above


def lamps_over(pixels: Pixels, quad: NDArray[np.floating], rng: Rng) -> Pixels:
    """A copy with one to four lamps along the upper edge of the plate at `quad` (4, 2), pixels."""
    canvas = pixels.copy()
    across, down = quad[1] - quad[0], quad[3] - quad[0]
    count = int(rng.choice((1, 2, 2, 3, 4)))
    size = float(rng.uniform(0.22, 0.5)) * (0.8 if count > 2 else 1.0)  # of the plate's width
    reach = float(rng.uniform(*OVERLAP))
    piece = lamp(rng)
    h, w = piece[1].shape
    middles = (
        np.linspace(-0.05, 1.05, count) + rng.normal(0, 0.04, count) if count > 1 else [rng.uniform(0.1, 0.9)]
    )
    for t in middles:
        right = across * size / 2
        up = np.array((right[1], -right[0])) * h / w  # a lamp is seen straight on
        foot = quad[0] + across * t + down * reach
        centre = foot + up
        corners = np.array(
            [centre - right + up, centre + right + up, centre + right - up, centre - right - up]
        )
        low = np.maximum(np.floor(corners.min(axis=0)), 0)
        high = np.minimum(np.ceil(corners.max(axis=0)) + 1, canvas.shape[1::-1])
        if (high - low >= 4).all():
            lay(canvas, piece, corners, low, high, float(rng.uniform(0.4, 1.0)))
    return canvas
