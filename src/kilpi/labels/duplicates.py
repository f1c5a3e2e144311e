"""Near-duplicate photos: a 64-bit fingerprint that survives scaling, JPEG and slight changes of light.

The fingerprint says for each of the 64 lowest frequencies of a 32 x 32 grey picture whether it is above
their median (Zauner, Implementation and Benchmarking of Perceptual Image Hash Functions, 2010, section
3.2). The package `imagehash` does the same, but brings scipy and PyWavelets along for these ten lines.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np

from kilpi.images import open_photo
from kilpi.types import Pixels

NEAR = 6  # bits of 64 that may differ; see docs/labels.md for what was measured
GRID = 32  # pixels; the picture is shrunk to GRID x GRID
LOWEST = 8  # frequencies per axis


def fingerprint(pixels: Pixels) -> int:
    """(h, w, 3) uint8 RGB -> 64 bits."""
    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    small = cv2.resize(grey, (GRID, GRID), interpolation=cv2.INTER_AREA).astype(np.float32)
    waves = np.asarray(cv2.dct(small))[:LOWEST, :LOWEST].ravel()
    bits = waves > np.median(waves[1:])  # without the first, which is only the brightness
    return int.from_bytes(np.packbits(bits).tobytes(), "big")


def fingerprint_file(path: Path) -> int:
    """A photo file's fingerprint. Raises PhotoError."""
    return fingerprint(open_photo(path, target_side=256).pixels)


def near_pairs(prints: Sequence[int], near: int = NEAR) -> Iterator[tuple[int, int]]:
    """Pairs (i, j), i < j, whose fingerprints differ in at most `near` bits."""
    values = np.array(prints, dtype=np.uint64)
    for i, value in enumerate(values[:-1]):
        apart = np.bitwise_count(values[i + 1 :] ^ value)
        for j in np.flatnonzero(apart <= near).tolist():
            yield i, i + 1 + j


class Groups:
    """Things 0 to n - 1 that are joined in pairs, and so fall into groups (union-find)."""

    def __init__(self, count: int) -> None:
        self.parent = list(range(count))

    def first(self, i: int) -> int:
        """The smallest member of i's group."""
        while self.parent[i] != i:
            self.parent[i] = self.parent[self.parent[i]]
            i = self.parent[i]
        return i

    def join(self, i: int, j: int) -> None:
        """Make two groups one."""
        a, b = self.first(i), self.first(j)
        self.parent[max(a, b)] = min(a, b)
