"""Evidence that adds up: a read's probability and what ties its car to the car for sale -> one probability.

A read can be wrong in two ways: a character is misread, and the mark is a stranger's; or the plate is another
car's that stands in the photos, and the mark is read well. A tie (the register's colour fits the photos, its
make the dealer's row) speaks against each to the degree that such a wrong car would fit by chance.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Belief:
    """What is believed of a read: chances that it is right, misread, another car's. They add up to 1."""

    right: float
    misread: float
    another: float


@dataclass(frozen=True, slots=True)
class Tie:
    """Something that fits, and how often it would by chance, each in 0..1.

    `misread`: where the mark is a stranger's; `another`: where it is that of a car beside this one;
    `right`: where the mark is right (less than 1 where registers and eyes err).
    """

    about: str
    misread: float
    another: float
    right: float = 1.0


def believe(p: float, another_share: float, another_least: float = 0.0) -> Belief:
    """What calibrated `p` says. `another_share` of the wrong reads are other cars' plates.

    `another_least`: the least chance of another car's plate, where something about the plate's place speaks
    for it; `p` is about characters and cannot say less. Raises ValueError for a number outside 0..1.
    """
    if not all(0 <= number <= 1 for number in (p, another_share, another_least)):
        raise ValueError("p, another_share and another_least are each in 0..1")
    another = max((1 - p) * another_share, another_least)
    misread = (1 - p) * (1 - another_share)
    total = p * (1 - another_least) + misread + another
    return Belief(p * (1 - another_least) / total, misread / total, another / total)


def add_up(belief: Belief, ties: Iterable[Tie], times: float = 1.0) -> float:
    """The probability that the read is right, by Bayes' rule; ties are taken as independent of each other.

    `times` multiplies how often a wrong car fits, at most to 1: what if the shares were wrong.
    """
    right, misread, another = belief.right, belief.misread, belief.another
    for tie in ties:
        right *= tie.right
        misread *= min(1.0, times * tie.misread)
        another *= min(1.0, times * tie.another)
    total = right + misread + another
    return right / total if total else 0.0
