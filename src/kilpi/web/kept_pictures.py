"""Pictures for the review page, made from the photos and kept in memory for a while, uncovered as they are.

They are on no disk, so that erasing a case leaves none behind for longer than a server runs.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from kilpi.images import encode_jpeg, native, open_photo, shrink_to
from kilpi.plates.crop import straighten
from kilpi.plates.reader import MARGIN
from kilpi.types import Quad

PLATE_HEIGHT = 240  # pixels; on a dense screen as sharp as the photo was
QUALITY = 82  # JPEG
WIDER = 4.0  # plate widths that the part of the photo around it is wide
LEAST_AROUND = 320  # pixels of it
HIGHER = 0.62  # of its width
MOST_SIDE = 1600  # pixels
MOST_BYTES = 48 * 1024 * 1024


@dataclass
class KeptPictures:
    """The last pictures that were asked for, up to `most` bytes. Safe for several threads."""

    most: int = MOST_BYTES
    held: OrderedDict[tuple[object, ...], bytes] = field(default_factory=OrderedDict)
    size: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def plate(self, photo: Path, sha256: str, quad: Quad) -> bytes:
        """A plate cut out upright, JPEG. Raises PhotoError."""

        def make() -> bytes:
            return encode_jpeg(straighten(open_photo(photo), quad, PLATE_HEIGHT, MARGIN), QUALITY)

        return self.get((sha256, quad), make)

    def around(self, photo: Path, sha256: str, quad: Quad) -> bytes:
        """The part of a photo around a plate, in the photo's own pixels, JPEG. Raises PhotoError."""

        def make() -> bytes:
            opened = native(open_photo(photo))
            x1, y1, x2, y2 = around(quad, (opened.width, opened.height))
            part = np.ascontiguousarray(opened.pixels[y1:y2, x1:x2])
            return encode_jpeg(shrink_to(part, MOST_SIDE), QUALITY)

        return self.get((sha256, quad, "around"), make)

    def photo(self, photo: Path, sha256: str, side: int) -> bytes:
        """A photo as displayed, its longer side at most `side` pixels, JPEG. Raises PhotoError."""

        def make() -> bytes:
            pixels = open_photo(photo, side).pixels
            return encode_jpeg(shrink_to(pixels, side), QUALITY)

        return self.get((sha256, side), make)

    def get(self, key: tuple[object, ...], make: Callable[[], bytes]) -> bytes:
        """What is kept under a key, else what `make` gives."""
        with self.lock:
            if key in self.held:
                self.held.move_to_end(key)
                return self.held[key]
        made = make()
        with self.lock:
            self.size += len(made) - len(self.held.get(key, b""))
            self.held[key] = made
            while self.size > self.most:
                self.size -= len(self.held.popitem(last=False)[1])
        return made


def around(quad: Quad, frame: tuple[int, int]) -> tuple[int, int, int, int]:
    """The part of a photo (width, height) in which a plate can be read: x1, y1, x2, y2 in its pixels."""
    box, (width, height) = quad.box, frame
    wide = min(width, max(LEAST_AROUND, round(WIDER * (box.x2 - box.x1))))
    high = min(height, max(round(HIGHER * wide), round(1.5 * (box.y2 - box.y1))))
    x = min(max(0, round((box.x1 + box.x2 - wide) / 2)), width - wide)
    y = min(max(0, round((box.y1 + box.y2 - high) / 2)), height - high)
    return x, y, x + wide, y + high
