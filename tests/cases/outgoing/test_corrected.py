"""What is out of a car that a person corrected since: exchanged, or taken down."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from tests.cases.helping import MARK, OTHER, Told, arrive, in_state, ready, review, sent, sha, worked
from tests.cases.site import Site, out_there
from tests.stores import FakeClock

from kilpi.cases import (
    Arrival,
    Case,
    Later,
    Outcome,
    SaidFacts,
    SaidMark,
    SaidNoPlate,
    SaidNotThese,
    SaidVin,
    State,
    Task,
    answer,
    ask_dealer,
    backlog,
    history,
    move_photos,
    photos,
    publish_one,
    publisher,
    read_case,
    receive,
    split,
    undo,
    work,
)
from kilpi.cases.answers import Answer
from kilpi.cases.asking.asks import Stand, find_ask, make_ask, open_until
from kilpi.cases.incoming.arrival import Sent
from kilpi.cases.incoming.receive import remove_photos
from kilpi.cases.picture_answers import SaidCover, SaidView
from kilpi.cases.records import lock
from kilpi.cases.verbs import shown_at
from kilpi.geometry import quad_from_box
from kilpi.store import Store
from kilpi.types import Box, View


@pytest.fixture
def site(store: Store) -> Site:
    return Site(store)


def corrections(store: Store, case: Case) -> list[SaidCover | SaidNotThese | SaidView]:
    photo = photos(store, case.id)[0].sha256
    cover = SaidCover(photo, quad_from_box(Box(50, 50, 400, 200)))
    return [cover, SaidNotThese((photo,)), SaidView(photo, View.DOCUMENT)]


@pytest.mark.parametrize("which", [0, 1, 2])
def test_a_corrected_advert_goes_out_by_itself(store: Store, site: Site, which: int) -> None:
    case = out_there(store, site)
    answer(store, case.id, corrections(store, case)[which], by="bo")
    assert worked(store, case, ready(advert="covered")).state is State.READY
    site.run()
    assert site.pages == {case.address: "covered"}
    assert read_case(store, case.id).state is State.PUBLISHED
    assert [event.by for event in history(store, case.id) if event.kind == "publishing"] == ["anna", "bo"]
    assert backlog(store).waiting == 0


@pytest.mark.parametrize("which", [0, 2])
def test_what_hides_a_photo_in_another_case_that_has_it_goes_out_by_itself(
    store: Store, site: Site, which: int
) -> None:
    case = out_there(store, site)
    photo = photos(store, case.id)[0]
    shared = Sent(photo.sha256, photo.name, photo.path)
    other = receive(store, Arrival((shared, *sent("x", "y")), reference="other")).case
    assert other.id != case.id
    worked(store, other, review(None))
    answer(store, other.id, corrections(store, case)[which], by="bo")
    work(store, lambda task: ready(advert="covered") if task.case.id == case.id else review(None))
    site.run()
    assert site.pages == {case.address: "covered"}
    assert [event.by for event in history(store, case.id) if event.kind == "publishing"] == ["anna", "bo"]


def test_a_correction_while_the_former_advert_is_sent_follows_it(store: Store, site: Site) -> None:
    case = in_state(store, State.READY)
    publish_one(store, case.id, "site", by="anna")

    def covered() -> None:
        answer(store, case.id, corrections(store, case)[0], by="bo")
        worked(store, case, ready(advert="covered"))

    site.before = covered
    site.run()
    assert site.pages == {case.address: "covered"}


def moved(store: Store, case: Case, *chosen: str) -> None:
    other = arrive(store, "other")
    move_photos(store, case.id, chosen, other.id, by="bo")


def split_off(store: Store, case: Case, *chosen: str) -> None:
    split(store, case.id, chosen, by="bo")


@pytest.mark.parametrize("take", [moved, split_off])
@pytest.mark.parametrize("to", [State.READY, State.REVIEW])
def test_photos_that_go_to_their_own_car_are_out_no_longer(
    store: Store, site: Site, take: Callable[..., None], to: State
) -> None:
    case = out_there(store, site)
    take(store, case, photos(store, case.id)[0].sha256)
    now = worked(store, case, lambda task: answer_of(task, case, to))
    assert now.state is to
    site.run()
    assert site.pages.get(case.address) == ("fewer" if to is State.READY else None)


def answer_of(task: Task, case: Case, to: State) -> Outcome:
    """The case as it is then; the other car is a question."""
    return ready(advert="fewer") if task.case.id == case.id and to is State.READY else review(OTHER)


def test_photos_that_were_never_shown_take_nothing_down(store: Store, site: Site) -> None:
    case = out_there(store, site)
    arrival = Arrival(sent("a1", "a2", "stray"))
    assert receive(store, arrival).case.id == case.id
    worked(store, case, review())
    moved(store, case, sha("stray"))
    worked(store, case, review())
    site.run()
    assert (list(site.pages), read_case(store, case.id).state) == ([case.address], State.REVIEW)


def test_photos_that_go_from_the_dealers_folder_take_nothing_down(store: Store, site: Site) -> None:
    case = out_there(store, site)
    store.write(lambda tx: remove_photos(tx, lock(tx, case.id), [sha("a1")], "dealer"))
    worked(store, case, review())
    site.run()
    assert list(site.pages) == [case.address]


@pytest.mark.parametrize("to", [State.REVIEW, State.DRAFT, State.WAITING])
def test_a_corrected_advert_that_is_not_ready_comes_down(store: Store, site: Site, to: State) -> None:
    case = out_there(store, site)
    answer(store, case.id, corrections(store, case)[0], by="bo")
    draft = ready(state=State.DRAFT, missing=("price",), advert="draft")
    worked(store, case, draft if to is State.DRAFT else review())
    if to is State.WAITING:
        ask_dealer(store, case.id, [], by="bo")
    site.run()
    now = read_case(store, case.id)
    assert (site.pages, now.state, now.live) == ({}, to, 0)
    (down,) = [event for event in history(store, case.id) if event.kind == "taken_down"]
    assert down.data["why"] == "corrected"
    assert backlog(store).waiting == 0


def test_a_correction_that_is_out_takes_nothing_down_later(store: Store, site: Site) -> None:
    case = out_there(store, site)
    answer(store, case.id, corrections(store, case)[0], by="bo")
    worked(store, case, ready(advert="covered"))
    site.run()
    answer(store, case.id, SaidFacts(odometer_km=9), by="bo")
    assert worked(store, case, review()).state is State.REVIEW
    site.run()
    assert site.pages == {case.address: "covered"}


def test_a_correction_taken_back_takes_nothing_down(store: Store, site: Site) -> None:
    case = out_there(store, site)
    answer(store, case.id, corrections(store, case)[0], by="bo")
    undo(store, case.id, by="bo")
    worked(store, case, review())
    site.run()
    assert list(site.pages) == [case.address]


def test_a_published_car_is_asked_about_by_no_link(store: Store, site: Site) -> None:
    case = in_state(store, State.DRAFT)
    secret = make_ask(store, case.id, by="anna")
    answer(store, case.id, SaidFacts(odometer_km=9), by="anna")
    case = worked(store, case, ready())
    assert find_ask(store, secret).stand is Stand.OPEN
    publish_one(store, case.id, "site", by="anna")
    site.run()
    assert (find_ask(store, secret).stand, open_until(store, case.id)) == (Stand.OVER, None)


def said_to_be(store: Store, case: Case, said: Answer) -> None:
    answer(store, case.id, said, by="bo", staff=True, sure=True)


def the_other(store: Store, case: Case) -> Case:
    """The staff says which car it is; its advert is ready."""
    said_to_be(store, case, SaidMark(OTHER.text, "FI"))
    return worked(store, case, ready(OTHER))


def without_price(store: Store, case: Case) -> Case:
    answer(store, case.id, SaidFacts(odometer_km=9), by="dealer")
    draft = ready(OTHER, state=State.DRAFT, missing=("price",), advert="draft")
    return worked(store, case, lambda task: draft)


def test_which_car_is_out_is_known_for_each_place(store: Store, site: Site) -> None:
    case, portal = out_there(store, site), Site(store, "portal")
    publish_one(store, case.id, "portal", by="anna")
    portal.run()
    assert the_other(store, case).state is State.READY
    site.run()
    assert site.pages == {case.address: f"advert {OTHER.text}"}
    assert without_price(store, case).state is State.DRAFT
    site.run()
    portal.run()
    assert site.pages == {case.address: f"advert {OTHER.text}"}, "what is right stays meanwhile"
    assert portal.pages == {}
    assert shown_at(store, case.id).keys() == {"site"}


def test_a_place_that_failed_to_take_the_right_car_shows_the_wrong_one_no_longer(
    store: Store, site: Site, clock: FakeClock
) -> None:
    case = out_there(store, site)
    the_other(store, case)

    def full() -> None:
        raise OSError

    site.before = full
    site.run()
    assert (site.pages, read_case(store, case.id).live) == ({}, 0), "at once"
    down = [event for event in history(store, case.id) if event.kind == "taken_down"]
    assert [event.data for event in down] == [{"target": "site", "why": "corrected"}]
    clock.tick(3600)
    site.run()
    assert site.pages == {case.address: f"advert {OTHER.text}"}, "it is tried again"
    assert read_case(store, case.id).state is State.PUBLISHED


def test_an_advert_that_nobody_corrected_stays_where_its_new_version_cannot_be_sent(
    store: Store, site: Site
) -> None:
    case = out_there(store, site)
    answer(store, case.id, SaidFacts(odometer_km=9), by="anna")
    assert worked(store, case, ready(advert="new")).state is State.READY
    publish_one(store, case.id, "site", by="anna")

    def full() -> None:
        raise OSError

    site.before = full
    site.run()
    assert site.pages == {case.address: f"advert {MARK.text}"}


def test_a_sending_that_broke_off_does_not_count_as_what_was_there(store: Store, site: Site) -> None:
    """The first car, the other (perhaps out: the publisher died), the first again: it is sent once more."""
    case = out_there(store, site)
    the_other(store, case)

    def killed() -> None:
        site.pages[case.address] = f"advert {OTHER.text}"
        raise SystemExit

    site.before = killed
    with pytest.raises(SystemExit):
        site.run()
    said_to_be(store, case, SaidMark(MARK.text, "FI"))
    assert worked(store, case, ready()).state is State.READY
    site.run()
    assert site.pages == {case.address: f"advert {MARK.text}"}


def test_a_car_without_plate_that_is_another_comes_down(store: Store, site: Site) -> None:
    case = in_state(store, State.READY)
    said_to_be(store, case, SaidNoPlate())
    case = worked(store, case, lambda task: ready(None, advert="no plate"))
    publish_one(store, case.id, "site", by="anna")
    work(store, Told(ready()), handlers=publisher(store, "site", site.show))
    assert site.pages == {case.address: "no plate"}
    said_to_be(store, case, SaidMark(OTHER.text, "FI"))
    worked(store, case, lambda task: review(OTHER))
    site.run()
    assert (site.pages, read_case(store, case.id).state) == ({}, State.REVIEW)


LATER = timedelta(hours=1)


@pytest.mark.parametrize(
    ("said", "stays"),
    [
        (SaidMark(OTHER.text, "FI"), False),
        (SaidMark(MARK.text, "SE"), False),
        (SaidNoPlate(), False),
        (SaidVin("WVWZZZ1KZ6W612305"), False),  # nobody knows yet whose it is
        (SaidMark(MARK.text, "FI"), True),
        (SaidFacts(odometer_km=9), True),
    ],
)
def test_a_wrong_car_does_not_stay_out_until_a_register_answers(
    store: Store, site: Site, clock: FakeClock, said: Answer, stays: bool
) -> None:
    case = out_there(store, site)
    said_to_be(store, case, said)
    worked(store, case, Later(clock.now + LATER))
    site.run()
    assert read_case(store, case.id).state is State.WORKING
    assert (list(site.pages), read_case(store, case.id).live) == ([case.address] if stays else [], int(stays))


def test_a_correction_replaces_what_is_out_without_taking_it_down(store: Store, site: Site) -> None:
    case = out_there(store, site)
    said_to_be(store, case, SaidMark(OTHER.text, "FI"))
    work(store, Told(review()), handlers=publisher(store, "site", site.show), stop=lambda: True)
    assert list(site.pages) == [case.address]
    worked(store, case, ready(OTHER))
    site.run()
    assert site.pages == {case.address: f"advert {OTHER.text}"}
    assert "taken_down" not in [event.kind for event in history(store, case.id)]
