"""kilpi work: the same jobs as kilpi advert, beside it and in its place."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.cli.yard import advert, kilpi, states

from kilpi import cases
from kilpi.cases import State, Wanted, backlog, find
from kilpi.cases.records import enqueue_publish
from kilpi.cli import working
from kilpi.cli.working import LastAsked
from kilpi.config import load_settings
from kilpi.errors import UsageError
from kilpi.store import Store


@pytest.fixture
def store(yard: Path) -> Iterator[Store]:
    advert()
    store = Store.open(yard / "out")
    yield store
    store.close()


def again(store: Store) -> None:
    """All cars go to work again, and nobody works."""
    for case in find(store).cases:
        cases.rerun(store, case.id, by="anna", why="test")


def test_what_is_left_is_worked_on_until_nothing_is(store: Store, yard: Path) -> None:
    again(store)
    other = cases.find_one(store, "golf")
    store.write(lambda tx: enqueue_publish(tx, other.id, "a place that nobody works for"))
    (yard / "out" / "index.html").unlink()
    kilpi("work", "--until-done")
    assert states() == {"golf": "ready", "leaf": "review", "micra": "ready"}
    assert not backlog(store, ["work"]).waiting and (yard / "out" / "index.html").is_file()


def test_it_follows_what_the_last_run_was_asked_for(store: Store, yard: Path) -> None:
    flow = LastAsked(store, yard / "out", load_settings())
    first = flow.maker
    assert flow.maker is first
    advert("--language", "sv")
    assert flow.maker.line.language == "sv"


def test_a_folder_without_a_run_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"no `kilpi advert` ran into it.*`kilpi serve`"):
        working.work_on(tmp_path)


def test_a_run_beside_a_worker_waits_for_its_cars(store: Store) -> None:
    again(store)
    shared = threading.Thread(
        target=lambda: cases.work(store, LastAsked(store, Path("out"), load_settings()))
    )
    shared.start()
    assert set(advert()) == {"golf", "leaf", "micra"}
    shared.join()
    assert not find(store, Wanted(states=(State.WORKING, State.RECEIVED))).cases


def test_a_signal_ends_it_after_the_car_in_hand(store: Store) -> None:
    ended = threading.Timer(0.3, signal.raise_signal, (signal.SIGTERM,))
    ended.start()
    begun = time.monotonic()
    working.serve(Path("out"), until_done=False)
    assert time.monotonic() - begun < 10
