"""Sharpness tells blurred from sharp plates, whatever their light."""

from __future__ import annotations

import cv2
import numpy as np

from kilpi.sharpness import plate_sharpness
from kilpi.types import Pixels


def plate() -> Pixels:
    pixels = np.full((64, 300, 3), 230, np.uint8)
    cv2.putText(pixels, "ABC-123", (10, 50), cv2.FONT_HERSHEY_SIMPLEX, 1.8, (20, 20, 20), 5, cv2.LINE_AA)
    return pixels


def test_blur_lowers_it() -> None:
    values = [plate_sharpness(plate())]
    for sigma in (1.5, 3.0, 6.0):
        values.append(plate_sharpness(np.asarray(cv2.GaussianBlur(plate(), (0, 0), sigma), np.uint8)))
    assert values == sorted(values, reverse=True) and values[0] > 2 * values[-1]


def test_light_and_size_hardly_matter() -> None:
    dim = (plate() * 0.4 + 30).astype(np.uint8)
    large = np.asarray(cv2.resize(plate(), None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC), np.uint8)
    for other in (dim, large):
        assert 0.75 < plate_sharpness(other) / plate_sharpness(plate()) < 1.33


def test_empty_and_flat_crops_are_not_sharp() -> None:
    assert plate_sharpness(np.zeros((0, 10, 3), np.uint8)) == 0.0
    assert plate_sharpness(np.full((20, 60, 3), 128, np.uint8)) == 0.0
