"""Both sets of weights on the same things; the same weights twice differ in nothing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from kilpi.evaluation import contest as module
from kilpi.evaluation.contest import Contest, Weights, contest, costs, detections, mishaps

SAMPLES = Path(__file__).parents[2] / "samples" / "labels.jsonl"
SHIPPED = Weights()


@pytest.fixture(scope="module")
def same() -> Contest:
    made = contest("samples", SAMPLES, SHIPPED, SHIPPED)
    assert made is not None
    return made


def test_the_same_weights_differ_in_nothing(same: Contest) -> None:
    marks = same.marks()
    assert marks.n == len(same.before) >= 10 and (marks.only_before, marks.only_after) == (0, 0)
    assert same.changed(True) == same.changed(False) == []


def test_what_turned_is_told_by_direction_and_country(same: Contest) -> None:
    first = next(i for i, read in enumerate(same.before) if read.raw == read.expected)
    worse = list(same.after)
    worse[first] = replace(worse[first], raw="X")
    made = Contest("x", same.before, tuple(worse))
    assert len(made.changed(False)) == 1 and made.changed(True) == []
    (country, n, before, after) = made.by_country()[0]
    assert country in ("FI", "–") and n >= before == after + 1


def test_a_photo_that_is_erased_between_is_in_neither(same: Contest, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = same.before[0].path
    left = tuple(read for read in same.after if read.path != gone)
    reports = [SimpleNamespace(results=same.before), SimpleNamespace(results=left)]
    monkeypatch.setattr(module, "evaluate_reader", lambda labels, weights: reports.pop(0))
    made = contest("x", SAMPLES, SHIPPED, SHIPPED)
    assert made is not None and made.marks().n == len(left) < len(same.before)
    reports[:] = [SimpleNamespace(results=same.before[:1]), SimpleNamespace(results=left)]
    assert contest("x", SAMPLES, SHIPPED, SHIPPED) is None


def test_a_file_without_marks_is_no_contest(tmp_path: Path) -> None:
    (tmp_path / "empty.jsonl").write_text("")
    assert contest("empty", tmp_path / "empty.jsonl", SHIPPED, SHIPPED) is None
    assert detections("empty", tmp_path / "empty.jsonl", SHIPPED, SHIPPED) is None


def test_mishaps_are_composed_of_the_labelled_photos() -> None:
    made = mishaps([SAMPLES], 1, SHIPPED, SHIPPED, kinds=("clean",))
    assert made is not None and made.cars == 1 and not made.answered
    assert (made.before, made.wrong_before) == (made.after, made.wrong_after)


def test_costs_are_timed_in_turn(same: Contest) -> None:
    old, new = costs(same, SHIPPED, SHIPPED)
    assert old.size == new.size > 10_000_000 and 0 < new.ms <= 2 * old.ms
