"""How sharp a plate shows its characters, and how sharp a photo is: one number each."""

from __future__ import annotations

import cv2
import numpy as np

from kilpi.types import Pixels

SIZE = (192, 64)  # pixels; all crops are compared at this width and height
TILES = 6  # rows and columns of a photo


def plate_sharpness(crop: Pixels) -> float:
    """(h, w, 3) uint8 RGB -> spread of the Laplacian over spread of the grey values; about 0.05 to 2.

    The ratio leaves contrast out: a grey but sharp plate is as sharp as a bright one.
    """
    if crop.shape[0] < 2 or crop.shape[1] < 2:
        return 0.0
    small = cv2.resize(crop, SIZE, interpolation=cv2.INTER_AREA)
    grey = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY)
    edges = cv2.Laplacian(grey, cv2.CV_32F)
    return float(np.std(edges) / (np.std(grey) + 1.0))


def photo_sharpness(grey: Pixels) -> float:
    """(h, w) uint8 grey -> the Laplacian's spread in the sharpest tenth of 36 tiles, in grey levels.

    A car may be sharp before a soft background.
    """
    edges = cv2.Laplacian(grey, cv2.CV_16S)  # whole numbers, as the grey values are
    tiles = [tile for row in np.array_split(edges, TILES) for tile in np.array_split(row, TILES, axis=1)]
    spreads = [cv2.meanStdDev(tile)[1].item() for tile in tiles if tile.size]  # a fifth of numpy's time
    return float(np.percentile(spreads, 90))
