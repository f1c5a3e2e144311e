from __future__ import annotations

import io
import threading
from pathlib import Path

import pytest
from tests.cases.helping import OTHER, Told, arrive, in_state, ready, sent, sha, worked

from kilpi.cases import (
    Arrival,
    How,
    Kind,
    SaidFacts,
    SaidMark,
    Sent,
    State,
    answer,
    erase,
    find,
    history,
    mark_missing,
    photos,
    read_case,
    receive,
)
from kilpi.errors import StoreError, UsageError
from kilpi.store import Store, sha256_of


def folder(root: Path, *names: str) -> tuple[Sent, ...]:
    """Photos in a folder; a name's bytes are always the same."""
    root.mkdir(parents=True, exist_ok=True)
    for name in names:
        (root / f"{name}.jpg").write_text(name)
    found = sorted(root.glob("*.jpg"))
    return tuple(Sent(sha256_of(path), path.name, str(path)) for path in found)


def test_a_new_car(store: Store) -> None:
    received = receive(store, Arrival(sent("b", "a", "b"), by="anna", dealer="d", reference="17"))
    case = received.case
    assert (received.how, case.state, case.dealer, case.reference) == (How.NEW, State.RECEIVED, "d", "17")
    kept = photos(store, case.id)
    assert [(photo.name, photo.position) for photo in kept] == [("b.jpg", 0), ("a.jpg", 1)]  # b once
    assert [(event.kind, event.by) for event in history(store, case.id)] == [(Kind.RECEIVED, "anna")]


def test_no_photos_are_no_case(store: Store) -> None:
    with pytest.raises(UsageError):
        receive(store, Arrival(()))


@pytest.mark.parametrize("again", [("a", "b"), ("b", "a"), ("a",)])
def test_the_same_photos_are_the_same_case(store: Store, again: tuple[str, ...]) -> None:
    case = arrive(store, "a", "b")
    received = receive(store, Arrival(sent(*again)))
    assert (received.how, received.case) == (How.SAME, case)


def test_all_and_more_are_the_same_case_with_more(store: Store) -> None:
    case = worked(store, arrive(store, "a", "b"), ready())
    received = receive(store, Arrival(sent("c", "a", "b")))
    assert (received.how, received.case.id, received.case.state) == (How.CHANGED, case.id, State.WORKING)
    assert [photo.name for photo in photos(store, case.id)] == ["a.jpg", "b.jpg", "c.jpg"]


def test_one_photo_in_common_is_another_case(store: Store) -> None:
    """A dealer's banner is in every car."""
    case = arrive(store, "banner", "a")
    assert receive(store, Arrival(sent("banner", "b"))).how is How.NEW
    assert receive(store, Arrival(sent("x"))).case.id != case.id
    assert receive(store, Arrival(sent("x", "y"))).how is How.NEW  # all of a one-photo case: too little


def test_another_dealer_is_never_told(store: Store) -> None:
    case = arrive(store, "a", "b", dealer="one", reference="17", receipt="r1")
    received = receive(store, Arrival(sent("a", "b"), dealer="two", reference="17", receipt="r1"))
    assert (received.how, received.case.dealer) == (How.NEW, "two")
    assert received.case.id != case.id


def test_the_same_receipt_is_the_same_arrival(store: Store) -> None:
    first = arrive(store, "a", receipt="mail 1")
    again = receive(store, Arrival(sent("b"), receipt="mail 1"))
    assert (again.how, again.case) == (How.SAME, first)


def test_the_same_reference_is_a_new_version_only_while_it_is_open(store: Store) -> None:
    case = worked(store, arrive(store, "a", reference="17"), ready(OTHER))
    received = receive(store, Arrival(sent("b"), reference="17"))
    assert (received.how, received.case.id) == (How.CHANGED, case.id)
    worked(store, case, ready(OTHER))
    closed = in_state(store, State.SOLD, "s", reference="18")
    received = receive(store, Arrival(sent("s3"), reference="18"))
    assert received.how is How.NEW
    assert read_case(store, closed.id).state is State.SOLD


def test_no_reference_joins_nothing(store: Store) -> None:
    assert arrive(store, "a").id != arrive(store, "b").id


def test_what_came_with_the_photos_is_an_answer(store: Store) -> None:
    case = arrive(store, "a", by="mail", answers=(SaidFacts(odometer_km=5), SaidMark("ABC-987", "FI")))
    flow = Told(ready())
    assert worked(store, case, flow).state is State.READY
    assert flow.tasks[0].answers.facts.odometer_km == 5
    assert case.state is State.RECEIVED


def test_a_folder_that_was_renamed_is_the_same_case(store: Store, tmp_path: Path) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    case = receive(store, Arrival(folder(old, "a", "b"), place=str(old), addresses=("old",))).case
    old.rename(new)
    received = receive(store, Arrival(folder(new), place=str(new), addresses=("new",)))
    assert (received.how, received.case.id, received.case.place) == (How.SAME, case.id, str(new))
    assert received.case.address == "old"
    assert [photo.path for photo in photos(store, case.id)] == [str(new / "a.jpg"), str(new / "b.jpg")]
    assert mark_missing(store) == []


def test_a_folder_that_was_doubled_is_one_case_and_stays_it(store: Store, tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    case = receive(store, Arrival(folder(one, "a", "b"), place=str(one))).case
    for _ in range(2):
        for place in (one, two):
            received = receive(store, Arrival(folder(place, "a", "b"), place=str(place)))
            assert (received.how, received.case) == (How.SAME, case)
    more = receive(store, Arrival(folder(one, "c"), place=str(one)))
    assert (more.how, more.case.id) == (How.CHANGED, case.id)
    again = receive(store, Arrival(folder(two), place=str(two)))
    assert again.how is How.SAME  # what lies in the other folder is not missed here
    assert len(photos(store, case.id)) == 3


def test_two_folders_of_one_name_keep_their_addresses(store: Store) -> None:
    wish = {"addresses": ("car", "b-car")}
    first = arrive(store, "a", place="/x/a/car", reference="car", **wish)
    second = arrive(store, "b", place="/x/b/car", reference="car", **wish)
    third = arrive(store, "c", place="/x/c/car", reference="car", **wish)
    assert (first.address, second.address) == ("car", "b-car")
    assert third.id.endswith(third.address)
    erase(store, first.id, by="anna")
    assert read_case(store, second.id).address == "b-car"


def test_a_folder_that_lost_a_photo_and_got_another(store: Store, tmp_path: Path) -> None:
    place = tmp_path / "car"
    case = worked(store, receive(store, Arrival(folder(place, "a", "b"), place=str(place))).case, ready())
    (place / "a.jpg").unlink()
    lost = receive(store, Arrival(folder(place), place=str(place)))
    assert (lost.how, lost.case.id, lost.case.state) == (How.CHANGED, case.id, State.WORKING)
    (place / "b.jpg").unlink()
    swapped = receive(store, Arrival(folder(place, "c"), place=str(place)))
    assert (swapped.how, swapped.case.id) == (How.CHANGED, case.id)
    assert [photo.name for photo in photos(store, case.id)] == ["c.jpg"]


def test_photos_that_are_gone_are_asked_about_and_may_come_back(store: Store, tmp_path: Path) -> None:
    place, away = tmp_path / "car", tmp_path / "away"
    stays = receive(store, Arrival(folder(tmp_path / "stays", "x"), place=str(tmp_path / "stays"))).case
    worked(store, stays, ready(OTHER))
    case = receive(store, Arrival(folder(place, "a", "b"), place=str(place))).case
    worked(store, case, ready())
    place.rename(away)
    missing = mark_missing(store)
    assert [(one.id, one.state, one.reasons[0].code) for one in missing] == [
        (case.id, State.REVIEW, "photos_missing")
    ]
    assert mark_missing(store) == []
    away.rename(place)
    back = receive(store, Arrival(folder(place), place=str(place)))
    assert (back.how, back.case.state) == (How.SAME, State.WORKING)
    assert worked(store, case, ready()).state is State.READY
    assert read_case(store, stays.id).state is not State.REVIEW


def test_an_original_must_be_there(store: Store) -> None:
    assert store.originals is not None
    kept = store.originals.add(io.BytesIO(b"bytes"))
    assert receive(store, Arrival((Sent(kept, "x.jpg"),))).how is How.NEW
    with pytest.raises(StoreError, match="send it again"):
        receive(store, Arrival((Sent(sha("never sent"), "x.jpg"),)))


def test_an_erased_case_is_not_found_again(store: Store) -> None:
    case = arrive(store, "a", reference="17", receipt="r")
    erase(store, case.id, by="anna")
    received = receive(store, Arrival(sent("a"), reference="17", receipt="r"))
    assert (received.how, received.case.id == case.id) == (How.NEW, False)


def test_who_sends_one_car_at_once_makes_one_case(store: Store) -> None:
    """Two runs on one folder, or a mail fetched twice."""
    arrival = Arrival(sent("a", "b"), reference="17", receipt="r")
    found: list[str] = []
    threads = [
        threading.Thread(target=lambda: found.append(receive(store, arrival).case.id)) for _ in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 6
    assert len(set(found)) == 1
    assert len(find(store).cases) == 1


def test_new_photos_of_an_answered_case_keep_the_answer(store: Store) -> None:
    case = in_state(store, State.REVIEW, reference="17")
    answer(store, case.id, SaidMark("ABC-987", "FI"), by="anna")
    receive(store, Arrival(sent("more"), reference="17"))
    assert worked(store, case, ready()).state is State.READY
