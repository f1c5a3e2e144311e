"""Drift: alarms as seldom as stated where nothing changed, and soon where winter came."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from kilpi.evaluation.drift import CarTraits, compared, counted, drifts, farthest, monday, permuted

START = datetime(2026, 9, 7, tzinfo=UTC)  # a Monday


def car(rng: np.random.Generator, at: datetime, winter: float, dealer: str = "north") -> CarTraits:
    """`winter` 0..1: less sharp, less sure, and more often to a person."""
    sharp = float(np.clip(rng.normal(0.55 - 0.2 * winter, 0.12), 0, 1))
    p = float(1 - rng.beta(0.4, 6) * (1 + 3 * winter) / 2)
    reason = "accepted" if p > 0.9 else "not_sure_enough"
    country = str(rng.choice(["FI", "SE"], p=[0.9, 0.1]))
    return CarTraits(at, dealer, p, sharp, float(rng.normal(0.2, 0.05)), country, "front", reason)


def stream(seed: int, weeks: int, winter_from: int | None, a_week: int = 40) -> list[CarTraits]:
    rng = np.random.default_rng(seed)
    found = []
    for week in range(weeks):
        cold = 1.0 if winter_from is not None and week >= winter_from else 0.0
        found += [car(rng, START + timedelta(weeks=week, hours=4 * i), cold) for i in range(a_week)]
    return found


def test_weeks_as_before_alarm_no_more_often_than_stated() -> None:
    """A tenth of weeks may alarm at a rate of 0.1; of 24, four standard deviations more would be nine."""
    alarms = 0
    for seed in range(12):
        cars = stream(seed, 8, None, a_week=30)
        alarms += sum(bool(one.alarms) for one in drifts(cars[180:], cars[:180], rate=0.1, seed=seed))
    assert alarms <= 8


def test_winter_alarms_within_a_week_of_it() -> None:
    waits = []
    for seed in range(3):
        cars = stream(seed, 10, 8)
        found = drifts(cars[160:], cars[:160])
        first = next(one.week for one in found if one.alarms)
        waits.append((first - monday(START + timedelta(weeks=8))).days)
    assert np.median(waits) == 0  # the first week of winter, told at its end


def test_it_says_what_differs() -> None:
    rng = np.random.default_rng(1)
    before = [car(rng, START, 0) for _ in range(150)]
    after = [car(rng, START, 0) for _ in range(60)]
    swapped = [CarTraits(c.at, c.dealer, c.p, c.sharpness, c.width, "EE", c.view, c.reason) for c in after]
    (found,) = drifts(swapped, before)
    assert found.alarms == ("country",) and found.cars == 60 and "sharpness" in found.means


def test_few_cars_are_told_and_not_tested() -> None:
    rng = np.random.default_rng(2)
    (found,) = drifts([car(rng, START, 1) for _ in range(9)], [car(rng, START, 0) for _ in range(99)])
    assert (found.cars, found.alarms, dict(found.p)) == (9, (), {})


def test_dealers_weeks_stand_apart() -> None:
    rng = np.random.default_rng(3)
    cars = [car(rng, START + timedelta(days=d), 0, name) for d in range(14) for name in ("a", "b")]
    assert [(one.dealer, one.cars) for one in drifts(cars, cars)] == 2 * [("a", 7), ("b", 7)]


def test_the_distances_are_what_they_are_called() -> None:
    values = np.array([[1.0, 2.0, 3.0, 2.0, 4.0, 5.0]])
    assert farthest(values, 3)[0] == pytest.approx(2 / 3)
    assert farthest(np.ones((1, 6)), 3)[0] == 0
    codes = np.array([[0.0, 0.0, 1.0, 1.0, 1.0, 1.0]])
    assert counted(codes, 2)[0] == pytest.approx((2 - 2 / 3) ** 2 / (2 / 3) + (0 - 4 / 3) ** 2 / (4 / 3))


def test_the_permutation_test_is_exact_under_no_change() -> None:
    rng = np.random.default_rng(4)
    found = [permuted(rng.random(12), rng.random(30), farthest, rng) for _ in range(150)]
    assert np.mean(np.array(found) <= 0.1) <= 0.18 and min(found) > 0


def test_a_trait_that_is_not_known_is_left_out() -> None:
    some = [CarTraits(START) for _ in range(20)]
    assert compared(some, some, np.random.default_rng(0)) == {}
