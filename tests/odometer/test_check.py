"""Confirmed, not seen, contradicted: and nothing is ever filled in."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kilpi.geometry import quad_from_box
from kilpi.odometer.check import check_odometer
from kilpi.types import Box, DistanceReading, DistanceUnit, OdometerOutcome

CONFIRMED, NOT_SEEN, CONTRADICTED = OdometerOutcome
KM, MI = DistanceUnit.KM, DistanceUnit.MILES


def reading(value: int, unit: DistanceUnit | None = KM, **more: object) -> DistanceReading:
    sure = DistanceReading("a", quad_from_box(Box(0, 0, 9, 3)), value, unit, score=0.99, looks=5, looked=5)
    return replace(sure, **more)  # type: ignore[arg-type]


def test_the_figure_among_the_numbers_read_is_confirmed() -> None:
    other, found = reading(54321, None), reading(160068, None, score=0.3, looks=2, cut=True)
    check = check_odometer([other, found], 160068)
    assert check.outcome is CONFIRMED and check.reading == found and not check.asks
    assert check.reason.code == "odometer_confirmed"


def test_a_sure_number_that_differs_contradicts() -> None:
    check = check_odometer([reading(160068)], 106068)
    assert check.outcome is CONTRADICTED and check.asks and check.reading == reading(160068)
    assert check.reason.code == "odometer_differs"
    assert check.reason.values == {"figure": 106068, "seen": 160068, "unit": "km"}


@pytest.mark.parametrize(
    "doubtful",
    [
        reading(160068, None),
        reading(160068, score=0.79),
        reading(160068, looks=3),
        reading(160068, cut=True),
        reading(1600),
    ],
)
def test_a_number_that_is_not_sure_changes_nothing(doubtful: DistanceReading) -> None:
    assert check_odometer([doubtful], 106068).outcome is NOT_SEEN


def test_odo_alone_is_label_enough() -> None:
    assert check_odometer([reading(160068, None, total=True)], 106068).outcome is CONTRADICTED


def test_a_figure_below_the_register_is_contradicted_whatever_the_photo_says() -> None:
    check = check_odometer([reading(160068)], 160068, register_km=170000)
    assert check.outcome is CONTRADICTED and check.reason.code == "odometer_below_register"
    assert check_odometer([], 160068, register_km=160069).outcome is CONTRADICTED
    assert check_odometer([reading(160068)], 160068, register_km=160068).outcome is CONFIRMED


def test_a_number_below_the_register_counts_something_else() -> None:
    assert check_odometer([reading(25000)], 160068, register_km=150000).outcome is NOT_SEEN
    assert check_odometer([reading(25000)], None, register_km=150000).reading is None


def test_two_sure_numbers_that_differ_say_nothing() -> None:
    both = [reading(30000), reading(160068)]
    assert check_odometer(both, 106068).outcome is NOT_SEEN
    assert check_odometer(both, None).reading is None
    assert check_odometer(both, 160068).outcome is CONFIRMED


@pytest.mark.parametrize("figure", [160000, 160100, 160050, 160168, 160070])
def test_rounding_and_a_short_drive_are_no_contradiction(figure: int) -> None:
    check = check_odometer([reading(160068)], figure)
    assert check.outcome is NOT_SEEN and check.reason.code == "odometer_about"


@pytest.mark.parametrize("figure", [161068, 162000, 100000])
def test_more_than_rounding_is(figure: int) -> None:
    assert check_odometer([reading(160068)], figure).outcome is CONTRADICTED


@pytest.mark.parametrize("half", [16006, 60068, 916006])
def test_a_half_read_figure_is_no_contradiction(half: int) -> None:
    figure = 160068 if half < 100000 else 16006
    assert check_odometer([reading(half)], figure).outcome is NOT_SEEN


def test_miles_confirm_the_same_distance_in_kilometres_only() -> None:
    miles = reading(100000, MI)  # 160934.4 km
    assert check_odometer([miles], 160934).outcome is CONFIRMED
    assert check_odometer([miles], 100000).outcome is CONTRADICTED  # miles given as kilometres
    assert check_odometer([miles], 160935).outcome is NOT_SEEN


def test_small_figures_need_a_label() -> None:
    assert check_odometer([reading(2020, None)], 2020).outcome is NOT_SEEN  # a clock, a year
    assert check_odometer([reading(2020)], 2020).outcome is CONFIRMED
    assert check_odometer([reading(147)], 147).outcome is NOT_SEEN  # a range
    assert check_odometer([reading(147, total=True)], 147).outcome is CONFIRMED


def test_without_a_figure_a_sure_reading_is_a_proposal_and_asks_nothing() -> None:
    check = check_odometer([reading(160068)], None)
    assert check.outcome is NOT_SEEN and not check.asks and check.reading == reading(160068)
    assert check.reason.code == "odometer_proposed"
    assert check_odometer([reading(160068, None)], None).reading is None


def test_nothing_read() -> None:
    assert check_odometer([], 160068).reason.code == "odometer_unseen"
    assert check_odometer([], None).reason.code == "odometer_unknown"
