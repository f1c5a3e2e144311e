"""What the detector's last look at a whole photo saw, kept until the thread looks again."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Sequence

from kilpi.types import Photo, Pixels, Sighting

Band = tuple[float, float]


class LastLook(threading.local):
    """A thread's last look. What is looked for beside a plate, and halves of one, it may show already."""

    pixels: weakref.ref[Pixels] | None = None
    how: tuple[int, int, int, Band] = (0, 0, 0, (0.0, 0.0))  # the photo's native size, side and band
    threshold = 1.0
    seen: tuple[Sighting, ...] = ()

    def of(self, photo: Photo, side: int, band: Band, threshold: float) -> Sequence[Sighting] | None:
        """What it saw, where it was that very look with no higher least score."""
        same = self.pixels is not None and self.pixels() is photo.pixels
        alike = self.how == (photo.width, photo.height, side, band) and self.threshold <= threshold
        return self.seen if same and alike else None

    def keep(
        self, photo: Photo, side: int, band: Band, threshold: float, seen: Sequence[Sighting]
    ) -> Sequence[Sighting]:
        """Keeps a look in the place of the one before."""
        self.pixels, self.how = weakref.ref(photo.pixels), (photo.width, photo.height, side, band)
        self.threshold, self.seen = threshold, tuple(seen)
        return self.seen
