"""Loose photos are sorted by a worker: cases where that is sure, one case where it is not, none lost."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from tests.photos.heaps import walk
from tests.sent_cars import a_photo, send_car

from kilpi.cases import find, heap_sorter, history, photos, split, work
from kilpi.errors import CaseRefused, UsageError
from kilpi.photos.heap import HeapPhoto
from kilpi.store import Store

HEAP = walk("red FFRRcsdd", "blue FFRRcsdd")


def looks(path: Path, name: str) -> HeapPhoto:
    """What is known of the photo of this name."""
    return replace(next(one for one in HEAP if one.name == name), id=path.name)


def heap(folder: Path, count: int = len(HEAP)) -> dict[str, bytes]:
    return {one.name: a_photo(folder, n) for n, one in enumerate(HEAP[:count])}


def sort_all(store: Store) -> None:
    handlers = heap_sorter(store, looks)
    work(store, lambda task: None, handlers=handlers, stop=iter([False, True]).__next__)  # type: ignore[arg-type]


def test_a_heap_that_sorts_surely_is_a_case_a_car(store: Store, tmp_path: Path) -> None:
    made = send_car(store, tmp_path / "data", heap(tmp_path))
    assert (made.cars, made.heaps) == ((), 1) and find(store).cases == ()
    sort_all(store)
    cases = find(store).cases
    assert sorted(len(photos(store, case.id)) for case in cases) == [8, 8]
    assert {history(store, case.id)[0].by for case in cases} == {"anna"}


def test_one_that_does_not_is_one_case_with_all(store: Store, tmp_path: Path) -> None:
    files = heap(tmp_path, 3)
    unknown = {"zz.jpg": a_photo(tmp_path, 99)}  # `looks` fails on it
    send_car(store, tmp_path / "data", {**files, **unknown})
    sort_all(store)
    (case,) = find(store).cases
    assert len(photos(store, case.id)) == 4


@pytest.mark.parametrize("named", ["reference", "folder", "car.toml", "single"])
def test_photos_that_are_said_to_be_one_cars_are_no_heap(store: Store, tmp_path: Path, named: str) -> None:
    files = heap(tmp_path, 1 if named == "single" else 3)
    more = {"reference": "A-17"} if named == "reference" else {}
    if named == "folder":
        files = {f"leaf/{name}": content for name, content in files.items()}
    if named == "car.toml":
        files["car.toml"] = b"price = 1000\n"
    made = send_car(store, tmp_path / "data", files, **more)
    assert (len(made.cars), made.heaps) == (1, 0)


def test_photos_of_another_car_become_a_case_of_their_own(store: Store, tmp_path: Path) -> None:
    files = {f"leaf/{n}.jpg": a_photo(tmp_path, n) for n in (1, 2, 3)}
    (received,) = send_car(store, tmp_path / "data", files, dealer="Auto Oy").cars
    mine = [photo.sha256 for photo in photos(store, received.case.id)]
    old, new = split(store, received.case.id, mine[1:], by="anna")
    assert [photo.sha256 for photo in photos(store, old.id)] == mine[:1]
    assert [photo.sha256 for photo in photos(store, new.id)] == mine[1:]
    assert (new.dealer, new.reference) == ("Auto Oy", "leaf (2)") and new.id != old.id
    with pytest.raises(CaseRefused, match="must stay"):
        split(store, new.id, mine[1:], by="anna")
    with pytest.raises(UsageError):
        split(store, new.id, mine[:1], by="anna")
