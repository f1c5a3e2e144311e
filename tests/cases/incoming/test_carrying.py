"""A cover that a person drew stays on its photo, whatever is drawn beside it and wherever the photo goes."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from tests.cases.helping import Told, arrive, ready, sent, sha

from kilpi.cases import (
    Arrival,
    Case,
    Kind,
    SaidFacts,
    answer,
    history,
    join,
    move_photos,
    photos,
    receive,
    sold,
    split,
    undo,
    work,
)
from kilpi.cases.answers import combine
from kilpi.cases.case import Traits
from kilpi.cases.incoming.adopting import adopt
from kilpi.cases.learning.view_labels import said_last
from kilpi.cases.picture_answers import PicturesSaid, SaidCover, SaidUncovered, SaidView
from kilpi.errors import CaseRefused
from kilpi.geometry import quad_from_box
from kilpi.store import Store
from kilpi.types import Box, Quad, View

PLATE = quad_from_box(Box(100, 100, 500, 200))
LEFT, RIGHT = quad_from_box(Box(100, 100, 350, 200)), quad_from_box(Box(210, 100, 500, 200))
DOT = quad_from_box(Box(290, 145, 310, 155))  # in the middle of it
PHOTO = sha("b")


def said_of(store: Store, case: Case) -> PicturesSaid:
    return combine(history(store, case.id)).pictures


def covers(store: Store, case: Case) -> tuple[Quad, ...]:
    return said_of(store, case).wishes.covers.get(PHOTO, ())


@pytest.fixture
def source(store: Store) -> Case:
    """A case of two photos; in one a missed plate is covered, and something private."""
    case = arrive(store, "b", "c")
    said = SaidCover(PHOTO, PLATE, "plate"), SaidCover(PHOTO, DOT, "private")
    return answer(store, case.id, *said, by="anna")


@pytest.mark.parametrize("pair", [(PLATE, DOT), (LEFT, RIGHT), (DOT, PLATE)])
def test_a_cover_stays_when_another_is_drawn_upon_it(store: Store, pair: tuple[Quad, Quad]) -> None:
    case = arrive(store, "b")
    answer(store, case.id, *(SaidCover(PHOTO, quad) for quad in (*pair, pair[0])), by="anna")
    assert covers(store, case) == pair
    assert len(said_of(store, case).plates[PHOTO]) == 1  # the label is one plate, drawn better


def test_taking_a_cover_away_takes_those_at_its_place_and_none_that_hides_more(store: Store) -> None:
    case = arrive(store, "b")
    answer(store, case.id, *(SaidCover(PHOTO, quad) for quad in (PLATE, LEFT, DOT)), by="anna")
    answer(store, case.id, SaidUncovered(PHOTO, DOT, "no_plate"), by="anna")
    assert covers(store, case) == (PLATE, LEFT)
    answer(store, case.id, SaidUncovered(PHOTO, PLATE, "no_plate"), by="anna")
    assert covers(store, case) == ()


def moved(store: Store, source: Case) -> Case:
    return move_photos(store, source.id, [PHOTO], arrive(store, "a").id, by="bo")[1]


def parted(store: Store, source: Case) -> Case:
    return split(store, source.id, [PHOTO], by="bo")[1]


def joined(store: Store, source: Case) -> Case:
    return join(store, source.id, arrive(store, "a").id, by="bo")[1]


@pytest.mark.parametrize("go", [moved, parted, joined])
def test_covers_go_along_with_their_photo(
    store: Store, source: Case, go: Callable[[Store, Case], Case]
) -> None:
    before = said_of(store, source)
    case = go(store, source)
    assert PHOTO in [photo.sha256 for photo in photos(store, case.id)]
    assert covers(store, case) == (PLATE, DOT)
    assert said_of(store, case).plates == before.plates  # and the label with it
    event = next(one for one in history(store, case.id) if one.kind is Kind.ANSWERED)
    assert (event.by, event.data["from"]) == ("bo", source.id)


def test_they_come_back_with_it_once(store: Store, source: Case) -> None:
    case = parted(store, source)
    answer(store, case.id, SaidCover(PHOTO, RIGHT), by="bo")
    back = move_photos(store, case.id, [PHOTO], source.id, by="bo")[1]
    assert covers(store, back) == (PLATE, DOT, RIGHT)
    assert len([one for one in history(store, back.id) if one.kind is Kind.ANSWERED]) == 3


def test_what_came_along_is_not_undone_but_taken_away(store: Store, source: Case) -> None:
    case = parted(store, source)
    with pytest.raises(CaseRefused, match="nothing to undo"):
        undo(store, case.id, by="bo")
    answer(store, case.id, SaidFacts(odometer_km=5), by="bo")
    undo(store, case.id, by="bo")
    assert covers(store, case) == (PLATE, DOT)
    answer(store, case.id, SaidUncovered(PHOTO, PLATE, "no_plate"), by="bo")
    assert PLATE not in covers(store, case)


def test_a_sold_cars_photo_that_comes_again_is_covered_and_labelled_once(store: Store, source: Case) -> None:
    sold(store, source.id, by="anna")
    case = receive(store, Arrival(sent("b", "x"))).case
    assert case.id != source.id
    assert covers(store, case) == (PLATE, DOT)
    assert said_of(store, case).plates == {}


def both_have_it(store: Store, dealer: str = "") -> tuple[Case, Case]:
    one = arrive(store, "b", "c")
    other = receive(store, Arrival(sent("b", "d", "e"), reference="other", dealer=dealer)).case
    assert one.id != other.id
    return one, other


def test_a_cover_goes_to_every_case_of_the_dealer_that_has_its_photo_already(store: Store) -> None:
    one, other = both_have_it(store)
    sees = history(store, other.id)
    answer(store, one.id, SaidCover(PHOTO, PLATE, "plate"), SaidCover(PHOTO, DOT, "private"), by="anna")
    assert covers(store, other) == (PLATE, DOT)
    assert said_of(store, other).plates == {}, "one label of one plate"
    new = history(store, other.id)[len(sees) :]
    assert [(event.kind, event.by, event.data["from"]) for event in new] == [
        (Kind.ANSWERED, "anna", one.id)
    ] * 2
    answer(store, other.id, SaidCover(PHOTO, RIGHT), by="bo")
    assert covers(store, one) == (PLATE, DOT, RIGHT), "and the other way round"
    undo(store, one.id, by="anna")
    assert covers(store, other) == (PLATE, DOT, RIGHT), "what hides stays until it is taken away there"


def test_no_cover_goes_to_another_dealer_or_another_photo(store: Store) -> None:
    one, other = both_have_it(store, dealer="two")
    answer(store, one.id, SaidCover(PHOTO, PLATE), by="anna")
    assert covers(store, other) == ()
    own = receive(store, Arrival(sent("b", "x"), reference="own")).case
    assert covers(store, own) == (PLATE,)
    answer(store, one.id, SaidCover(sha("c"), PLATE), by="anna")
    assert said_of(store, own).wishes.covers == {PHOTO: (PLATE,)}


def test_a_cover_that_was_drawn_while_a_case_was_over_comes_when_it_is_back(store: Store) -> None:
    one, other = both_have_it(store)
    sold(store, other.id, by="bo")
    answer(store, one.id, SaidCover(PHOTO, PLATE), by="anna")
    assert covers(store, other) == ()
    undo(store, other.id, by="bo")
    assert covers(store, other) == (PLATE,)


def test_a_case_that_becomes_a_dealers_has_the_dealers_covers_and_brings_its_own(store: Store) -> None:
    dealers = receive(store, Arrival(sent("b", "c"), dealer="Malli")).case
    nobodys = receive(store, Arrival(sent("b", "c", "x"))).case
    work(store, Told(ready(traits=Traits(dealer="Malli"))))
    answer(store, dealers.id, SaidCover(PHOTO, PLATE), by="anna")
    answer(store, nobodys.id, SaidCover(sha("c"), DOT), by="bo")
    assert adopt(store, "Malli", by="bo") == 1
    for case in (dealers, nobodys):
        assert said_of(store, case).wishes.covers == {PHOTO: (PLATE,), sha("c"): (DOT,)}


def test_another_dealers_covers_are_not_told(store: Store, source: Case) -> None:
    case = receive(store, Arrival(sent("b"), dealer="two")).case
    assert case.id != source.id and covers(store, case) == ()


def view(store: Store, case: Case) -> View | None:
    return said_of(store, case).wishes.views.get(PHOTO)


def test_a_document_is_one_in_all_cars_that_have_its_photo(store: Store) -> None:
    here, there = arrive(store, "b", "c", reference="1"), arrive(store, "b", "d", reference="2")
    elsewhere = arrive(store, "b", "e", dealer="Other Oy")
    answer(store, here.id, SaidView(PHOTO, View.DOCUMENT), by="anna", staff=True)
    assert (view(store, here), view(store, there)) == (View.DOCUMENT, View.DOCUMENT)
    assert view(store, elsewhere) is None
    later = arrive(store, "b", "f", reference="3")
    assert view(store, later) is View.DOCUMENT, "also where it comes later"
    assert not said_last(history(store, there.id)), "it is one label, of the case where it was said"
    with pytest.raises(CaseRefused):
        undo(store, there.id, by="anna")


def test_who_says_that_it_is_none_there_has_the_last_word_there(store: Store) -> None:
    here, there = arrive(store, "b", "c", reference="1"), arrive(store, "b", "d", reference="2")
    answer(store, here.id, SaidView(PHOTO, View.DOCUMENT), by="anna")
    answer(store, there.id, SaidView(PHOTO, View.FRONT), by="bo")
    answer(store, here.id, SaidCover(PHOTO, PLATE), by="anna")
    assert (view(store, here), view(store, there)) == (View.DOCUMENT, View.FRONT)
    assert covers(store, there) == (PLATE,)
    assert view(store, arrive(store, "b", "f", reference="3")) is View.DOCUMENT
    assert said_last(history(store, there.id)).keys() == {PHOTO}


def test_a_document_goes_along_with_its_photo(store: Store) -> None:
    case = arrive(store, "b", "c")
    answer(store, case.id, SaidView(PHOTO, View.DOCUMENT), by="anna")
    assert view(store, moved(store, case)) is View.DOCUMENT
