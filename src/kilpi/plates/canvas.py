"""A straightened plate as light and dark: the ground is 0 and the ink 1, whatever their colours."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from kilpi.plates.reader import MARGIN
from kilpi.types import Pixels

Floats = NDArray[np.float32]

HEIGHT = 64  # pixels of the crop; others are scaled
LEAST = 8.0  # grey values of contrast below which nothing is measured


class Canvas(NamedTuple):
    """The crop as light and dark, and how to come from its pixels to plate units."""

    light: Floats  # (h, w): 0 is the ground, 1 the ink, per place
    contrast: float  # ground less ink, of 255; negative where the ink is brighter
    size: tuple[float, float]  # plate's width and height in the crop's pixels
    origin: tuple[float, float]  # the plate's top left in the crop's pixels

    def x(self, pixel: float) -> float:
        """Plate widths."""
        return (pixel - self.origin[0]) / self.size[0]

    def y(self, pixel: float) -> float:
        """Plate heights."""
        return (pixel - self.origin[1]) / self.size[1]

    def column(self, x: float) -> int:
        """The crop's column at so many plate widths."""
        return round(x * self.size[0] + self.origin[0])

    def line(self, y: float) -> int:
        """The crop's row at so many plate heights."""
        return round(y * self.size[1] + self.origin[1])


def level(crop: Pixels, middles: Sequence[float]) -> Canvas | None:
    """The crop with its light evened out: 0 the ground, 1 the ink. None where there is no contrast."""
    grey = cv2.cvtColor(crop, cv2.COLOR_RGB2GRAY).astype(np.float32)
    h, w = grey.shape
    size = w / (1 + 2 * MARGIN[0]), h / (1 + 2 * MARGIN[1])
    origin = MARGIN[0] * size[0], MARGIN[1] * size[1]
    band = grey[round(h * 0.2) : round(h * 0.8)]
    # Halfway between characters there is ground, whatever is dark or light otherwise.
    between = [round((a + b) / 2 * size[0] + origin[0]) for a, b in pairwise(middles) if b > a]
    between = [x for x in between if 0 <= x < w] or [w // 2]
    inner = band[:, round(w * 0.14) : round(w * 0.95)]
    low, high = np.percentile(inner, (4, 96))
    mid = float(np.median(band[:, between]))
    sign = 1.0 if mid - low >= high - mid else -1.0
    if sign < 0:
        grey, low = 255 - grey, 255 - high
    # The ground's light changes along the plate: its bright end, column by column, smoothed.
    columns = np.sort(grey[round(h * 0.2) : round(h * 0.8) : 2], axis=0)[-4][None]
    reach = max(3, round(0.2 * w)) | 1
    lit = cv2.blur(cv2.dilate(columns, np.ones((1, reach), np.uint8)), (reach, 1))
    contrast = float(np.median(lit) - low)
    if contrast < LEAST:
        return None
    return Canvas(np.asarray((lit - grey) / contrast, np.float32), sign * contrast / 255, size, origin)
