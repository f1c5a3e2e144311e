"""Every case has a date, and goes on it: also the one that nobody came back to, never one that is shown."""

from __future__ import annotations

import os
import time
from datetime import timedelta
from pathlib import Path

import pytest
from tests.adverts_data import accepted
from tests.cases.helping import Told, arrive, in_state, publish, ready, worked
from tests.stores import FakeClock

from kilpi.adverts.folders import write_car
from kilpi.cases import (
    Beside,
    Keep,
    State,
    backlog,
    history,
    overdue,
    read_case,
    retain,
    retainer,
    schedule_retention,
    work,
)
from kilpi.cases.forgetting.retention import erase
from kilpi.cases.outgoing import outbox
from kilpi.registers.cache import KeptAnswers
from kilpi.store import Store
from kilpi.types import Mark

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


def test_what_lies_beside_the_store_goes_with_the_next_worker_if_this_one_dies(
    store: Store, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = in_state(store, State.WITHDRAWN, addresses=("leaf",))
    assert store.folder is not None
    write_car(accepted("leaf"), store.folder)
    Beside(store.folder).put(case.id, {"notes.txt": b"9900"})
    clock.tick(91 * DAY_S)
    with monkeypatch.context() as dying:
        dying.setattr("kilpi.cases.forgetting.retention.take_away", lambda folder: exit("killed"))
        with pytest.raises(SystemExit):
            retain(store, KEEP)
    assert (store.folder / "leaf").is_dir() and read_case(store, case.id).state is State.ERASED
    clock.tick(61)
    assert work(store, Told(ready())) == 1
    assert not (store.folder / "leaf").exists() and Beside(store.folder).texts(case.id) == []


def test_workers_do_it_once_a_day(store: Store, clock: FakeClock) -> None:
    case = in_state(store, State.SOLD)
    clock.tick(89 * DAY_S)
    handlers = retainer(store, KEEP)
    schedule_retention(store)
    schedule_retention(store)
    assert work(store, Told(ready()), handlers=handlers) == 1
    schedule_retention(store)  # a worker that begins does not bring it forward
    assert work(store, Told(ready()), handlers=handlers) == 0
    assert backlog(store).later == 0, "tomorrow's turn is nothing that waits"
    clock.tick(DAY_S)
    assert work(store, Told(ready()), handlers=handlers) >= 1
    assert read_case(store, case.id).state is State.ERASED


def test_no_folder_stays_also_of_a_car_that_is_still_out(
    store: Store, clock: FakeClock, tmp_path: Path
) -> None:
    """It holds the mark; a publisher knows by itself what to take down."""
    out, gone = (
        in_state(store, State.SOLD, "a", addresses=("out",)),
        in_state(store, State.WITHDRAWN, "b", dealer="x"),
    )
    assert store.folder is not None
    write_car(accepted("out"), store.folder)
    write_car(accepted("gone"), store.folder, address=gone.address)
    assert out.live and not gone.live
    clock.tick(91 * DAY_S)
    retain(store, KEEP)
    assert not (store.folder / "out").exists() and not (store.folder / gone.address).exists()
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


def test_contact_sheets_of_heaps_go_once_a_day_whoever_does_it(store: Store) -> None:
    """`kilpi work` as well as `kilpi retain`."""
    assert store.folder is not None
    old, new = (store.folder / "heaps" / name for name in ("yard", "lot"))
    for folder in (old, new):
        folder.mkdir(parents=True)
        (folder / "car-1.png").write_bytes(b"plates")
    long_ago = time.time() - 91 * DAY_S
    os.utime(old, (long_ago, long_ago))
    assert retain(store, KEEP).sheets == 1
    assert not old.exists() and (new / "car-1.png").exists()


def test_the_sheets_of_the_heap_that_an_erased_car_came_from_go_with_it(store: Store) -> None:
    case = in_state(store, State.WITHDRAWN, reference="yard-2")
    assert store.folder is not None
    own, other = (store.folder / "heaps" / name for name in ("yard", "yard-2"))
    for folder in (own, other):
        folder.mkdir(parents=True)
        (folder / "car-2.png").write_bytes(b"plates")
    erase(store, case.id, by="anna")
    assert not own.exists() and other.exists()


def test_registers_answers_go_when_their_time_is_over_also_where_nothing_is_asked_any_more(
    store: Store, tmp_path: Path
) -> None:
    kept, now = KeptAnswers(tmp_path / "kept.db"), time.time()
    kept.put("dvla", Mark("AB12 CDE", "GB"), None, now - 1, now - 9)
    kept.put("dvla", Mark("XY34 ZAB", "GB"), None, now + 900, now - 9)
    retain(store, Keep(90, 365, tmp_path / "kept.db"))
    content = (tmp_path / "kept.db").read_bytes()
    assert b"AB12CDE" not in content and b"XY34ZAB" in content
    retain(store, Keep(90, 365, tmp_path / "none.db"))
    assert not (tmp_path / "none.db").exists()


def test_a_damaged_file_of_answers_is_told_and_cars_are_forgotten_all_the_same(
    store: Store, tmp_path: Path, clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    case = in_state(store, State.SOLD)
    clock.tick(91 * DAY_S)
    (tmp_path / "kept.db").write_bytes(b"no database" * 900)
    done = retain(store, Keep(90, 365, tmp_path / "kept.db"))
    assert done.ended == (case.id,) and "KILPI_KEPT_ANSWERS" in caplog.text
