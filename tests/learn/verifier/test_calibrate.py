"""Calibration curves rise, and what they say comes true."""

from __future__ import annotations

import numpy as np
import pytest

from kilpi.evaluation.metrics import calibration_error
from kilpi.learn.verifier.calibrate import MOST, apply_curve, calibration_curve, pool_violators


def brute_isotonic(values: list[float]) -> list[float]:
    """The min-max formula of isotonic regression (Robertson, Wright, Dykstra 1988), by all intervals."""
    n = len(values)
    return [
        max(min(float(np.mean(values[a : b + 1])) for b in range(i, n)) for a in range(i + 1))
        for i in range(n)
    ]


@pytest.mark.parametrize("seed", range(5))
def test_pool_violators_is_isotonic_regression(seed: int) -> None:
    rng = np.random.default_rng(seed)
    scores = np.sort(rng.random(30))
    right = rng.random(30) < scores
    _, share, count = pool_violators(scores, right)
    found = np.repeat(share, count.astype(int))
    assert found == pytest.approx(brute_isotonic([float(r) for r in right]))


def test_equal_scores_share_a_block() -> None:
    _, share, count = pool_violators([0.5, 0.5, 0.5], [True, False, True])
    assert share == pytest.approx([2 / 3]) and count == pytest.approx([3])


def test_a_crooked_score_becomes_a_probability() -> None:
    rng = np.random.default_rng(0)
    p = rng.beta(5, 1, 20_000)
    right = rng.random(20_000) < p
    crooked = p**6
    curve = calibration_curve(crooked[:10_000], right[:10_000])
    fresh = apply_curve(curve, crooked[10_000:])
    assert calibration_error(crooked[10_000:], right[10_000:]) > 0.1
    assert calibration_error(fresh, right[10_000:]) < 0.02


def test_the_curve_is_short_and_rises_strictly() -> None:
    rng = np.random.default_rng(1)
    scores = rng.random(5000)
    curve = calibration_curve(scores, rng.random(5000) < scores)
    assert 2 <= len(curve) <= MOST + 2
    assert np.all(np.diff(curve, axis=0) > 0)
    assert curve[0, 0] == 0.0 and curve[-1, 0] == 1.0 and curve[0, 1] > 0 and curve[-1, 1] < 1


def test_order_is_kept_among_the_surest() -> None:
    scores = np.linspace(0.99, 0.9999, 200)
    p = apply_curve(calibration_curve(scores, np.ones(200, bool)), scores)
    assert np.all(np.diff(p) > 0)
