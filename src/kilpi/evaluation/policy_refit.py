"""The verifier's threshold and curve, refitted from what people said of cars that it decided.

*Lowering* lets cars in that went to a person until now; every one of them was asked about. The threshold goes
down to a place for which one of two is shown: the marks between it and the old one are wrong in fewer than
the promise, by themselves; or they and those above together are, each of both parts at its upper bound (those
above are known from audits, and the parts are weighed by what was asked of them). The bounds are the upper
ends of confidence sequences, so they may be looked at after every answer. Four places are tried, in two ways,
and it may come again: each has its share of `ALPHA`, so that of all departments at most one in twenty ever
goes too low with one set of networks.

*Raising* takes cars out whose audits (confirmed by a second look) say that the marks from the threshold up to
some place are surely wrong too often (`audited.log_evidence`): to the nearest such place, then on from there.

*The curve* (score to p) is bent by two numbers, in log-odds: p' = a + b p. They are the likeliest for all
answered and audited marks, each weighed by one over the part of its kind that was asked, and held near no
change by a prior. The other thresholds on p move along, so that the curve alone accepts no car.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, log

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kilpi.evaluation.audited import ALPHA, log_evidence, log_evidence_kept, upper_end

Floats = NDArray[np.float64]

STEP = 0.5  # of the grid of thresholds, in log-odds of the score; a grid that is fixed before asks honestly
DOWN = 4  # places below that are tried
TOP = 16.0  # log-odds: above this nothing is told apart
FEWEST = 20  # right ones, and wrong ones, to bend the curve: ten for each of its two numbers
PRIOR = (1.0, 0.5)  # standard deviations of a around 0, and of b around 1
FLATTEST = 0.2  # the least b: p rises with the score
EDGE = 1e-6  # p nearer to 0 or 1 is taken as this


@dataclass(frozen=True, slots=True)
class JudgedMark:
    """A mark that no rule doubted, and what people said of it."""

    score: float  # the verifier's raw
    right: bool
    share: float = 1.0  # which part of its kind was asked
    audited: bool = False  # accepted, asked blindly, and a wrong one looked at twice


@dataclass(frozen=True, slots=True)
class Cut:
    """What a verifier accepts by: its curve (k, 2) of score and p, and the score that is the threshold."""

    curve: Floats
    score: float

    @property
    def p(self) -> float:
        """The threshold on p."""
        return self.p_of(self.score)

    def p_of(self, score: float) -> float:
        """The curve, at one score."""
        return float(np.interp(score, self.curve[:, 0], self.curve[:, 1]))

    def score_of(self, p: float) -> float:
        """The other way."""
        return float(np.interp(p, self.curve[:, 1], self.curve[:, 0]))


@dataclass(frozen=True, slots=True)
class Refit:
    """What came of it. `missing`: right answers that the cheapest lowering still lacks, if none is wrong."""

    before: Cut
    after: Cut
    n: int
    wrong: int
    missing: int
    bent: bool
    lacking: tuple[int, int]  # right and wrong answers that bending the curve lacks

    @property
    def moved(self) -> str:
        """raised, lowered or stays."""
        if self.after.score > self.before.score:
            return "raised"
        return "lowered" if self.after.score < self.before.score else "stays"

    @property
    def changed(self) -> bool:
        """Whether there is anything to ship."""
        return self.bent or self.moved != "stays"

    @property
    def text(self) -> str:
        """For a person."""
        told = f"{self.n} marks that people judged, {self.wrong} wrong"
        lines = [f"{told}; threshold {self.moved}: p {self.before.p:.4f} -> {self.after.p:.4f}"]
        if self.moved == "stays":
            lines.append(f"to lower it {self.missing:,} more right answers below it are missing, at least")
        right, wrong = self.lacking
        if self.bent:
            lines.append(f"p is told anew: what was {self.before.p:.3f} is {self.after_of(self.before):.3f}")
        elif right or wrong:
            lines.append(f"to tell p anew {right} right and {wrong} wrong answers are missing")
        return "\n".join(lines)

    def after_of(self, cut: Cut) -> float:
        """What the new curve says at an old threshold."""
        return self.after.p_of(cut.score)


def refit(
    judged: Sequence[JudgedMark], cut: Cut, promise: float, lowered: int = 0, stopped: bool = False
) -> Refit:
    """The cut that the judged marks support. `lowered`: how often it was with these networks;
    `stopped`: acceptance is, and nothing is lowered.
    """
    score = np.array([mark.score for mark in judged], np.float64)
    right = np.array([mark.right for mark in judged], bool)
    audited = np.array([mark.audited for mark in judged], bool)
    share = np.array([mark.share for mark in judged], np.float64)
    said = Said(score, right, audited, share)
    new, missing = threshold(said, cut.score, promise, lowered, stopped)
    curve = bend(judged, cut)
    lacking = max(0, FEWEST - int(right.sum())), max(0, FEWEST - int((~right).sum()))
    after = Cut(cut.curve if curve is None else curve, new)
    return Refit(cut, after, len(judged), int((~right).sum()), missing, curve is not None, lacking)


@dataclass(frozen=True, slots=True)
class Said:
    """Judged marks as arrays (n,)."""

    score: Floats
    right: NDArray[np.bool_]
    audited: NDArray[np.bool_]
    share: Floats

    def count(self, inside: NDArray[np.bool_]) -> tuple[int, int]:
        """(wrong, n) of those inside."""
        return int((~self.right[inside]).sum()), int(inside.sum())


def threshold(said: Said, start: float, promise: float, lowered: int, stopped: bool) -> tuple[float, int]:
    """The score from which marks may be accepted, and how many right answers below it a lowering lacks."""
    new = raised(said, start, promise)
    return (new, 0) if new > start or stopped else lower(said, start, promise, lowered)


def raised(said: Said, start: float, promise: float) -> float:
    """Where the threshold must be, after audited marks; `start` where nothing speaks against it."""
    now, bar = start, log(len(places(start, up=True)) or 1) - log(ALPHA)
    while True:
        for place in places(now, up=True):
            wrong, n = said.count(said.audited & (said.score >= now) & (said.score < place))
            if wrong and log_evidence(wrong, n, promise) >= bar:
                break
        else:
            return now
        now = place


def lower(said: Said, start: float, promise: float, lowered: int) -> tuple[float, int]:
    """The lowest threshold that is shown, and how many right answers the nearest to be shown lacks."""
    alpha = ALPHA / 2 ** (lowered + 1)
    bar = log(2 * DOWN / alpha)
    above, weight = said.score >= start, 1 / said.share
    most_above = upper_end(*said.count(above), alpha / 4)
    found, missing = start, []
    for place in places(start, up=False):
        inside = (said.score >= place) & ~above
        wrong, n = said.count(inside)
        lacks = lacking(wrong, n, promise, bar)
        missing.append(lacks)
        among = weight[inside].sum() / max(weight[inside | above].sum(), 1.0)
        most = upper_end(wrong, n, alpha / 4 / DOWN)
        if not lacks or (n and among * most + (1 - among) * most_above <= promise):
            found = place
    return found, 0 if found < start else min(missing, default=0)


def places(start: float, *, up: bool) -> list[float]:
    """The grid's scores above a score, or the next `DOWN` below it, the nearest first."""
    here = log(clipped(start) / (1 - clipped(start)))
    first = np.floor(here / STEP + 1e-6) + 1 if up else np.ceil(here / STEP - 1e-6) - 1
    odds = np.arange(first * STEP, TOP + STEP / 2, STEP) if up else (first - np.arange(DOWN)) * STEP
    return [1 / (1 + exp(-float(value))) for value in odds]


def lacking(wrong: int, n: int, promise: float, bar: float) -> int:
    """How many more right answers bring the evidence to `bar`; 0 where it is there."""
    if log_evidence_kept(wrong, n, promise) >= bar:
        return 0
    low, high = 0, 1
    while log_evidence_kept(wrong, n + high, promise) < bar:
        low, high = high, high * 2
    while high - low > 1:
        middle = (low + high) // 2
        if log_evidence_kept(wrong, n + middle, promise) < bar:
            low = middle
        else:
            high = middle
    return high


def bend(judged: Sequence[JudgedMark], cut: Cut) -> Floats | None:
    """The curve as the judged marks have it; None where there are too few."""
    right = np.array([mark.right for mark in judged], np.float64)
    if min(right.sum(), (1 - right).sum()) < FEWEST:
        return None
    odds = log_odds(np.interp([mark.score for mark in judged], cut.curve[:, 0], cut.curve[:, 1]))
    weights = np.array([1 / mark.share for mark in judged])
    a, b = fit_line(odds, right, weights * len(judged) / weights.sum())
    told = 1 / (1 + np.exp(-(a + b * log_odds(cut.curve[:, 1]))))
    return np.column_stack([cut.curve[:, 0], told])


def fit_line(odds: Floats, right: Floats, weights: Floats) -> tuple[float, float]:
    """The likeliest a and b, with their prior, by Newton's steps, each no longer than 1."""
    line, prior = np.array([0.0, 1.0]), 1 / np.square(PRIOR)
    columns = np.column_stack([np.ones_like(odds), odds])
    for _ in range(100):
        p = 1 / (1 + np.exp(-columns @ line))
        slope = columns.T @ (weights * (right - p)) - prior * (line - [0.0, 1.0])
        bow = (columns * (weights * p * (1 - p))[:, None]).T @ columns + np.diag(prior)
        step = np.linalg.solve(bow, slope)
        line = line + step / max(1.0, float(np.abs(step).max()))
        if float(np.abs(step).max()) < 1e-9:
            break
    return float(line[0]), max(FLATTEST, float(line[1]))


def log_loss(judged: Sequence[JudgedMark], cut: Cut) -> float:
    """Mean of -log p of what was true, each mark weighed by one over its share; lower is truer."""
    p = np.clip([cut.p_of(mark.score) for mark in judged], EDGE, 1 - EDGE)
    right = np.array([mark.right for mark in judged], bool)
    weights = np.array([1 / mark.share for mark in judged])
    return float(np.average(-np.log(np.where(right, p, 1 - p)), weights=weights))


def log_odds(p: ArrayLike) -> Floats:
    """log(p / (1 - p))."""
    near = np.clip(np.asarray(p, np.float64), EDGE, 1 - EDGE)
    return np.asarray(np.log(near / (1 - near)), np.float64)


def clipped(score: float) -> float:
    """A score whose log-odds are finite."""
    return min(max(score, EDGE), 1 - 1e-9)
