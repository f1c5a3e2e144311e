"""A car's mileage held against its photos: which photos to read, what they say, and the crop to show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from kilpi.images import encode_jpeg
from kilpi.odometer.check import check_odometer
from kilpi.odometer.reader import distances, show
from kilpi.ports import TextReader
from kilpi.types import OdometerCheck, Photo, Vehicle, View, ViewGuess

MOST = 4  # photos a car that are read: each takes half a second
QUALITY = 85  # JPEG


@dataclass(frozen=True, slots=True)
class CarOdometer:
    """The check, and what the person sees of the number that it rests on, as a JPEG."""

    check: OdometerCheck
    crop: bytes | None = field(default=None, repr=False)


def instrument_photos(guesses: Mapping[str, ViewGuess]) -> list[str]:
    """The photos to read, by id: of instruments, likeliest first; where none is, of the cockpit."""
    for view in (View.INSTRUMENTS, View.COCKPIT):
        found = [key for key, guess in guesses.items() if guess.best is view]
        if found:
            return sorted(found, key=lambda key: -guesses[key].score)[:MOST]
    return []


def check_car(
    photos: Mapping[str, Photo],
    guesses: Mapping[str, ViewGuess],
    text: TextReader,
    figure_km: int | None,
    vehicle: Vehicle | None = None,
) -> CarOdometer | None:
    """The dealer's figure against the photos of instruments and the register's last reading.

    None where no photo shows instruments, no writing is read there, or the reading fails: it is a help and
    never a condition, and the car is what it would be without it.
    """
    wanted = instrument_photos(guesses)
    try:
        shown = [photos[key] for key in guesses if key in wanted]
        lines = text.read_text(shown) if shown else []
        if not any(lines):
            return None
        found = [reading for p, seen in zip(shown, lines, strict=True) for reading in distances(p.id, seen)]
        check = check_odometer(found, figure_km, vehicle.odometer_km if vehicle else None)
        return CarOdometer(check, crop_of(shown, check))
    except Exception:
        return None


def crop_of(photos: Sequence[Photo], check: OdometerCheck) -> bytes | None:
    """The number that a check rests on, with what stands around it, as a JPEG."""
    number = check.reading
    photo = next((one for one in photos if number and one.id == number.photo_id), None)
    return encode_jpeg(show(photo, number), QUALITY) if photo and number else None
