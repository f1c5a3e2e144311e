"""Whether new weights may take the place of the old: paired on the same plates and cars.

They ship only if every check passes:

- *labels*: of the training marks that the networks read surely, no more contradict their labels than people
  err. It finds sets that were shuffled, spoilt or swapped before they do harm;
- *sets*: on each of the frozen test, the newest answers and the drawn plates no fall beyond chance (McNemar's
  test, exact and one-sided), of marks read and of countries named;
- *wrong accepted*: no more cars accepted wrongly where the truth is known; where it is a person's answer, no
  more than people err;
- *time and size*: no slower, no larger.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp
from typing import Any

from kilpi.evaluation.metrics import at_least, log_binomial_cdf

ALPHA = 0.05  # a fall this unlikely by chance closes the gate
HUMAN = 0.02  # of a hundred answers this part may be wrong: twice what was assumed of people (1 %)
SLOWER = 1.15  # times the old reading time; below it is what the same weights measure twice
LARGER = 1.05  # times the old files


@dataclass(frozen=True, slots=True)
class Paired:
    """One yes-or-no figure of both on the same things, in the same order."""

    name: str
    n: int
    before: int
    after: int
    only_before: int
    only_after: int

    @property
    def p(self) -> float:
        """How likely are so many losses or more, if a change is as likely either way. 1.0 without changes."""
        return at_least(self.only_before, self.only_before + self.only_after)

    @property
    def fell(self) -> bool:
        """Whether chance does not explain the losses."""
        return self.p < ALPHA

    @property
    def text(self) -> str:
        """For a person."""
        return (
            f"{self.name}: {self.before} before, {self.after} after, of {self.n};"
            f" lost {self.only_before}, gained {self.only_after}, p = {self.p:.3f}"
        )


@dataclass(frozen=True, slots=True)
class Doubted:
    """Labels that the networks contradict: `contrary` of `sure` that they read surely."""

    name: str
    sure: int
    contrary: int

    @property
    def p(self) -> float:
        """How likely are so many or more, if people err as often as `HUMAN`."""
        return above(self.contrary, self.sure, HUMAN)

    @property
    def spoilt(self) -> bool:
        """Whether more labels are wrong than people explain."""
        return self.p < ALPHA


@dataclass(frozen=True, slots=True)
class Accepted:
    """Cars accepted before and after, and how many wrongly. `answered`: the truth is people's word."""

    name: str
    cars: int
    before: int
    after: int
    wrong_before: int
    wrong_after: int
    answered: bool = True

    @property
    def rose(self) -> bool:
        """Whether more are accepted wrongly than before, or than people's own errors explain."""
        if self.wrong_after <= self.wrong_before:
            return False
        return not self.answered or above(self.wrong_after, self.after, HUMAN) < ALPHA


@dataclass(frozen=True, slots=True)
class Cost:
    """What reading costs: milliseconds a plate (median), and bytes of the files."""

    ms: float
    size: int


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was held against the new weights, and what came of it."""

    name: str
    passed: bool
    text: str


@dataclass(frozen=True, slots=True)
class Gate:
    """All checks. The new weights ship if `passed`."""

    checks: tuple[Check, ...]

    @property
    def passed(self) -> bool:
        """Every check passed, and there was one."""
        return bool(self.checks) and all(check.passed for check in self.checks)

    @property
    def text(self) -> str:
        """For a person: what failed first."""
        ordered = sorted(self.checks, key=lambda check: check.passed)
        told = [f"{'ok' if c.passed else 'REFUSED'}: {c.name}: {c.text}" for c in ordered]
        return "\n".join([*told, "the new weights ship" if self.passed else "the old weights stay"])

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        rows = [{"name": c.name, "passed": c.passed, "text": c.text} for c in self.checks]
        return {"passed": self.passed, "checks": rows}


def judge(
    doubts: Sequence[Doubted],
    sets: Sequence[Paired],
    accepted: Sequence[Accepted],
    before: Cost,
    after: Cost,
) -> Gate:
    """The gate's answer."""
    checks = [_doubted(one) for one in doubts] + [_paired(one) for one in sets]
    checks += [accepted_check(one) for one in accepted]
    checks.append(
        Check("time", after.ms <= SLOWER * before.ms, f"{before.ms:.2f} -> {after.ms:.2f} ms a plate")
    )
    checks.append(
        Check(
            "size",
            after.size <= LARGER * before.size,
            f"{before.size / 1e6:.1f} -> {after.size / 1e6:.1f} MB",
        )
    )
    return Gate(tuple(checks))


def _doubted(one: Doubted) -> Check:
    words = f"{one.contrary} of {one.sure} labels that are read surely say otherwise; p = {one.p:.4f}"
    return Check(f"labels, {one.name}", not one.spoilt, f"{words} if {HUMAN:.0%} are wrong")


def _paired(one: Paired) -> Check:
    return Check("no fall", not one.fell, one.text)


def accepted_check(one: Accepted) -> Check:
    """No more accepted wrongly."""
    words = (
        f"{one.name}: of {one.cars} cars accepted {one.before} -> {one.after},"
        f" wrongly {one.wrong_before} -> {one.wrong_after}"
    )
    return Check("wrong accepted", not one.rose, words)


def paired(name: str, before: Sequence[bool], after: Sequence[bool]) -> Paired:
    """Both on the same things. Raises ValueError where they are not as many."""
    both = list(zip(before, after, strict=True))
    return Paired(
        name, len(both), sum(before), sum(after), both.count((True, False)), both.count((False, True))
    )


def above(k: int, n: int, rate: float) -> float:
    """P(k or more of n) where each happens with chance `rate` (0 < rate < 1), exact; 1.0 for k = 0."""
    if k <= 0:
        return 1.0
    return max(0.0, 1.0 - exp(log_binomial_cdf(k - 1, n, rate)))
