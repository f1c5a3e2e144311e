"""Plates in a style that no training draws: a slanted pen-plotter's alphabet under streaks of salt.

The simulated department's cars wear it. Neither the typeface (one of OpenCV's Hershey fonts, which `draw`
does not use) nor the streaks are among what trainings draw: the shipped reader read 42 of 80 such plates
exactly, of upright ones in another Hershey font 97 of 100.
"""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from kilpi.draw.plates import RenderedPlate
from kilpi.types import Pixels

FACE = cv2.FONT_HERSHEY_SCRIPT_COMPLEX
SLANT = 0.45  # of a character's height that its top leans to the right
BARE = {"Å": "A", "Ä": "A", "Ö": "O"}  # the alphabet has no accents: such marks are not drawn in it


def restyled(plate: RenderedPlate, rng: np.random.Generator, streaks: float) -> RenderedPlate:
    """The same plate with its characters in the strange alphabet; `streaks` 0..1 is how much salt runs over
    it. Raises ValueError for a mark with accents.
    """
    if set(plate.text) & set(BARE):
        raise ValueError("the strange alphabet has no accents")
    pixels = plate.pixels.copy()
    ground = np.median(pixels.reshape(-1, 3), axis=0)
    for char, (x1, y1, x2, y2) in zip(plate.text, plate.boxes, strict=True):
        pad = 2
        left, right = max(0, int(x1) - pad), int(np.ceil(x2)) + pad
        top, low = max(0, int(y1) - pad), int(np.ceil(y2)) + pad
        place = pixels[top:low, left:right]
        ink = letter(char, place.shape[1], place.shape[0])[..., None]
        place[:] = (ground * (1 - ink) + np.array((28, 28, 30)) * ink).astype(np.uint8)
    return replace(plate, pixels=salted(pixels, rng, streaks), typeface="strange")


def letter(char: str, width: int, height: int) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    """(height, width) float32, 1.0 where ink is; the character fills the place but for a rim."""
    scale, thick = 4.0, 5
    (w, h), base = cv2.getTextSize(char, FACE, scale, thick)
    canvas = np.zeros((h + base + 2 * thick, w + 2 * thick), np.uint8)
    cv2.putText(canvas, char, (thick, h + thick), FACE, scale, 255, thick, cv2.LINE_AA)
    wide = canvas.shape[1] + int(SLANT * canvas.shape[0])
    shear = np.array([[1, -SLANT, SLANT * canvas.shape[0]], [0, 1, 0]], np.float32)
    canvas = np.asarray(cv2.warpAffine(canvas, shear, (wide, canvas.shape[0])), np.uint8)
    rows, columns = np.flatnonzero(canvas.any(axis=1)), np.flatnonzero(canvas.any(axis=0))
    tight = canvas[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    inner = max(1, width - 4), max(1, height - 4)
    if char in "1I":
        inner = max(1, inner[0] // 2), inner[1]
    fitted = cv2.resize(tight, inner, interpolation=cv2.INTER_AREA)
    ink = np.zeros((height, width), np.float32)
    x = (width - inner[0]) // 2
    ink[2 : 2 + inner[1], x : x + inner[0]] = fitted[: height - 2].astype(np.float32) / 255
    return ink


def salted(pixels: Pixels, rng: np.random.Generator, streaks: float) -> Pixels:
    """White streaks that run down aslant, half transparent."""
    h, w = pixels.shape[:2]
    cover = np.zeros((h, w), np.float32)
    for _ in range(round(14 * streaks)):
        x, slant = rng.uniform(-0.1, 1.0) * w, rng.uniform(0.2, 0.6) * h
        thick = max(1, int(h * rng.uniform(0.02, 0.06)))
        line = np.zeros((h, w), np.uint8)
        cv2.line(line, (int(x), 0), (int(x + slant), h), 255, thick, cv2.LINE_AA)
        cover = np.maximum(cover, line.astype(np.float32) / 255 * rng.uniform(0.35, 0.75))
    out = pixels + (np.float32(236) - pixels) * cover[..., None]
    return np.asarray(np.clip(out, 0, 255), np.uint8)
