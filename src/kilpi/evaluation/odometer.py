"""How well a dealer's mileage is checked: right figures, every one-digit slip, and cars newly asked about."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from kilpi.odometer.check import check_odometer
from kilpi.types import DistanceReading, OdometerOutcome


@dataclass(frozen=True, slots=True)
class Tally:
    """Outcomes of a number of checks."""

    checks: int
    confirmed: int
    contradicted: int


@dataclass(frozen=True, slots=True)
class OdometerScores:
    """Outcomes where the figure given is right, and where it is wrong in one of four ways."""

    right: Tally
    one_digit_wrong: Tally
    one_digit_lost: Tally
    one_digit_twice: Tally
    neighbours_swapped: Tally


def score_odometer(cars: Sequence[tuple[int, Sequence[DistanceReading]]]) -> OdometerScores:
    """Scores over cars, or photos: the right figure in kilometres, and all readings."""
    return OdometerScores(
        right=tally([(figure, readings) for figure, readings in cars]),
        one_digit_wrong=tally([(f, readings) for figure, readings in cars for f in wrong_digit(figure)]),
        one_digit_lost=tally([(f, readings) for figure, readings in cars for f in lost_digit(figure)]),
        one_digit_twice=tally([(f, readings) for figure, readings in cars for f in doubled_digit(figure)]),
        neighbours_swapped=tally([(f, readings) for figure, readings in cars for f in swapped(figure)]),
    )


def tally(cases: Sequence[tuple[int, Sequence[DistanceReading]]]) -> Tally:
    """Check each figure against its readings, without a register."""
    outcomes = [check_odometer(readings, figure).outcome for figure, readings in cases]
    return Tally(
        checks=len(outcomes),
        confirmed=outcomes.count(OdometerOutcome.CONFIRMED),
        contradicted=outcomes.count(OdometerOutcome.CONTRADICTED),
    )


def wrong_digit(figure: int) -> Iterator[int]:
    """Every figure with one digit replaced by another, the first not by 0."""
    text = str(figure)
    for i, right in enumerate(text):
        yield from (int(text[:i] + c + text[i + 1 :]) for c in "0123456789"[i == 0 :] if c != right)


def lost_digit(figure: int) -> list[int]:
    """Every figure with one digit left out, each once."""
    text = str(figure)
    return sorted({int(text[:i] + text[i + 1 :] or "0") for i in range(len(text))} - {figure})


def doubled_digit(figure: int) -> list[int]:
    """Every figure with one digit typed twice, each once."""
    text = str(figure)
    return sorted({int(text[: i + 1] + text[i:]) for i in range(len(text))} - {figure})


def swapped(figure: int) -> list[int]:
    """Every figure with two neighbouring digits exchanged, each once."""
    text = str(figure)
    pairs = {text[:i] + text[i + 1] + text[i] + text[i + 2 :] for i in range(len(text) - 1)}
    return sorted({int(pair) for pair in pairs} - {figure})
