"""Lays drawn things into a picture, seen from a side, away from the plates that are in it."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from kilpi.draw.clutter.lettering import Piece, Rng
from kilpi.draw.composite import random_quad
from kilpi.geometry import homography, quad_to_array
from kilpi.types import Pixels, Point

Floats = NDArray[np.floating]

WIDTHS = (0.05, 0.55)  # of the picture, log-uniform between
ROLLED = 0.12  # how often a thing is turned by any angle
BESIDE = 0.25  # how often, where there is a plate, a thing stands right beside one
BLURRED = 0.2  # how often a thing is out of focus
GAP = 3  # pixels kept free around a plate


def place_piece(canvas: Pixels, piece: Piece, taken: Floats, rng: Rng) -> bool:
    """Draws one piece into `canvas` in place; False, and nothing drawn, where it would touch one of `taken`.

    `taken` (k, 4, 2) are quads in pixels that stay as they are.
    """
    quad = target(canvas.shape, piece, taken, rng)
    low, high = np.floor(quad.min(axis=0)).astype(int) - 1, np.ceil(quad.max(axis=0)).astype(int) + 2
    for other in taken:
        if (low < other.max(axis=0) + GAP).all() and (high > other.min(axis=0) - GAP).all():
            return False
    low, high = np.maximum(low, 0), np.minimum(high, canvas.shape[1::-1])
    if (high - low < 4).any():
        return False
    blur = float(rng.uniform(1, 7)) if rng.random() < BLURRED else 0.0
    lay(canvas, piece, quad, low, high, float(rng.uniform(0.35, 1.0)), blur)
    return True


def target(shape: tuple[int, ...], piece: Piece, taken: Floats, rng: Rng) -> Floats:
    """The corners (4, 2) that a piece gets, pixels."""
    height, width = shape[:2]
    h, w = piece[1].shape
    size = width * float(np.exp(rng.uniform(*np.log(WIDTHS))))
    size = min(size, 0.8 * height * w / h)
    centre = Point(float(rng.uniform(0, width)), float(rng.uniform(0, height)))
    if len(taken) and rng.random() < BESIDE:
        quad = taken[int(rng.integers(len(taken)))]
        extent, middle = np.ptp(quad, axis=0), quad.mean(axis=0)
        size = float(extent[0] * np.exp(rng.normal(-0.2, 0.5)))
        axis, side = int(rng.integers(2)), float(rng.choice((-1, 1)))
        away = (extent[axis] + (size, size * h / w)[axis]) / 2 + GAP + extent[1] * rng.uniform(0.05, 0.6)
        middle[axis] += side * away
        centre = Point(float(middle[0]), float(middle[1]))
    corners = quad_to_array(random_quad(centre, max(size, 6.0), w / h, rng, float(rng.choice((15, 60)))))
    if rng.random() < ROLLED:
        a = rng.uniform(0, 2 * np.pi)
        turn = np.array([[np.cos(a), np.sin(a)], [-np.sin(a), np.cos(a)]])
        corners = (corners - np.array(centre)) @ turn + np.array(centre)
    return np.asarray(corners, np.float64)


def lay(
    canvas: Pixels, piece: Piece, quad: Floats, low: Floats, high: Floats, light: float, blur: float = 0.0
) -> None:
    """Warps the piece onto `quad` in the window from `low` to `high` (x, y), dimmed to `light` of it.

    `blur` is a standard deviation in the piece's own pixels.
    """
    pixels, cover = piece
    h, w = cover.shape
    if blur > 0:
        pixels = np.asarray(cv2.GaussianBlur(pixels, (0, 0), blur), np.uint8)
        cover = np.asarray(cv2.GaussianBlur(cover, (0, 0), blur), np.float32)
    seen = float(np.linalg.norm(quad[1] - quad[0]))
    shrink = min(1.0, max(1.3 * seen / w, 4 / min(h, w)))
    if shrink < 0.8:  # picking single pixels would alias
        size = max(3, round(w * shrink)), max(3, round(h * shrink))
        pixels = np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)
        cover = np.asarray(cv2.resize(cover, size, interpolation=cv2.INTER_AREA), np.float32)
        w, h = size
    source = np.array([[0, 0], [w, 0], [w, h], [0, h]]) - 0.5
    matrix = homography(source, quad - low - 0.5)
    room = int(high[0] - low[0]), int(high[1] - low[1])
    drawn = cv2.warpPerspective(pixels, matrix, room, borderMode=cv2.BORDER_REPLICATE).astype(np.float32)
    share = cv2.warpPerspective(cover, matrix, room)[..., None]
    window = canvas[int(low[1]) : int(high[1]), int(low[0]) : int(high[0])]
    window[:] = np.clip(window + (drawn * np.float32(light) - window) * share, 0, 255).astype(np.uint8)
