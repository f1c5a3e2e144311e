"""What a random sample of accepted cars says of all: bounds on the share of wrong ones, and when to stop.

The audited are a random sample, `wrong` of `n` of them. `upper_bound` (Clopper and Pearson) says what the
share is at most; it holds for a count that was fixed before. The test for stopping may be looked at after
every audit: a mixture of likelihood ratios is a supermartingale as long as the promise holds, and exceeds
1 / alpha ever, over all time, with probability alpha at most (Ville 1939; Robbins 1970, "Statistical methods
related to the law of the iterated logarithm").
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, lgamma, log, log1p, sqrt
from statistics import NormalDist

from kilpi.evaluation.metrics import log_binomial_above, log_binomial_cdf, upper_bound

ALPHA = 0.05
PRIOR_B = 200  # Beta(1, b): errors of one in some hundreds are what the test is most alert to
LEAST_ERRORS = 10  # in the audit, before a normal approximation is told


def log_evidence(wrong: int, n: int, promise: float, b: int = PRIOR_B) -> float:
    """log of the mixture martingale against "the share of wrong ones is at most `promise`".

    The likelihood ratio of every share above the promise to the promise itself, mixed by Beta(1, b) cut off
    below the promise. Each ratio is a supermartingale under any share up to the promise, so the mixture is.
    """
    if not 0 < promise < 1 or not 0 <= wrong <= n:
        raise ValueError("expected 0 < promise < 1 and 0 <= wrong <= n")
    mixed = _log_beta(1 + wrong, b + n - wrong) + _log_beta_above(1 + wrong, b + n - wrong, promise)
    prior = _log_beta(1, b) + _log_beta_above(1, b, promise)
    return mixed - prior - (wrong * log(promise) + (n - wrong) * log1p(-promise))


def log_evidence_kept(wrong: int, n: int, promise: float) -> float:
    """log of the mixture martingale against "the share of wrong ones is at least `promise`".

    The likelihood ratio of the shares below the promise to the promise itself: half of it that of none wrong
    at all, half of it mixed evenly over (0, `promise`). Each ratio is a supermartingale under any share from
    the promise on, so the mixture exceeds 1 / alpha ever, over all looks, with probability alpha at most.
    """
    if not 0 < promise < 1 or not 0 <= wrong <= n:
        raise ValueError("expected 0 < promise < 1 and 0 <= wrong <= n")
    at_promise = wrong * log(promise) + (n - wrong) * log1p(-promise)
    below = _log_beta_below(1 + wrong, 1 + n - wrong, promise)
    mixed = _log_beta(1 + wrong, 1 + n - wrong) + below - log(promise)
    parts = [mixed - at_promise] + ([-at_promise] if wrong == 0 else [])
    top = max(parts)
    return top + log(sum(exp(part - top) for part in parts) / 2)


def upper_end(wrong: int, n: int, alpha: float = ALPHA) -> float:
    """The greatest share of wrong ones that what was judged so far does not refute; 1.0 where n is 0.

    The upper end of a confidence sequence: over all n at once it is below the truth with probability alpha at
    most.
    """
    low, high = wrong / n if n else 1.0, 1.0
    for _ in range(50):
        middle = (low + high) / 2
        if middle < 1 and log_evidence_kept(wrong, n, middle) >= -log(alpha):
            high = middle
        else:
            low = middle
    return high


def must_stop(wrong: int, n: int, promise: float, alpha: float = ALPHA) -> bool:
    """Whether the share of wrong ones is surely above the promise; valid however often it is asked."""
    return log_evidence(wrong, n, promise) >= -log(alpha)


def lower_bound(wrong: int, n: int, alpha: float = ALPHA) -> float:
    """The least share of wrong ones that the audits so far do not refute: above it the promise is broken.

    The lower end of a confidence sequence: over all n at once it is above the truth with probability alpha
    at most. 0.0 without errors.
    """
    if wrong == 0:
        return 0.0
    low, high = 1e-9, max(wrong / n, 2e-9)
    for _ in range(60):
        middle = sqrt(low * high)
        if must_stop(wrong, n, middle, alpha):
            low = middle
        else:
            high = middle
    return low if must_stop(wrong, n, low, alpha) else 0.0


def missing(wrong: int, n: int, promise: float, confidence: float = 1 - ALPHA) -> int:
    """How many more audits without an error show the promise, by the exact bound: 2,995 for 1 in 1,000."""
    low, high = 0, 1
    while upper_bound(wrong, n + high, confidence) > promise:
        low, high = high, high * 2
    if upper_bound(wrong, n, confidence) <= promise:
        return 0
    while high - low > 1:
        middle = (low + high) // 2
        if upper_bound(wrong, n + middle, confidence) > promise:
            low = middle
        else:
            high = middle
    return high


@dataclass(frozen=True, slots=True)
class Powered:
    """A bound that leans on p: the estimate, its upper end (one-sided), and how far p was trusted (0..1)."""

    estimate: float
    upper: float
    trusted: float


def powered_bound(
    wrong: Sequence[bool], p: Sequence[float], all_p: Sequence[float], alpha: float = ALPHA
) -> Powered | None:
    """The prediction-powered upper bound on the share of wrong ones; None where it would only pretend.

    `wrong` and `p` are of the audited, `all_p` of all other accepted cars. The estimate is what p foretells
    for all, corrected by what the audited show of p (Angelopoulos et al. 2023, "Prediction-powered
    inference"), p weighed by how much it helps (PPI++, Angelopoulos, Duchi and Zrnic 2023, equation 8). It
    rests on a normal approximation, which needs errors: below `LEAST_ERRORS` there is None, and the exact
    bound stands alone.
    """
    n, more = len(wrong), len(all_p)
    if sum(wrong) < LEAST_ERRORS or more < 2 or n != len(p):
        return None
    errors, told, others = [float(w) for w in wrong], [1 - v for v in p], [1 - v for v in all_p]
    spread = _covariance(told, told)
    ratio = n / more
    trusted = _covariance(errors, told) / ((1 + ratio) * spread) if spread > 0 else 0.0
    trusted = min(1.0, max(0.0, trusted))
    left = [e - trusted * t for e, t in zip(errors, told, strict=True)]
    estimate = trusted * _mean(others) + _mean(left)
    variance = trusted**2 * _covariance(others, others) / more + _covariance(left, left) / n
    reach = NormalDist().inv_cdf(1 - alpha) * sqrt(variance)
    return Powered(max(0.0, estimate), min(1.0, max(0.0, estimate + reach)), trusted)


def _log_beta(a: int, b: int) -> float:
    return lgamma(a) + lgamma(b) - lgamma(a + b)


def _log_beta_above(a: int, b: int, share: float) -> float:
    """log P(X > share), X of Beta(a, b), whole a >= 1 and b: that of at most a - 1 among a + b - 1 trials."""
    return log_binomial_cdf(a - 1, a + b - 1, share)


def _log_beta_below(a: int, b: int, share: float) -> float:
    """log P(X < share), X of Beta(a, b), whole a >= 1 and b: that of a or more among a + b - 1 trials."""
    return log_binomial_above(a, a + b - 1, share)


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def _covariance(one: Sequence[float], other: Sequence[float]) -> float:
    a, b = _mean(one), _mean(other)
    return sum((x - a) * (y - b) for x, y in zip(one, other, strict=True)) / (len(one) - 1)
