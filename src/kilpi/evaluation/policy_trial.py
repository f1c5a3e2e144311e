"""Simulated departments whose verifier is too sure or not sure enough: does refitting keep the promise?

Each week cars arrive whose marks have a stated p; the true chance that a mark is right is another, by a line
in log-odds. Below the threshold people answer every car, of the accepted a random part is audited, and the
refit runs on all that was said until then. The rates are of the whole stream, by its true chances, not of
what happened to be drawn.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from kilpi.evaluation.audited import must_stop
from kilpi.evaluation.policy_refit import Floats, Said, log_odds, threshold

STREAM = 200_000  # cars that the true rates are of


@dataclass(frozen=True, slots=True)
class Trial:
    """A department. The true log-odds that a mark is right are `shift` + `slope` times the stated ones."""

    shift: float
    slope: float = 1.0
    promise: float = 0.01
    threshold: float = 0.96
    weeks: int = 26
    cars: int = 1000  # a week, that no rule doubts
    share: float = 0.1  # that is audited; from the half of the weeks on a half of it
    human: float = 0.01  # answers that are wrong; one that differs from the mark is looked at again


@dataclass(frozen=True, slots=True)
class Week:
    """The threshold's true rates: wrong among the accepted, accepted among all."""

    wrong: float
    coverage: float


def run(trial: Trial, seed: int) -> list[Week]:
    """The rates at the start, and after each week's refit."""
    rng = np.random.default_rng(seed)
    stream, chances = cars_of(trial, STREAM, np.random.default_rng(0))
    now, weeks, lowered = trial.threshold, list[Said](), 0
    rates = [rate(now, stream, chances)]
    for week in range(trial.weeks):
        weeks.append(week_of(trial, now, trial.share / (1 if week < trial.weeks / 2 else 2), rng))
        said = joined(weeks)
        wrong, n = said.count(said.audited & (said.score >= now))
        new, _ = threshold(said, now, trial.promise, lowered, must_stop(wrong, n, trial.promise))
        lowered, now = lowered + (new < now), new
        rates.append(rate(now, stream, chances))
    return rates


def joined(weeks: Sequence[Said]) -> Said:
    """All weeks as one."""
    names = ("score", "right", "audited", "share")
    return Said(*(np.concatenate([getattr(week, name) for week in weeks]) for name in names))


def cars_of(trial: Trial, n: int, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Scores (n,), which are the stated p, and the true chances (n,): most are sure, some are in between."""
    odds = np.where(rng.random(n) < 0.8, rng.normal(6.0, 1.5, n), rng.normal(2.0, 2.0, n))
    score = 1 / (1 + np.exp(-odds))
    true = 1 / (1 + np.exp(-(trial.shift + trial.slope * log_odds(score))))
    return score, true


def week_of(trial: Trial, start: float, share: float, rng: np.random.Generator) -> Said:
    """What people say of one week's cars."""
    score, true = cars_of(trial, trial.cars, rng)
    right, high = rng.random(len(score)) < true, score >= start
    slips = rng.random(len(score)) < trial.human**2  # of two people one after the other
    asked = ~high | (rng.random(len(score)) < share)
    return Said(score[asked], (right & ~slips)[asked], high[asked], np.where(high, share, 1.0)[asked])


def rate(start: float, score: Floats, true: Floats) -> Week:
    """Of the whole stream."""
    inside = score >= start
    wrong = float((1 - true[inside]).mean()) if inside.any() else 0.0
    return Week(wrong, float(inside.mean()))


def broke(weeks: Sequence[Week], promise: float) -> bool:
    """Whether a refit ever raised the wrong rate beyond the promise: it was within, or lower, before it."""
    return any(now.wrong > max(promise, was.wrong) + 1e-12 for was, now in pairwise(weeks))
