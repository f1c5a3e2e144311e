from __future__ import annotations

import threading
from dataclasses import replace

import pytest
from tests.cases.helping import MARK, OTHER, Told, arrive, in_state, publish, ready, review, sent, worked

from kilpi.cases import (
    Arrival,
    Case,
    Kind,
    SaidMark,
    State,
    Traits,
    answer,
    counts,
    history,
    join,
    photos,
    read_case,
    receive,
    rerun,
    sold,
    undo,
    withdraw,
    work,
)
from kilpi.cases.flow import Outcome
from kilpi.cases.making.duplicates import OTHER_CAR, SAME_CAR, Other, judge
from kilpi.cases.outgoing.publish import publisher
from kilpi.errors import CaseRefused, UsageError
from kilpi.store import Store
from kilpi.types import Mark, Reason

RED, BLUE = Traits(dealer="one", make="Volvo", colour="red"), Traits(dealer="one", colour="blue")


def codes(case: Case) -> list[str]:
    return [reason.code for reason in case.reasons]


@pytest.mark.parametrize(
    ("mine", "theirs", "differing"),
    [
        (Traits(), RED, ()),  # what one does not know cannot differ
        (RED, RED, ()),
        (Traits(make="VOLVO"), RED, ()),
        (RED, BLUE, ("colour",)),
        (
            Traits(dealer="two", period="2011-2015"),
            Traits(dealer="one", period="2016-"),
            ("dealer", "period"),
        ),
    ],
)
def test_what_differs(mine: Traits, theirs: Traits, differing: tuple[str, ...]) -> None:
    assert mine.differing(theirs) == theirs.differing(mine) == differing


def other(
    state: State, traits: Traits, settled: bool = True, live: bool = False, said: bool = False
) -> Other:
    return Other("x", state, traits, settled, live, said)


@pytest.mark.parametrize(
    ("found", "confirmed", "code", "contested"),
    [
        (other(State.READY, RED), False, SAME_CAR, True),
        (other(State.READY, RED, said=True), False, SAME_CAR, False),  # a person looked
        (other(State.PUBLISHED, RED, live=True), False, SAME_CAR, False),  # what is out stays
        (other(State.READY, RED), True, SAME_CAR, False),  # never a second advert, whoever says so
        (other(State.PUBLISHED, BLUE, live=True), False, OTHER_CAR, True),
        (other(State.REVIEW, RED, settled=False), False, None, False),  # only a guess of it
        (other(State.REVIEW, RED, settled=False, live=True), True, SAME_CAR, False),
        (other(State.SOLD, RED), False, None, False),
        (other(State.SOLD, Traits(dealer="two")), False, None, False),
        (other(State.SOLD, BLUE), False, OTHER_CAR, False),
        (other(State.SOLD, BLUE), True, None, False),
        (other(State.WITHDRAWN, RED), False, SAME_CAR, False),
        (other(State.WITHDRAWN, BLUE), False, OTHER_CAR, False),
        (other(State.WITHDRAWN, RED), True, None, False),
        (other(State.ERASED, RED), False, None, False),
    ],
)
def test_one_other_case(found: Other, confirmed: bool, code: str | None, contested: bool) -> None:
    verdict = judge(RED, [found], confirmed)
    assert [reason.code for reason in verdict.reasons] == ([code] if code else [])
    assert bool(verdict.contested) == contested
    assert verdict.alone == (code is None)


def test_the_same_mark_in_two_folders_is_one_advert(store: Store) -> None:
    first = in_state(store, State.PUBLISHED, "a")
    second = worked(store, arrive(store, "b"), ready())
    assert (second.state, second.settled, codes(second)) == (State.REVIEW, False, [SAME_CAR])
    assert second.reasons[0].values == {"case": first.id}
    assert read_case(store, first.id).state is State.PUBLISHED


def test_two_cars_of_one_run_with_one_mark_both_wait_for_a_person(store: Store) -> None:
    """A stray photo of the one lies in the other's folder: who was decided first is not right for that."""
    first = in_state(store, State.READY, "a")
    second = worked(store, arrive(store, "b"), ready())
    first = read_case(store, first.id)
    for one, another in ((first, second), (second, first)):
        assert (one.state, one.settled, codes(one)) == (State.REVIEW, False, [SAME_CAR])
        assert one.reasons[0].values == {"case": another.id}
    third = worked(store, arrive(store, "c"), ready())
    assert third.state is State.REVIEW and set(codes(third)) == {SAME_CAR}
    answer(store, first.id, SaidMark(OTHER.text, "FI"), by="anna", sure=True)
    assert worked(store, first, ready()).state is State.READY
    answer(store, second.id, SaidMark(MARK.text, "FI"), by="anna")
    assert worked(store, second, ready()).state is State.READY


def test_who_says_the_same_mark_again_is_asked_again(store: Store) -> None:
    in_state(store, State.PUBLISHED, "a")
    second = worked(store, arrive(store, "b"), ready())
    answer(store, second.id, SaidMark(MARK.text, "FI"), by="anna")
    assert codes(worked(store, second, ready())) == [SAME_CAR]
    answer(store, second.id, SaidMark(OTHER.text, "FI"), by="anna", sure=True)
    assert worked(store, second, ready()).state is State.READY


def test_a_misread_does_not_replace_another_cars_advert(store: Store) -> None:
    first = worked(store, arrive(store, "a", dealer="one"), ready(traits=Traits(colour="red")))
    publish(store, first)
    second = worked(store, arrive(store, "b", dealer="one"), ready(traits=Traits(colour="blue")))
    first = read_case(store, first.id)
    for one, another in ((first, second), (second, first)):
        assert (one.state, one.settled, codes(one)) == (State.REVIEW, False, [OTHER_CAR])
        assert one.reasons[0].values == {"case": another.id, "differ": ["colour"]}
    assert (first.live, second.live) == (1, 0)
    # The person sees that the second was misread; the first is confirmed and was never taken down.
    answer(store, second.id, SaidMark(OTHER.text, "FI"), by="anna", sure=True)
    assert worked(store, second, ready(traits=Traits(colour="blue"))).state is State.READY
    answer(store, first.id, SaidMark(MARK.text, "FI"), by="anna")
    assert worked(store, first, ready(traits=Traits(colour="red"))).state is State.PUBLISHED


def test_other_dealers_have_the_same_mark(store: Store) -> None:
    in_state(store, State.READY, "a", dealer="one")
    second = worked(store, arrive(store, "b", dealer="two"), ready())
    assert second.reasons[0].values["differ"] == ["dealer"]


@pytest.mark.parametrize("dealer", ["one", "two"])
def test_a_car_that_comes_back_after_its_sale_is_for_sale_again(store: Store, dealer: str) -> None:
    first = in_state(store, State.SOLD, "a", dealer="one")
    second = worked(store, arrive(store, "b", dealer=dealer), ready())
    assert second.state is State.READY
    with pytest.raises(CaseRefused, match="another case" if dealer == "two" else second.id):
        undo(store, first.id, by="anna")
    withdraw(store, second.id, by="anna")
    assert undo(store, first.id, by="anna").state is State.PUBLISHED


def test_the_same_mark_in_another_country_is_another_car(store: Store) -> None:
    first = in_state(store, State.PUBLISHED, "a", dealer="one")
    swede = Mark("ABC-987", "SE")
    assert worked(store, arrive(store, "b", dealer="two"), ready(swede)).state is State.READY
    mine = worked(store, arrive(store, "c", dealer="one"), ready(swede))
    assert mine.reasons[0].values == {"case": first.id, "differ": ["country"]}, (
        "one of the two was given wrongly"
    )
    assert read_case(store, first.id).state is State.REVIEW
    answer(store, mine.id, SaidMark(swede.text, "SE"), by="anna")
    assert worked(store, mine, ready(swede)).state is State.REVIEW
    answer(store, mine.id, SaidMark(swede.text, "SE"), by="anna", sure=True)
    assert worked(store, mine, ready(swede)).state is State.READY


def test_how_it_is_written_makes_no_other_car(store: Store) -> None:
    in_state(store, State.READY, "a")
    assert worked(store, arrive(store, "b"), ready(Mark("abc 987", "FI"))).state is State.REVIEW
    assert worked(store, arrive(store, "c"), ready(Mark("ÄBC-987", "FI"))).state is State.READY


def test_a_guess_is_no_duplicate_and_a_trade_plate_is_nobodys(store: Store) -> None:
    in_state(store, State.REVIEW, "a")
    assert worked(store, arrive(store, "b"), ready()).state is State.READY
    trade = Mark("KOE-1", "FI", identifies_car=False)
    for name in ("c", "d"):
        assert worked(store, arrive(store, name), ready(trade, state=State.DRAFT)).state is State.DRAFT


def test_what_is_out_counts_even_while_its_mark_is_in_doubt(store: Store) -> None:
    first = in_state(store, State.PUBLISHED, "a", reference="17")
    receive(store, Arrival(sent("a9"), reference="17"))
    assert worked(store, first, review(OTHER)).state is State.REVIEW
    assert codes(worked(store, arrive(store, "b"), ready())) == [SAME_CAR]


def test_new_photos_that_show_another_mark_do_not_replace_the_advert(store: Store) -> None:
    """A folder that was emptied and filled with the next car."""
    case = in_state(store, State.PUBLISHED, "a", reference="17")
    receive(store, Arrival(sent("next"), reference="17"))
    now = worked(store, case, ready(OTHER))
    assert (now.state, codes(now), now.live) == (State.REVIEW, ["published_mark_differs"], 1)
    answer(store, case.id, SaidMark(OTHER.text, "FI"), by="anna", sure=True)
    assert worked(store, case, ready(OTHER)).state is State.READY


def test_new_evidence_against_an_answer_reopens_the_case(store: Store) -> None:
    case = in_state(store, State.REVIEW, reference="17")
    answer(store, case.id, SaidMark(MARK.text, "FI"), by="anna")
    assert worked(store, case, ready()).state is State.READY
    rerun(store, case.id, by="kilpi", why="weights")
    said = worked(store, case, ready(OTHER, weights="new"))
    assert said.state is State.READY  # other weights, the same photos: nothing new
    receive(store, Arrival(sent("more"), reference="17"))
    now = worked(store, case, ready(OTHER))
    assert (now.state, codes(now)) == (State.REVIEW, ["answer_contradicted"])
    answer(store, case.id, SaidMark(MARK.text, "FI"), by="anna", sure=True)
    assert worked(store, case, ready(OTHER)).state is State.READY


@pytest.mark.parametrize(
    ("outcome", "code"),
    [
        (ready(OTHER), "read_otherwise"),
        (replace(ready(), reasons=(Reason("answered"), Reason("contradiction_vin"))), "answer_not_sure"),
    ],
)
def test_a_slip_of_the_fingers_is_asked_about_once_more(store: Store, outcome: Outcome, code: str) -> None:
    case = in_state(store, State.REVIEW)
    answer(store, case.id, SaidMark(MARK.text, "FI"), by="anna")
    now = worked(store, case, outcome)
    assert now.state is State.REVIEW and codes(now)[0] == code
    answer(store, case.id, SaidMark(MARK.text, "FI"), by="anna")
    assert worked(store, case, outcome).state is State.REVIEW, "said once more, and not that it was seen"
    answer(store, case.id, SaidMark(MARK.text, "FI"), by="anna", sure=True)
    assert worked(store, case, outcome).state is State.READY
    rerun(store, case.id, by="kilpi", why="weights")
    assert worked(store, case, outcome).state is State.READY


def test_an_advert_of_another_car_than_a_person_says_comes_down(store: Store) -> None:
    case = in_state(store, State.REVIEW)
    answer(store, case.id, SaidMark(OTHER.text, "FI"), by="anna", sure=True)
    worked(store, case, ready(OTHER))
    publish(store, read_case(store, case.id))
    undo(store, case.id, by="anna")
    now = worked(store, case, ready())
    assert (now.state, codes(now)) == (State.REVIEW, ["published_mark_differs"])
    shown: list[str | None] = []
    work(store, Told(ready()), handlers=publisher(store, "site", lambda case, advert: shown.append(advert)))
    assert shown == [None] and read_case(store, case.id).live == 0


@pytest.mark.parametrize("staff", [True, False])
def test_an_advert_of_another_car_than_the_staff_says_is_replaced(store: Store, staff: bool) -> None:
    """A mark that came along with new photos replaces nothing by itself: the former car may be for sale."""
    case = in_state(store, State.REVIEW)
    answer(store, case.id, SaidMark(OTHER.text, "FI"), by="anna", sure=True)
    worked(store, case, ready(OTHER))
    publish(store, read_case(store, case.id))
    answer(store, case.id, SaidMark(MARK.text, "FI"), by="bo", staff=staff)
    assert worked(store, case, ready()).state is State.READY
    shown: list[str | None] = []
    work(store, Told(ready()), handlers=publisher(store, "site", lambda case, advert: shown.append(advert)))
    assert shown == ([f"advert {MARK.text}"] if staff else [])


def test_two_workers_do_not_make_two_adverts(store: Store) -> None:
    for n in range(6):
        arrive(store, f"car{n}")
    threads = [threading.Thread(target=lambda: work(store, Told(ready()))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = counts(store)
    assert (found[State.READY], found[State.REVIEW]) == (0, 6)


def test_joining_makes_one_case_of_two(store: Store) -> None:
    first = in_state(store, State.PUBLISHED, "a")
    second = worked(store, arrive(store, "b"), ready())
    gone, kept = join(store, second.id, first.id, by="anna")
    assert (gone.state, gone.settled, photos(store, gone.id)) == (State.WITHDRAWN, False, [])
    assert [photo.name for photo in photos(store, kept.id)] == ["a1.jpg", "a2.jpg", "b.jpg"]
    assert worked(store, kept, ready(advert="with b")).version == 2
    with pytest.raises(CaseRefused, match=first.id):
        undo(store, gone.id, by="anna")
    added = [event for event in history(store, kept.id) if event.kind is Kind.PHOTOS_ADDED]
    assert added[-1].data["from"] == gone.id


def test_only_open_cases_of_one_dealer_are_joined(store: Store) -> None:
    first, second = arrive(store, "a", dealer="one"), arrive(store, "b", dealer="two")
    with pytest.raises(CaseRefused, match="another dealer"):
        join(store, first.id, second.id, by="anna")
    with pytest.raises(UsageError):
        join(store, first.id, first.id, by="anna")
    third = arrive(store, "c", dealer="one")
    sold(store, third.id, by="anna")
    with pytest.raises(CaseRefused):
        join(store, first.id, third.id, by="anna")
    assert len(photos(store, first.id)) == 1
