"""Pictures for the review page, made from the photos and kept in memory for a while, uncovered as they are.

They are on no disk, so that erasing a case leaves none behind for longer than a server runs.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from kilpi.images import encode_jpeg, open_photo, shrink_to
from kilpi.plates.crop import straighten
from kilpi.plates.reader import MARGIN
from kilpi.types import Quad

PLATE_HEIGHT = 240  # pixels; on a dense screen as sharp as the photo was
QUALITY = 82  # JPEG
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
