"""Whole pictures without a plate: close views of dashboards, desks, walls and wheels, of drawn things."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from kilpi.draw.cars.interior import draw_interior
from kilpi.draw.clutter import body, clutter_piece, displays, papers
from kilpi.draw.clutter.lettering import Piece, Rng
from kilpi.draw.clutter.placing import lay, place_piece
from kilpi.draw.composite import random_quad
from kilpi.draw.noise import normal_noise, smooth_field
from kilpi.geometry import quad_to_array
from kilpi.types import Pixels, Point

COCKPIT = 0.12  # how often the whole drawn dashboard is shown
LARGE = 0.5  # how often one thing fills much of the picture
LARGE_THINGS: tuple[Callable[[Rng], Piece], ...] = (
    displays.display, displays.display, displays.dial, displays.screen, displays.buttons, displays.label,
    papers.paper, papers.paper, papers.board, body.wheel, body.vent, body.vent, body.embossed, body.blocks,
)  # fmt: skip


def draw_clutter_scene(
    width: int, height: int, rng: Rng, piece: Callable[[Rng], Piece] = clutter_piece
) -> Pixels:
    """(height, width, 3) uint8 RGB with nothing in it that is a plate. `piece` gives what lies in it."""
    if rng.random() < COCKPIT:
        accent = tuple(float(v) for v in rng.uniform(30, 250, 3))
        canvas = draw_interior(
            width, height, (accent[0], accent[1], accent[2]), int(rng.integers(10, 400_000)), rng
        )
        if rng.random() < 0.5:
            canvas = np.clip(canvas * rng.uniform(0.15, 0.8), 0, 255).astype(np.uint8)
    else:
        canvas = ground(width, height, rng)
    none = np.zeros((0, 4, 2))
    if rng.random() < LARGE:
        large = LARGE_THINGS[int(rng.integers(len(LARGE_THINGS)))](rng)
        fill(canvas, large, rng)
    for _ in range(int(rng.integers(2, 9))):
        place_piece(canvas, piece(rng), none, rng)
    return canvas


def fill(canvas: Pixels, piece: Piece, rng: Rng) -> None:
    """Draws a piece over a large part of the canvas, in place."""
    height, width = canvas.shape[:2]
    h, w = piece[1].shape
    size = min(width, height * w / h) * float(rng.uniform(0.5, 1.5))
    centre = Point(float(width * rng.uniform(0.2, 0.8)), float(height * rng.uniform(0.2, 0.8)))
    quad = quad_to_array(random_quad(centre, size, w / h, rng, 30.0))
    low = np.maximum(np.floor(quad.min(axis=0)), 0)
    high = np.minimum(np.ceil(quad.max(axis=0)) + 1, (width, height))
    if (high - low >= 4).all():
        blur = float(rng.uniform(1, 6)) if rng.random() < 0.25 else 0.0
        lay(canvas, piece, quad, low, high, float(rng.uniform(0.4, 1.0)), blur)


def ground(width: int, height: int, rng: Rng) -> Pixels:
    """Plastic, leather, wall or desk: one tone with soft light and grain, parted by edges and folds."""
    level = float(np.exp(rng.uniform(np.log(8), np.log(235))))
    tint = np.clip(1 + rng.normal(0, 0.12, 3), 0.6, 1.4)
    light = 1 + 0.35 * smooth_field(height, width, rng, float(rng.uniform(1.5, 6)))
    canvas = (light[..., None] * level * tint).astype(np.float32)
    for _ in range(int(rng.integers(1, 7))):  # panels, each with a lit upper edge
        angle = rng.uniform(0, np.pi)
        middle, reach = rng.uniform(0, 1, 2) * (width, height), rng.uniform(0.1, 0.6) * width
        points = []
        for turn in np.sort(rng.uniform(0, 2 * np.pi, int(rng.integers(3, 7)))):
            points.append(middle + reach * np.array((np.cos(turn + angle), 0.7 * np.sin(turn + angle))))
        fixed = np.round(np.array(points) * 16).astype(np.int32)
        sharp = np.zeros((height, width), np.float32)
        cv2.fillPoly(sharp, [fixed], 1.0, cv2.LINE_AA, 4)
        share = cv2.GaussianBlur(sharp, (0, 0), float(rng.uniform(0.6, 5)))
        tone = float(np.clip(level * np.exp(rng.normal(0, 0.6)), 3, 250))
        canvas += (light[..., None] * tone * tint - canvas) * share[..., None]
        if rng.random() < 0.5:
            edge = (min(255.0, tone * 1.8),) * 3
            cv2.polylines(canvas, [fixed], True, edge, int(rng.integers(1, 4)), cv2.LINE_AA, 4)
    canvas += normal_noise((height, width, 1), rng) * np.float32(rng.uniform(0, 8) * (0.3 + level / 255))
    return np.clip(canvas, 0, 255).astype(np.uint8)
