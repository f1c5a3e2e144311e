"""Where a plate was seen, and one plate of one photo with all that was read on it."""

from __future__ import annotations

from dataclasses import dataclass

from kilpi.types.geometry import Quad
from kilpi.types.layout import PlateLayout
from kilpi.types.mark import Candidate
from kilpi.types.reading import Reading


@dataclass(frozen=True, slots=True)
class Sighting:
    """A plate was seen here. `score` is the detector's own, in 0..1, not a probability."""

    quad: Quad
    score: float


@dataclass(frozen=True, slots=True)
class Plate:
    """One plate in one photo: where, what was read, which marks that may be (best first)."""

    photo_id: str
    sighting: Sighting
    reading: Reading | None = None
    candidates: tuple[Candidate, ...] = ()
    frame: tuple[int, int] | None = None  # the photo's native width and height
    sharpness: float | None = None  # of the straightened plate, see `kilpi.sharpness`
    layout: PlateLayout | None = None  # what it shows besides its characters, see `kilpi.plates.layout`
