"""Hashes: of bytes and files, of keys that must fall on one side for good, and of what a picture shows."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from kilpi.types import Pixels

NEAR = 6  # bits of 64 that may differ between two pictures of one thing; docs/labels.md: what was measured
GRID = 32  # pixels; a picture is shrunk to GRID x GRID
LOWEST = 8  # frequencies an axis


def sha256_hex(data: bytes) -> str:
    """The sha256 of bytes, 64 hex digits."""
    return hashlib.sha256(data).hexdigest()


def file_sha256(path: Path) -> str:
    """The sha256 of a file, 64 hex digits; read again only where size or time changed. Raises OSError."""
    stat = path.stat()
    return _file_sha256(path, stat.st_size, stat.st_mtime_ns)


@lru_cache(maxsize=100_000)
def _file_sha256(path: Path, size: int, mtime_ns: int) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def share_of_key(key: str) -> float:
    """Where a key falls in [0, 1): always the same place, for splits that later additions do not move."""
    return int.from_bytes(hashlib.sha256(key.encode()).digest()[:8], "big") / 2**64


def fingerprint(pixels: Pixels) -> int:
    """(h, w, 3) uint8 RGB -> 64 bits that survive scaling, JPEG and slight changes of light.

    They say of each of the 64 lowest frequencies of a 32 x 32 grey picture whether it is above their median
    (Zauner, Implementation and Benchmarking of Perceptual Image Hash Functions, 2010, section 3.2). The
    package `imagehash` does the same, but brings scipy and PyWavelets along for these ten lines.
    """
    return fingerprint_grey(np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), np.uint8))


def fingerprint_grey(grey: NDArray[np.uint8] | NDArray[np.float32]) -> int:
    """`fingerprint` of a picture that is grey already, (h, w)."""
    while min(grey.shape) >= 4 * GRID:  # the mean of four pixels each; averaging large areas takes far longer
        half = grey.shape[1] // 2, grey.shape[0] // 2
        grey = np.asarray(cv2.resize(grey.astype(np.float32, copy=False), half), np.float32)
    small = cv2.resize(grey, (GRID, GRID), interpolation=cv2.INTER_AREA).astype(np.float32)
    waves = np.asarray(cv2.dct(small))[:LOWEST, :LOWEST].ravel()
    bits = waves > np.median(waves[1:])  # without the first, which is only the brightness
    return int.from_bytes(np.packbits(bits).tobytes(), "big")


def is_near(one: int, other: int, near: int = NEAR) -> bool:
    """Whether two fingerprints differ by so little that the pictures show the same thing."""
    return (one ^ other).bit_count() <= near


def near_pairs(prints: Sequence[int], near: int = NEAR) -> Iterator[tuple[int, int]]:
    """Pairs (i, j), i < j, whose fingerprints differ in at most `near` bits."""
    values = np.array(prints, dtype=np.uint64)
    for i, value in enumerate(values[:-1]):
        apart = np.bitwise_count(values[i + 1 :] ^ value)
        for j in np.flatnonzero(apart <= near).tolist():
            yield i, i + 1 + j
