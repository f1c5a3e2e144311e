"""The pairs that a verifier learns from, and which of them are only measured on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from kilpi.decision.rules import Rules
from kilpi.errors import LabelError
from kilpi.evaluation.car_marks import Pair, pairs_of
from kilpi.evaluation.car_reads import CarReads

HELD = 0.1  # of the training cars: they end the training when its loss stops falling


def training_pairs(
    cars: Sequence[CarReads], rules: Rules, rng: np.random.Generator
) -> tuple[list[Pair], np.ndarray[Any, np.dtype[np.bool_]]]:
    """All pairs, and which of them are only measured on: those of every tenth car."""
    pairs: list[Pair] = []
    held: list[bool] = []
    for i, car in enumerate(cars):
        found = pairs_of([car], rules, rng)
        pairs += found
        held += [i % round(1 / HELD) == 0] * len(found)
    if not pairs:
        raise LabelError("no plate of any car was read; compose more cars, or train the reader")
    if len({pair.right for pair in pairs}) == 1:
        raise LabelError("the pairs are all right or all wrong; compose more cars")
    return pairs, np.array(held)


def reader_of(cars: Sequence[CarReads]) -> str:
    """The reader's name with its version. Raises LabelError where there are several, or none."""
    names = {p.reading.reader for car in cars for p in car.plates if p.reading and p.reading.reader}
    if len(names) != 1:
        raise LabelError("the reads must all be of one reader; remove the *.reads*.jsonl and compose again")
    return str(names.pop())
