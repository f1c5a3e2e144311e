"""What the staff says that photos show becomes labels for the view network, and stays on its car's side."""

from __future__ import annotations

from pathlib import Path

from tests.cases.learning.test_labelling import OWN, case_of, photo, said

from kilpi.cases import SaidMark, SaidNotThese, answer, erase, undo
from kilpi.cases.learning.label_files import labels_folder
from kilpi.cases.learning.labelling import collect, write_from_cases
from kilpi.cases.learning.view_labels import collect_views, views_file, write_views
from kilpi.cases.picture_answers import SaidShown, SaidView
from kilpi.labels.record import LabelledPhoto, read_labels
from kilpi.store import Store
from kilpi.types import View


def sides(store: Store) -> dict[str, list[LabelledPhoto]]:
    files = {side: views_file(labels_folder(store) / f"{side}.jsonl") for side in ("train", "test")}
    return {side: read_labels(file) if file.is_file() else [] for side, file in files.items()}


def test_a_persons_word_is_the_label_and_the_last_one_stands(store: Store, tmp_path: Path) -> None:
    sent = [photo(tmp_path / "car", name, n) for n, name in enumerate("abc")]
    case = case_of(store, sent)
    first, second, third = (one.sha256 for one in sent)
    answer(store, case.id, SaidView(first, View.BOOT), SaidShown(second, False), by="anna")
    answer(store, case.id, SaidView(first, View.SEATS), by="bo")
    answer(store, case.id, SaidView(third, View.WHEEL), by="bo")
    answer(store, case.id, SaidNotThese((third,)), by="bo")
    (label,) = collect_views(store)
    assert (label.photo, label.view, label.by, label.plates) == (first, "seats", "bo", ())
    for _ in range(3):
        undo(store, case.id, by="bo")
    assert [(one.view, one.by) for one in collect_views(store)] == [("boot", "anna")]
    assert collect(store).records == ()  # and nothing is said of plates


def test_a_cars_views_are_on_the_side_of_its_plates_for_good(store: Store, tmp_path: Path) -> None:
    places: dict[str, str] = {}
    for n in range(12):
        sent = [photo(tmp_path / f"car{n}", name, 2 * n + k) for k, name in enumerate("ab")]
        case = case_of(store, sent, (0, OWN, f"ABC10{n}"))
        said(store, case, SaidMark(f"ABC-1{n:02}", "FI"))
        answer(store, case.id, *(SaidView(one.sha256, View.SIDE) for one in sent), by="anna")
        places |= {one.sha256: case.id for one in sent}
    write_from_cases(store, collect(store))
    counts = write_views(store, collect_views(store))
    assert counts["train"] + counts["test"] == 24 and all(counts.values())
    plates = {r.photo: n for n in counts for r in read_labels(labels_folder(store) / f"{n}.jsonl")}
    views = {r.photo: side for side, records in sides(store).items() for r in records}
    assert views.keys() == places.keys() and views == {photo: plates[photo] for photo in views}
    gone = next(str(photo) for photo, side in views.items() if side == "test")
    erase(store, places[gone], by="anna")
    left = {r.photo for records in sides(store).values() for r in records}
    assert gone not in left and len(left) == 22


def test_where_nothing_is_said_any_more_no_file_is_left(store: Store, tmp_path: Path) -> None:
    sent = photo(tmp_path / "car", "a", 1)
    case = case_of(store, [sent])
    answer(store, case.id, SaidView(sent.sha256, View.SIDE), by="anna")
    assert sum(write_views(store, collect_views(store)).values()) == 1
    undo(store, case.id, by="anna")
    assert sum(write_views(store, collect_views(store)).values()) == 0
    assert not any(sides(store).values())
