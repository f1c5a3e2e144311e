"""HiddenParts: of which characters of a straightened plate a part is hidden, or the room above them.

A small network sees the plate as the reader does and says it of 24 columns of two lines, the upper (or only)
row and the lower. A mark whose character is under snow reads as surely as a whole one; only the plate shows
it.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kilpi.plates.reader import HEIGHT, WIDTH, PlateReader, batches, resized
from kilpi.types import Hidden, Pixels, Reading
from kilpi.weights import Network, find_any, open_network

Floats = NDArray[np.float32]

DIGITS = 3  # of the scores that are kept


class HiddenParts:
    """Kilpi's own network for it."""

    def __init__(self, network: Network) -> None:
        """`network` is an opened whole.onnx."""
        self.network = network

    @classmethod
    def load(cls, weights: Path | None = None, threads: int = 0) -> HiddenParts:
        """Opens whole.onnx of a folder (default as in `kilpi.weights`). Raises WeightsError."""
        return cls(open_network("whole", weights, threads))

    def see(self, crops: Sequence[Pixels], readings: Sequence[Reading]) -> list[Hidden | None]:
        """What is hidden of each crop ((h, w, 3) uint8 RGB, upright, any size) as its reading has the
        characters; None where the reader tells no places.
        """
        found: list[Hidden | None] = []
        for part in batches(len(crops)):
            batch = np.stack([resized(crop, WIDTH, HEIGHT) for crop in crops[part]])
            maps = zip(*self.network.session.run(None, {"pixels": batch}), strict=True)
            found += [
                by_character(ink, room, reading)
                for (ink, room), reading in zip(maps, readings[part], strict=True)
            ]
        return found


class SeeingReader(PlateReader):
    """The reader of Kilpi's line: `read_photo.read_plates` asks its `parts` what is hidden of a mark."""

    def __init__(self, network: Network, parts: HiddenParts) -> None:
        """`network` is an opened reader.onnx."""
        super().__init__(network)
        self.parts = parts

    @classmethod
    def load(cls, weights: Path | None = None, threads: int = 0) -> SeeingReader:
        """Opens reader.onnx of a folder, and its whole.onnx or the one in use. Raises WeightsError."""
        found = find_any("whole", weights)
        parts = HiddenParts.load(found.parent if found else weights, threads)
        return cls(open_network("reader", weights, threads), parts)


def by_character(ink: Floats, room: Floats, reading: Reading) -> Hidden | None:
    """Maps (lines, columns) of what is hidden -> the scores of each character of a reading: the highest of
    the columns of its line that are nearest to it, and the one above it.
    """
    if not reading.places:
        return None
    xs = np.array([place.x for place in reading.places])
    lines = np.array([place.row if reading.rows == 2 else 0 for place in reading.places])
    columns = ink.shape[1]
    middles = (np.arange(columns) + 0.5) / columns
    inks, rooms = np.zeros(len(xs)), np.zeros(len(xs))
    for line in np.unique(lines):
        own = np.flatnonzero(lines == line)
        nearest = own[np.abs(middles[:, None] - xs[own]).argmin(axis=1)]
        np.maximum.at(inks, nearest, ink[line])
        rooms[own] = room[line][np.clip((xs[own] * columns).astype(int), 0, columns - 1)]
    return Hidden(*(tuple(part.round(DIGITS).tolist()) for part in (inks, rooms)))
