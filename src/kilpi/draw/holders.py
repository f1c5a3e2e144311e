"""What is on or around a plate and no part of its mark: a dealer's holder, figures on the right strip."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from kilpi.draw.plates import RenderedPlate
from kilpi.geometry import UNIT
from kilpi.types import Pixels

Rng = np.random.Generator
Floats = NDArray[np.float64]

WORDS = (  # of dealers' holders
    "AUTO", "CAR", "MOTORS", "GROUP", "OY", "AB", "GMBH", "WWW", ".COM", ".FI", "TEL", "BIL", "SALES", "NORD",
)  # fmt: skip


def add_holder(plate: RenderedPlate, rng: Rng) -> tuple[RenderedPlate, Floats]:
    """The plate in a holder with a dealer's words below; and where the plate lies in that, as parts of it."""
    h, w = plate.alpha.shape
    side, top, bottom = (
        round(w * 0.012),
        round(h * rng.uniform(0.02, 0.06)),
        round(h * rng.uniform(0.10, 0.2)),
    )
    paint = int(rng.uniform(10, 60)) if rng.random() < 0.8 else int(rng.uniform(150, 240))
    pixels = np.full((h + top + bottom, w + 2 * side, 3), paint, np.uint8)
    pixels[top : top + h, side : side + w] = plate.pixels
    words = " ".join(rng.choice(WORDS, int(rng.integers(1, 4))))
    scale = bottom / 34
    (wide, _), _ = cv2.getTextSize(words, cv2.FONT_HERSHEY_SIMPLEX, scale, 1)
    ink = (225, 225, 220) if paint < 100 else (40, 40, 60)
    at = max(0, round((w - wide) * rng.uniform(0.2, 0.8))), h + top + round(bottom * 0.8)
    cv2.putText(pixels, words, at, cv2.FONT_HERSHEY_SIMPLEX, scale, ink, 1, cv2.LINE_AA)
    shift = np.array([side, top, side, top], np.float32)
    whole = np.array([w + 2 * side, h + top + bottom], dtype=np.float64)
    size_mm = (round(plate.size_mm[0] * whole[0] / w), round(plate.size_mm[1] * whole[1] / h))
    inner = (UNIT * (w, h) + (side, top)) / whole
    alpha = np.full(pixels.shape[:2], 255, np.uint8)
    held = replace(plate, pixels=pixels, alpha=alpha, boxes=plate.boxes + shift, size_mm=size_mm, ink=None)
    return held, inner


def write_on_band(pixels: Pixels, size_mm: tuple[int, int], rng: Rng) -> Pixels:
    """Small figures on the strip at the right end, a region's number or a year: no part of the mark."""
    if rng.random() < 0.25:
        return pixels
    marked = pixels.copy()
    h, w = marked.shape[:2]
    scale = w / size_mm[0]  # pixels a millimetre
    ink = (250, 250, 250)
    if rng.random() < 0.25:
        cv2.rectangle(marked, (round(w - 41 * scale), 0), (w, h), (240, 200, 40), -1)
        ink = (25, 25, 25)
    for line in (0.74,) if rng.random() < 0.6 else (0.42, 0.8):
        figures = f"{int(rng.integers(1, 99)):02d}" if rng.random() < 0.8 else str(rng.choice(list("ABFIRS")))
        size = 0.2 * h / 22 * rng.uniform(0.75, 1.15)
        (wide, _), _ = cv2.getTextSize(figures, cv2.FONT_HERSHEY_SIMPLEX, size, 1)
        at = round(w - 20.5 * scale - wide / 2), round(line * h + 0.08 * h)
        cv2.putText(marked, figures, at, cv2.FONT_HERSHEY_SIMPLEX, size, ink, max(1, h // 40), cv2.LINE_AA)
    return marked
