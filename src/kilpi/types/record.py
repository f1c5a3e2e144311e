"""What only the dealer sees of a car: mark, VIN, reasons, problems. Never published."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from kilpi.types.decision import Reason
from kilpi.types.geometry import Box, Quad
from kilpi.types.odometer import OdometerCheck
from kilpi.types.picture import LeftOut
from kilpi.types.plate import Plate

LEAST_P = 0.05
"""Below this calibrated probability a mark is a guess: it is kept, and nobody is shown it as the car's."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """A photo or step that gave nothing: where, the error's class name and its own message."""

    where: str
    kind: str
    message: str


@dataclass(frozen=True, slots=True)
class ShownPicture:
    """Which photo (its id) a finished picture is of; what was covered and which part is shown, its pixels."""

    name: str
    photo: str
    covers: tuple[Quad, ...] = ()
    window: Box | None = None


@dataclass(frozen=True)
class Record:
    """One car's decision.json: for the dealer only, and what the index and publishing need.

    Reasons are codes with numbers: words are made when they are shown, in the reader's language. From
    `plates` the decision can be made again.
    """

    reference: str
    id: str
    state: str
    verdict: str
    mark: str | None
    country: str | None
    p: float | None
    vin: str | None
    register: str | None
    title: str
    price: str | None
    picture: str | None  # small copy of the first picture
    pictures: int
    photos: tuple[str, ...]
    reasons: tuple[Reason, ...]
    missing: tuple[str, ...]
    problems: tuple[Trouble, ...]
    left_out: tuple[LeftOut, ...]
    files: Mapping[str, str]  # name -> sha256 of what was written
    inputs: str = ""  # digest of all that the advert was made from
    notes: tuple[Reason, ...] = ()  # worth telling, and nothing is held back for it
    plates: tuple[Plate, ...] = ()
    odometer: OdometerCheck | None = None  # the dealer's mileage against the instruments
    views: Mapping[str, str] = field(default_factory=dict)  # by photo, what it shows
    case: str = ""  # whose folder this is; "": made by a program that keeps no cases
    amount: str | None = None  # the price in digits
    currency: str = "EUR"
    shown: tuple[ShownPicture, ...] = ()  # the pictures, in order
    dealer: str = ""  # who sells it, as the dealer's own data say
    register_km: int | None = None  # the register's last reading of the mileage

    @property
    def likely_mark(self) -> str | None:
        """The mark where it is more than a guess; a person's has no probability, and is."""
        return self.mark if self.p is None or self.p >= LEAST_P else None
