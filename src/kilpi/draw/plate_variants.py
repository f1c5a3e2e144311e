"""Plates beside a country's regular ones: bent round a bumper, old black ones, dealers' own."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from kilpi.draw.clutter.lettering import Rng, ink_on, phrase, scaled, stacked, typeset
from kilpi.draw.clutter.papers import GROUNDS, INKS, pick
from kilpi.draw.plates import RenderedPlate
from kilpi.geometry import UNIT

BENT = (0.03, 0.22)  # the middle of a bent plate stands out by this part of its height
SIZES_MM = ((520, 110), (520, 110), (440, 120), (300, 150))  # of dealers' show plates


def bent(plate: RenderedPlate, rng: Rng) -> tuple[RenderedPlate, NDArray[np.float64]]:
    """The plate bowed up or down as on a round bumper, and its corners as parts of the new picture (4, 2).

    The corners stay where the plate's ends are; its middle leaves the line between them. `boxes` keep to the
    flat plate, moved down by the room made above.
    """
    h, w = plate.alpha.shape
    bow = float(rng.uniform(*BENT)) * h * float(rng.choice((-1, 1)))
    room = int(np.ceil(abs(bow))) + 1
    above = room if bow < 0 else 0
    xs, ys = np.meshgrid(np.arange(w, dtype=np.float32), np.arange(h + room, dtype=np.float32))
    ys -= above + bow * (1 - ((2 * xs + 1) / w - 1) ** 2)
    ys = ys.astype(np.float32)
    pixels = cv2.remap(plate.pixels, xs, ys, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    alpha = cv2.remap(plate.alpha, xs, ys, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)
    inner = (UNIT * (w, h) + (0, above)) / (w, h + room)
    size = plate.size_mm[0], round(plate.size_mm[1] * (h + room) / h)
    moved = plate.boxes + np.array([0, above, 0, above], np.float32)
    drawn = replace(
        plate,
        pixels=np.asarray(pixels, np.uint8),
        alpha=np.asarray(alpha, np.uint8),
        boxes=moved,
        size_mm=size,
    )
    return drawn, np.asarray(inner, np.float64)


def old_black(plate: RenderedPlate, rng: Rng) -> RenderedPlate:
    """The plate with pale writing on black or another dark ground, as many countries had them."""
    light = 255.0 - plate.pixels.astype(np.float32).mean(axis=2, keepdims=True)
    tint = np.ones(3) if rng.random() < 0.7 else np.clip(rng.uniform(0.5, 1.2, 3), 0, 1)
    return replace(plate, pixels=np.clip(light * tint + rng.uniform(0, 25), 0, 255).astype(np.uint8))


def show_plate(rng: Rng, height: int = 64) -> RenderedPlate:
    """A dealer's own plate with a name instead of a mark, in the size and the place of a real one."""
    size = SIZES_MM[int(rng.integers(len(SIZES_MM)))]
    width = round(height * size[0] / size[1])
    pixels = np.empty((height, width, 3), np.uint8)
    ground = np.array(pick(GROUNDS[:2] if rng.random() < 0.7 else GROUNDS, rng))
    pixels[:] = ground
    lines = [scaled(typeset(phrase(rng, 2), rng), int(height * rng.uniform(0.3, 0.65)))]
    if rng.random() < 0.5:
        lines.append(scaled(typeset(phrase(rng, 2), rng), int(height * rng.uniform(0.1, 0.22))))
    text = stacked(lines, 0.15, rng)
    fit = min(1.0, 0.92 * width / text.shape[1], 0.9 * height / text.shape[0])
    text = scaled(text, max(3, int(text.shape[0] * fit)))
    inks = INKS[:1] + INKS[2:4] if ground.mean() > 120 else (INKS[1], INKS[4])
    at = max(0, (width - text.shape[1]) // 2), max(0, (height - text.shape[0]) // 2)
    ink_on(pixels, text, at, pick(inks, rng))
    if rng.random() < 0.3:
        cv2.rectangle(pixels, (0, 0), (width - 1, height - 1), pick(INKS, rng), 2)
    alpha = np.full((height, width), 255, np.uint8)
    return RenderedPlate("", None, 1, size, pixels, alpha, np.zeros((0, 4), np.float32))
