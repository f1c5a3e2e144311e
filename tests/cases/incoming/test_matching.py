from __future__ import annotations

import shutil
from decimal import Decimal
from pathlib import Path

import pytest
from tests.cases.helping import MARK, arrive, in_state, ready, sent, worked

from kilpi.cases import (
    Arrival,
    How,
    Kind,
    Received,
    SaidFacts,
    SaidMark,
    State,
    answer,
    find,
    history,
    photos,
    read_case,
    receive,
    sold,
)
from kilpi.cases.answers import combine
from kilpi.cases.incoming.folders_in import sent as photo_at
from kilpi.cases.incoming.sent_more import join_case
from kilpi.store import Store

OWN, NEXT = SaidMark("ABC-987", "FI"), SaidMark("XYZ-123", "FI")
PRICE = SaidFacts(price=Decimal(15900))


def folder(root: Path, *names: str, mark: SaidMark | None = None) -> Arrival:
    """All that lies in a folder, and photos more; a name's bytes are always the same."""
    root.mkdir(parents=True, exist_ok=True)
    for name in names:
        (root / f"{name}.jpg").write_text(name)
    return Arrival(tuple(map(photo_at, sorted(root.glob("*.jpg")))), place=str(root), mark=mark)


def said(store: Store, received: Received) -> tuple[object, object]:
    now = combine(history(store, received.case.id))
    return now.identity, now.facts.price


def test_another_reference_is_another_car(store: Store) -> None:
    """The dealer's "pictures follow" is every car's first photo."""
    first = receive(store, Arrival(sent("follow", "a", "b"), reference="A-1", answers=(PRICE, OWN)))
    cheaper = SaidFacts(price=Decimal(4990))
    second = receive(store, Arrival(sent("follow"), reference="A-2", answers=(cheaper, NEXT)))
    third = receive(store, Arrival(sent("follow"), reference="A-3", answers=(SaidFacts(price=Decimal(7)),)))
    assert [one.how for one in (first, second, third)] == [How.NEW] * 3
    assert said(store, first) == (OWN, 15900) and said(store, second) == (NEXT, 4990)
    again = receive(
        store, Arrival(sent("follow"), reference="A-2", answers=(SaidFacts(price=Decimal(4890)),))
    )
    assert (again.how, again.case.id) == (How.CHANGED, second.case.id)
    assert said(store, first) == (OWN, 15900) and said(store, again) == (NEXT, 4890)


def test_all_photos_under_another_reference_are_another_car_too(store: Store) -> None:
    case = arrive(store, "follow", "logo", reference="A-1")
    for names in (("follow", "logo"), ("follow", "logo", "a")):
        received = receive(store, Arrival(sent(*names), reference=f"A-{len(names)}"))
        assert received.how is How.NEW
    assert len(photos(store, case.id)) == 2


def test_what_is_sold_swallows_no_other_reference(store: Store) -> None:
    case = arrive(store, "follow", reference="S-1")
    sold(store, case.id, by="anna")
    assert receive(store, Arrival(sent("follow"), reference="S-2")).how is How.NEW
    assert receive(store, Arrival(sent("follow"), reference="S-1")).how is How.SAME


@pytest.mark.parametrize("again", [("a", "b"), ("a", "b", "c")])
def test_another_name_as_sent_with_all_photos_is_the_same_car(store: Store, again: tuple[str, ...]) -> None:
    case = arrive(store, "a", "b", reference="golf", named=False)
    received = receive(store, Arrival(sent(*again), reference="VW Golf", named=False))
    assert received.case.id == case.id and received.how is (How.SAME if len(again) == 2 else How.CHANGED)


@pytest.mark.parametrize(
    ("again", "answers"), [(("a",), ()), (("a", "b"), (NEXT,)), (("a", "b", "c"), (NEXT,))]
)
def test_another_name_as_sent_with_less_or_another_mark_is_not(
    store: Store, again: tuple[str, ...], answers: tuple[SaidMark, ...]
) -> None:
    first = receive(store, Arrival(sent("a", "b"), reference="golf", named=False, answers=(OWN,)))
    received = receive(store, Arrival(sent(*again), reference="leaf", named=False, answers=answers))
    assert received.how is How.NEW and said(store, first) == (OWN, None)
    assert len(photos(store, first.case.id)) == 2


@pytest.mark.parametrize("name", ["auto", "photos-0a1b2c", ""])
def test_a_photo_of_several_is_sent_again_where_it_brings_nothing(store: Store, name: str) -> None:
    case = arrive(store, "a", "b", "c", reference="auto", named=False)
    again = Arrival(sent("a"), reference=name, named=False)
    assert receive(store, again).case.id == case.id
    for brings in ({"answers": (PRICE,)}, {"answers": (NEXT,)}, {"beside": True}):
        arrival = Arrival(sent("a"), reference=name, named=False, dealer="", **brings)
        received = receive(store, arrival)
        assert received.case.id != case.id, brings
    assert [event.kind for event in history(store, case.id)] == [Kind.RECEIVED]


def test_one_photo_without_a_name_brings_a_mark_but_no_other_one(store: Store) -> None:
    case = arrive(store, "a")
    first = receive(store, Arrival(sent("a"), answers=(OWN, PRICE)))
    assert (first.how, first.case.id) == (How.CHANGED, case.id)
    other = receive(store, Arrival(sent("a"), answers=(NEXT,)))
    assert other.how is How.NEW and said(store, first) == (OWN, 15900)
    nightly = receive(store, Arrival(sent("a"), answers=(OWN, PRICE)))
    assert (nightly.how, nightly.case.id) == (How.SAME, case.id)


def test_photos_that_come_again_correct_their_mark(store: Store) -> None:
    first = receive(store, Arrival(sent("a", "b"), answers=(OWN,)))
    again = receive(store, Arrival(sent("a", "b"), answers=(NEXT,)))
    assert (again.how, again.case.id) == (How.CHANGED, first.case.id)
    assert said(store, again) == (NEXT, None)


def test_another_folder_with_one_of_the_photos_is_another_car(store: Store, tmp_path: Path) -> None:
    one = receive(store, folder(tmp_path / "octavia", "a", "b", "c", "showroom"))
    two = receive(store, folder(tmp_path / "zgolf", "showroom", mark=OWN))
    assert [one.how, two.how] == [How.NEW] * 2 and one.case.id != two.case.id
    assert receive(store, folder(tmp_path / "zgolf")).case.id == two.case.id
    assert receive(store, folder(tmp_path / "octavia")).case.id == one.case.id
    shutil.rmtree(tmp_path / "octavia")
    assert receive(store, folder(tmp_path / "third", "showroom")).how is How.NEW
    assert read_case(store, one.case.id).place == str(tmp_path / "octavia")


def test_a_copied_folder_is_the_same_car_until_it_says_or_holds_another(store: Store, tmp_path: Path) -> None:
    one = receive(store, folder(tmp_path / "one", "a", "b", mark=OWN))
    worked(store, one.case, ready())
    same = receive(store, folder(tmp_path / "two", "a", "b", mark=OWN))
    assert (same.how, same.case.id) == (How.SAME, one.case.id)
    marked = receive(store, folder(tmp_path / "three", "a", "b", mark=NEXT))
    assert marked.how is How.NEW
    more = receive(store, folder(tmp_path / "two", "c"))
    assert more.how is How.NEW and len(photos(store, one.case.id)) == 2
    assert receive(store, folder(tmp_path / "one")).case.id == one.case.id
    assert receive(store, folder(tmp_path / "two")).case.id == more.case.id


@pytest.mark.parametrize(("names", "same"), [("ab", True), ("ac", True), ("a", False)])
def test_a_renamed_folder_has_most_of_the_photos(
    store: Store, tmp_path: Path, names: str, same: bool
) -> None:
    old = receive(store, folder(tmp_path / "old", "a", "b", "c"))
    shutil.rmtree(tmp_path / "old")
    new = receive(store, folder(tmp_path / "new", *names))
    assert (new.case.id == old.case.id) is same
    assert read_case(store, old.case.id).place == str(tmp_path / ("new" if same else "old"))


@pytest.mark.parametrize("answered", [False, True])
def test_a_renamed_folder_of_one_photo_is_known_where_nobody_said_anything(
    store: Store, tmp_path: Path, answered: bool
) -> None:
    old = receive(store, folder(tmp_path / "old", "a"))
    if answered:
        worked(store, old.case, ready())
        answer(store, old.case.id, PRICE, by="anna")
    (tmp_path / "old").rename(tmp_path / "new")
    assert (receive(store, folder(tmp_path / "new")).case.id == old.case.id) is not answered


def test_photos_named_one_by_one_are_the_same_files(store: Store, tmp_path: Path) -> None:
    whole = folder(tmp_path, "a", "b", "c")
    first = receive(store, Arrival(whole.photos[:2], place=f"{tmp_path}/1234*"))
    more = receive(store, Arrival(whole.photos, place=f"{tmp_path}/5678*"))
    assert (more.how, more.case.id) == (How.CHANGED, first.case.id)
    again = receive(store, Arrival(whole.photos, place=f"{tmp_path}/5678*"))
    assert (again.how, again.case.id) == (How.SAME, first.case.id)


def test_a_reference_used_for_the_next_car_is_a_case_of_its_own(store: Store) -> None:
    first = receive(store, Arrival(sent("a", "b"), reference="17", answers=(OWN, PRICE)))
    more = receive(store, Arrival(sent("c"), reference="17", answers=(OWN,)))
    assert (more.how, more.case.id) == (How.CHANGED, first.case.id)
    after = receive(store, Arrival(sent("x", "y"), reference="17", answers=(NEXT,)))
    assert after.how is How.NEW and said(store, after) == (NEXT, None)
    assert said(store, first) == (OWN, 15900) and len(photos(store, first.case.id)) == 3
    corrected = receive(store, Arrival(sent("a", "b", "c"), reference="17", answers=(NEXT,)))
    assert corrected.case.id == first.case.id and said(store, first) == (NEXT, 15900)


@pytest.mark.parametrize(
    ("km", "how"),
    [
        (84_300, How.CHANGED),
        (84_200, How.CHANGED),
        (86_200, How.CHANGED),
        (9_000, How.NEW),
        (120_000, How.NEW),  # no car for sale is driven so far
    ],
)
def test_a_reference_whose_car_has_other_kilometres_is_another_cars_now(
    store: Store, km: int, how: How
) -> None:
    receive(store, Arrival(sent("a"), reference="17", answers=(SaidFacts(odometer_km=84_200),)))
    assert receive(store, Arrival(sent("x"), reference="17", answers=(SaidFacts(odometer_km=km),))).how is how


def test_one_photo_of_every_car_keeps_no_reference_with_the_former_car(store: Store) -> None:
    """The dealer's banner comes with each car; the first one's photos would be in the next one's advert."""
    first = receive(store, Arrival(sent("a", "b", "follow"), reference="17", answers=(OWN, PRICE)))
    after = receive(store, Arrival(sent("x", "y", "follow"), reference="17", answers=(NEXT,)))
    assert after.how is How.NEW and said(store, after) == (NEXT, None)
    assert said(store, first) == (OWN, 15900) and len(photos(store, first.case.id)) == 3
    more = receive(store, Arrival(sent("z", "follow"), reference="17", answers=(NEXT,)))
    assert (more.how, more.case.id) == (How.CHANGED, after.case.id)


@pytest.mark.parametrize("again", [("a", "b", "x"), ("a", "b"), ("a",)])
def test_photos_of_a_car_that_come_again_under_its_reference_correct_it(
    store: Store, again: tuple[str, ...]
) -> None:
    first = receive(store, Arrival(sent("a", "b", "c"), reference="17", answers=(OWN,)))
    received = receive(store, Arrival(sent(*again), reference="17", answers=(NEXT,)))
    assert received.case.id == first.case.id and said(store, first) == (NEXT, None)


def test_a_single_photo_with_more_corrects_its_car(store: Store) -> None:
    first = receive(store, Arrival(sent("a"), reference="17", answers=(OWN,)))
    received = receive(store, Arrival(sent("a", "b", "c"), reference="17", answers=(NEXT,)))
    assert received.case.id == first.case.id and said(store, first) == (NEXT, None)


def test_a_mail_that_answers_one_of_another_car_does_not_join_it(store: Store) -> None:
    first = receive(store, Arrival(sent("a"), answers=(OWN,)))
    assert join_case(store, first.case.id, Arrival(sent("x"), answers=(NEXT,))) is None
    joined = join_case(store, first.case.id, Arrival(sent("x"), answers=(OWN,)))
    assert joined is not None and joined.changed == ("photos",)


def test_a_sold_car_comes_back_at_another_price(store: Store) -> None:
    case = in_state(store, State.REVIEW, reference="17")
    answer(store, case.id, PRICE, OWN, by="robot")
    worked(store, case, ready())
    answer(store, case.id, SaidFacts(price=Decimal(14900)), by="anna")
    sold(store, case.id, by="anna")
    photos_sent = sent("a1", "a2")
    for value in (15900, 14900):
        nightly = Arrival(photos_sent, reference="17", answers=(SaidFacts(price=Decimal(value)), OWN))
        assert receive(store, nightly).case.id == case.id
    back = Arrival(photos_sent, reference="17", answers=(SaidFacts(price=Decimal(9900)), OWN))
    new = receive(store, back)
    assert new.how is How.NEW and read_case(store, case.id).state is State.SOLD
    assert receive(store, back).case.id == new.case.id
    assert worked(store, new.case, ready(MARK)).state is State.READY, "after a sale it may come back"
    assert len(find(store).cases) == 2
