"""A mileage that a car of its age can hardly have is asked about, unless a person gave it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from tests.adverts_data import LEAF, OFFER

from kilpi.adverts.listing import TemplateWriter
from kilpi.adverts.mileage import unlikely
from kilpi.types import Offer, Vehicle

TODAY = date(2026, 11, 30)


def car(years: float, km: int | None = None, read: float | None = None) -> Vehicle:
    day = TODAY - timedelta(days=round(years * 365.25))
    at = TODAY - timedelta(days=round(read * 365.25)) if read is not None else None
    return replace(LEAF, first_registered=day, odometer_km=km, odometer_date=at)


@pytest.mark.parametrize(
    ("vehicle", "km", "doubt"),
    [
        (car(8), 84_200, None),
        (car(8), 84, "odometer_few"),  # thousands
        (car(2), 84, "odometer_few"),
        (car(0.5), 84, None),  # a demonstration car
        (car(10), 8_420, "odometer_few"),  # a digit is missing
        (car(40), 8_420, None),  # a collector's
        (car(1), 84_200, None),  # a taxi
        (car(1), 842_000, "odometer_many"),
        (car(8, 79_650, 0.8), 84_200, None),
        (car(8, 79_650, 0.8), 84, None),  # is below the register's, which says more
        (car(8, 79_650, 0.8), 184_200, "odometer_many"),
        (car(8, 79_650, 4), 184_200, None),
        (car(8, 79_650), 584_200, None),  # not said when it was read
    ],
)
def test_by_age_and_by_the_registers_reading(vehicle: Vehicle, km: int, doubt: str | None) -> None:
    assert unlikely(Offer(odometer_km=km), vehicle, TODAY) == doubt
    assert unlikely(Offer(odometer_km=km, odometer_stands=True), vehicle, TODAY) is None


def test_without_a_register_the_dealers_year_counts() -> None:
    assert unlikely(Offer(odometer_km=84, year=2015), None, TODAY) == "odometer_few"
    assert unlikely(Offer(odometer_km=84, year=2025), None, TODAY) is None
    assert unlikely(Offer(odometer_km=84), None, TODAY) is None
    assert unlikely(Offer(year=2015), None, TODAY) is None


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "a check of the mileage: unusually few kilometres, 84 km"),
        ("fi", "mittarilukeman tarkistus: poikkeuksellisen vähän ajettu, 84 km"),
        ("sv", "en kontroll av mätarställningen: ovanligt få kilometer, 84 km"),
    ],
)
def test_it_is_a_draft_that_says_so(language: str, words: str) -> None:
    missing = (
        TemplateWriter(language)
        .write(replace(LEAF, odometer_km=None), replace(OFFER, odometer_km=84))
        .missing
    )
    assert [gap.replace("\u00a0", " ") for gap in missing] == [words]
