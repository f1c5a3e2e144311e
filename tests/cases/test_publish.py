from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from tests.cases.helping import MARK, OTHER, Told, arrive, in_state, ready, review, sent, sha, worked
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
    UnderWay,
    answer,
    ask_dealer,
    backlog,
    erase,
    history,
    jobs,
    move_photos,
    photos,
    publish_due,
    publish_one,
    publisher,
    read_case,
    receive,
    rerun,
    sold,
    split,
    to_take_down,
    under_way,
    undo,
    withdraw,
    work,
)
from kilpi.cases.answers import Answer
from kilpi.cases.arrival import Sent
from kilpi.cases.asks import Stand, find_ask, make_ask, open_until
from kilpi.cases.picture_answers import SaidCover, SaidView
from kilpi.cases.receive import remove_photos
from kilpi.cases.records import lock, publish_kind
from kilpi.cases.verbs import shown_at
from kilpi.geometry import quad_from_box
from kilpi.store import Store
from kilpi.types import Box, View


class Site:
    """A place that shows adverts, by address; `before` is run in the middle of showing one."""

    def __init__(self, store: Store, name: str = "site") -> None:
        self.store, self.name = store, name
        self.pages: dict[str, str] = {}
        self.before: Callable[[], object] = lambda: None

    def show(self, case: Case, advert: str | None) -> None:
        once, self.before = self.before, lambda: None
        once()
        if advert is None:
            self.pages.pop(case.address, None)
        else:
            self.pages[case.address] = advert

    def run(self) -> None:
        work(self.store, Told(ready()), handlers=publisher(self.store, self.name, self.show))


@pytest.fixture
def site(store: Store) -> Site:
    return Site(store)


@pytest.mark.parametrize("end", [sold, withdraw, erase])
def test_out_and_away_again(store: Store, site: Site, end: Callable[..., Case]) -> None:
    case = in_state(store, State.READY, addresses=("volvo",))
    assert publish_due(store, "site") == 1
    site.run()
    assert site.pages == {"volvo": f"advert {MARK.text}"}
    assert read_case(store, case.id).state is State.PUBLISHED
    assert publish_due(store, "site") == 0
    end(store, case.id, by="anna")
    site.run()
    assert site.pages == {}
    assert (to_take_down(store), shown_at(store, case.id)) == ([], {})
    assert backlog(store).waiting == 0


def test_what_was_sold_by_mistake_is_out_again(store: Store, site: Site) -> None:
    case = in_state(store, State.READY)
    publish_due(store, "site")
    site.run()
    sold(store, case.id, by="anna")
    site.run()
    assert undo(store, case.id, by="anna").state is State.READY
    publish_due(store, "site")
    site.run()
    assert list(site.pages) == [case.address]


def test_a_car_that_is_sold_while_it_is_sent_is_taken_down(store: Store, site: Site) -> None:
    case = in_state(store, State.READY)
    publish_due(store, "site")
    site.before = lambda: sold(store, case.id, by="anna")
    site.run()
    assert site.pages == {}
    assert read_case(store, case.id).state is State.SOLD


def test_a_publisher_that_dies_after_sending_leaves_nothing(
    store: Store, site: Site, clock: FakeClock
) -> None:
    case = in_state(store, State.READY)
    publish_due(store, "site")

    def killed() -> None:
        site.pages[case.address] = "sent"
        raise SystemExit

    site.before = killed
    with pytest.raises(SystemExit):
        site.run()
    sold(store, case.id, by="anna")
    clock.tick(61)
    site.run()
    assert site.pages == {}


def test_what_is_out_stays_while_a_person_is_asked(store: Store, site: Site) -> None:
    case = in_state(store, State.READY)
    publish_due(store, "site")
    work(store, lambda task: review())
    case_id = case.id
    assert read_case(store, case_id).state is State.READY
    site.run()
    from tests.cases.test_case_table import append_photos

    append_photos(store, case)
    assert worked(store, case, review()).state is State.REVIEW
    publish_due(store, "site")
    site.run()
    assert list(site.pages) == [case.address]


def test_two_places(store: Store, site: Site) -> None:
    case = in_state(store, State.READY)
    other = Site(store, "portal")
    publish_due(store, "site", targets=2)
    site.run()
    assert publish_due(store, "portal", targets=2) == 1
    other.run()
    assert shown_at(store, case.id).keys() == {"site", "portal"}
    withdraw(store, case.id, by="anna")
    site.run()
    assert (site.pages, list(other.pages)) == ({}, [case.address])
    other.run()
    assert other.pages == {}


def test_a_place_that_fails_is_tried_again(store: Store, site: Site, clock: FakeClock) -> None:
    in_state(store, State.READY)
    publish_due(store, "site")

    def fail() -> None:
        raise ConnectionError

    site.before = fail
    site.run()
    assert site.pages == {}
    clock.tick(3600)
    site.run()
    assert len(site.pages) == 1


def test_the_flow_is_not_disturbed(store: Store, site: Site) -> None:
    case = arrive(store, "a")
    tasks: list[Task] = []

    def flow(task: Task) -> object:
        tasks.append(task)
        return ready()

    work(store, flow, handlers=publisher(store, "site", site.show))  # type: ignore[arg-type]
    assert [task.case.id for task in tasks] == [case.id]


def test_only_the_advert_that_was_on_the_screen_goes_out(
    store: Store, site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    case = in_state(store, State.READY)
    publish_one(store, case.id, "site", by="anna", seen=case.seq)
    answer(store, case.id, SaidFacts(odometer_km=9), by="dealer")
    assert worked(store, case, ready(advert="nobody saw it")).state is State.READY
    site.run()
    assert (site.pages, read_case(store, case.id).state) == ({}, State.READY)
    assert case.id in caplog.text
    assert "publish it again" in caplog.text
    assert backlog(store).waiting == 0
    publish_one(store, case.id, "site", by="anna")
    site.run()
    assert site.pages == {case.address: "nobody saw it"}


def test_the_button_pressed_again_means_the_new_advert(store: Store, site: Site) -> None:
    case = in_state(store, State.READY)
    publish_one(store, case.id, "site", by="anna")
    answer(store, case.id, SaidFacts(odometer_km=9), by="dealer")
    worked(store, case, ready(advert="second"))
    publish_one(store, case.id, "site", by="anna")
    site.run()
    assert site.pages == {case.address: "second"}


def test_a_sale_taken_back_puts_out_nothing_new(store: Store, site: Site) -> None:
    case = out_there(store, site)
    answer(store, case.id, SaidFacts(odometer_km=9), by="dealer")
    worked(store, case, ready(advert="nobody saw it"))
    sold(store, case.id, by="anna")
    undo(store, case.id, by="anna")
    site.run()
    assert site.pages == {case.address: f"advert {MARK.text}"}


def out_there(store: Store, site: Site) -> Case:
    case = in_state(store, State.READY)
    publish_one(store, case.id, "site", by="anna")
    site.run()
    assert list(site.pages) == [case.address]
    return read_case(store, case.id)


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


def test_a_cover_in_another_case_with_the_same_photo_goes_out_by_itself(store: Store, site: Site) -> None:
    case = out_there(store, site)
    photo = photos(store, case.id)[0]
    shared = Sent(photo.sha256, photo.name, photo.path)
    other = receive(store, Arrival((shared, *sent("x", "y")), reference="other")).case
    assert other.id != case.id
    worked(store, other, review(None))
    answer(store, other.id, SaidCover(photo.sha256, quad_from_box(Box(50, 50, 400, 200))), by="bo")
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
    assert site.pages == {case.address: f"advert {MARK.text}"}
    assert without_price(store, case).state is State.DRAFT
    clock.tick(3600)
    site.run()
    assert (site.pages, read_case(store, case.id).live) == ({}, 0)


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


def test_what_was_asked_for_waits_while_the_case_is_at_work(store: Store, site: Site) -> None:
    case = in_state(store, State.READY)
    publish_one(store, case.id, "site", by="anna")
    rerun(store, case.id, by="kilpi", why="stock")
    run_publisher(store, site)
    assert (site.pages, read_case(store, case.id).state) == ({}, State.WORKING)
    assert worked(store, case, ready()).state is State.READY
    assert under_way(store, read_case(store, case.id), "site") is UnderWay.PUBLISHING
    run_publisher(store, site)
    assert site.pages == {case.address: f"advert {MARK.text}"}
    assert [event.by for event in history(store, case.id) if event.kind == "publishing"] == ["anna"]
    assert backlog(store).waiting == 0


def test_what_was_asked_for_is_dropped_where_another_advert_comes_of_it(
    store: Store, site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    case = in_state(store, State.READY)
    publish_one(store, case.id, "site", by="anna")
    rerun(store, case.id, by="kilpi", why="stock")
    run_publisher(store, site)
    worked(store, case, ready(advert="nobody saw it"))
    run_publisher(store, site)
    assert (site.pages, read_case(store, case.id).state) == ({}, State.READY)
    assert "publish it again" in caplog.text
    assert (backlog(store).waiting, backlog(store).later) == (0, 0)


def test_a_car_that_is_sold_while_its_advert_waits_leaves_no_job(
    store: Store, site: Site, clock: FakeClock
) -> None:
    case = in_state(store, State.READY)
    publish_one(store, case.id, "site", by="anna")
    rerun(store, case.id, by="kilpi", why="stock")
    run_publisher(store, site)
    sold(store, case.id, by="anna")
    clock.tick(3600)
    site.run()
    assert (site.pages, backlog(store).waiting, backlog(store).later) == ({}, 0, 0)


def run_publisher(store: Store, site: Site) -> None:
    """Only the publisher: the case's own work waits."""
    kind = publish_kind(site.name)
    while job := jobs.take(store, [kind]):
        publisher(store, site.name, site.show)[kind](job)
