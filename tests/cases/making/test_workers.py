"""Workers in threads: begun, woken, stopped after the job in hand, and what breaks them not."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from tests.cases.helping import Told, arrive, ready, review

from kilpi.cases import Case, Outcome, State, Task, Workers, backlog, read_case
from kilpi.errors import StoreError
from kilpi.store import Store


def until(true: Callable[[], bool]) -> None:
    """Waits for it; 10 s at most."""
    end = time.monotonic() + 10
    while not true():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_a_bell_wakes_them_at_once_and_each_has_its_flow(store: Store) -> None:
    flows: list[Told] = []

    def make() -> Told:
        flows.append(Told(review()))
        return flows[-1]

    workers = Workers(store, make, count=2, poll_s=60)
    workers.start()
    until(lambda: len(flows) == 2)
    time.sleep(0.1)  # both sleep now, for a minute
    case = arrive(store, "a")
    workers.wake()
    until(lambda: read_case(store, case.id).state is State.REVIEW)
    assert workers.stop(10) and sum(len(flow.tasks) for flow in flows) == 1


def test_without_a_bell_they_look_now_and_then(store: Store) -> None:
    workers = Workers(store, lambda: Told(ready()), poll_s=0.02)
    workers.start()
    time.sleep(0.05)
    case = arrive(store, "a")
    until(lambda: read_case(store, case.id).state is State.READY)
    assert workers.stop(10)


def test_stopping_waits_for_the_job_in_hand_and_begins_no_other(store: Store) -> None:
    first, second = arrive(store, "a"), arrive(store, "b")
    begun, go = threading.Event(), threading.Event()

    def slow(task: Task) -> Outcome:
        begun.set()
        assert go.wait(10)
        return review()

    workers = Workers(store, lambda: slow)
    workers.start()
    assert begun.wait(10)
    assert not workers.stop(0.05), "it is still at work"
    go.set()
    assert workers.stop(10) and not workers.alive
    assert [read_case(store, case.id).state for case in (first, second)] == [State.REVIEW, State.RECEIVED]
    assert (backlog(store).waiting, backlog(store).leased) == (1, 0)


def test_when_all_is_done_it_is_told_once(store: Store) -> None:
    told: list[str] = []
    for name in "abc":
        arrive(store, name)
    workers = Workers(
        store,
        lambda: Told(review()),
        watch=lambda case: told.append(case.state),
        idle=lambda: told.append("idle"),
    )
    workers.start()
    until(lambda: "idle" in told)
    assert workers.stop(10) and told == ["review"] * 3 + ["idle"]


def test_they_outlive_what_fails_around_a_job(store: Store) -> None:
    seen: list[Case] = []

    def watch(case: Case) -> None:
        seen.append(case)
        if len(seen) == 1:
            raise OSError("the disk is full")

    for name in "ab":
        arrive(store, name)
    workers = Workers(store, lambda: Told(review()), watch=watch, poll_s=0.01)
    workers.start()
    until(lambda: len(seen) == 2)
    assert workers.alive and workers.stop(10)


def test_a_flow_that_cannot_be_made_ends_them(store: Store) -> None:
    def broken() -> Told:
        raise StoreError("no network")

    workers = Workers(store, broken)
    workers.start()
    until(lambda: not workers.alive)
    assert workers.stop(1)
