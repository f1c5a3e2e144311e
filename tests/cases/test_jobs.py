from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from tests.stores import FakeClock

from kilpi.cases import backlog, jobs
from kilpi.errors import CaseChanged
from kilpi.store import Store, Tx


def put(store: Store, *keys: str) -> None:
    for key in keys:
        store.write(lambda tx, key=key: jobs.enqueue(tx, "k", key, data={"key": key}))  # type: ignore[misc]


def take(store: Store, lease_s: float = 60) -> jobs.Job:
    job = jobs.take(store, ["k"], lease_s)
    assert job is not None
    return job


def test_who_waits_longest_is_first_and_each_is_taken_once(store: Store, clock: FakeClock) -> None:
    put(store, "a")
    clock.tick(1)
    put(store, "b")
    first, second = take(store), take(store)
    assert (first.data["key"], second.data["key"]) == ("a", "b")
    assert jobs.take(store, ["k"]) is None
    for job in (first, second):
        store.write(lambda tx, job=job: jobs.complete(tx, job))  # type: ignore[misc]
    clock.tick(1000)
    assert jobs.take(store, ["k"]) is None


def test_only_the_asked_kinds(store: Store) -> None:
    put(store, "a")
    assert jobs.take(store, ["other"]) is None


def test_one_open_job_a_key(store: Store, clock: FakeClock) -> None:
    at = clock() + timedelta(hours=1)
    store.write(lambda tx: jobs.enqueue(tx, "k", "a", at=at))
    assert jobs.take(store, ["k"]) is None
    put(store, "a")  # now, not in an hour
    job = take(store)
    put(store, "a")  # a worker has it
    assert backlog(store).leased == 1
    store.write(lambda tx: jobs.complete(tx, job))
    assert backlog(store) == jobs.Backlog(0, 0, 0, 0)


def test_a_job_that_is_not_written_with_its_case_is_not_there(store: Store) -> None:
    def fail(tx: Tx) -> None:
        jobs.enqueue(tx, "k", "a")
        raise ValueError

    with pytest.raises(ValueError):
        store.write(fail)
    assert jobs.take(store, ["k"]) is None


def test_a_lost_lease_is_taken_up_and_its_first_holder_can_do_nothing(store: Store, clock: FakeClock) -> None:
    put(store, "a")
    lost = take(store, lease_s=60)
    clock.tick(59)
    assert jobs.take(store, ["k"]) is None
    clock.tick(2)
    found = take(store)
    assert (found.id, found.attempts) == (lost.id, 2)
    too_late: list[Callable[[], object]] = [
        lambda: store.write(lambda tx: jobs.complete(tx, lost)),
        lambda: store.write(lambda tx: jobs.put_back(tx, lost, tx.now)),
        lambda: store.write(lambda tx: jobs.give_up(tx, lost, "x")),
        lambda: jobs.extend(store, lost),
    ]
    for act in too_late:
        with pytest.raises(CaseChanged, match=lost.id):
            act()
    store.write(lambda tx: jobs.complete(tx, found))


def test_a_lease_that_is_extended_is_not_lost(store: Store, clock: FakeClock) -> None:
    put(store, "a")
    job = take(store, lease_s=60)
    for _ in range(5):
        clock.tick(50)
        jobs.extend(store, job, 60)
    assert jobs.take(store, ["k"]) is None


def test_put_back_counts_only_with_an_error(store: Store, clock: FakeClock) -> None:
    put(store, "a")
    for expected, error in ((1, "x"), (2, ""), (1, "x"), (2, "x")):
        job = take(store)
        assert job.attempts == expected
        store.write(lambda tx, job=job, error=error: jobs.put_back(tx, job, tx.now, error))  # type: ignore[misc]


def test_waits_grow_up_to_the_longest(store: Store, clock: FakeClock) -> None:
    def wait_s(attempts: int) -> float:
        at = store.read(lambda tx: jobs.retry_at(tx, attempts))
        return (at - clock()).total_seconds()

    assert 5 <= wait_s(1) <= 10
    assert 20 <= wait_s(3) <= 40
    assert 1800 <= wait_s(30) <= 3600


def test_a_job_that_was_given_up_is_kept_and_does_not_stop_a_new_one(store: Store) -> None:
    put(store, "a")
    job = take(store)
    store.write(lambda tx: jobs.give_up(tx, job, "ValueError"))
    assert jobs.take(store, ["k"]) is None
    put(store, "a")
    assert take(store).id != job.id
    left = backlog(store)
    assert (left.leased, left.given_up) == (1, 1)


def test_the_backlog_says_how_long_the_first_waits(store: Store, clock: FakeClock) -> None:
    since = clock()
    put(store, "a", "b")
    store.write(lambda tx: jobs.enqueue(tx, "k", "c", at=since + timedelta(days=1)))
    clock.tick(90)
    assert backlog(store) == jobs.Backlog(2, 0, 1, 0, since)


def test_a_daily_job_counts_as_later_only_where_it_failed(store: Store, clock: FakeClock) -> None:
    handle = jobs.daily(store, "k", lambda: None)["k"]
    jobs.schedule(store, "k")
    handle(take(store))
    assert backlog(store) == jobs.Backlog(0, 0, 0, 0)
    clock.tick(jobs.DAY.total_seconds())
    job = take(store)
    store.write(lambda tx: jobs.put_back(tx, job, clock() + timedelta(seconds=20), "OSError"))
    assert backlog(store) == jobs.Backlog(0, 0, 1, 0)


def test_many_workers_take_each_job_once(store: Store, open_store: Callable[[], Store]) -> None:
    put(store, *map(str, range(40)))
    taken: list[str] = []

    def worker() -> None:
        mine = open_store()
        while job := jobs.take(mine, ["k"]):
            taken.append(job.id)
            mine.write(lambda tx, job=job: jobs.complete(tx, job))  # type: ignore[misc]

    threads = [threading.Thread(target=worker) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(taken) == len(set(taken)) == 40
    assert backlog(store) == jobs.Backlog(0, 0, 0, 0)
