"""Drawn pictures for the tests of labels."""

from __future__ import annotations

import cv2
import numpy as np

from kilpi.types import Pixels


def scene(seed: int) -> Pixels:
    """A picture with structure: soft coloured blotches."""
    rough = np.random.default_rng(seed).integers(0, 255, (6, 8, 3), dtype=np.uint8)
    return np.asarray(cv2.resize(rough, (320, 240), interpolation=cv2.INTER_CUBIC), dtype=np.uint8)
