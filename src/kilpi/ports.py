"""The parts that can be swapped: one method each, plural in, plural out, same order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from kilpi.types import (
    Decision,
    Listing,
    Mark,
    Offer,
    Photo,
    Pixels,
    Plate,
    Reading,
    Shown,
    Sighting,
    TextLine,
    Vehicle,
    ViewGuess,
)

NOTHING_SHOWN = Shown()


class Detector(Protocol):
    """Finds plates."""

    def find(self, photos: Sequence[Photo]) -> list[list[Sighting]]:
        """Per photo its plates, best score first; an empty list where none is seen."""
        ...


class Reader(Protocol):
    """Reads straightened plates."""

    def read(self, crops: Sequence[Pixels]) -> list[Reading]:
        """Per crop ((h, w, 3) uint8 RGB, upright, any size) its reading; no slots where nothing is seen."""
        ...


class TextReader(Protocol):
    """Reads writing of any kind, such as what stands on a car's instruments."""

    def read_text(self, photos: Sequence[Photo]) -> list[list[TextLine]]:
        """Per photo its lines of writing, in native pixels; an empty list where none is seen."""
        ...


class Viewer(Protocol):
    """Tells what photos show of a car."""

    def read(self, photos: Sequence[Photo]) -> list[ViewGuess]:
        """Per photo what it shows, "unsure" where that cannot be told."""
        ...


class Verifier(Protocol):
    """Decides whether a car's reads can be trusted."""

    def decide(self, plates: Sequence[Plate], shown: Shown = NOTHING_SHOWN) -> Decision:
        """One decision for one car from the plates of all its photos, and from what else these show."""
        ...


class Register(Protocol):
    """Knows vehicles by mark."""

    def look_up(self, mark: Mark) -> Vehicle:
        """The vehicle of exactly this mark. Raises NotRegistered, RegisterRefused, RegisterUnavailable."""
        ...


@runtime_checkable
class VinRegister(Protocol):
    """Knows vehicles by chassis number, besides by mark; not every register does."""

    def look_up_vin(self, vin: str) -> Vehicle:
        """The vehicle of exactly this VIN, with its mark. Raises NotRegistered, RegisterRefused,
        RegisterUnavailable.
        """
        ...


@runtime_checkable
class Forgetful(Protocol):
    """Keeps answers, and can forget what it keeps of one mark."""

    def forget(self, mark: Mark) -> None:
        """Deletes every kept answer about this mark."""
        ...


class Writer(Protocol):
    """Writes adverts."""

    def write(self, vehicle: Vehicle | None, offer: Offer) -> Listing:
        """The advert's text from what the register and the dealer know; nothing invented."""
        ...
