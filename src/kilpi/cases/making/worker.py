"""A worker: takes jobs one after the other and runs the flow under a lease that is kept alive meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from kilpi.cases import jobs
from kilpi.cases.case import AT_WORK, OPEN, Case, Kind, State
from kilpi.cases.flow import Flow, Later, Outcome, Task
from kilpi.cases.forgetting.retention import ERASE, remove_files, take_away_over
from kilpi.cases.jobs import ATTEMPTS, LEASE_S, Job, give_up, put_back, retry_at
from kilpi.cases.learning.audit import USUAL, AuditPlan
from kilpi.cases.making.decide import decide, defer, task_for
from kilpi.cases.records import KILPI, WORK, append, lock, reasons_data
from kilpi.errors import CaseChanged, CaseError, RegisterUnavailable, StoreError
from kilpi.store import Store, Tx
from kilpi.types import Reason

Handler = Callable[[Job], None]
"""Does a job of another kind than `work`, completes it by `jobs.complete`; its exceptions mean: later."""

Watch = Callable[[Case], object]
ADDRESS = "address"  # in the data of a job that is worked on: where the car's folder is


def work(
    store: Store,
    flow: Flow,
    *,
    handlers: Mapping[str, Handler] | None = None,
    lease_s: float = LEASE_S,
    watch: Watch = lambda case: None,
    stop: Callable[[], bool] = lambda: False,
    plan: AuditPlan = USUAL,
) -> int:
    """Works until nothing is free or `stop()`; how many jobs were taken. `watch` sees each case after its
    job; `plan` says which accepted cars are audited.

    Files of erased cases are removed too. Safe in any number of threads, processes and (Postgres) machines
    at once. Raises StoreError.
    """
    others: dict[str, Handler] = {ERASE: partial(remove_files, store), **(handlers or {})}
    done = 0
    while not stop() and (job := jobs.take(store, [WORK, *others], lease_s)):
        done += 1
        case = _one(store, job, partial(_run, store, flow=flow, plan=plan), others, lease_s)
        if case is not None:
            watch(case)
    return done


def _one(
    store: Store, job: Job, run: Callable[[Job], Case], handlers: Mapping[str, Handler], lease_s: float
) -> Case | None:
    """One job, whatever comes of it: an exception is this job's, never the run's."""
    try:
        if job.attempts > ATTEMPTS:  # those who took it died of it, or lost their leases
            return store.write(lambda tx: _failed(tx, store, job, "LeaseLost"))
        with kept_alive(store, job, lease_s):
            if job.kind != WORK:
                handlers[job.kind](job)
                return None
            return run(job)
    except CaseChanged:
        return None  # another worker has it
    except StoreError:
        raise  # not the job's fault: its lease ends by itself
    except (KeyboardInterrupt, SystemExit):
        store.write(lambda tx: put_back(tx, job, tx.now))  # the next worker need not wait for the lease's end
        raise
    except Exception as error:
        kind = type(error).__name__
        try:
            return store.write(lambda tx: _failed(tx, store, job, kind))
        except CaseChanged:
            return None


def _run(store: Store, job: Job, flow: Flow, plan: AuditPlan) -> Case:
    task = store.write(lambda tx: _started(tx, job))
    if task.case.state not in AT_WORK:
        return store.write(lambda tx: _nothing_to_do(tx, store, job, task))
    task = replace(task, still_mine=partial(jobs.extend, store, job))
    outcome: Outcome | Later | RegisterUnavailable
    try:
        outcome = flow(task)
    except RegisterUnavailable as error:
        outcome = error
    try:
        return store.write(lambda tx: _kept(tx, store, job, task, outcome, plan))
    except CaseChanged:  # another worker has the job; what this one wrote of a car that is over stays nowhere
        store.write(lambda tx: take_away_over(store, lock(tx, task.case.id), task.case.address))
        raise


def _kept(
    tx: Tx,
    store: Store,
    job: Job,
    task: Task,
    outcome: Outcome | Later | RegisterUnavailable,
    plan: AuditPlan,
) -> Case:
    """What came of the flow, noted; of a car that was sold or erased meanwhile nothing stays on the disk.

    One transaction: who erases either finds the folder, or this worker finds the case erased.
    """
    if isinstance(outcome, RegisterUnavailable):
        reason = Reason("register_unavailable", {"error": outcome.kind})
        outcome = Later(None, (reason,))
    if isinstance(outcome, Later):
        outcome = outcome if outcome.at else replace(outcome, at=_register_retry(tx, task))
        case = defer(tx, job, task, outcome)
    else:
        case = decide(tx, job, task, outcome, plan)
    take_away_over(store, case, task.case.address)
    return case


def _started(tx: Tx, job: Job) -> Task:
    case_id = job.case_id or ""
    case = lock(tx, case_id)
    if case.state is State.RECEIVED:
        append(tx, case_id, Kind.STARTED, KILPI)
    if case.state in AT_WORK:
        jobs.note(tx, job, {ADDRESS: case.address})  # an erased case forgets where its folder was
    return task_for(tx, case_id)


def _nothing_to_do(tx: Tx, store: Store, job: Job, task: Task) -> Case:
    """Sold, withdrawn or erased before its turn came; if it is at work again, the job is free for that.

    A worker that died of it may have left a folder.
    """
    case = lock(tx, task.case.id)
    take_away_over(store, case, job.data.get(ADDRESS, case.address))
    if case.state in AT_WORK:
        put_back(tx, job, tx.now)
    else:
        jobs.complete(tx, job)
    return case


def _register_retry(tx: Tx, task: Task) -> datetime:
    """As long again as the case has waited already, but not less or more than after a failure."""
    waited_s = (tx.now - task.since).total_seconds()
    return tx.now + timedelta(seconds=min(max(waited_s, jobs.RETRY_S), jobs.RETRY_MOST_S))


def _failed(tx: Tx, store: Store, job: Job, error: str) -> Case | None:
    """Later again, or, after the last attempt, to a person. `error` is a kind, never a message."""
    case = lock(tx, job.case_id) if job.case_id and job.kind == WORK else None
    if case is not None and case.state not in OPEN:
        take_away_over(store, case, jobs.noted(tx, job).get(ADDRESS, case.address))
        jobs.complete(tx, job)
        return case
    if job.attempts < ATTEMPTS:
        put_back(tx, job, retry_at(tx, job.attempts), error)
        return None
    give_up(tx, job, error)
    if case is None or case.state not in AT_WORK:
        return case
    reason = Reason("failed", {"error": error, "attempts": job.attempts})
    return append(tx, case.id, Kind.FAILED, KILPI, {"reasons": reasons_data([reason])})


@contextmanager
def kept_alive(store: Store, job: Job, lease_s: float) -> Iterator[None]:
    """Extends the job's lease from a thread, three times a lease, as long as the block runs."""
    over = threading.Event()

    def beat() -> None:
        while not over.wait(lease_s / 3):
            try:
                jobs.extend(store, job, lease_s)
            except CaseError:
                return  # lost, or done: whoever completes it will be told
            except StoreError:
                continue  # the next beat may reach the database again

    thread = threading.Thread(target=beat, name=f"lease {job.id}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
