"""The threshold goes down only as far as the answers bear it, up where audits say so; p is told as it was."""

from __future__ import annotations

from itertools import pairwise
from math import exp, log

import numpy as np
import pytest

from kilpi.evaluation.audited import ALPHA, log_evidence_kept, upper_end
from kilpi.evaluation.policy_refit import (
    FEWEST,
    Cut,
    JudgedMark,
    log_loss,
    places,
    refit,
)
from kilpi.evaluation.policy_trial import Trial, broke, run

PROMISE = 0.01
LINE = Cut(np.array([[0.0, 0.0], [1.0, 1.0]]), 0.96)


def marks(n: int, wrong: int, score: float, **more: float) -> list[JudgedMark]:
    return [JudgedMark(score, i >= wrong, **more) for i in range(n)]  # type: ignore[arg-type]


def audits(n: int, wrong: int, score: float = 0.99) -> list[JudgedMark]:
    return marks(n, wrong, score, share=0.1, audited=True)


def by_integration(wrong: int, n: int, promise: float) -> float:
    shares = (np.linspace(0, promise, 400_001)[1:] + np.linspace(0, promise, 400_001)[:-1]) / 2
    ratios = wrong * np.log(shares / promise) + (n - wrong) * np.log((1 - shares) / (1 - promise))
    none = (1 - promise) ** -n if wrong == 0 else 0.0
    return float(np.log((np.exp(ratios).mean() + none) / 2))


@pytest.mark.parametrize(("wrong", "n"), [(0, 10), (0, 600), (3, 800), (70, 900)])
def test_the_closed_form_is_the_mixture(wrong: int, n: int) -> None:
    assert log_evidence_kept(wrong, n, PROMISE) == pytest.approx(by_integration(wrong, n, PROMISE), abs=1e-4)


@pytest.mark.parametrize("share", [PROMISE, 3 * PROMISE])
def test_it_is_a_supermartingale_where_the_promise_is_broken(share: float) -> None:
    for wrong, n in ((0, 0), (1, 50), (4, 900)):
        now = exp(log_evidence_kept(wrong, n, PROMISE))
        right, bad = (exp(log_evidence_kept(wrong + k, n + 1, PROMISE)) for k in (0, 1))
        assert share * bad + (1 - share) * right <= now * (1 + 1e-9)


def test_the_upper_end_covers_the_truth_at_all_looks() -> None:
    rng, missed = np.random.default_rng(5), 0
    for _ in range(60):
        wrong = rng.binomial(50, 0.02, 12).cumsum()
        missed += any(upper_end(int(w), 50 * (i + 1)) < 0.02 for i, w in enumerate(wrong))
    assert missed <= 3
    assert upper_end(0, 0) == 1.0 and 0.003 < upper_end(0, 1000) < 0.004


def test_few_answers_move_nothing_and_say_how_many_are_missing() -> None:
    done = refit(marks(100, 0, 0.95), LINE, PROMISE)
    assert not done.changed and done.missing > 300 and f"{done.missing:,} more right answers" in done.text
    enough = refit(marks(100 + done.missing, 0, 0.95), LINE, PROMISE)
    assert enough.moved == "lowered" and refit(marks(99 + done.missing, 0, 0.95), LINE, PROMISE).missing == 1


def test_right_marks_below_lower_it_to_where_they_are_right() -> None:
    above, below = marks(1500, 1, 0.95), marks(1500, 200, 0.90)
    done = refit([*above, *below], LINE, PROMISE)
    assert done.moved == "lowered" and 0.90 < done.after.score < 0.95
    assert not refit(above, LINE, PROMISE, stopped=True).changed


def test_audits_that_are_right_bear_a_few_wrong_ones_below() -> None:
    below = marks(60, 1, 0.95)
    assert refit(below, LINE, PROMISE).moved == "stays"
    assert refit([*below, *audits(3000, 0)], LINE, PROMISE).moved == "lowered"
    assert refit([*below, *audits(3000, 40)], LINE, PROMISE).moved == "stays"


def test_each_lowering_needs_more_than_the_one_before() -> None:
    lacks = [refit([], LINE, PROMISE, lowered).missing for lowered in range(3)]
    assert lacks == sorted(set(lacks))


def test_wrong_audits_raise_it_no_further_than_they_lie() -> None:
    done = refit([*audits(100, 10, 0.965), *audits(900, 0, 0.999)], LINE, PROMISE)
    assert done.moved == "raised" and 0.965 < done.after.score < 0.98
    answers = marks(100, 10, 0.965)  # of one look: people err as often
    assert refit([*answers, *audits(900, 0, 0.999)], LINE, PROMISE).moved == "stays"


def test_places_are_the_same_wherever_it_starts() -> None:
    assert places(0.96, up=True)[:3] == pytest.approx(places(0.965, up=True)[:3])
    down = places(0.96, up=False)
    assert all(low < high for high, low in pairwise([0.96, *down])) and len(down) == 4


def drawn(n: int, shift: float, seed: int = 1) -> list[JudgedMark]:
    rng = np.random.default_rng(seed)
    odds = rng.normal(2, 2, n)
    right = rng.random(n) < 1 / (1 + np.exp(-(odds + shift)))
    return [JudgedMark(float(1 / (1 + exp(-o))), bool(ok)) for o, ok in zip(odds, right, strict=True)]


@pytest.mark.parametrize("shift", [-1.0, 1.0])
def test_p_is_told_as_it_turned_out(shift: float) -> None:
    fine = np.linspace(0.001, 0.999, 200)
    cut = Cut(np.column_stack([fine, fine]), 0.999)
    done = refit(drawn(4000, shift), cut, 1e-4)
    told = done.after.p_of(0.5)
    assert done.bent and told == pytest.approx(1 / (1 + exp(-shift)), abs=0.05)
    fresh = drawn(2000, shift, 2)
    assert log_loss(fresh, done.after) < log_loss(fresh, done.before)
    assert (np.diff(done.after.curve, axis=0) > 0).all()


def test_p_is_weighed_by_what_was_asked() -> None:
    """Of the accepted one in ten was asked: each stands for ten."""
    odd = [*marks(200, 20, 0.9), *marks(200, 60, 0.9, share=0.1)]
    told = refit(odd, Cut(np.array([[0.0, 0.01], [0.9, 0.9], [1.0, 0.99]]), 0.95), PROMISE).after.p_of(0.9)
    assert told == pytest.approx(1 - (20 + 600) / (200 + 2000), abs=0.03)


def test_too_few_of_a_kind_leave_p_alone() -> None:
    done = refit(marks(500, FEWEST - 3, 0.5), LINE, PROMISE)
    assert not done.bent and "0 right and 3 wrong answers are missing" in done.text


def test_simulated_departments_keep_the_promise() -> None:
    """Small; recipes/policy.py has 200 of each."""
    sure = [run(Trial(-1.0, weeks=26), seed) for seed in range(2)]
    modest = [run(Trial(2.5, weeks=16, share=0.3), seed) for seed in range(2)]
    assert not any(broke(weeks, PROMISE) for weeks in [*sure, *modest])
    assert all(weeks[-1].wrong < weeks[0].wrong for weeks in sure)
    assert all(weeks[-1].coverage > weeks[0].coverage for weeks in modest)


def test_a_rule_without_bounds_would_break_it() -> None:
    """Why the bounds: lowering wherever what was seen keeps the promise takes departments beyond it."""
    rng = np.random.default_rng(3)
    seen = rng.binomial(200, 0.012, 400) / 200
    shown = [log_evidence_kept(int(200 * s), 200, PROMISE) >= -log(ALPHA) for s in seen]
    assert (seen <= PROMISE).mean() > 0.3 and np.mean(shown) <= ALPHA
