"""Is the dealer's mileage what the instruments and the register say? Confirms, never fills in."""

from __future__ import annotations

from collections.abc import Sequence

from kilpi.odometer.reader import half_read
from kilpi.types import DistanceReading, DistanceUnit, OdometerCheck, OdometerOutcome, Reason

KM_A_MILE = 1.609344  # international yard and pound agreement, 1959
ALONE = 10_000  # km; a smaller figure needs km, mi or ODO beside its number: clocks have four digits too
DRIVEN = 100  # km; a test drive or a move on the yard between the photo and the advert
SURE_SCORE = 0.8  # of the weakest digit; see docs/odometer.md
SURE_LOOKS = 0.8  # share of the looks
SURE_LEAST = 5  # digits; a range to empty has four at most


def check_odometer(
    readings: Sequence[DistanceReading], figure_km: int | None, register_km: int | None = None
) -> OdometerCheck:
    """The dealer's figure against all readings of a car's photos and the register's last reading.

    Without a figure the outcome is NOT_SEEN and the best sure reading is a proposal, for a person only.
    """
    sure = [reading for reading in readings if is_sure(reading) and at_least(reading, register_km)]
    if figure_km is None:
        return proposal(sure)
    if register_km is not None and figure_km < register_km:
        values = {"figure": figure_km, "register": register_km}
        reason = Reason("odometer_below_register", values)
        return OdometerCheck(OdometerOutcome.CONTRADICTED, reason, sure[0] if sure else None)
    for reading in readings:
        if confirms(reading, figure_km):
            reason = Reason("odometer_confirmed", {"figure": figure_km})
            return OdometerCheck(OdometerOutcome.CONFIRMED, reason, reading)
    return differing(sure, figure_km)


def differing(sure: Sequence[DistanceReading], figure_km: int) -> OdometerCheck:
    """The check of a figure that no reading confirms: do sure readings speak against it, with one voice?"""
    unseen = OdometerCheck(OdometerOutcome.NOT_SEEN, Reason("odometer_unseen", {"figure": figure_km}))
    if not sure or any(half_read(reading.value, figure_km) for reading in sure):
        return unseen
    first = sure[0]
    values = {"figure": figure_km, "seen": first.value, "unit": (first.unit or DistanceUnit.KM).value}
    if any(is_about(reading, figure_km) for reading in sure):
        return OdometerCheck(OdometerOutcome.NOT_SEEN, Reason("odometer_about", values))
    if any(abs(km(reading) - km(first)) > DRIVEN for reading in sure):
        return unseen  # two distances: one of them counts something else, and which is not known
    return OdometerCheck(OdometerOutcome.CONTRADICTED, Reason("odometer_differs", values), first)


def proposal(sure: Sequence[DistanceReading]) -> OdometerCheck:
    """What to show a person who has to give the figure; nothing where sure readings differ."""
    if not sure or any(abs(km(reading) - km(sure[0])) > DRIVEN for reading in sure):
        return OdometerCheck(OdometerOutcome.NOT_SEEN, Reason("odometer_unknown"))
    first = sure[0]
    values = {"seen": first.value, "unit": (first.unit or DistanceUnit.KM).value}
    return OdometerCheck(OdometerOutcome.NOT_SEEN, Reason("odometer_proposed", values), first)


def confirms(reading: DistanceReading, figure_km: int) -> bool:
    """Whether the figure is this number, in kilometres whatever its unit. Small ones need a label."""
    if figure_km < ALONE and not reading.labelled:
        return False
    if figure_km < 1000 and not reading.total:
        return False  # a trip or a range looks the same
    if reading.unit is DistanceUnit.MILES:
        exact = reading.value * KM_A_MILE
        return figure_km in {int(exact), round(exact)}
    return reading.value == figure_km


def is_sure(reading: DistanceReading) -> bool:
    """Whether a reading is good enough to speak against a dealer: labelled, whole, agreed on, scored high."""
    return (
        reading.labelled
        and not reading.cut
        and len(str(reading.value)) >= SURE_LEAST
        and reading.looks >= SURE_LOOKS * reading.looked
        and reading.score >= SURE_SCORE
    )


def at_least(reading: DistanceReading, register_km: int | None) -> bool:
    """Whether the number can be the mileage: what is below the register's reading counts something else."""
    return register_km is None or km(reading) >= register_km


def is_about(reading: DistanceReading, figure_km: int) -> bool:
    """Whether the figure is the number but for a short drive, or for rounding to hundreds or thousands."""
    seen = km(reading)
    if abs(seen - figure_km) <= DRIVEN:
        return True
    zeros = len(str(figure_km)) - len(str(figure_km).rstrip("0"))
    return zeros >= 2 and abs(seen - figure_km) < 10 ** min(zeros, 3)


def km(reading: DistanceReading) -> float:
    """The number in kilometres; without a unit it counts as kilometres."""
    return reading.value * KM_A_MILE if reading.unit is DistanceUnit.MILES else float(reading.value)
