"""Coats of arms on plates: Austria's lands, Switzerland's cantons, Slovakia's districts. All cached.

None is a true one: a reader must learn that they are no characters, not which they are.
"""

from __future__ import annotations

import math
from functools import lru_cache

import cv2
import numpy as np

from kilpi.draw.plate_parts import OVER, Colour, Stamp, averaged
from kilpi.types import Pixels

# A shield's outline as parts of its width and height: pointed, round, Swiss, and a plain square or circle.
_ROUND = [[0.5 + 0.46 * math.cos(a), 0.5 + 0.46 * math.sin(a)] for a in np.linspace(0, math.pi, 9)]
OUTLINES = (
    np.array([[0.05, 0.0], [0.95, 0.0], [0.95, 0.55], [0.5, 1.0], [0.05, 0.55]]),
    np.array([[0.04, 0.0], [0.96, 0.0], *_ROUND]),
    np.array([[0.04, 0.0], [0.5, 0.06], [0.96, 0.0], [0.93, 0.6], [0.5, 1], [0.07, 0.6]]),
    np.array([[0.03, 0.0], [0.97, 0.0], [0.97, 1.0], [0.03, 1.0]]),
    np.array([[0.5 + 0.48 * math.cos(a), 0.5 + 0.5 * math.sin(a)] for a in np.linspace(0, math.tau, 16)]),
)
# The tinctures of heraldry, and a panel that is all white.
TINCTURES: tuple[Colour, ...] = (
    (200, 30, 40), (30, 70, 160), (214, 174, 40), (30, 110, 60), (244, 244, 240), (30, 30, 32),
    (244, 244, 240), (200, 30, 40),
)  # fmt: skip


@lru_cache(maxsize=2048)
def shield(size: int, variant: int) -> Stamp:
    """A coat of arms, `size` pixels high; `variant` picks its outline, field, charge and crown."""
    rng = np.random.default_rng([variant, 4711])
    width = max(2, int(size * rng.uniform(0.66, 0.9)))
    big_w, big_h = width * OVER, size * OVER
    canvas = np.empty((big_h, big_w, 3), np.uint8)  # `_divide` fills it
    alpha = np.zeros((big_h, big_w), np.uint8)
    top = 0.2 if rng.random() < 0.3 else 0.03  # room for a crown
    outline = OUTLINES[int(rng.integers(len(OUTLINES)))] * (1, 0.97 - top) + (0, top)
    fixed = [np.round(outline * (big_w, big_h)).astype(np.int32)]
    cv2.fillPoly(alpha, fixed, 255, cv2.LINE_AA)
    inks = [TINCTURES[i] for i in rng.permutation(len(TINCTURES))[:4]]
    _divide(canvas, inks, int(rng.integers(7)))
    if rng.random() < 0.65:
        _beast(canvas, inks[2], (0.5, top + 0.4 * (1 - top)), rng)
    cv2.polylines(canvas, fixed, True, (40, 40, 40), max(1, big_h // 30), cv2.LINE_AA)
    if top > 0.1:
        crown = np.array(
            [[0.2, 0.2], [0.15, 0.02], [0.35, 0.1], [0.5, 0], [0.65, 0.1], [0.85, 0.02], [0.8, 0.2]]
        )
        teeth = np.round(crown * (big_w, big_h)).astype(np.int32)
        cv2.fillPoly(alpha, [teeth], 255, cv2.LINE_AA)
        cv2.fillPoly(canvas, [teeth], (210, 170, 30), cv2.LINE_AA)
    return Stamp(averaged(canvas, width, size), averaged(alpha, width, size))


def _divide(canvas: Pixels, inks: list[Colour], kind: int) -> None:
    """A shield's field, in place: plain, a bar, a pale, bars, a chequer, quarters, or halves."""
    h, w = canvas.shape[:2]
    canvas[:] = inks[0]
    if kind == 1:
        canvas[int(h * 0.35) : int(h * 0.6)] = inks[1]
    elif kind == 2:
        canvas[:, int(w * 0.36) : int(w * 0.64)] = inks[1]
    elif kind == 3:
        for row in range(0, 6, 2):
            canvas[row * h // 6 : (row + 1) * h // 6] = inks[1]
    elif kind == 4:
        rows, columns = np.indices((h, w))
        canvas[(rows * 5 // h + columns * 4 // w) % 2 == 1] = inks[1]
    elif kind == 5:
        canvas[: h // 2, : w // 2] = canvas[h // 2 :, w // 2 :] = inks[1]
    elif kind == 6:
        canvas[:, w // 2 :] = inks[1]


def _beast(canvas: Pixels, ink: Colour, middle: tuple[float, float], rng: np.random.Generator) -> None:
    """A lion, an eagle, a stag: limbs at all angles, which at a plate's size are a ragged blot."""
    h, w = canvas.shape[:2]
    points = int(rng.integers(9, 22))
    turn = np.sort(rng.uniform(0, math.tau, points))
    reach = rng.uniform(0.08, 0.46, points)[:, None]
    blot = (middle + reach * np.stack([np.sin(turn), -np.cos(turn)], axis=1) * (1, 0.9)) * (w, h)
    cv2.fillPoly(canvas, [np.round(blot).astype(np.int32)], ink, cv2.LINE_AA)
