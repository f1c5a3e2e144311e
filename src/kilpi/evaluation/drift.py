"""Whether what arrives now is like what was accepted well before: by dealer and week, with a stated rate of
false alarms.

Each trait of a week's cars is held against the reference's by a permutation test, which is exact whatever the
distribution: numbers by the largest distance of their cumulative shares (Kolmogorov and Smirnov), words by
the chi-square of their counts. A dealer's week alarms where the smallest p, times the number of traits
(Bonferroni), is at most the rate; so of weeks that are like the reference at most that part alarms.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

RATE = 0.01  # of a dealer's weeks that are like the reference, at most this part alarms
DRAWS = 1999  # permutations: the smallest p is 1 in 2,000
FEWEST = 10  # cars of a dealer's week; fewer are told and not tested
NUMBERS = ("p", "sharpness", "width")
WORDS = ("country", "view", "reason")

Floats = NDArray[np.float64]
Statistic = Callable[[Floats, int], Floats]


@dataclass(frozen=True, slots=True)
class CarTraits:
    """One decided car. Numbers that are not known are None; "" is a word like any other."""

    at: datetime
    dealer: str = ""
    p: float | None = None
    sharpness: float | None = None  # of its sharpest plate
    width: float | None = None  # of its largest plate, part of the photo's width
    country: str = ""
    view: str = ""  # of most of its photos
    reason: str = ""  # the first, or "accepted"


@dataclass(frozen=True, slots=True)
class Drift:
    """One dealer's week against the reference. `p` by trait; empty where there were too few cars."""

    dealer: str
    week: date  # its Monday
    cars: int
    p: Mapping[str, float]
    means: Mapping[str, float]  # of the numbers, this week
    rate: float = RATE

    @property
    def alarms(self) -> tuple[str, ...]:
        """The traits that differ, the surest first; empty where nothing does."""
        found = [(value, name) for name, value in self.p.items() if value * len(self.p) <= self.rate]
        return tuple(name for _, name in sorted(found))


def monday(at: datetime) -> date:
    """The Monday of the week."""
    day = at.date()
    return day - timedelta(days=day.weekday())


def drifts(
    cars: Sequence[CarTraits], reference: Sequence[CarTraits], rate: float = RATE, seed: int = 0
) -> list[Drift]:
    """Every dealer's weeks in order, each against the whole reference."""
    groups: dict[tuple[date, str], list[CarTraits]] = {}
    for car in cars:
        groups.setdefault((monday(car.at), car.dealer), []).append(car)
    found = []
    for (week, dealer), some in sorted(groups.items()):
        rng = np.random.default_rng([seed, week.toordinal(), len(dealer)])
        tested = compared(some, reference, rng) if len(some) >= FEWEST else {}
        means = {name: float(np.mean(v)) for name in NUMBERS if len(v := numbers(some, name))}
        found.append(Drift(dealer, week, len(some), tested, means, rate))
    return found


def compared(
    some: Sequence[CarTraits], reference: Sequence[CarTraits], rng: np.random.Generator
) -> dict[str, float]:
    """p of every trait that both have."""
    result = {}
    for name in NUMBERS:
        one, other = numbers(some, name), numbers(reference, name)
        if len(one) >= FEWEST and len(other) >= FEWEST:
            result[name] = permuted(one, other, farthest, rng)
    for name in WORDS:
        words = sorted({getattr(car, name) for car in (*some, *reference)})
        if len(words) > 1:
            one, other = (np.array([words.index(getattr(c, name)) for c in part], np.float64)
                          for part in (some, reference))  # fmt: skip
            result[name] = permuted(one, other, counted, rng)
    return result


def numbers(cars: Sequence[CarTraits], name: str) -> Floats:
    """What is known of a number."""
    return np.array([v for car in cars if (v := getattr(car, name)) is not None], np.float64)


def permuted(one: Floats, other: Floats, statistic: Statistic, rng: np.random.Generator) -> float:
    """Part of the ways to deal all values out again that part them at least as much as they are parted."""
    everything, n = np.concatenate([one, other]), len(one)
    seen = statistic(everything[None], n)[0]
    dealt = rng.permuted(np.tile(everything, (DRAWS, 1)), axis=1)
    return float((1 + int((statistic(dealt, n) >= seen - 1e-12).sum())) / (1 + DRAWS))


def farthest(dealt: Floats, n: int) -> Floats:
    """(k, n + m) values, the first n of one part -> (k,) the largest distance of the cumulative shares."""
    order = np.argsort(dealt, axis=1, kind="stable")
    values = np.take_along_axis(dealt, order, axis=1)
    mine = np.cumsum(order < n, axis=1) / n
    theirs = np.cumsum(order >= n, axis=1) / (dealt.shape[1] - n)
    last = np.append(np.diff(values, axis=1) > 0, np.ones((len(dealt), 1), bool), axis=1)
    return np.asarray(np.where(last, np.abs(mine - theirs), 0).max(axis=1), np.float64)


def counted(dealt: Floats, n: int) -> Floats:
    """The same for codes of words -> the chi-square of their counts."""
    kinds = np.unique(dealt[0])
    mine = np.stack([(dealt[:, :n] == kind).sum(axis=1) for kind in kinds], axis=1)
    total = np.array([(dealt[0] == kind).sum() for kind in kinds])
    expected = total * n / dealt.shape[1]
    return np.asarray(((mine - expected) ** 2 / expected).sum(axis=1), np.float64)
