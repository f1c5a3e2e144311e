"""What a phone makes of a picture: noise smoothed away, edges and tones pushed; and reflections.

As the steps of `kilpi.draw.degrade`: (h, w, 3) uint8 RGB, a generator and a strength in 0..1, a new array.
"""

from __future__ import annotations

import cv2
import numpy as np

from kilpi.draw.degrade import jpeg, motion_blur, night, sensor_noise, sharpen
from kilpi.draw.noise import smooth_field
from kilpi.types import Pixels

Rng = np.random.Generator


def denoise(pixels: Pixels, rng: Rng, strength: float) -> Pixels:
    """Noise and fine texture smoothed to patches, edges kept: what is left looks painted."""
    noisy = sensor_noise(pixels, rng, 0.6 * strength)
    if rng.random() < 0.4:
        return np.asarray(cv2.medianBlur(noisy, 3 if strength < 0.6 or pixels.shape[0] < 40 else 5), np.uint8)
    size = rng.uniform(15, 25 + 60 * strength)
    return np.asarray(cv2.bilateralFilter(noisy, 5, size, rng.uniform(1.5, 4)), np.uint8)


def halo(pixels: Pixels, rng: Rng, strength: float) -> Pixels:
    """Local contrast as HDR has it: everything near an edge pushed away from it, and shadows raised."""
    soft = cv2.GaussianBlur(pixels, (0, 0), max(1.0, pixels.shape[0] * rng.uniform(0.06, 0.25)))
    amount = strength * rng.uniform(0.3, 1.1)
    out = cv2.addWeighted(pixels, 1 + amount, soft, -amount, 0).astype(np.float32)
    lift = rng.uniform(0, 40) * strength
    return np.asarray(np.clip(lift + out * (1 - lift / 255), 0, 255), np.uint8)


def pushed_tones(pixels: Pixels, rng: Rng, strength: float) -> Pixels:
    """A steep curve and strong colours: whites burn out, blacks close."""
    x = np.linspace(-1, 1, 256)
    steep = 1 + 4 * strength * rng.random()
    curve = np.tanh(x * steep) / np.tanh(steep) * 127.5 + 127.5 + rng.normal(0, 12) * strength
    out = cv2.LUT(pixels, np.clip(curve, 0, 255).astype(np.uint8))
    grey = out.mean(axis=2, keepdims=True)
    return np.asarray(np.clip(grey + (out - grey) * rng.uniform(0.7, 1.6), 0, 255), np.uint8)


def reflection(pixels: Pixels, rng: Rng, strength: float) -> Pixels:
    """Sky, a lamp's streak or a wall thrown back by a glossy sheet or glass: light in a soft shape."""
    h, w = pixels.shape[:2]
    if rng.random() < 0.5:
        share = np.clip(smooth_field(h, w, rng, rng.uniform(1, 5)) * 2.4 - 1.2, 0, 1)
    else:
        angle = rng.uniform(-0.6, 0.6)
        ys, xs = np.arange(h, dtype=np.float32)[:, None], np.arange(w, dtype=np.float32)[None, :]
        along = (ys - h * rng.random()) * np.cos(angle) + (xs - w * rng.random()) * np.sin(angle)
        share = np.exp(-((along / (h * rng.uniform(0.06, 0.35))) ** 2))
    light = np.array((235, 240, 250), np.float32) * rng.uniform(0.3, 0.8) * strength
    return np.asarray(np.clip(pixels + share[:, :, None] * light, 0, 255), np.uint8)


def phone(pixels: Pixels, rng: Rng, strength: float) -> Pixels:
    """One of the ways in which phones make pictures, at a strength of 0..1."""
    lot = rng.random()
    if lot < 0.2:  # by night: gain, a shaking hand, hard denoising
        pixels = night(pixels, rng, 0.7 * strength)
        pixels = motion_blur(pixels, rng, 0.6 * strength)
    elif lot < 0.4:
        pixels = reflection(pixels, rng, strength)
    if rng.random() < 0.6:
        pixels = denoise(pixels, rng, strength)
    if rng.random() < 0.45:
        pixels = halo(pixels, rng, strength)
    if rng.random() < 0.35:
        pixels = pushed_tones(pixels, rng, strength)
    if rng.random() < 0.7:
        pixels = sharpen(pixels, rng, min(1.0, strength * 1.3))
    return jpeg(pixels, rng, 0.7 * strength) if rng.random() < 0.5 else pixels
