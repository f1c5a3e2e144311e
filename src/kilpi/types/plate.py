"""Where a plate was seen, and one plate of one photo with all that was read on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from kilpi.types.geometry import Quad
from kilpi.types.layout import PlateLayout
from kilpi.types.mark import Candidate
from kilpi.types.reading import Reading


@dataclass(frozen=True, slots=True)
class Sighting:
    """A plate was seen here. `score` is the detector's own, in 0..1, not a probability."""

    quad: Quad
    score: float


class EndPlace(NamedTuple):
    """Where a plate is on the front or rear that its photo shows.

    `height`: the highest place of the view network's map of the end at the plate or above it, 0..1 of the
    map's highest anywhere. `below`: how far the plate is below the middle of the end, photo heights.
    """

    height: float
    below: float


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
    on_end: EndPlace | None = None  # where it is on the car's front or rear, see `kilpi.photos.end_place`
