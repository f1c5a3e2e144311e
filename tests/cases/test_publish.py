from __future__ import annotations

from collections.abc import Callable

import pytest
from tests.cases.helping import MARK, Told, arrive, in_state, ready, review, worked
from tests.stores import FakeClock

from kilpi.cases import (
    Case,
    State,
    Task,
    backlog,
    erase,
    publish_due,
    publisher,
    read_case,
    sold,
    to_take_down,
    undo,
    withdraw,
    work,
)
from kilpi.cases.verbs import shown_at
from kilpi.store import Store


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
