"""Is a mileage what a car of its age can have? A slip of ten (84 for 84 000, 842000) is asked about, once."""

from __future__ import annotations

from datetime import date

from kilpi.types import Offer, Vehicle

FEW_A_YEAR = 1_000  # km; cars of private people have ten times as many, and those of collectors are older
MANY_A_YEAR = 75_000  # km; a taxi's
STOOD = (3.0, 25.0)  # years between which a car that has hardly been driven is asked about
DEMONSTRATED = 1.5  # years until which a car may have less than FEW_A_YEAR in all
GRACE = 0.5  # years that a date may be late; all of these are ours


def unlikely(offer: Offer, vehicle: Vehicle | None, today: date) -> str | None:
    """Which gap, of [missing], the dealer's mileage leaves: "odometer_few", "odometer_many" or None.

    A person's own figure stands. What is below the register's reading is told elsewhere.
    """
    km, first = offer.odometer_km, first_day(offer, vehicle)
    if not km or offer.odometer_stands:
        return None
    before = vehicle.odometer_km if vehicle else None
    if before is not None and km < before:
        return None
    if vehicle and before is not None and km - before > most(vehicle.odometer_date or first, today):
        return "odometer_many"
    if first is None:
        return None
    if km > most(first, today):
        return "odometer_many"
    age = years(first, today)
    few = STOOD[0] <= age < STOOD[1] and km < FEW_A_YEAR * age
    return "odometer_few" if few or (age >= DEMONSTRATED and km < FEW_A_YEAR) else None


def first_day(offer: Offer, vehicle: Vehicle | None) -> date | None:
    """Since when the car is driven: the register's day, else the last one of the dealer's year."""
    if vehicle and vehicle.first_registered:
        return vehicle.first_registered
    return date(offer.year, 12, 31) if offer.year else None


def most(since: date | None, today: date) -> float:
    """Kilometres that a car may have been driven since a day; any number where that is not known."""
    return MANY_A_YEAR * (years(since, today) + GRACE) if since else float("inf")


def years(since: date, today: date) -> float:
    """Years between two days; none where the first is still to come."""
    return max(0.0, (today - since).days / 365.25)
