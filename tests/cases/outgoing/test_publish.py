from __future__ import annotations

from collections.abc import Callable

import pytest
from tests.cases.helping import MARK, arrive, in_state, ready, review, worked
from tests.cases.site import Site, out_there
from tests.stores import FakeClock

from kilpi.cases import (
    Case,
    SaidFacts,
    State,
    Task,
    UnderWay,
    answer,
    backlog,
    erase,
    history,
    jobs,
    publish_due,
    publish_one,
    publisher,
    read_case,
    rerun,
    sold,
    to_take_down,
    under_way,
    undo,
    withdraw,
    work,
)
from kilpi.cases.records import publish_kind
from kilpi.cases.verbs import shown_at
from kilpi.errors import CaseChanged
from kilpi.store import Store


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


def test_what_a_person_saw_still_holds_when_the_advert_goes_out_meanwhile(store: Store, site: Site) -> None:
    case = in_state(store, State.READY)
    publish_one(store, case.id, "site", by="anna")
    site.run()
    said = answer(store, case.id, SaidFacts(odometer_km=9), by="bo", seen=case.seq)
    with pytest.raises(CaseChanged):
        answer(store, case.id, SaidFacts(odometer_km=8), by="anna", seen=case.seq)
    with pytest.raises(CaseChanged):
        answer(store, case.id, SaidFacts(odometer_km=8), by="anna", seen=said.seq + 1)


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
