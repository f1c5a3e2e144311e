"""The bounds of the audit: exact where they are exact, valid under daily looks, covering what they claim."""

from __future__ import annotations

from functools import lru_cache
from math import exp

import numpy as np
import pytest

from kilpi.evaluation.audited import (
    PRIOR_B,
    log_evidence,
    lower_bound,
    missing,
    must_stop,
    powered_bound,
)
from kilpi.evaluation.gate import above
from kilpi.evaluation.metrics import upper_bound

PROMISE = 0.001


@pytest.mark.parametrize(("wrong", "n", "more"), [(0, 0, 2995), (1, 4000, 742), (2, 6294, 0), (0, 2995, 0)])
def test_what_is_missing_for_the_promise(wrong: int, n: int, more: int) -> None:
    assert missing(wrong, n, PROMISE) == more


def by_integration(wrong: int, n: int, promise: float) -> float:
    """The mixture as it is defined, by a sum over shares above the promise."""
    edges = np.geomspace(promise, 1, 400_001)
    shares, widths = (edges[1:] + edges[:-1]) / 2, np.diff(edges)
    prior = (1 - shares) ** (PRIOR_B - 1) * widths
    ratios = wrong * np.log(shares / promise) + (n - wrong) * np.log((1 - shares) / (1 - promise))
    return float(np.log((prior * np.exp(ratios)).sum() / prior.sum()))


@pytest.mark.parametrize(("wrong", "n"), [(0, 10), (1, 1), (3, 400), (9, 3000), (2, 20_000)])
def test_the_closed_form_is_the_mixture(wrong: int, n: int) -> None:
    assert log_evidence(wrong, n, PROMISE) == pytest.approx(by_integration(wrong, n, PROMISE), abs=1e-4)


@pytest.mark.parametrize("share", [PROMISE, PROMISE / 3])
def test_it_is_a_supermartingale_while_the_promise_holds(share: float) -> None:
    for wrong, n in ((0, 0), (1, 50), (4, 900)):
        now = exp(log_evidence(wrong, n, PROMISE))
        right, bad = (exp(log_evidence(wrong + k, n + 1, PROMISE)) for k in (0, 1))
        expected = share * bad + (1 - share) * right
        assert expected <= now * (1 + 1e-9)
        if share == PROMISE:  # there it is a martingale: nothing is given away
            assert expected == pytest.approx(now)


def first_stops(share: float, days: int, a_day: int, runs: int, promise: float) -> float:
    """Part of simulated departments that are stopped on any of their days."""
    rng = np.random.default_rng(3)
    wrong = rng.binomial(a_day, share, (runs, days)).cumsum(axis=1)
    known: dict[tuple[int, int], bool] = {}
    stopped = 0
    for row in wrong.tolist():
        for day, count in enumerate(row, 1):
            key = (count, day * a_day)
            if key not in known:
                known[key] = must_stop(*key, promise)
            if known[key]:
                stopped += 1
                break
    return stopped / runs


def test_daily_looks_stop_a_kept_promise_rarely_and_a_broken_one_soon() -> None:
    assert first_stops(0.01, 250, 10, 2000, 0.01) <= 0.05
    assert first_stops(0.04, 250, 10, 500, 0.01) >= 0.99


def test_a_bound_of_fixed_size_would_not_survive_daily_looks() -> None:
    """Why the sequence: the exact test, looked at daily, stops many that keep the promise."""
    rng = np.random.default_rng(4)
    wrong = rng.binomial(10, 0.01, (300, 250)).cumsum(axis=1)
    looked = lru_cache(maxsize=None)(lambda k, n: above(k, n, 0.01) < 0.05)
    fooled = sum(any(looked(k, 10 * day) for day, k in enumerate(row, 1)) for row in wrong.tolist())
    assert fooled / 300 > 0.10


def test_the_lower_bound_is_where_the_test_begins_to_stop() -> None:
    low = lower_bound(9, 1000)
    assert must_stop(9, 1000, low * 0.999) and not must_stop(9, 1000, low * 1.001)
    assert 0 < low < 0.009 and lower_bound(0, 5000) == 0.0 and lower_bound(1, 1000) < 0.001


def sample(rng: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray]:
    """(wrong, p): p tells truly how likely each is."""
    p = 1 - rng.beta(0.15, 2.4, n)
    return rng.random(n) > p, p


def test_the_powered_bound_covers_and_is_narrower_where_p_helps() -> None:
    rng = np.random.default_rng(5)
    truth = 0.15 / 2.55
    covered, narrower, runs = 0, 0, 200
    for _ in range(runs):
        wrong, p = sample(rng, 800)
        made = powered_bound(wrong.tolist(), p.tolist(), sample(rng, 8000)[1].tolist())
        assert made is not None
        covered += made.upper >= truth
        narrower += made.upper < upper_bound(int(wrong.sum()), 800)
    assert covered / runs >= 0.92  # 95 % but for the normal approximation
    assert narrower / runs > 0.7


def test_a_p_that_tells_nothing_is_not_trusted() -> None:
    rng = np.random.default_rng(6)
    wrong = (rng.random(500) < 0.1).tolist()
    made = powered_bound(wrong, rng.random(500).tolist(), rng.random(5000).tolist())
    assert made is not None and made.trusted < 0.1
    assert made.upper == pytest.approx(upper_bound(sum(wrong), 500), rel=0.1)


def test_without_errors_nothing_is_pretended() -> None:
    assert powered_bound([False] * 500, [0.999] * 500, [0.999] * 9000) is None


@pytest.mark.parametrize(("wrong", "n", "promise"), [(2, 1, 0.1), (-1, 5, 0.1), (0, 5, 0.0)])
def test_nonsense_is_refused(wrong: int, n: int, promise: float) -> None:
    with pytest.raises(ValueError, match="expected"):
        log_evidence(wrong, n, promise)


def test_the_bound_covers_the_truth_in_replayed_months() -> None:
    rng = np.random.default_rng(8)
    for share in (0.0005, 0.004, 0.03):
        audits = rng.binomial(20_000, 0.02, 200)  # a month: 2 % of 20,000 accepted cars
        wrong = rng.binomial(audits, share)
        covered = [upper_bound(int(k), int(n)) >= share for k, n in zip(wrong, audits, strict=True)]
        assert np.mean(covered) >= 0.94
