"""What is erased leaves the labels and what trainings keep, whatever state these are in."""

from __future__ import annotations

import json
import stat
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotYet
from pathlib import Path

import pytest
from tests.cases.learning.test_labelling import again, many

from kilpi.cases import answer, erase, receive
from kilpi.cases.learning.label_files import forget, labels_folder, labels_held, no_more
from kilpi.cases.learning.labelling import collect, write_from_cases
from kilpi.cases.learning.view_labels import collect_views, write_views
from kilpi.cases.picture_answers import SaidView
from kilpi.labels.record import LabelledPhoto
from kilpi.store import Store
from kilpi.types import View


def first_of(store: Store) -> LabelledPhoto:
    return next(record for record in collect(store).records if record.plates)


def erase_case_of(store: Store, record: LabelledPhoto) -> None:
    erase(store, receive(store, again(record)).case.id, by="anna")


def written(store: Store) -> str:
    """Everything in the folder of labels, as text."""
    files = [path for path in labels_folder(store).rglob("*") if path.is_file()]
    return "".join(path.read_text(encoding="utf-8", errors="replace") for path in files)


def test_a_line_that_is_none_keeps_nobody_from_being_erased(store: Store, tmp_path: Path) -> None:
    many(store, tmp_path, range(100, 103))
    write_from_cases(store, collect(store))
    gone, folder = first_of(store), labels_folder(store)
    strange = b'{"photo": "half a li\n\xff not UTF-8\n'
    for name in ("train", "test"):
        file = folder / f"{name}.jsonl"
        file.write_bytes(strange + file.read_bytes())
    erase_case_of(store, gone)
    assert str(gone.photo) not in written(store) and str(gone.plates[0].mark) not in written(store)
    kept = [(folder / f"{name}.jsonl").read_bytes() for name in ("train", "test")]
    assert all(text.startswith(strange) for text in kept) and sum(text.count(b"path") for text in kept) == 2
    assert store.originals is not None and not list(store.originals.older_than(9e9))  # and what comes after


def test_what_a_killed_writer_left_goes_too(store: Store, tmp_path: Path) -> None:
    many(store, tmp_path, range(100, 102))
    write_from_cases(store, collect(store))
    gone = first_of(store)
    left = labels_folder(store) / ".train.jsonl.77.kilpi-new.jsonl"
    left.write_text(f'{{"photo": "{gone.photo}", "plates": [{{"mark": "ABC-')
    erase_case_of(store, gone)
    assert not left.exists() and written(store).count("\n") == 1


def test_what_is_erased_while_labels_are_collected_is_in_none(store: Store, tmp_path: Path) -> None:
    many(store, tmp_path, range(100, 104))
    gone = first_of(store)
    case = receive(store, again(gone)).case
    answer(store, case.id, SaidView(str(gone.photo), View.REAR), by="anna")
    found, views = collect(store), collect_views(store)
    assert str(gone.photo) in {record.photo for record in (*found.records, *views)}
    erase(store, case.id, by="anna")
    write_from_cases(store, found)
    write_views(store, views)
    assert str(gone.photo) not in written(store) and written(store).count("\n") == 3
    assert no_more(store, found.records) == {gone.photo}


def retraining(store: Store, name: str, shown: str | None) -> Path:
    folder = labels_folder(store).parent / "retrain" / name
    (folder / "verifier").mkdir(parents=True)
    for file in ("report.html", "verifier/test.seen0.crops", "verifier/test.reads0.jsonl", "verifier/x.onnx"):
        (folder / file).write_text("shows")
    if shown is not None:
        (folder / "photos.json").write_text(shown)
    return folder


@pytest.mark.parametrize(("shown", "stays"), [("[]", True), ('["', False), ("7", False), (None, False)])
def test_a_report_that_does_not_say_what_it_shows_goes(
    store: Store, tmp_path: Path, shown: str | None, stays: bool
) -> None:
    many(store, tmp_path, range(100, 101))
    folder = retraining(store, "one", shown)
    forget(store, ["a" * 64])
    assert (folder / "report.html").exists() is stays


def test_plates_that_were_cut_out_of_its_photos_go_with_a_car(store: Store, tmp_path: Path) -> None:
    many(store, tmp_path, range(100, 102))
    write_from_cases(store, collect(store))
    gone, folder = first_of(store), retraining(store, "one", json.dumps([]))
    forget(store, ["a" * 64])
    assert (folder / "verifier/test.seen0.crops").exists()  # of another car, which taught nothing
    erase_case_of(store, gone)
    assert [path.name for path in (folder / "verifier").iterdir()] == ["x.onnx"]


def test_erasing_waits_for_whoever_writes_labels(store: Store, tmp_path: Path) -> None:
    many(store, tmp_path, range(100, 101))
    write_from_cases(store, collect(store))
    gone, folder = first_of(store), labels_folder(store)
    with ThreadPoolExecutor(1) as pool:
        with labels_held(folder):
            waits = pool.submit(forget, store, [str(gone.photo)])
            with pytest.raises(NotYet):
                waits.result(0.2)
            (folder / "copy.jsonl").write_text("".join(p.read_text() for p in folder.glob("t*.jsonl")))
        assert waits.result(10) == 2
    assert stat.S_IMODE((folder / "copy.jsonl").stat().st_mode) == 0o600


@pytest.mark.parametrize("strange", [b'{"photo": "half a li\n', b"\xff not UTF-8\n"], ids=["half", "bytes"])
def test_labels_that_are_damaged_are_made_anew(store: Store, tmp_path: Path, strange: bytes) -> None:
    many(store, tmp_path, range(100, 110))
    write_from_cases(store, collect(store))
    before = {path: path.read_bytes() for path in labels_folder(store).glob("*.jsonl")}
    for path, content in before.items():
        path.write_bytes(content + strange)
    write_from_cases(store, collect(store))
    assert {path: path.read_bytes() for path in before} == before
