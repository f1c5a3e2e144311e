"""The loop as a whole, small: cars arrive, people answer, a retraining is judged, erasure erases."""

from __future__ import annotations

import shutil
import stat
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from kilpi.cases import Kind, erase, figures, find, history
from kilpi.cases.learning.label_files import labels_folder
from kilpi.cases.lists import Wanted, photos
from kilpi.errors import UsageError
from kilpi.evaluation.contest import Contest, Weights, contest, doubts
from kilpi.evaluation.gate import Cost, judge
from kilpi.labels.record import LabelledPhoto, LabelledPlate, read_labels
from kilpi.learn.department import Department, DrawnCars, LineFlow, Plan, SimulatedClock, mistyped
from kilpi.learn.reader import train as reader_train
from kilpi.learn.reader.crop_pool import Recipe
from kilpi.learn.retrain import Retrain, Retrained, retrain
from kilpi.learn.sabotage import SPOILS
from kilpi.pipeline import Kilpi
from kilpi.store import Store
from kilpi.types import Photo, Quad, Sighting
from kilpi.weights.versions import current_name

SAMPLES = Path(__file__).parents[2] / "samples"
CARS = 34
pytestmark = pytest.mark.timeout(600)  # one training of six seconds, and machines that others use


@dataclass
class Knows:
    """A detector that was told where each photo's plate is."""

    corners: dict[str, Quad]

    def find(self, photos: Sequence[Photo]) -> list[list[Sighting]]:
        return [[Sighting(self.corners[photo.id], 0.9)] for photo in photos]


@dataclass
class Done:
    folder: Path
    store: Store
    department: Department
    made: Retrained


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Done:
    """A week of cars and one short retraining."""
    folder = tmp_path_factory.mktemp("department")
    clock = SimulatedClock(datetime(2026, 3, 2, tzinfo=UTC))
    store = Store.open(folder, clock=clock)
    drawn = DrawnCars(folder / "photos", SAMPLES, Plan(cars=CARS, photos=1))
    department = Department(store, drawn, clock)
    department.week(LineFlow(Kilpi(detector=Knows(drawn.corners), reader=Weights().reader())))
    before = reader_train.DECIDING, reader_train.CHECKED
    reader_train.DECIDING, reader_train.CHECKED = 32, 16
    try:
        small = Recipe(real=0.5, size=512, first=64)
        made = retrain(store, Retrain(0.1, drawn=24, cars=False, quiet=True, recipe=small))
    finally:
        reader_train.DECIDING, reader_train.CHECKED = before
    return Done(folder, store, department, made)


def test_what_is_badly_read_is_asked_and_answered(done: Done) -> None:
    week = done.department.weeks[0]
    assert week.cars == CARS and week.answered >= CARS // 2 and week.wrong == 0
    cases = find(done.store, Wanted(), limit=100).cases
    assert sum(done.department.is_true(case) for case in cases) >= CARS - 3  # but for human errors
    assert figures(done.store).sampled == sum(
        any(event.kind is Kind.AUDITED for event in history(done.store, case.id)) for case in cases
    )


def test_the_run_leaves_a_report_and_the_gate_decides(done: Done) -> None:
    made = done.made
    report = made.folder / "report.html"
    assert made.networks == ("reader",) and stat.S_IMODE(report.stat().st_mode) == 0o600
    names = {check.name for check in made.gate.checks}
    assert {"labels, marks", "labels, countries", "no fall", "time", "size"} <= names
    assert (made.version is not None) == made.gate.passed
    assert current_name(done.folder) == (made.version or "shipped")
    page = report.read_text(encoding="utf-8")
    assert "What turned right" in page and "by country" in page and "loss" in page


def test_the_carried_verifier_decides_with_the_new_reader(done: Done) -> None:
    line = Weights(done.made.folder / "weights").line()
    assert line.verifier.reader == line.reader.name  # type: ignore[attr-defined]


def spoilt(name: str, training: Contest) -> Contest:
    """The training reads as they would stand beside spoilt labels."""
    records = read_labels_of(training)
    marks = [str(record.plates[0].mark) for record in SPOILS[name](records, np.random.default_rng(1))]
    countries = [r.plates[0].country for r in SPOILS[name](records, np.random.default_rng(1))]
    both = (
        tuple(replace(r, expected=m, country=c) for r, m, c in zip(reads, marks, countries, strict=True))
        for reads in (training.before, training.after)
    )
    return Contest("spoilt", *both)


def read_labels_of(training: Contest) -> list[LabelledPhoto]:
    return [
        LabelledPhoto(path=r.path, plates=(LabelledPlate(mark=r.expected, country=r.country),))
        for r in training.before
    ]


def many(training: Contest) -> Contest:
    """As many surely and rightly read plates as a few weeks give."""
    sure = [replace(read, raw=read.expected, named=read.country, score=0.99) for read in training.before]
    marked = [replace(read, country="SE" if i % 4 == 0 else "FI") for i, read in enumerate(sure)]
    reads = tuple(replace(read, named=read.country) for read in marked) * 12
    return Contest("many", reads, reads)


@pytest.fixture(scope="module")
def training(done: Done) -> Contest:
    made = contest("training", labels_folder(done.store) / "train.jsonl", Weights(), Weights())
    assert made is not None
    return many(made)


@pytest.mark.parametrize("name", SPOILS)
def test_spoilt_labels_are_seen(name: str, training: Contest) -> None:
    cost = Cost(1, 1)
    assert judge(doubts(training), [], [], cost, cost).passed
    assert not judge(doubts(spoilt(name, training)), [], [], cost, cost).passed


def test_too_little_teaches_nothing(tmp_path: Path) -> None:
    store = Store.open(tmp_path)
    with pytest.raises(UsageError, match="no answer"):
        retrain(store, Retrain(0.1))
    store.close()


def test_mistyped_marks_differ_in_one_place() -> None:
    rng = np.random.default_rng(0)
    for _ in range(50):
        other = mistyped("ABC-123", rng)
        assert sum(a != b for a, b in zip("ABC-123", other, strict=True)) == 1 and other[3] == "-"


def test_nothing_of_an_erased_case_is_in_labels_or_reports(done: Done, tmp_path: Path) -> None:
    place = tmp_path / "copy"  # what the others look at stays
    shutil.copytree(done.folder, place, ignore=shutil.ignore_patterns("*.pt", "*.onnx"))
    store = Store.open(place)
    shown = read_labels(labels_folder(store) / "test.jsonl")[0]
    (place / "retrain" / done.made.folder.name / "photos.json").write_text(f'["{shown.photo}"]')
    for case in find(store, Wanted(), limit=100).cases:
        if shown.photo in {photo.sha256 for photo in photos(store, case.id)}:
            erase(store, case.id, by="anna")
    texts = [path.read_text() for path in labels_folder(store).rglob("*.jsonl")]
    assert len(texts) > 2 and not any(str(shown.photo) in text for text in texts)
    assert not list(place.glob("retrain/*/report.html"))
    store.close()
