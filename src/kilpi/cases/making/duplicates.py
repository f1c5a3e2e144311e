"""One car, one advert. What becomes of a case whose mark another case has too.

A duplicate is an outcome, not an error. Who is decided second finds the other. Where dealer, make, colour or
period differ, one of the two marks was perhaps misread: a person is asked about both, and what is published
stays.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kilpi.cases.case import GONE, OPEN, State, Traits
from kilpi.types import Reason

SAME_CAR = "same_car_again"  # nothing differs, so it is very likely the same car, sent as another
OTHER_CAR = "mark_of_another_car"  # something differs: one of the two was perhaps misread


@dataclass(frozen=True, slots=True)
class Other:
    """Another case with the same mark."""

    id: str
    state: State
    traits: Traits
    settled: bool  # its mark is decided, not a guess
    live: bool  # an advert of it is out
    said: bool = False  # a person said its mark
    disputed: bool = False  # a person is asked about it because yet another case has its mark
    elsewhere: bool = False  # its mark is said to be another country's


@dataclass(frozen=True, slots=True)
class Verdict:
    """`reasons`: why a person is asked about this case; `contested`: the others that go to review too."""

    reasons: tuple[Reason, ...] = ()
    contested: tuple[tuple[str, tuple[str, ...]], ...] = ()  # (case, what differs)

    @property
    def alone(self) -> bool:
        """No other case stands in the way."""
        return not self.reasons


def judge(mine: Traits, others: Sequence[Other], confirmed: bool = False, sure: bool = False) -> Verdict:
    """What the other cases with this mark mean for this one. `confirmed`: a person said this mark; `sure`:
    having seen that another car has it in another country, which then is no doubt any more.

    After `sold` the car may come back, from another dealer too; then only make, colour and period count. A
    person who confirms the mark settles it against what is sold or withdrawn, never against a car that is for
    sale.
    """
    reasons: list[Reason] = []
    contested: list[tuple[str, tuple[str, ...]]] = []
    for other in others:
        disputed = other.disputed and not confirmed
        if other.state is State.ERASED or not (other.settled or other.live or disputed):
            continue
        if (confirmed and other.state in GONE) or (sure and other.elsewhere):
            continue
        sold = other.state is State.SOLD
        differing = tuple(name for name in mine.differing(other.traits) if not (sold and name == "dealer"))
        differing = ("country", *differing) if other.elsewhere else differing
        if differing:
            reasons.append(Reason(OTHER_CAR, {"case": other.id, "differ": list(differing)}))
            if other.settled and other.state in OPEN:
                contested.append((other.id, differing))
        elif not sold:
            reasons.append(Reason(SAME_CAR, {"case": other.id}))
            # Which of two read it from a stray photo nobody knows yet: neither leaves before a person looked.
            if not (confirmed or other.said or other.live) and other.settled and other.state in OPEN:
                contested.append((other.id, ()))
    return Verdict(tuple(reasons), tuple(contested))
