"""Heaps become cases: one a car, known photos stay, the same heap again changes nothing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from tests.cases.helping import sha
from tests.photos.heaps import heap_photo, sizes, walk

from kilpi.cases import (
    Arrival,
    How,
    SaidMark,
    Sent,
    find,
    history,
    look_at,
    looker,
    move_photos,
    photos,
    receive,
    receive_heap,
    withdraw,
)
from kilpi.errors import PhotoError, WeightsError
from kilpi.photos.grouping import sort_heap
from kilpi.photos.heap import HeapCar, HeapPhoto, Placed, Why
from kilpi.pipeline import Kilpi
from kilpi.store import Store

HEAP = walk("red FFRRcsdd", "blue FFRRcsdd")


def sent(found: list[HeapPhoto]) -> dict[str, Sent]:
    return {one.id: Sent(one.id, one.name, f"/nowhere/{one.name}") for one in found}


def test_every_car_is_a_case_and_sent_again_it_is_the_same(store: Store) -> None:
    base = Arrival(
        (),
        by="anna",
        dealer="aho",
        reference="mail",
        receipt="m1",
        addresses=("mail",),
        answers=(SaidMark("ABC-123", "FI"),),
    )
    cars = sort_heap(HEAP).cars
    received = receive_heap(store, cars, sent(HEAP), base)
    assert [one.how for one in received] == [How.NEW] * 2
    assert [(one.case.reference, one.case.address, one.case.mark) for one in received] == [
        ("mail-1", "mail-1", None),
        ("mail-2", "mail-2", None),
    ], "an answer that came along is one car's; nobody says whose"
    assert [len(photos(store, one.case.id)) for one in received] == [8, 8]
    again = receive_heap(store, cars, sent(HEAP), base)
    assert [(one.how, one.case.id) for one in again] == [(How.SAME, one.case.id) for one in received]


def test_what_a_person_moved_stays_where_it_is(store: Store) -> None:
    cars = sort_heap(HEAP).cars
    first, second = (one.case.id for one in receive_heap(store, cars, sent(HEAP), Arrival((), by="anna")))
    move_photos(store, first, [HEAP[7].id], second, by="anna")
    before = [len(history(store, one)) for one in (first, second)]
    receive_heap(store, cars, sent(HEAP), Arrival((), by="anna"))
    assert [len(photos(store, one)) for one in (first, second)] == [7, 9]
    assert [len(history(store, one)) for one in (first, second)] == before and len(find(store).cases) == 2


def test_new_photos_of_a_known_car_are_added_unless_it_is_gone(store: Store) -> None:
    first, second = (
        one.case.id for one in receive_heap(store, sort_heap(HEAP).cars, sent(HEAP), Arrival((), by="anna"))
    )
    withdraw(store, second, by="anna")
    more = [*HEAP[:8], heap_photo(50, "d", "red", name="IMG_1007b.JPG"), *HEAP[8:]]
    more += [heap_photo(51, "d", "blue", name="IMG_1051.JPG")]
    cars = sort_heap(more).cars
    assert sizes(sort_heap(more)) == [9, 9]
    how = [one.how for one in receive_heap(store, cars, sent(more), Arrival((), by="anna"))]
    assert how == [How.CHANGED, How.SAME]
    assert [len(photos(store, one)) for one in (first, second)] == [9, 8]


def test_a_photo_that_is_in_every_car_takes_none_along(store: Store) -> None:
    """The showroom of a case that is known already, and the photos of the next car."""
    files, car = sent(HEAP), sort_heap(HEAP).cars[0]
    shared, *own = (one.photo for one in car.photos[:3])
    old = receive(store, Arrival((files[shared], Sent(sha("a"), "a.jpg", "/nowhere/a.jpg")))).case
    for _ in range(2):
        receive_heap(store, [replace(car, photos=car.photos[:3])], files, Arrival((), by="anna"))
        new = next(case for case in find(store).cases if case.id != old.id)
        assert {photo.sha256 for photo in photos(store, new.id)} == set(own)
    assert len(photos(store, old.id)) == 2 and len(find(store).cases) == 2


def test_another_dealers_photos_are_not_told(store: Store) -> None:
    car = HeapCar((Placed(sha("a"), "a.jpg", Why.OPENS),))
    same = {sha("a"): Sent(sha("a"), "a.jpg", "/nowhere/a.jpg")}
    ids = {
        receive_heap(store, [car], same, Arrival((), dealer=dealer))[0].case.id for dealer in ("aho", "berg")
    }
    assert len(ids) == 2


def test_a_photo_that_cannot_be_opened_makes_a_heap_unsure() -> None:
    files = [(Path(one.name), one.name) for one in HEAP] + [
        (Path("x"), "x.jpg"),
        (Path(HEAP[0].name), "twice.jpg"),
    ]
    known = {one.name: one for one in HEAP}

    def look(path: Path, name: str) -> HeapPhoto:
        if path.name not in known:
            raise PhotoError(f"{name}: is no photo")
        return known[path.name]

    heap = look_at(files, look)
    assert heap.sorting.sure and not heap.sure
    assert [problem.where for problem in heap.problems] == ["x.jpg"] and len(heap.files) == 16


def test_without_the_view_network_nothing_can_be_sorted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Kilpi, "viewer", None)
    with pytest.raises(WeightsError, match="view"):
        looker(Kilpi())
