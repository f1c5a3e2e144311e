"""Every case has a date, and goes on it: also the one that nobody came back to, never one that is shown."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from tests.adverts_data import accepted
from tests.cases.helping import Told, arrive, in_state, publish, ready, worked
from tests.stores import FakeClock

from kilpi.adverts.folders import write_car
from kilpi.cases import (
    Case,
    Desk,
    Keep,
    State,
    backlog,
    history,
    outbox,
    overdue,
    read_case,
    retain,
    retainer,
    schedule_retention,
    work,
)
from kilpi.store import Store

KEEP = Keep(ended_days=90, idle_days=365)
DAY_S = 86_400


def test_cars_that_are_gone_go_first_then_those_nobody_came_back_to(store: Store, clock: FakeClock) -> None:
    sold, asked = in_state(store, State.SOLD, "a"), in_state(store, State.REVIEW, "b", dealer="x")
    shown = publish(store, worked(store, arrive(store, "c", dealer="y"), ready()))
    assert KEEP.until(sold) == clock() + timedelta(days=90)
    assert (KEEP.until(asked), KEEP.until(shown)) == (clock() + timedelta(days=365), None)
    clock.tick(90 * DAY_S - 1)
    assert overdue(store, KEEP) == []
    clock.tick(1)
    assert [(case.id, why) for case, why in overdue(store, KEEP)] == [(sold.id, "keep_days")]
    assert retain(store, KEEP).ended == (sold.id,)
    clock.tick(275 * DAY_S)
    assert retain(store, KEEP).idle == (asked.id,)
    assert history(store, asked.id)[-1].data["why"] == "keep_idle_days"
    assert read_case(store, shown.id).state is State.PUBLISHED
    assert retain(store, KEEP) == retain(store, KEEP) and KEEP.until(read_case(store, sold.id)) is None


def test_what_lies_beside_the_store_goes_while_the_case_still_says_where(
    store: Store, clock: FakeClock
) -> None:
    case = in_state(store, State.WITHDRAWN, addresses=("leaf",))
    clock.tick(91 * DAY_S)
    seen: list[Case] = []

    def before(one: Case) -> None:
        seen.append(one)
        if len(seen) == 1:
            raise OSError("killed before it was erased")

    with pytest.raises(OSError):
        retain(store, KEEP, before)
    assert read_case(store, case.id).state is State.WITHDRAWN
    retain(store, KEEP, before)
    assert [one.address for one in seen] == ["leaf", "leaf"]
    assert read_case(store, case.id).state is State.ERASED


def test_workers_do_it_once_a_day(store: Store, clock: FakeClock) -> None:
    case = in_state(store, State.SOLD)
    clock.tick(89 * DAY_S)
    handlers = retainer(store, KEEP)
    schedule_retention(store)
    schedule_retention(store)
    assert work(store, Told(ready()), handlers=handlers) == 1
    schedule_retention(store)  # a worker that begins does not bring it forward
    assert work(store, Told(ready()), handlers=handlers) == 0 and backlog(store).later == 1
    clock.tick(DAY_S)
    assert work(store, Told(ready()), handlers=handlers) >= 1
    assert read_case(store, case.id).state is State.ERASED


def test_the_folder_of_a_car_that_is_still_out_stays_until_it_is_taken_down(
    store: Store, clock: FakeClock, tmp_path: Path
) -> None:
    out, gone = (
        in_state(store, State.SOLD, "a", addresses=("out",)),
        in_state(store, State.WITHDRAWN, "b", dealer="x"),
    )
    write_car(accepted("out"), tmp_path)
    write_car(accepted("gone"), tmp_path, address=gone.address)
    assert out.live and not gone.live
    clock.tick(91 * DAY_S)
    retain(store, KEEP, Desk(store, tmp_path).clear)
    assert (tmp_path / "out" / "decision.json").is_file() and not (tmp_path / gone.address).exists()
    assert history(store, out.id)[-1].data["address"] == "out", "the tombstone says where"


def test_what_was_delivered_is_forgotten_in_its_time(store: Store, clock: FakeClock) -> None:
    outbox.add_hook(store, "https://hooks.example/")
    arrive(store, "a")
    taken = outbox.take(store)
    assert taken is not None
    outbox.sent(store, taken)
    clock.tick((outbox.KEEP_DAYS - 1) * DAY_S)
    retain(store, KEEP)
    assert len(outbox.list_deliveries(store)) == 1
    clock.tick(2 * DAY_S)
    retain(store, KEEP)
    assert outbox.list_deliveries(store) == []
