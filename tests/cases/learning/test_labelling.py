"""What people answer becomes labels, and nothing of an erased case stays in them."""

from __future__ import annotations

import stat
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from PIL import Image
from tests.cases.helping import review, worked
from tests.stores import FakeClock

from kilpi.cases import (
    Answer,
    Arrival,
    Case,
    SaidCorners,
    SaidFacts,
    SaidMark,
    SaidNoPlate,
    SaidNotThese,
    SaidVin,
    Sent,
    answer,
    erase,
    receive,
    undo,
    withdraw,
)
from kilpi.cases.learning.label_files import labels_folder
from kilpi.cases.learning.labelling import collect, write_from_cases
from kilpi.cases.seen import PLATES
from kilpi.errors import UsageError
from kilpi.geometry import quad_from_box
from kilpi.hashing import file_sha256
from kilpi.labels.check import check_labels, fits_grammar
from kilpi.labels.locate import Pictures
from kilpi.labels.record import LabelledPhoto, read_labels
from kilpi.store import Store
from kilpi.types import Box, Quad, Reason

OWN, OTHER = Box(40, 50, 90, 62), Box(5, 10, 35, 18)


def photo(folder: Path, name: str, shade: int) -> Sent:
    folder.mkdir(exist_ok=True)
    path = folder / f"{name}.png"
    Image.effect_noise((160, 120), 40 + shade).save(path)
    return Sent(file_sha256(path), path.name, str(path))


def line(sent: Sent, box: Box, text: str) -> dict[str, object]:
    quad = [list(point) for point in quad_from_box(box)]
    return {"photo": sent.sha256, "quad": quad, "text": text, "frame": [160, 120]}


def case_of(store: Store, sent: Sequence[Sent], *plates: tuple[int, Box, str], **more: str) -> Case:
    """A case in review whose flow saw these plates: (photo's number, where, what was read)."""
    record = {PLATES: [line(sent[i], box, text) for i, box, text in plates]}
    arrived = receive(store, Arrival(tuple(sent), **more)).case  # type: ignore[arg-type]
    return worked(store, arrived, replace(review(), record=record))


def said(store: Store, case: Case, *answers: Answer, by: str = "anna") -> None:
    for each in answers:
        answer(store, case.id, each, by=by)


def labels(store: Store) -> list[LabelledPhoto]:
    return list(collect(store).records)


def test_the_plate_that_reads_most_like_the_answer_carries_it(
    store: Store, tmp_path: Path, clock: FakeClock
) -> None:
    sent = [photo(tmp_path / "car", "a", 1)]
    case = case_of(store, sent, (0, OTHER, "XYZ123"), (0, OWN, "A8C98"))
    said(store, case, SaidMark("ABC-987", "FI"))
    (record,) = labels(store)
    assert [(p.mark, p.country, p.legible) for p in record.plates] == [
        (None, None, None),
        ("ABC-987", "FI", True),
    ]
    assert record.plates[1].quad == quad_from_box(OWN)
    assert (record.photo, record.origin, record.by) == (sent[0].sha256, "review", "anna")
    assert record.at == clock().isoformat() and (record.width, record.height) == (160, 120)


def test_a_plate_that_reads_otherwise_is_not_the_cars(store: Store, tmp_path: Path) -> None:
    case = case_of(store, [photo(tmp_path / "car", "a", 1)], (0, OTHER, "XYZ123"))
    said(store, case, SaidMark("ABC-987", "FI"))
    assert [plate.mark for plate in labels(store)[0].plates] == [None]


def test_a_persons_corners_stand_for_what_was_seen(store: Store, tmp_path: Path) -> None:
    sent = [photo(tmp_path / "car", "a", 1), photo(tmp_path / "car", "b", 2)]
    case = case_of(store, sent, (0, OWN, "ABC981"), (0, OTHER, "XYZ123"))
    right = quad_from_box(Box(41, 51, 92, 64))
    said(store, case, SaidMark("ABC-987", "FI"))
    worked(store, case, review())
    said(store, case, SaidCorners(sent[0].sha256, right), SaidCorners(sent[1].sha256, right))
    by_photo = {record.photo: record for record in labels(store)}
    first = by_photo[sent[0].sha256].plates
    assert [(p.quad, p.mark) for p in first] == [(right, "ABC-987"), (quad_from_box(OTHER), None)]
    assert [p.mark for p in by_photo[sent[1].sha256].plates] == ["ABC-987"]


def test_no_plate_teaches_only_where_none_was_seen(store: Store, tmp_path: Path) -> None:
    sent = [photo(tmp_path / "car", "a", 1), photo(tmp_path / "car", "b", 2)]
    said(store, case_of(store, sent, (1, OTHER, "XYZ123")), SaidNoPlate())
    found = collect(store)
    assert [(record.photo, record.plates) for record in found.records] == [(sent[0].sha256, ())]
    assert sum(found.left_out.values()) == 1 and found.judged == 1


def test_a_plate_that_only_the_person_saw_makes_no_photo_without_a_plate(
    store: Store, tmp_path: Path
) -> None:
    sent = [photo(tmp_path / "car", "a", 1), photo(tmp_path / "car", "b", 2)]
    said(store, case_of(store, sent, (1, OTHER, "XYZ123")), SaidMark("ABC-987", "FI"))
    found = collect(store)
    assert [(record.photo, len(record.plates)) for record in found.records] == [(sent[1].sha256, 1)]
    assert sum(found.left_out.values()) == 1 and found.judged == 0


def test_beside_a_cars_own_plate_a_photo_where_none_was_seen_has_none_but_nobody_judged_it(
    store: Store, tmp_path: Path
) -> None:
    sent = [photo(tmp_path / "car", "a", 1), photo(tmp_path / "car", "b", 2)]
    said(store, case_of(store, sent, (0, OWN, "ABC987")), SaidMark("ABC-987", "FI"))
    found = collect(store)
    assert {record.photo: len(record.plates) for record in found.records} == {
        sent[0].sha256: 1,
        sent[1].sha256: 0,
    }
    assert found.judged == 0


def test_what_failed_after_the_answer_does_not_take_away_what_was_seen(store: Store, tmp_path: Path) -> None:
    case = case_of(store, [photo(tmp_path / "car", "a", 1)], (0, OWN, "ABC987"))
    said(store, case, SaidMark("ABC-987", "FI"))
    fails = replace(review(), reasons=(Reason("failed"),), record={PLATES: []})
    worked(store, case, lambda task: fails)
    assert [[plate.mark for plate in record.plates] for record in labels(store)] == [["ABC-987"]]


@pytest.mark.parametrize("answered", [SaidVin("WVWZZZ1KZAW000001"), SaidFacts(odometer_km=9), None])
def test_what_says_nothing_of_plates_gives_no_label(
    store: Store, tmp_path: Path, answered: Answer | None
) -> None:
    case = case_of(store, [photo(tmp_path / "car", "a", 1)], (0, OWN, "ABC987"))
    said(store, case, *([answered] if answered else []))
    assert labels(store) == []


def test_strange_photos_undone_and_damaged_answers_are_left_out(store: Store, tmp_path: Path) -> None:
    sent = [photo(tmp_path / "car", str(i), i) for i in range(3)]
    case = case_of(store, sent, *((i, OWN, "ABC987") for i in range(3)))
    said(store, case, SaidMark("ABC-987", "FI"), SaidNotThese((sent[0].sha256,)))
    Path(str(sent[1].path)).unlink()
    assert [record.photo for record in labels(store)] == [sent[2].sha256]
    undo(store, case.id, by="anna")
    undo(store, case.id, by="anna")
    assert labels(store) == []


def test_a_label_that_fails_its_check_is_left_out(store: Store, tmp_path: Path) -> None:
    case = case_of(store, [photo(tmp_path / "car", "a", 1)], (0, OWN, "ABC987"))
    said(store, case, SaidMark("1", "FI"), SaidCorners(case_photo(tmp_path), outside()))
    why = "fails kilpi labels check, lies outside the photo"
    assert labels(store) == [] and collect(store).left_out == {why: 1}


def case_photo(tmp_path: Path) -> str:
    return file_sha256(tmp_path / "car" / "a.png")


def outside() -> Quad:
    return quad_from_box(Box(400, 400, 450, 410))


def test_only_answers_since_a_day(store: Store, tmp_path: Path, clock: FakeClock) -> None:
    sent = photo(tmp_path / "x", "a", 1)
    case = case_of(store, [sent], (0, OWN, "ABC987"))
    said(store, case, SaidMark("ABC-987", "FI"))
    worked(store, case, replace(review(), record={PLATES: [line(sent, OWN, "ABC987")]}))
    clock.tick(86_400)
    day = clock()
    said(
        store, case_of(store, [photo(tmp_path / "y", "b", 2)], (0, OWN, "XYZ123")), SaidMark("XYZ-123", "FI")
    )
    assert [r.plates[0].mark for r in collect(store, day).records] == ["XYZ-123"]
    assert len(collect(store).records) == 2


def many(store: Store, tmp_path: Path, numbers: Sequence[int]) -> None:
    for i in numbers:
        case = case_of(store, [photo(tmp_path / f"car{i}", "a", i)], (0, OWN, f"ABC{i}"))
        said(store, case, SaidMark(f"ABC-{i}", "FI"))


def sides(store: Store) -> dict[str | None, str]:
    folder = labels_folder(store)
    return {r.car: name for name in ("train", "test") for r in read_labels(folder / f"{name}.jsonl")}


def test_a_car_stays_on_its_side_for_good_and_the_check_passes(store: Store, tmp_path: Path) -> None:
    many(store, tmp_path, range(100, 120))
    write_from_cases(store, collect(store))
    before = sides(store)
    many(store, tmp_path, range(120, 130))
    write_from_cases(store, collect(store))
    after = sides(store)
    assert len(after) == 30 and {car: after[car] for car in before} == before
    assert 2 <= list(after.values()).count("test") <= 12  # 20 % of 30 by hash: 6
    folder = labels_folder(store)
    files = {n: read_labels(folder / f"{n}.jsonl") for n in ("train", "test")}
    checked = check_labels(files, Pictures([folder]), fits_grammar)
    assert checked.passed and checked.seen == 30
    assert all(stat.S_IMODE((folder / f"{n}.jsonl").stat().st_mode) == 0o600 for n in files)


def test_a_car_that_comes_again_is_the_same_car(store: Store, tmp_path: Path) -> None:
    for name, shade in (("x", 1), ("y", 2)):
        sent = [photo(tmp_path / name, name, shade)]
        case = case_of(store, sent, (0, OWN, "ABC987"), dealer=name)
        said(store, case, SaidMark("ABC-987", "FI"))
    assert len({record.car for record in labels(store)}) == 1


@pytest.mark.parametrize(("other", "kept"), [("XYZ-1", 0), ("ABC-987", 1)])
def test_of_a_photo_of_which_two_things_were_said_none_is_a_label(
    store: Store, tmp_path: Path, other: str, kept: int
) -> None:
    """Two dealers sent the same photo, and two people answered."""
    sent = [photo(tmp_path / "x", "a", 1)]
    for dealer, text in (("one", "ABC-987"), ("two", other)):
        case = case_of(store, sent, (0, OWN, "ABC987"), dealer=dealer)
        said(store, case, SaidMark(text, "FI"), by=dealer)
        worked(store, case, replace(review(), record={PLATES: [line(sent[0], OWN, "ABC987")]}))
    found = collect(store)
    assert len(found.records) == kept and [record.by for record in found.records] == ["one"] * kept
    why = "in two cars, and what was said of them differs"
    assert found.left_out == ({} if kept else {why: 1})


def test_nothing_of_an_erased_case_stays(store: Store, tmp_path: Path) -> None:
    many(store, tmp_path, range(100, 106))
    write_from_cases(store, collect(store))
    gone = next(record for record in collect(store).records if record.plates)
    case = next(case for case in [receive(store, again(gone)).case])
    erase(store, case.id, by="anna")
    text = "".join((labels_folder(store) / f"{n}.jsonl").read_text() for n in ("train", "test"))
    assert str(gone.photo) not in text and str(gone.plates[0].mark) not in text and text.count("\n") == 5
    assert gone.photo not in {record.photo for record in collect(store).records}


def again(record: LabelledPhoto) -> Arrival:
    """The same photo once more: the same case."""
    path = Path(str(record.path))
    return Arrival((Sent(str(record.photo), path.name, str(path)),))


def test_without_answers_nothing_is_written(store: Store, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no answer"):
        write_from_cases(store, collect(store))
    assert not labels_folder(store).exists()


def test_the_same_answers_give_the_same_bytes(store: Store, tmp_path: Path, clock: FakeClock) -> None:
    """Whatever happened to the cases since, and in which order."""
    cases = []
    for i in range(6):
        sent = photo(tmp_path / "photos", f"{i}", i)
        cases.append(case_of(store, [sent], (0, OWN, "ABC123")))
        answer(store, cases[-1].id, SaidMark("ABC-123", "FI"), by="anna")
        clock.now += timedelta(minutes=1)
    write_from_cases(store, collect(store))
    files = {path: path.read_bytes() for path in labels_folder(store).glob("*.jsonl")}
    for case in (cases[4], cases[0]):
        clock.now += timedelta(minutes=1)
        withdraw(store, case.id, by="anna")
    write_from_cases(store, collect(store))
    assert {path: path.read_bytes() for path in files} == files
