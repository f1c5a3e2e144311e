"""What a place in a photo tells of its light and of the camera: black, white, shades, blur and noise."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from kilpi.geometry import UNIT, homography, quad_size, quad_to_array
from kilpi.types import Pixels, Quad

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Light:
    """How a place in a photo shows black and white, and how sharp and noisy it is.

    `black` and `white` (3,) float32 RGB; `shade` (rows, columns) float32 around 1, light over the plate;
    `blur` and `noise` are standard deviations in pixels and in grey levels.
    """

    black: Floats
    white: Floats
    shade: Floats
    blur: float
    noise: float


def measure_light(roi: Pixels, quad: Quad) -> Light:
    """What the plate at `quad` tells of the light on it, and its surroundings of the camera."""
    width, height = quad_size(quad)
    size = (int(np.clip(width, 24, 192)), int(np.clip(height, 8, 64)))
    matrix = homography(quad_to_array(quad), UNIT * size)
    flat = np.asarray(
        cv2.warpPerspective(roi, matrix, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE),
        np.uint8,
    )
    values = flat.reshape(-1, 3).astype(np.float32)
    luma = values.mean(axis=1)
    low, high = np.percentile(luma, (6, 88))
    if high - low < 25:  # unreadably dark, washed out, or no plate: black is at least somewhat darker
        low = max(0.0, high * 0.45)
    bright = values[luma >= np.percentile(luma, 70)].mean(axis=0)
    dark = values[luma <= np.percentile(luma, 12)].mean(axis=0)
    tint, deep = (v / max(1.0, float(v.mean())) for v in (bright, dark))
    if float(np.dot(tint - 1, deep - 1)) < 0.04:  # ground and ink do not share a colour: the light has none
        deep = 0.7 + 0.3 * tint
        if float(tint.max() - tint.min()) > 0.35:  # a coloured plate in white light
            tint = deep = np.ones(3, np.float32)
    cells = cv2.dilate(flat.mean(axis=2).astype(np.float32), np.ones((size[1] // 3 | 1, size[0] // 10 | 1)))
    shade = cv2.resize(cells, (8, 3), interpolation=cv2.INTER_AREA)
    shade = np.clip(shade / max(1.0, float(np.median(shade))), 0.35, 1.5).astype(np.float32)
    return Light(
        (low * deep).astype(np.float32),
        (high * tint).astype(np.float32),
        shade,
        _blur_of(flat, width / size[0]),
        _noise_of(roi),
    )


def guess_light(roi: Pixels, rng: np.random.Generator) -> Light:
    """A likely light for a plate on a place that has none: white is brighter than what is around it."""
    values = roi.reshape(-1, 3).astype(np.float32)
    luma = values.mean(axis=1)
    high = float(np.clip(np.percentile(luma, 80) * rng.uniform(0.95, 1.5) + rng.uniform(0, 30), 40, 250))
    mean = values.mean(axis=0)
    tint = 1 + (mean / max(1.0, float(mean.mean())) - 1) * 0.5
    low = high * rng.uniform(0.08, 0.35)
    shade = (1 + rng.normal(0, 0.06, (3, 8))).astype(np.float32)
    black, white = np.full(3, low, np.float32), (high * tint).astype(np.float32)
    return Light(black, white, shade, _blur_of(roi, 1.0), _noise_of(roi))


def _blur_of(pixels: Pixels, scale: float) -> float:
    """Standard deviation of the blur, pixels times `scale`, from the steepest slope of a blurred step."""
    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY).astype(np.float32)
    slope = np.hypot(cv2.Sobel(grey, cv2.CV_32F, 1, 0) / 8, cv2.Sobel(grey, cv2.CV_32F, 0, 1) / 8)
    steepest = float(np.percentile(slope, 99.5))
    contrast = float(np.percentile(grey, 95) - np.percentile(grey, 5))
    if steepest < 1 or contrast < 12:
        return 0.8
    # A step of height c blurred by s has the slope c / (s sqrt(2 pi)); Sobel itself adds about 0.7 pixels.
    spread = contrast / (steepest * float(np.sqrt(2 * np.pi)))
    return float(np.clip(np.sqrt(max(0.0, spread**2 - 0.5)), 0.0, 6.0)) * scale


def _noise_of(pixels: Pixels) -> float:
    """Standard deviation of the noise in grey levels (Immerkaer, 1996, with a median against edges)."""
    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    kernel = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32)
    return float(np.median(np.abs(cv2.filter2D(grey, cv2.CV_32F, kernel)))) / 0.6745 / 6
