from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from datetime import timedelta

import pytest
from tests.cases.helping import MARK, OTHER, WORRY, Told, arrive, in_state, ready, review, sha, worked
from tests.stores import FakeClock

from kilpi.cases import (
    Case,
    Job,
    Kind,
    Later,
    Outcome,
    SaidMark,
    Seen,
    State,
    Task,
    answer,
    backlog,
    history,
    jobs,
    photos,
    read_case,
    sold,
    undo,
    work,
)
from kilpi.cases.jobs import ATTEMPTS
from kilpi.cases.making.decide import decide, task_for
from kilpi.errors import RegisterUnavailable, StoreError, UsageError
from kilpi.store import Store
from kilpi.types import Mark


def test_all_that_is_free_is_done_and_seen(store: Store) -> None:
    for name in "abc":
        arrive(store, name)
    seen: list[Case] = []
    assert work(store, lambda task: review(Mark(task.photos[0].name, "FI")), watch=seen.append) == 3
    assert [case.state for case in seen] == [State.REVIEW] * 3
    assert work(store, Told(ready())) == 0


def test_stopping_leaves_the_rest(store: Store) -> None:
    for name in "abc":
        arrive(store, name)
    seen: list[Case] = []
    work(store, Told(review()), watch=seen.append, stop=lambda: len(seen) == 1)
    assert (len(seen), backlog(store).waiting) == (1, 2)


def test_what_the_flow_says_is_kept(store: Store) -> None:
    case = arrive(store, "a", "b", dealer="one")
    outcome = ready(title="Volvo V60 2016", seen={sha("a"): Seen("front", ""), sha("b"): Seen("", "blurred")})
    now = worked(store, case, outcome)
    assert (now.mark, now.settled, now.p, now.title) == (MARK, True, 0.9999, "Volvo V60 2016")
    assert [(photo.view, photo.rejected) for photo in photos(store, case.id)] == [
        ("front", ""),
        ("", "blurred"),
    ]


def test_a_register_that_is_down_asks_nobody(store: Store, clock: FakeClock) -> None:
    case = arrive(store, "a")

    def down(task: Task) -> Outcome:
        raise RegisterUnavailable("traficom: no answer for ABC-987")

    for _ in range(3):
        now = worked(store, case, down)
        assert (now.state, now.reasons[0].values) == (State.WORKING, {"error": "RegisterUnavailable"})
        assert now.next_try is not None
        clock.tick((now.next_try - clock()).total_seconds() - 1)
        assert work(store, down) == 0
        clock.tick(1)
    assert backlog(store).given_up == 0
    for _ in range(ATTEMPTS * 2):  # for as long as it takes
        clock.tick(3600)
        assert worked(store, case, down).state is State.WORKING
    clock.tick(3600)
    assert worked(store, case, ready()).state is State.READY


def test_the_pause_is_the_databases_not_this_machines(store: Store, clock: FakeClock) -> None:
    """A machine whose clock was behind asked a register that was down again and again without a pause."""
    case = arrive(store, "a")
    for waited in (10, 10, 20, 40):
        now = worked(store, case, Later(None, (WORRY,)))
        assert now.next_try == clock() + timedelta(seconds=waited)
        clock.tick(waited)


def test_an_answer_does_not_wait_for_the_next_try(store: Store, clock: FakeClock) -> None:
    case = worked(store, arrive(store, "a"), Later(clock() + timedelta(days=1), (WORRY,)))
    assert (case.state, case.next_try) == (State.WORKING, clock() + timedelta(days=1))
    answer(store, case.id, SaidMark("ABC-987", "FI"), by="anna")
    assert worked(store, case, ready()).state is State.READY


def test_a_failure_is_tried_again_and_then_told(
    store: Store, clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    case, other = arrive(store, "a"), arrive(store, "b")

    def broken(task: Task) -> Outcome:
        if task.case.id == case.id:
            raise ValueError("cannot do ABC-987")
        return ready(OTHER)

    for _ in range(ATTEMPTS):
        work(store, broken)
        clock.tick(3600)
    assert read_case(store, other.id).state is State.READY
    now = read_case(store, case.id)
    assert (now.state, now.reasons[0].code) == (State.REVIEW, "failed")
    assert now.reasons[0].values == {"error": "ValueError", "attempts": ATTEMPTS}
    assert backlog(store).given_up == 1
    assert "987" not in caplog.text
    answer(store, case.id, SaidMark("ABC-987", "FI"), by="anna")  # a person may have mended it
    assert worked(store, case, ready()).state is State.READY


def test_who_dies_of_a_job_every_time_gives_it_to_a_person(store: Store, clock: FakeClock) -> None:
    case = arrive(store, "a")
    for _ in range(ATTEMPTS):
        assert jobs.take(store, ["work"]) is not None
        clock.tick(61)
    flow = Told(ready())
    now = worked(store, case, flow)
    assert (now.state, now.reasons[0].values["error"], flow.tasks) == (State.REVIEW, "LeaseLost", [])


def test_an_answer_that_comes_meanwhile_is_not_lost(store: Store) -> None:
    case = in_state(store, State.REVIEW)
    answer(store, case.id, SaidMark("AAA-111", "FI"), by="anna")
    told: list[str] = []

    def flow(task: Task) -> Outcome:
        said = task.answers.identity
        assert isinstance(said, SaidMark)
        told.append(said.text)
        if len(told) == 1:  # while the first answer is worked on, the second comes
            answer(store, case.id, SaidMark("BBB-222", "FI"), by="bo")
        return ready(Mark(said.text, "FI"), advert=said.text)

    now = worked(store, case, flow)
    assert told == ["AAA-111", "BBB-222"]
    assert (now.state, now.mark, now.version) == (State.READY, Mark("BBB-222", "FI"), 1)


@pytest.mark.parametrize("outcome", [ready(), Later(FakeClock().now, ()), ValueError(), review()], ids=str)
def test_a_car_that_is_sold_meanwhile_stays_sold(store: Store, outcome: Outcome | Later | Exception) -> None:
    case = arrive(store, "a")

    def flow(task: Task) -> Outcome | Later:
        if read_case(store, case.id).state is not State.SOLD:
            sold(store, case.id, by="anna")
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    work(store, flow)
    assert read_case(store, case.id).state is State.SOLD
    assert history(store, case.id)[-1].kind is Kind.SOLD
    undo(store, case.id, by="anna")
    assert worked(store, case, ready()).state is State.READY


def test_who_lost_the_lease_keeps_nothing(store: Store, clock: FakeClock) -> None:
    case = arrive(store, "a")

    def slow(task: Task) -> Outcome:
        clock.tick(120)  # longer than the lease, and nothing extends it in this frozen time
        assert worked(store, case, ready(OTHER)).mark == OTHER
        return ready()

    work(store, slow)
    assert read_case(store, case.id).mark == OTHER
    assert [event.kind for event in history(store, case.id)].count(Kind.DECIDED) == 1


def test_who_lost_the_lease_is_told_before_it_writes(store: Store, clock: FakeClock) -> None:
    case = arrive(store, "a")
    written: list[str] = []

    def stopped_for_long(task: Task) -> Outcome:
        task.still_mine()  # and goes on
        clock.tick(120)
        assert work(store, Told(ready(weights="other"))) == 1
        task.still_mine()
        written.append("the folder")
        return ready()

    work(store, stopped_for_long)
    assert not written and read_case(store, case.id).weights == "other"


def test_a_long_flow_keeps_its_lease(place: str) -> None:
    store = Store.open(place)  # real time
    case = arrive(store, "a")
    taken: list[object] = []

    def slow(task: Task) -> Outcome:
        for _ in range(8):
            time.sleep(0.1)
            taken.append(jobs.take(store, ["work"]))
        return ready()

    work(store, slow, lease_s=0.6)
    assert taken == [None] * 8
    assert read_case(store, case.id).state is State.READY
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("lease")]
    store.close()


def test_a_run_that_is_broken_off_gives_its_job_back_at_once(store: Store) -> None:
    case = arrive(store, "a")

    def broken_off(task: Task) -> Outcome:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        work(store, broken_off)
    assert worked(store, case, ready()).state is State.READY


def test_other_kinds_have_handlers(store: Store) -> None:
    store.write(lambda tx: jobs.enqueue(tx, "mail", "m", data={"to": "x"}))
    done: list[object] = []

    def handle(job: Job) -> None:
        done.append(job.data)
        store.write(lambda tx: jobs.complete(tx, job))

    assert work(store, Told(ready()), handlers={"mail": handle}) == 1
    assert done == [{"to": "x"}]


def test_a_database_that_fails_is_not_the_jobs_fault(store: Store) -> None:
    arrive(store, "a")

    def no_database(task: Task) -> Outcome:
        raise StoreError("database: gone")

    with pytest.raises(StoreError):
        work(store, no_database)
    assert backlog(store).given_up == 0


def test_an_outcome_has_a_state_of_its_own(store: Store) -> None:
    case = arrive(store, "a")
    task, job = in_work(store)
    with pytest.raises(UsageError, match="published"):
        store.write(lambda tx: decide(tx, job, task, ready(state=State.PUBLISHED)))
    assert read_case(store, case.id).state is State.RECEIVED


def in_work(store: Store) -> tuple[Task, Job]:
    job = jobs.take(store, ["work"])
    assert job is not None and job.case_id is not None
    return store.write(lambda tx: task_for(tx, job.case_id or "")), job


def test_two_runs_share_the_work(store: Store, open_store: Callable[[], Store]) -> None:
    for n in range(12):
        arrive(store, f"car{n}")
    done: list[str] = []

    def by_name(task: Task) -> Outcome:
        return review(Mark(task.photos[0].name[:7], "FI"))

    def run() -> None:
        mine = open_store()
        work(
            mine,
            lambda task: review(Mark(task.photos[0].name[:7], "FI")),
            watch=lambda case: done.append(case.id),
        )

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(done) == len(set(done)) == 12
