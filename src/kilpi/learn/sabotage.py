"""Training sets that somebody spoilt, to see that the gate refuses what comes of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from kilpi.labels.record import LabelledPhoto, LabelledPlate, read_labels, write_labels
from kilpi.learn.department import mistyped

Records = list[LabelledPhoto]
Spoil = Callable[[Records, np.random.Generator], Records]


def shuffled(records: Records, rng: np.random.Generator) -> Records:
    """All marks dealt out again."""
    marks = [plate.mark for record in records for plate in record.plates if plate.mark]
    dealt = iter([marks[i] for i in rng.permutation(len(marks))])
    return [_with(record, lambda plate: replace(plate, mark=next(dealt))) for record in records]


def some_wrong(records: Records, rng: np.random.Generator, share: float = 0.05) -> Records:
    """One character of so many marks mistyped."""
    count = sum(plate.mark is not None for record in records for plate in record.plates)
    wrong = set(rng.permutation(count)[: max(1, round(share * count))].tolist())
    numbers = iter(range(count))

    def spoil(plate: LabelledPlate) -> LabelledPlate:
        bad = next(numbers) in wrong
        return replace(plate, mark=mistyped(str(plate.mark), rng)) if bad else plate

    return [_with(record, spoil) for record in records]


def country_swapped(records: Records, rng: np.random.Generator, of: str = "SE", to: str = "NO") -> Records:
    """One country's plates labelled as another's."""
    return [_with(r, lambda p: replace(p, country=to) if p.country == of else p) for r in records]


SPOILS: dict[str, Spoil] = {
    "all marks shuffled": shuffled,
    "5 % of the marks wrong": some_wrong,
    "one country swapped": country_swapped,
}


def spoil_file(path: Path, spoil: Spoil, seed: int = 0) -> None:
    """Spoils a label file."""
    write_labels(path, spoil(read_labels(path), np.random.default_rng(seed)))


def _with(record: LabelledPhoto, change: Callable[[LabelledPlate], LabelledPlate]) -> LabelledPhoto:
    plates: Sequence[LabelledPlate] = [change(plate) if plate.mark else plate for plate in record.plates]
    return replace(record, plates=tuple(plates))
