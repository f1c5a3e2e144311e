"""How well a score tells right from wrong reads: coverage at a precision, risk-coverage areas, calibration.

Every function takes `scores` (n,), higher is surer, and `right` (n,) bool. numpy only; definitions and their
sources stand at each. Ties are treated as one step: what has the same score is accepted together or not.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, comb, exp, lgamma, log, log1p

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

BINS = 15
SPARED = 2  # wrong ones that the first step of `choose_threshold` may hold
CONFIDENCE = 0.95
NOTHING = 1e-17  # part of a sum that adds nothing to it


@dataclass(frozen=True, slots=True)
class Steps:
    """What is accepted at each distinct score, best first: how many, and how many of those are wrong."""

    scores: Floats
    accepted: NDArray[np.int64]
    wrong: NDArray[np.int64]
    n: int


@dataclass(frozen=True, slots=True)
class Bin:
    """One bin of a reliability diagram."""

    p: float  # mean stated
    share: float  # of right ones
    n: int


def steps(scores: ArrayLike, right: ArrayLike) -> Steps:
    """The accept-curve of a score. Raises ValueError where nothing is given or lengths differ."""
    values, truth = np.asarray(scores, np.float64), np.asarray(right, bool)
    if values.shape != truth.shape or values.ndim != 1 or not len(values):
        raise ValueError("scores and right must be two lists of one length, and not empty")
    order = np.argsort(-values, kind="stable")
    values, errors = values[order], np.cumsum(~truth[order])
    last = np.append(np.flatnonzero(np.diff(values)), len(values) - 1)
    return Steps(values[last], last + 1, errors[last], len(values))


def coverage_at(scores: ArrayLike, right: ArrayLike, precision: float) -> float:
    """The largest share that can be accepted with at least `precision` of it right, as observed; else 0."""
    curve = steps(scores, right)
    fits = curve.wrong <= (1 - precision) * curve.accepted + 1e-9
    return float(curve.accepted[fits].max(initial=0)) / curve.n


def coverage_interval(
    scores: ArrayLike, right: ArrayLike, precision: float, draws: int = 500, seed: int = 0
) -> tuple[float, float]:
    """The middle 95 % of `coverage_at` over bootstrap samples (Efron 1979, percentile method)."""
    values, truth = np.asarray(scores, np.float64), np.asarray(right, bool)
    rng = np.random.default_rng(seed)
    found = []
    for _ in range(draws):
        chosen = rng.integers(0, len(values), len(values))
        found.append(coverage_at(values[chosen], truth[chosen], precision))
    low, high = np.percentile(found, [2.5, 97.5])
    return float(low), float(high)


def risk_areas(scores: ArrayLike, right: ArrayLike) -> tuple[float, float]:
    """(AURC, AUGRC), both in 0..1, lower is better.

    AURC is the mean over coverages of the share of wrong ones among the accepted (Geifman and El-Yaniv 2017);
    AUGRC that of the share of all that is accepted and wrong (Traub et al., NeurIPS 2024, equation 6). Among
    equal scores the mean over their orders is taken.
    """
    curve = steps(scores, right)
    before = np.append(0, curve.accepted[:-1])
    wrong_before = np.append(0, curve.wrong[:-1])
    selective, generalised = 0.0, 0.0
    for start, end, bad, total in zip(before, curve.accepted, wrong_before, curve.wrong, strict=True):
        ranks = np.arange(start + 1, end + 1)
        expected = bad + (total - bad) * (ranks - start) / (end - start)
        selective += float((expected / ranks).sum())
        generalised += float(expected.sum()) / curve.n
    return selective / curve.n, generalised / curve.n


def auroc(scores: ArrayLike, right: ArrayLike) -> float:
    """Chance that a right one scores higher than a wrong one, ties half; 0.5 where one kind is missing."""
    values, truth = np.asarray(scores, np.float64), np.asarray(right, bool)
    good, bad = int(truth.sum()), int((~truth).sum())
    if not good or not bad:
        return 0.5
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[place]  # mean rank of equal scores
    return float((ranks[truth].sum() - good * (good + 1) / 2) / (good * bad))


def reliability(p: ArrayLike, right: ArrayLike, bins: int = BINS) -> list[Bin]:
    """Bins of equal mass, by p; the last ones are one larger or smaller where n does not divide."""
    values, truth = np.asarray(p, np.float64), np.asarray(right, np.float64)
    order = np.argsort(values, kind="stable")
    parts = np.array_split(order, min(bins, len(order)))
    return [Bin(float(values[i].mean()), float(truth[i].mean()), len(i)) for i in parts]


def calibration_error(p: ArrayLike, right: ArrayLike, bins: int = BINS) -> float:
    """ECE with bins of equal mass: mean distance of stated and true shares, by n (Nixon et al. 2019)."""
    found = reliability(p, right, bins)
    return sum(b.n * abs(b.p - b.share) for b in found) / sum(b.n for b in found)


def brier(p: ArrayLike, right: ArrayLike) -> float:
    """Mean squared distance of p and truth."""
    return float(np.mean((np.asarray(p, np.float64) - np.asarray(right, np.float64)) ** 2))


def log_binomial_cdf(k: int, n: int, rate: float) -> float:
    """log P(at most k of n) where each happens with chance `rate`, 0 < rate < 1."""
    if k >= n:
        return 0.0
    if k > n * rate:
        return log1p(-exp(log_binomial_above(k + 1, n, rate)))
    term, total, odds = 1.0, 1.0, (1 - rate) / rate
    for i in range(k, 0, -1):  # from the largest term down
        term *= i / (n - i + 1) * odds
        total += term
        if term < NOTHING * total:
            break
    return _log_binomial(k, n, rate) + log(total)


def log_binomial_above(k: int, n: int, rate: float) -> float:
    """log P(k or more of n) where each happens with chance `rate`, 0 < rate < 1, k at most n."""
    if k <= 0:
        return 0.0
    if k <= n * rate:
        return log1p(-exp(log_binomial_cdf(k - 1, n, rate)))
    term, total, odds = 1.0, 1.0, rate / (1 - rate)
    for i in range(k, n):
        term *= (n - i) / (i + 1) * odds
        total += term
        if term < NOTHING * total:
            break
    return _log_binomial(k, n, rate) + log(total)


def _log_binomial(k: int, n: int, rate: float) -> float:
    return lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1) + k * log(rate) + (n - k) * log1p(-rate)


def at_least(k: int, n: int) -> float:
    """P(k or more of n) where each is as likely as not, exact."""
    tail: int = sum(comb(n, i) for i in range(k, n + 1))
    return min(1.0, float(tail / 2**n))


def upper_bound(wrong: int, n: int, confidence: float = CONFIDENCE) -> float:
    """One-sided exact bound on the true rate after `wrong` of `n` (Clopper and Pearson 1934); 1 for n = 0."""
    if wrong >= n:
        return 1.0
    low, high = wrong / n, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        if log_binomial_cdf(wrong, n, middle) > log(1 - confidence):
            low = middle
        else:
            high = middle
    return high


@dataclass(frozen=True, slots=True)
class Threshold:
    """A threshold on p, and what supports it."""

    p: float
    precision: float  # asked for
    bound: float  # on the share of wrong ones, one-sided
    accepted: int
    wrong: int
    n: int


def choose_threshold(
    p: ArrayLike, right: ArrayLike, precision: float = 0.999, confidence: float = CONFIDENCE
) -> Threshold | None:
    """The lowest threshold whose accepted ones are right at `precision`, by the exact bound; None if none is.

    Fixed-sequence testing (learn-then-test, Angelopoulos et al. 2021), so that trying many does not fake a
    bound: it begins with the best-scored ones, goes down in steps of 1 % of all, and stops where the bound is
    first missed. It begins with as few as could show the precision with `SPARED` wrong ones among them (with
    none, where there are not so many): one unlucky mark at the top would end it before it began.
    """
    curve = steps(p, right)
    spared = SPARED if upper_bound(SPARED, curve.n, confidence) <= 1 - precision else 0
    best = None
    for part in range(1, 101):
        size = ceil(curve.n * part / 100)
        if upper_bound(spared, size, confidence) > 1 - precision:
            continue
        at = int(np.searchsorted(curve.accepted, size))
        accepted, wrong = int(curve.accepted[at]), int(curve.wrong[at])
        bound = upper_bound(wrong, accepted, confidence)
        if bound > 1 - precision:
            break
        best = Threshold(float(curve.scores[at]), precision, bound, accepted, wrong, curve.n)
    return best
