"""What the instruments say of a car's mileage, and whether that is what the dealer says."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from kilpi.types.decision import Reason
from kilpi.types.geometry import Quad


class DistanceUnit(StrEnum):
    """What stands beside a number of a distance."""

    KM = "km"
    MILES = "mi"


@dataclass(frozen=True, slots=True)
class DistanceReading:
    """A number read on the instruments, whole units, tenths dropped. What it counts is not known for sure.

    `score` is the weakest digit's, in the middle one of the looks that gave this number: raw, not calibrated.
    """

    photo_id: str
    quad: Quad  # where it stands, native pixels
    value: int
    unit: DistanceUnit | None = None  # None: no unit was read beside it
    total: bool = False  # ODO or TOTAL stands before it
    score: float = 0.0
    looks: int = 1  # in how many looks at the line it was read,
    looked: int = 1  # out of how many
    cut: bool = False  # only a part of a longer run of digits: a symbol before it may have been read as some

    @property
    def labelled(self) -> bool:
        """Whether something beside the number says that it is a distance."""
        return self.unit is not None or self.total


class OdometerOutcome(StrEnum):
    """How the dealer's mileage stands to the instruments and the register."""

    CONFIRMED = "confirmed"
    NOT_SEEN = "not_seen"
    CONTRADICTED = "contradicted"


@dataclass(frozen=True, slots=True)
class OdometerCheck:
    """The dealer's mileage held against what was read. Only CONTRADICTED asks a person.

    `reason` codes: odometer_confirmed (figure), odometer_differs (figure, seen, unit),
    odometer_below_register (figure, register), odometer_unseen (figure), odometer_about (figure, seen: as
    near as rounding or a test drive explains), odometer_proposed (seen, unit), odometer_unknown. Kilometres,
    but `seen` is in `unit`.
    """

    outcome: OdometerOutcome
    reason: Reason
    reading: DistanceReading | None = None  # what confirms, contradicts, or is proposed: the crop to show

    @property
    def asks(self) -> bool:
        """Whether the advert stays a draft until a person has looked."""
        return self.outcome is OdometerOutcome.CONTRADICTED
