"""Two detectors side by side, on stand-ins: which plates only one found, and how sure that is."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from kilpi.evaluation import before_after
from kilpi.evaluation.before_after import (
    compare_detectors,
    compare_readers,
    found_by_both,
    sign_test,
    write_kept_back,
)
from kilpi.evaluation.detector import DetectorReport, Match, PhotoResult, sum_up
from kilpi.labels.record import LabelledPhoto, LabelledPlate, read_labels, write_labels
from kilpi.types import Box, Point, Quad, Sighting
from kilpi.weights import PACKAGED

LABEL = LabelledPlate(box=Box(10, 10, 60, 30))
SEEN = Sighting(Quad(Point(10, 10), Point(60, 10), Point(60, 30), Point(10, 30)), 0.9)


def report(*found: bool) -> DetectorReport:
    matches = [Match(LABEL, SEEN if hit else None, 1.0 if hit else 0.0) for hit in found]
    results = [PhotoResult(Path("a.jpg"), "a.jpg", (match,), (), ()) for match in matches]
    return sum_up(results, ("x",), 0.5)


def test_plates_that_only_one_found(monkeypatch: pytest.MonkeyPatch) -> None:
    reports = {"old": report(True, False, False, True), "new": report(True, True, True, False)}
    monkeypatch.setattr(before_after, "evaluate_detector", lambda *_, weights, **__: reports[weights.name])
    done = compare_detectors([Path("x")], [], Path("old"), Path("new"))
    assert (done.only_before, done.only_after, done.p) == (1, 2, 1.0)
    assert "plates found                       0.500   0.750" in done.text
    assert "found only before 1, only after 2: p = 1.000, chance explains it" in done.text
    assert done.as_dict()["after"]["recall"] == 0.75


def test_readers_are_compared_mark_by_mark(monkeypatch: pytest.MonkeyPatch) -> None:
    def reads(*raw: str) -> SimpleNamespace:
        return SimpleNamespace(results=[SimpleNamespace(expected="AB1", raw=text) for text in raw])

    reports = {"old": reads("AB1", "AB7", "A", "AB1"), "new": reads("AB1", "AB1", "AB1", "A81")}
    monkeypatch.setattr(before_after, "evaluate_reader", lambda *_, weights: reports[weights.name])
    done = compare_readers([Path("x")], [], Path("old"), Path("new"))
    assert done is not None and done.as_dict() == {
        "marks": 4, "before": 2, "after": 3, "read_only_before": 1, "read_only_after": 2, "p": 1.0
    }  # fmt: skip
    assert "4 marks that were not learnt from: 2 read exactly before, 3 after" in done.text


def test_without_a_mark_readers_are_not_compared(tmp_path: Path) -> None:
    write_labels(tmp_path / "l.jsonl", [])
    assert compare_readers([tmp_path / "l.jsonl"], [], PACKAGED, PACKAGED) is None


def test_a_photo_that_is_erased_between_is_in_neither() -> None:
    before, after = report(True, False), report(True, False)
    gone = PhotoResult(Path("gone.jpg"), "gone.jpg", (Match(LABEL, SEEN, 1.0),), (), ())
    assert found_by_both(sum_up([gone, *before.results], ("x",), 0.5), after) == [
        (True, True),
        (False, False),
    ]


@pytest.mark.parametrize(
    ("one", "other", "p"), [(0, 0, 1.0), (5, 5, 1.0), (0, 6, 0.03125), (1, 9, 22 / 1024)]
)
def test_the_sign_test_is_exact(one: int, other: int, p: float) -> None:
    assert sign_test(one, other) == pytest.approx(p)
    assert sign_test(other, one) == pytest.approx(p)


def test_what_was_kept_back_is_found_from_anywhere(tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    for name in ("a.jpg", "b.jpg"):
        (tmp_path / "photos" / name).write_bytes(name.encode())
    write_labels(tmp_path / "l.jsonl", [LabelledPhoto(path=name) for name in ("a.jpg", "b.jpg", "gone.jpg")])
    out = tmp_path / "run" / "kept-back.jsonl"
    kept = {(tmp_path / "photos" / "b.jpg").resolve()}
    write_kept_back([tmp_path / "l.jsonl"], [tmp_path / "photos"], kept, out)
    assert [record.path for record in read_labels(out)] == [str(tmp_path / "photos" / "b.jpg")]
