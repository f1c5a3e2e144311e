"""What a person did not see when answering is asked about, once."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import pytest
from tests.cases.helping import MARK, OTHER, in_state, ready, review, sent, sha, worked
from tests.stores import FakeClock

from kilpi.cases import (
    Arrival,
    Case,
    Outcome,
    SaidFacts,
    SaidMark,
    SaidNoPlate,
    SaidNotThese,
    SaidVin,
    State,
    answer,
    receive,
    rerun,
)
from kilpi.cases.incoming.receive import remove_photos
from kilpi.cases.records import lock
from kilpi.store import Store
from kilpi.types import Mark, Reason

VIN = "TMBJG7NE1F0000935"
DAY_S = 86_400
SKODA = Reason("contradiction_make", {"registered": "Volkswagen", "dealer": "Skoda"})
LATER = Reason("contradiction_year", {"registered": 2018, "dealer": 2015})


def codes(case: Case) -> list[str]:
    return [reason.code for reason in case.reasons]


def said(mark: Mark) -> SaidMark:
    return SaidMark(mark.text, "FI")


def differing(*reasons: Reason) -> Outcome:
    return ready(reasons=(Reason("answered"), *reasons))


def again(store: Store, case: Case, outcome: Outcome) -> Case:
    rerun(store, case.id, by="kilpi", why="register")
    return worked(store, case, outcome)


def refilled(store: Store, case: Case, *names: str) -> None:
    """The case's folder with wholly other photos."""
    receive(store, Arrival(sent(*names), reference="17"))
    store.write(lambda tx: remove_photos(tx, lock(tx, case.id), [sha("a1"), sha("a2")], "kilpi"))


def test_what_register_or_list_say_later_is_asked_about_once(store: Store) -> None:
    case = in_state(store, State.REVIEW)
    answer(store, case.id, said(MARK), by="anna")
    assert worked(store, case, ready()).state is State.READY, "no register knew the number yet"
    now = again(store, case, differing(SKODA))
    assert (now.state, codes(now)[0]) == (State.REVIEW, "answer_not_sure")
    assert again(store, case, differing(SKODA)).state is State.REVIEW, "nobody said anything meanwhile"
    answer(store, case.id, said(MARK), by="anna", sure=True)
    assert worked(store, case, differing(SKODA)).state is State.READY
    assert again(store, case, differing(SKODA)).state is State.READY, "that was seen"
    assert codes(again(store, case, differing(SKODA, LATER)))[0] == "answer_not_sure"


@pytest.mark.parametrize(
    ("sure", "state"),
    [
        (["register_unavailable"], State.REVIEW),  # the register was down when the answer was given
        (["not_registered", "contradiction_year"], State.REVIEW),
        (["contradiction_make"], State.READY),
        ([], State.REVIEW),
        (True, State.READY),
    ],
)
def test_sure_is_what_was_on_the_screen(store: Store, sure: bool | Sequence[str], state: State) -> None:
    case = in_state(store, State.REVIEW)
    answer(store, case.id, said(MARK), by="anna", sure=sure)
    assert worked(store, case, differing(SKODA)).state is state


@pytest.mark.parametrize("given", [SaidNoPlate(), SaidVin(VIN), said(OTHER)])
def test_new_photos_are_held_against_every_answer(
    store: Store, given: SaidNoPlate | SaidVin | SaidMark
) -> None:
    case = in_state(store, State.REVIEW, reference="17")
    answer(store, case.id, given, by="anna", sure=True)
    seen = ready(OTHER if isinstance(given, SaidMark) else None, read=None)
    assert worked(store, case, seen).state is not State.REVIEW
    receive(store, Arrival(sent("next"), reference="17"))
    now = worked(store, case, ready(seen.mark, read=MARK))
    assert (now.state, codes(now)[0]) == (State.REVIEW, "answer_contradicted")


def test_a_plate_that_was_known_as_anothers_speaks_against_no_answer(store: Store) -> None:
    case = in_state(store, State.REVIEW, reference="17")
    again(store, case, ready())
    answer(store, case.id, SaidNoPlate(), by="anna")  # the plate that was read is a neighbour's
    worked(store, case, ready(None, read=MARK))
    receive(store, Arrival(sent("next"), reference="17"))
    assert worked(store, case, ready(None, read=MARK)).state is not State.REVIEW
    receive(store, Arrival(sent("another"), reference="17"))
    assert codes(worked(store, case, ready(None, read=OTHER)))[0] == "answer_contradicted"


def test_a_folder_that_is_filled_with_the_next_car_keeps_nothing_unasked(store: Store) -> None:
    case = in_state(store, State.REVIEW, reference="17")
    answer(store, case.id, said(MARK), SaidFacts(price=Decimal(500), odometer_km=99000), by="anna")
    assert worked(store, case, ready(read=None)).state is State.READY
    refilled(store, case, "b1", "b2")
    now = worked(store, case, ready(read=None))
    assert (now.state, codes(now)[0]) == (State.REVIEW, "photos_replaced")
    assert again(store, case, ready(read=None)).state is State.REVIEW
    answer(store, case.id, said(MARK), by="anna")
    assert worked(store, case, ready(read=None)).state is State.READY
    assert again(store, case, ready(read=None)).state is State.READY, "asked once"


@pytest.mark.parametrize(("read", "state"), [(MARK, State.READY), (OTHER, State.REVIEW)])
def test_figures_stay_with_the_car_that_they_were_given_for(store: Store, read: Mark, state: State) -> None:
    case = in_state(store, State.READY, reference="17")
    answer(store, case.id, SaidFacts(price=Decimal(500)), by="anna")
    assert worked(store, case, ready()).state is State.READY
    refilled(store, case, "b1", "b2")
    now = worked(store, case, ready(read))
    assert now.state is state and (codes(now) == ["photos_replaced"]) is (state is State.REVIEW)


def test_one_former_photo_is_enough_for_an_answer_to_stay(store: Store) -> None:
    case = in_state(store, State.REVIEW, reference="17")
    answer(store, case.id, said(MARK), by="anna")
    worked(store, case, ready(read=None))
    receive(store, Arrival(sent("b1"), reference="17"))
    store.write(lambda tx: remove_photos(tx, lock(tx, case.id), [sha("a1")], "kilpi"))
    assert worked(store, case, ready(read=None)).state is State.READY


def exchanged(store: Store, case: Case, add: str, take: str) -> None:
    """Photos come into the case's folder, and others go."""
    if add:
        receive(store, Arrival(sent(*add.split()), reference="17"))
    if take:
        gone = [sha(name) for name in take.split()]
        store.write(lambda tx: remove_photos(tx, lock(tx, case.id), gone, "kilpi"))


@pytest.mark.parametrize("elsewhere", [False, True])
def test_a_photo_of_every_car_says_not_that_the_car_is_the_same(store: Store, elsewhere: bool) -> None:
    """The banner stays in the folder that is filled with the next car; so did the first one's price."""
    case = receive(store, Arrival(sent("a1", "a2", "banner"), reference="17")).case
    if elsewhere:
        receive(store, Arrival(sent("banner", "c1"), reference="18"))
        exchanged(store, case, "", "a1")
    worked(store, case, review())
    answer(store, case.id, SaidFacts(price=Decimal(500)), by="anna")
    assert worked(store, case, ready()).state is State.READY
    exchanged(store, case, "b1 b2", "a2" if elsewhere else "a1 a2")
    now = worked(store, case, ready(OTHER))
    assert (now.state, codes(now)) == (State.REVIEW, ["photos_replaced"])
    assert again(store, case, ready(MARK)).state is State.READY, "the same car, in new photos"


def test_a_folder_that_is_filled_before_it_is_emptied_keeps_nothing_unasked(store: Store) -> None:
    """Copying programs bring the new photos first; what was decided of both says nothing of the next."""
    case = in_state(store, State.READY, reference="17")
    answer(store, case.id, SaidFacts(price=Decimal(500)), by="anna")
    worked(store, case, ready())
    exchanged(store, case, "b1 b2", "")
    assert worked(store, case, ready()).state is State.READY, "the next car's photos show no plate, say"
    exchanged(store, case, "b3", "a1 a2")
    now = worked(store, case, ready(OTHER))
    assert (now.state, codes(now)) == (State.REVIEW, ["photos_replaced"])


def test_photos_that_only_went_are_no_other_ones(store: Store) -> None:
    case = receive(store, Arrival(sent("a1", "a2", "a3"), reference="17")).case
    worked(store, case, review())
    answer(store, case.id, SaidFacts(price=Decimal(500)), by="anna")
    exchanged(store, case, "", "a1 a2")
    assert worked(store, case, ready(OTHER)).state is State.READY


def test_a_car_in_review_stays_so_and_is_told_of_its_photos(store: Store) -> None:
    case = in_state(store, State.REVIEW, reference="17")
    answer(store, case.id, SaidFacts(price=Decimal(500)), by="anna")
    worked(store, case, review())
    refilled(store, case, "b1", "b2")
    assert codes(worked(store, case, review(None))) == ["photos_replaced", "not_sure_enough"]


FAR, NEAR = OTHER, Mark("ABC-981", "FI")


@pytest.mark.parametrize(
    ("given", "likely", "state"),
    [
        (SaidNoPlate(), FAR, State.REVIEW),
        (said(MARK), FAR, State.REVIEW),
        (said(MARK), NEAR, State.READY),  # the same plate, misread once more
    ],
)
def test_a_mark_that_is_only_likely_is_held_against_an_answer(
    store: Store, given: SaidNoPlate | SaidMark, likely: Mark, state: State
) -> None:
    case = in_state(store, State.REVIEW, reference="17")
    answer(store, case.id, given, by="anna")
    worked(store, case, ready(read=None))
    receive(store, Arrival(sent("next"), reference="17"))
    assert worked(store, case, ready(read=None, likely=likely)).state is state


THROUGH = (State.READY, State.PUBLISHED)


def seen_in(*names: str, text: str = "ABC987") -> Outcome:
    """A ready car whose plate these photos show."""
    corners = [[0, 0], [9, 0], [9, 3], [0, 3]]
    lines = [{"photo": sha(name), "quad": corners, "text": text, "frame": None} for name in names]
    return ready(record={"plates": lines})


@pytest.mark.parametrize("out", [True, False])
def test_photos_under_a_used_reference_that_show_no_plate_are_asked_about(
    store: Store, clock: FakeClock, out: bool
) -> None:
    """A stock number is used again: the next car's photos and price went into the advert that was out."""
    case = in_state(store, State.PUBLISHED if out else State.DRAFT, reference="17")
    clock.tick(0 if out else 2 * DAY_S)
    price = SaidFacts(price=Decimal(8900))
    received = receive(store, Arrival(sent("next"), reference="17", by="stock", answers=(price,)))
    assert received.case.id == case.id
    now = worked(store, case, seen_in("a1", "a2"))
    assert (now.state, codes(now), now.live) == (State.REVIEW, ["photos_by_reference"], int(out))
    receive(store, Arrival(sent("next"), reference="17", by="stock", answers=(price,)))  # the next night
    assert again(store, case, seen_in("a1", "a2")).state is State.REVIEW
    answer(store, case.id, said(MARK), by="anna")
    assert worked(store, case, seen_in("a1", "a2")).state in THROUGH
    assert again(store, case, seen_in("a1", "a2")).state in THROUGH


def test_photos_of_another_car_under_a_used_reference_are_left_out_and_it_is_well(store: Store) -> None:
    case = in_state(store, State.PUBLISHED, reference="17")
    receive(store, Arrival(sent("next"), reference="17"))
    assert worked(store, case, seen_in("a1")).state is State.REVIEW
    answer(store, case.id, SaidNotThese((sha("next"),)), by="anna")
    assert worked(store, case, seen_in("a1")).state in THROUGH


@pytest.mark.parametrize("shows", ["ABC987", "A8C987"])
def test_photos_under_a_reference_that_show_its_plate_are_the_cars(store: Store, shows: str) -> None:
    case = in_state(store, State.PUBLISHED, reference="17")
    receive(store, Arrival(sent("front", "inside"), reference="17"))
    assert worked(store, case, seen_in("front", text=shows)).state in THROUGH


def test_photos_that_come_one_by_one_under_a_reference_are_the_cars(store: Store) -> None:
    case = in_state(store, State.READY, reference="17")
    receive(store, Arrival(sent("inside"), reference="17"))
    assert worked(store, case, seen_in("a1")).state in THROUGH
