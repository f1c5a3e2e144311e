"""The gate: closed by a fall, by spoilt labels, by wrong acceptances, by cost; open to chance."""

from __future__ import annotations

from math import comb

import numpy as np
import pytest

from kilpi.evaluation.gate import ALPHA, Accepted, Cost, Doubted, above, judge, paired
from kilpi.evaluation.metrics import at_least

SAME = Cost(2.0, 1_000_000)


def marks(n: int, wrong: int) -> list[bool]:
    return [i >= wrong for i in range(n)]


def test_the_paired_test_is_the_binomials_tail() -> None:
    assert at_least(5, 5) == 1 / 32 and at_least(0, 7) == 1.0
    assert at_least(8, 10) == pytest.approx((comb(10, 8) + comb(10, 9) + 1) / 1024)
    assert above(3, 50, 0.02) == pytest.approx(
        1 - sum(comb(50, k) * 0.02**k * 0.98 ** (50 - k) for k in range(3))
    )


def test_what_both_have_says_nothing() -> None:
    one = paired("x", [True, True, False, False, True], [True, False, True, False, True])
    assert (one.n, one.before, one.after, one.only_before, one.only_after) == (5, 3, 3, 1, 1)
    assert one.p == 0.75 and not one.fell


@pytest.mark.parametrize(("lost", "passes"), [(0, True), (4, True), (5, False), (40, False)])
def test_a_fall_beyond_chance_closes_it(lost: int, passes: bool) -> None:
    fall = paired("frozen", marks(200, 0), marks(200, lost))
    assert judge([], [fall], [], SAME, SAME).passed is passes


def test_one_fallen_set_is_enough() -> None:
    rise, fall = paired("newest", marks(50, 30), marks(50, 0)), paired("frozen", marks(90, 0), marks(90, 9))
    made = judge([], [rise, fall], [], SAME, SAME)
    assert not made.passed and made.text.startswith("REFUSED: no fall: frozen") and "stay" in made.text


@pytest.mark.parametrize(
    ("answered", "before", "after", "passes"),
    [(False, 0, 1, False), (False, 2, 2, True), (True, 0, 1, True), (True, 0, 9, False), (True, 9, 8, True)],
)
def test_wrong_cars_may_not_rise(answered: bool, before: int, after: int, passes: bool) -> None:
    cars = Accepted("cars", 200, 100, 180, before, after, answered)
    assert judge([], [], [cars], SAME, SAME).passed is passes


@pytest.mark.parametrize(
    ("sure", "contrary", "passes"), [(200, 2, True), (200, 10, False), (200, 200, False), (0, 0, True)]
)
def test_spoilt_labels_close_it(sure: int, contrary: int, passes: bool) -> None:
    assert judge([Doubted("marks", sure, contrary)], [], [], SAME, SAME).passed is passes


def test_slower_or_larger_closes_it() -> None:
    assert judge([], [], [], SAME, Cost(2.2, 1_000_100)).passed
    assert not judge([], [], [], SAME, Cost(2.9, 1_000_000)).passed
    assert not judge([], [], [], SAME, Cost(2.0, 1_200_000)).passed


def test_equal_weights_are_refused_by_chance_no_more_often_than_stated() -> None:
    rng = np.random.default_rng(7)
    changes = rng.binomial(30, 0.5, 4000)
    assert np.mean([at_least(int(k), 30) < ALPHA for k in changes]) <= ALPHA
