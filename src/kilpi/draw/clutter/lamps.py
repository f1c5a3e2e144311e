"""Extra lamps in front of a plate, as on cars of the north: in a row above it, over its upper half or nearly
all of its height.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from kilpi.draw.clutter.body import lamp
from kilpi.draw.clutter.lettering import Piece, Rng
from kilpi.draw.clutter.placing import lay
from kilpi.types import Pixels

OVERLAP = (-0.5, 0.45)  # of the plate's height that a lamp reaches down over it; below 0 it stays above
DEEP, DEEPLY = (0.45, 0.95), 0.35  # the same where a lamp parts the plate, and how often
ROUND = 0.7  # how often a lamp is a round one with a reflector
FACE = 120  # pixels, diameter of a round one


def lamps_over(pixels: Pixels, quad: NDArray[np.floating], rng: Rng) -> Pixels:
    """A copy with one to four lamps along the upper edge of the plate at `quad` (4, 2), pixels."""
    canvas = pixels.copy()
    across, down = quad[1] - quad[0], quad[3] - quad[0]
    count = int(rng.choice((1, 2, 2, 3, 4)))
    size = float(rng.uniform(0.25, 0.7)) * (0.8 if count > 2 else 1.0)  # of the plate's width
    reach = float(rng.uniform(*(DEEP if rng.random() < DEEPLY else OVERLAP)))
    piece = spot_lamp(rng) if rng.random() < ROUND else lamp(rng)
    h, w = piece[1].shape
    for t in along(count, rng):
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


def along(count: int, rng: Rng) -> NDArray[np.floating]:
    """Where lamps stand along the plate, parts of its width: on its whole width, or shifted to one side."""
    if count == 1:
        return rng.uniform(0.1, 0.9, 1)
    spread = float(rng.uniform(0.5, 1.3))
    return 0.5 + rng.normal(0, 0.2) + np.linspace(-spread / 2, spread / 2, count) + rng.normal(0, 0.03, count)


def spot_lamp(rng: Rng) -> Piece:
    """A round lamp: a reflector that mirrors sky and ground, a bulb before it, a rim, its barrel to a side;
    or a lid over all of it.
    """
    side = FACE + FACE // 3
    y, x = np.mgrid[:side, :side].astype(np.float32)
    middle = np.array((side / 2, side / 2)) + rng.uniform(-0.1, 0.1, 2) * FACE
    far = np.hypot(x - middle[0], y - middle[1]) / (FACE / 2)
    sky, ground = np.sort(rng.uniform(30, 255, 2))[::-1]
    bend = np.sin(far * rng.uniform(2, 9) + rng.uniform(0, 6)) * rng.uniform(5, 60)
    mirrored = rng.normal(0, 35, (6, 6)).astype(np.float32)
    bend += cv2.resize(mirrored, (side, side), interpolation=cv2.INTER_CUBIC)
    face = np.where(y < middle[1] + rng.normal(0, 0.2) * FACE, sky, ground) + bend
    if rng.random() < 0.2:
        face = np.full_like(face, rng.uniform(5, 250))  # a lid
    rim = float(rng.uniform(0.75, 0.95))
    face = np.where(far > rim, rng.uniform(5, 235) + 60 * (x - y) / side, face)
    face[far < rng.uniform(0.05, 0.25)] = rng.uniform(20, 255)
    tint = 1 + rng.normal(0, 0.06, 3) if rng.random() < 0.8 else rng.uniform(0.4, 1.1, 3)
    barrel = np.hypot(*(np.stack([x, y], axis=-1) - side / 2 - rng.uniform(-0.12, 0.12, 2) * FACE).T)
    cover = np.maximum(far.T < 1, barrel < 0.45 * FACE).T.astype(np.float32)
    tone = np.where(far < 1, face, rng.uniform(5, 90))[..., None] * tint
    canvas = np.clip(tone, 0, 255).astype(np.uint8)
    smooth, edge = (cv2.GaussianBlur(part, (0, 0), 1.0) for part in (canvas, cover))
    return np.asarray(smooth, np.uint8), np.asarray(edge, np.float32)
