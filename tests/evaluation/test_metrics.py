"""The verifier's measures against values worked out by definition, not by the code's short cuts."""

from __future__ import annotations

from itertools import combinations
from math import comb

import numpy as np
import pytest

from kilpi.evaluation.metrics import (
    auroc,
    brier,
    calibration_error,
    choose_threshold,
    coverage_at,
    coverage_interval,
    reliability,
    risk_areas,
    steps,
    upper_bound,
)


def sample(n: int = 400, seed: int = 0, levels: int | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Calibrated p and truths drawn from them; `levels` makes ties."""
    rng = np.random.default_rng(seed)
    p = rng.beta(4, 1, n)
    if levels:
        p = np.round(p * levels) / levels
    return p, rng.random(n) < p


@pytest.mark.parametrize("levels", [None, 8])
def test_auroc_is_the_share_of_pairs_in_order(levels: int | None) -> None:
    p, right = sample(120, 1, levels)
    pairs = [(a > b) + 0.5 * (a == b) for a in p[right] for b in p[~right]]
    assert auroc(p, right) == pytest.approx(np.mean(pairs))


def test_auroc_of_one_kind_says_nothing() -> None:
    assert auroc([0.1, 0.9], [True, True]) == 0.5


def test_areas_are_means_over_all_coverages() -> None:
    p, right = sample(200, 2)
    truth = right[np.argsort(-p)]
    risks = [np.mean(~truth[:k]) for k in range(1, 201)]
    joint = [np.sum(~truth[:k]) / 200 for k in range(1, 201)]
    assert risk_areas(p, right) == pytest.approx((np.mean(risks), np.mean(joint)))


def test_areas_by_hand() -> None:
    # best first: right, wrong, right -> selective risks 0, 1/2, 1/3; joint risks 0, 1/3, 1/3
    assert risk_areas([0.9, 0.8, 0.1], [True, False, True]) == pytest.approx((5 / 18, 2 / 9))


def test_areas_do_not_depend_on_the_order_of_equal_scores() -> None:
    # One wrong among three of one score: the mean over the three places it can take.
    truths = [[i != j for i in range(3)] for j in range(3)]
    single = [risk_areas([3, 2, 1], t) for t in truths]
    assert risk_areas([1, 1, 1], truths[0]) == pytest.approx(tuple(np.mean(single, axis=0)))


def test_coverage_is_the_largest_share_that_is_precise() -> None:
    scores, right = [0.9, 0.8, 0.7, 0.6], [True, True, False, True]
    assert coverage_at(scores, right, 1.0) == 0.5
    assert coverage_at(scores, right, 0.75) == 1.0
    assert coverage_at(scores, right, 0.7) == 1.0
    assert coverage_at([0.9, 0.5], [False, True], 0.9) == 0.0


def test_equal_scores_are_accepted_together() -> None:
    assert coverage_at([1, 1, 1, 0], [True, True, False, True], 0.9) == 0.0
    assert list(steps([1, 1, 0], [True, False, True]).accepted) == [2, 3]


def test_coverage_interval_holds_the_value() -> None:
    p, right = sample(500, 3)
    low, high = coverage_interval(p, right, 0.95, draws=200)
    assert 0 <= low <= coverage_at(p, right, 0.95) <= high <= 1 and low < high


def test_calibration_error_by_hand() -> None:
    p, right = [0.2, 0.2, 0.9, 0.9], [False, True, True, True]
    assert calibration_error(p, right, bins=2) == pytest.approx((abs(0.2 - 0.5) + abs(0.9 - 1)) / 2)
    assert [b.n for b in reliability(p, right, bins=2)] == [2, 2]


def test_calibrated_p_has_small_error_and_shifted_p_has_not() -> None:
    p, right = sample(20_000, 4)
    assert calibration_error(p, right) < 0.02 < calibration_error(p**2, right)


def test_brier_by_hand() -> None:
    assert brier([1.0, 0.5], [True, False]) == pytest.approx(0.125)


@pytest.mark.parametrize(("wrong", "n"), [(0, 10), (1, 30), (3, 50), (0, 2995), (1, 4742)])
def test_upper_bound_solves_the_binomial_tail(wrong: int, n: int) -> None:
    rate = upper_bound(wrong, n)
    tail = sum(comb(n, i) * rate**i * (1 - rate) ** (n - i) for i in range(wrong + 1))
    assert tail == pytest.approx(0.05, rel=1e-6)


def test_how_many_reads_three_nines_need() -> None:
    # 0 wrong of 2,995 is the least that shows 99.9 % at one-sided 95 %; 1 wrong needs 4,742.
    assert upper_bound(0, 2995) <= 0.001 < upper_bound(0, 2994)
    assert upper_bound(1, 4742) <= 0.001 < upper_bound(1, 4741)
    assert upper_bound(5, 5) == upper_bound(0, 0) == 1.0


def test_the_threshold_keeps_its_promise_on_fresh_data() -> None:
    p, right = sample(20_000, 5)
    chosen = choose_threshold(p, right, 0.95)
    assert chosen is not None and chosen.bound <= 0.05
    fresh, truth = sample(20_000, 6)
    assert np.mean(~truth[fresh >= chosen.p]) <= 0.05


def test_no_threshold_without_enough_data() -> None:
    assert choose_threshold(np.ones(2000), np.ones(2000, bool), 0.999) is None


def test_nonsense_is_refused() -> None:
    for scores, right in (([], []), ([1.0], [True, False])):
        with pytest.raises(ValueError, match="one length"):
            steps(scores, right)


def test_wrong_ones_may_stand_anywhere() -> None:
    # AUGRC is the mean over all pairs (accepted, wrong) of being accepted: checked by counting.
    scores = np.array([5.0, 4, 3, 2, 1])
    for bad in combinations(range(5), 2):
        right = np.array([i not in bad for i in range(5)])
        counted = sum(5 - i for i in bad) / 25
        assert risk_areas(scores, right)[1] == pytest.approx(counted)
