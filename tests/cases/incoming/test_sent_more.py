"""What is sent for a case that is there already."""

from __future__ import annotations

from tests.cases.helping import arrive, in_state, sent, sha

from kilpi.cases import Arrival, How, Kind, State, history, photos
from kilpi.cases.incoming.sent_more import join_case
from kilpi.store import Store


def test_new_photos_join_and_other_cars_pictures_stay_with_them(store: Store) -> None:
    case, other = arrive(store, "a"), arrive(store, "banner", "b")
    received = join_case(store, case.id, Arrival(sent("banner", "c", "a", "c")))
    assert received is not None and received.how is How.CHANGED
    assert received.aside == (sha("banner"),)
    assert [photo.name for photo in photos(store, case.id)] == ["a.jpg", "c.jpg"]
    assert [photo.name for photo in photos(store, other.id)] == ["banner.jpg", "b.jpg"]


def test_what_is_the_cases_own_is_not_set_aside(store: Store) -> None:
    case = arrive(store, "banner", "a")
    arrive(store, "banner", "b")
    received = join_case(store, case.id, Arrival(sent("banner")))
    assert received is not None and (received.how, received.aside) == (How.SAME, ())
    assert [event.kind for event in history(store, case.id)] == [Kind.RECEIVED]


def test_another_dealers_pictures_are_nobody_elses_to_know(store: Store) -> None:
    case = arrive(store, "a", dealer="d")
    arrive(store, "banner", dealer="other")
    received = join_case(store, case.id, Arrival(sent("banner"), dealer="d"))
    assert received is not None and (received.how, received.aside) == (How.CHANGED, ())


def test_nothing_joins_a_car_that_is_gone_or_another_dealers(store: Store) -> None:
    assert join_case(store, in_state(store, State.SOLD).id, Arrival(sent("z"))) is None
    assert join_case(store, arrive(store, "a", dealer="d").id, Arrival(sent("z"), dealer="e")) is None
