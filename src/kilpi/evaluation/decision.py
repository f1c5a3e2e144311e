"""How good the decisions on whole cars are, and how the verifier compares with simpler scores.

No torch here: what is measured is what ships.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kilpi.decision.verifier import LstmVerifier
from kilpi.errors import LabelError
from kilpi.evaluation.car_marks import baselines, judged_car
from kilpi.evaluation.car_reads import CarReads, is_own, load_reads, read_cars, wears_its_own, write_reads
from kilpi.evaluation.metrics import (
    auroc,
    brier,
    calibration_error,
    coverage_at,
    coverage_interval,
    risk_areas,
    upper_bound,
)
from kilpi.grammar import load_grammars
from kilpi.pipeline import Kilpi
from kilpi.ports import Verifier
from kilpi.types import Decision, Verdict

PRECISIONS = (0.999, 0.995, 0.99)

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Decided:
    """One car's decision against its truth."""

    car: CarReads
    decision: Decision
    right: bool  # the mark, whatever the verdict
    possible: bool  # whether the car wears a mark of its own


@dataclass(frozen=True, slots=True)
class DecisionReport:
    """Counts over whole cars. `bound` is the exact one-sided 95 % bound on wrong ones among the accepted."""

    labels: str
    cars: int
    possible: int  # cars that wear a mark of their own; others cannot be accepted rightly
    accepted: int
    wrong: int
    bound: float
    reasons: tuple[tuple[str, int], ...]  # of the cars that were not accepted, most frequent first
    median_ms: float  # a decision, from plates
    p95_ms: float
    decided: tuple[Decided, ...] = ()

    @property
    def coverage(self) -> float:
        """Accepted cars as part of those that could be accepted rightly."""
        return self.accepted / self.possible if self.possible else 0.0

    def as_dict(self) -> dict[str, object]:
        """For JSON, without the single cars."""
        names = [name for name in self.__slots__ if name != "decided"]
        return {name: getattr(self, name) for name in names} | {"coverage": self.coverage}


@dataclass(frozen=True, slots=True)
class Row:
    """One score's line in the table."""

    name: str
    coverage: tuple[float, ...]  # at PRECISIONS
    intervals: tuple[tuple[float, float], ...]
    aurc: float
    augrc: float
    auroc: float
    ece: float | None  # None: the score is no probability
    brier: float | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """The verifier and its rivals on the same marks: the front plates of cars, as the decision takes them.

    How well they order marks is measured on all; how true a probability is, on those that no rule sorts out
    before p is asked: there it decides.
    """

    n: int
    wrong: int
    rows: tuple[Row, ...]
    scores: dict[str, Floats]
    right: NDArray[np.bool_]
    asked: NDArray[np.bool_]  # no rule sorts the car out


def load_cars(
    source: Path,
    images: Sequence[Path] = (),
    kilpi: Kilpi | None = None,
    cache: Path | None = None,
    tick: Callable[[], object] = bool,
) -> list[CarReads]:
    """What detector and reader see in the cars of `source`.

    A label file: every photo is read; photos with the same `car` are one car, one without is a car of its
    own. A folder that a verifier's training left: its composed test cars, as they were read then. `cache`
    is a file for what was seen: used where it is there, else written. Raises LabelError, WeightsError.
    """
    if source.is_dir():
        files = sorted(source.glob("test.reads*.jsonl"))
        if not files:
            raise LabelError(
                f"{source}: holds no test cars (test.reads*.jsonl); kilpi train verifier makes them"
            )
        return list(load_reads(files, load_grammars()))
    if cache is not None and cache.is_file():
        return list(load_reads([cache], load_grammars()))
    cars = list(read_cars(source, images, kilpi or Kilpi(), tick=tick))
    if cache is not None:
        write_reads(cache, cars)
    return cars


def decide_cars(cars: Sequence[CarReads], verifier: Verifier, labels: str = "") -> DecisionReport:
    """Every car's decision against its truth. Raises LabelError where there is no car."""
    if not cars:
        raise LabelError(f"{labels}: holds no car")
    grammars = load_grammars()
    decided, times = [], []
    for car in cars:
        start = time.perf_counter()
        decision = verifier.decide(car.plates, car.shown)
        times.append(1000 * (time.perf_counter() - start))
        right = decision.mark is not None and is_own(decision.mark, car, grammars)
        decided.append(Decided(car, decision, right, wears_its_own(car, grammars)))
    accepted = [d for d in decided if d.decision.verdict is Verdict.ACCEPTED]
    wrong = sum(not d.right for d in accepted)
    others = Counter(
        d.decision.reasons[0].code for d in decided if d.decision.verdict is not Verdict.ACCEPTED
    )
    median, p95 = np.percentile(times, [50, 95])
    return DecisionReport(
        labels=labels,
        cars=len(cars),
        possible=sum(d.possible for d in decided),
        accepted=len(accepted),
        wrong=wrong,
        bound=upper_bound(wrong, len(accepted)),
        reasons=tuple(others.most_common()),
        median_ms=float(median),
        p95_ms=float(p95),
        decided=tuple(decided),
    )


def compare(
    cars: Sequence[CarReads], verifier: LstmVerifier, more: dict[str, Callable[..., Floats]] | None = None
) -> Comparison:
    """The table of scores on the marks of all cars' front plates. `more` are further scores, of tokens."""
    cases = [case for car in cars if (case := judged_car(car, verifier.rules)).evidence is not None]
    evidence = [case.evidence for case in cases if case.evidence is not None]
    right = np.array([case.matches for case in cases], bool)
    asked = np.array([not case.sorted_out for case in cases], bool)
    if not asked.any():
        raise LabelError("no car has a mark that could be judged")
    raw = verifier.scores(evidence)
    p = np.array([verifier.calibrate(float(score)) for score in raw])
    scores: dict[str, Floats] = {"LSTM": p}
    tokens = verifier.tokeniser.encode(evidence)
    scores |= {name: score(tokens) for name, score in (more or {}).items()}
    scores |= baselines(evidence)
    probabilities = {"LSTM", *(more or {})}
    rows = [
        row_of(name, values, right, asked if name in probabilities else None)
        for name, values in scores.items()
    ]
    return Comparison(len(right), int((~right).sum()), tuple(rows), scores, right, asked)


def row_of(name: str, values: Floats, right: NDArray[np.bool_], asked: NDArray[np.bool_] | None) -> Row:
    """One line of the table; `asked` are the marks that a probability is held against, None for no such."""
    aurc, augrc = risk_areas(values, right)
    return Row(
        name=name,
        coverage=tuple(coverage_at(values, right, precision) for precision in PRECISIONS),
        intervals=tuple(coverage_interval(values, right, precision) for precision in PRECISIONS),
        aurc=aurc,
        augrc=augrc,
        auroc=auroc(values, right),
        ece=None if asked is None else calibration_error(values[asked], right[asked]),
        brier=None if asked is None else brier(values[asked], right[asked]),
    )
