"""Random fields that everything drawn is made of: noise, soft hills, and ink laid over pixels by a field."""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from kilpi.types import Pixels

Floats = NDArray[np.float32]

BANK = 1 << 20  # normal numbers drawn once: drawing them anew would be the slowest step by far


@cache
def _bank() -> Floats:
    return np.random.default_rng(20240607).standard_normal(BANK, dtype=np.float32)


def normal_noise(shape: tuple[int, ...], rng: np.random.Generator) -> Floats:
    """Standard normal noise of `shape`, a slice of a fixed bank at a drawn place."""
    size = int(np.prod(shape))
    start = int(rng.integers(0, BANK))
    bank = _bank()
    if start + size <= BANK:
        return bank[start : start + size].reshape(shape)
    return np.resize(np.roll(bank, -start), size).reshape(shape)


def smooth_field(height: int, width: int, rng: np.random.Generator, cells: float) -> Floats:
    """(height, width) float32, smooth and random, in 0..1; about `cells` hills along the longer side."""
    longest = max(height, width)
    rows = max(2, round(cells * height / longest) + 1)
    columns = max(2, round(cells * width / longest) + 1)
    coarse = rng.random((rows, columns), dtype=np.float32)
    return np.clip(cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC), 0, 1).astype(
        np.float32
    )


def blend(pixels: Pixels, ink: NDArray[np.floating] | tuple[float, ...], share: Floats) -> Pixels:
    """Ink (3,) over pixels where `share` (h, w) in 0..1 says."""
    out = pixels.astype(np.float32)
    out += (np.asarray(ink, np.float32) - out) * share[:, :, None]
    return out.astype(np.uint8)
