"""What light, lens and file do to a whole picture: exposure, casts, night, glare, blur, noise, JPEG."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from kilpi.types import Pixels


def relight(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    """Another exposure, contrast, white balance and saturation; sometimes night, sometimes grey. Same
    shape.
    """
    levels = np.arange(256, dtype=np.float32) / 255
    night = rng.random() < 0.08
    gamma = rng.uniform(1.6, 3.0) if night else np.exp(rng.normal(0, 0.3))
    gain = rng.uniform(0.3, 0.9) if night else np.exp(rng.normal(0, 0.18))
    cast = np.exp(rng.normal(0, 0.07, 3))
    offset = rng.normal(0, 0.04)
    curves = levels[:, None] ** gamma * gain * cast + offset
    table = (np.clip(curves, 0, 1) * 255).astype(np.uint8)
    lit = np.stack([cv2.LUT(pixels[..., c], table[:, c]) for c in range(3)], axis=-1)
    if rng.random() < 0.5:
        grey = cv2.cvtColor(lit, cv2.COLOR_RGB2GRAY)[..., None]
        amount = 0.0 if rng.random() < 0.1 else rng.uniform(0.4, 1.5)
        lit = np.clip(grey + (lit.astype(np.float32) - grey) * amount, 0, 255).astype(np.uint8)
    if rng.random() < 0.06:
        return lamps(np.asarray(lit, np.uint8), rng)
    return np.asarray(lit, np.uint8)


def lamps(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    """One to three soft bright spots: headlights, or the sun in a number plate."""
    height, width = pixels.shape[:2]
    ys, xs = np.mgrid[0:height, 0:width].astype(np.float32)
    lit = pixels.astype(np.float32)
    for _ in range(rng.integers(1, 4)):
        x, y = rng.uniform(0, width), rng.uniform(0, height)
        radius = rng.uniform(0.02, 0.1) * width
        spot = np.exp(-((xs - x) ** 2 + (ys - y) ** 2) / (2 * radius**2))
        lit += spot[..., None] * rng.uniform(80, 255)
    return np.clip(lit, 0, 255).astype(np.uint8)


def photograph(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    """What lens, sensor and file add: blur, lost detail, noise, JPEG blocks. Same shape."""
    chance = rng.random(4)
    if chance[0] < 0.18:
        pixels = np.asarray(cv2.GaussianBlur(pixels, (0, 0), rng.uniform(0.4, 1.5)), np.uint8)
    elif chance[0] < 0.25:
        pixels = shake(pixels, rng)
    if chance[1] < 0.12:
        height, width = pixels.shape[:2]
        part = rng.uniform(0.4, 0.8)
        small = cv2.resize(pixels, None, fx=part, fy=part, interpolation=cv2.INTER_AREA)
        pixels = np.asarray(cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR), np.uint8)
    if chance[2] < 0.22:
        planes = 1 if rng.random() < 0.5 else 3
        noise = rng.standard_normal((*pixels.shape[:2], planes), np.float32)
        noisy = pixels + noise * np.float32(rng.uniform(2, 14))
        pixels = np.clip(noisy, 0, 255).astype(np.uint8)
    if chance[3] < 0.4:
        _, data = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(25, 90))])
        pixels = np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)
    return pixels


def shake(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    """Blur along a line, of 3 to 8 pixels."""
    length = int(rng.integers(3, 9))
    kernel: NDArray[np.float32] = np.zeros((length, length), np.float32)
    angle = rng.uniform(0, np.pi)
    middle = (length - 1) / 2
    for t in np.linspace(-middle, middle, 4 * length):
        kernel[round(middle + t * np.sin(angle)), round(middle + t * np.cos(angle))] = 1
    return np.asarray(cv2.filter2D(pixels, -1, kernel / kernel.sum()), np.uint8)
