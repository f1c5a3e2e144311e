"""Work to do, as rows. A worker takes a job under a lease; a worker that dies loses it, and another takes it
up.

A job is written in the transaction that makes it necessary, and deleted in the one that keeps its result, so
neither is ever there without the other. A lease is a token and a time: who has lost it can complete nothing.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from kilpi.errors import CaseChanged
from kilpi.store import Row, Store, Tx, uuid7
from kilpi.store.tables import jobs

DAY = timedelta(days=1)  # between two runs of a daily job
LEASE_S = 60.0
ATTEMPTS = 8  # times a job is taken up, lost leases among them, before a person is told
RETRY_S, RETRY_MOST_S = 10.0, 3600.0  # the first wait after a failure, doubled each time, and the longest


@dataclass(frozen=True, slots=True)
class Job:
    """A job that this worker has. `attempts` counts this time too."""

    id: str
    kind: str
    case_id: str | None
    token: str
    attempts: int
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Backlog:
    """How much is left. `oldest` is when the job that waits longest could first be taken."""

    waiting: int
    leased: int
    later: int  # free only in the future; daily jobs whose next day is still to come are not counted
    given_up: int
    oldest: datetime | None = None


def enqueue(
    tx: Tx,
    kind: str,
    key: str,
    *,
    case_id: str | None = None,
    data: Mapping[str, Any] | None = None,
    at: datetime | None = None,
) -> None:
    """One open job of `key`: a new one, or the one that is there, moved to `at` unless a worker has it.

    `data`, where it is given, replaces that job's, also where a worker has it (see `noted`).
    """
    tx.lock(f"job {key}")
    free_at = at or tx.now
    where = jobs.c.key == key
    if tx.row(sa.select(jobs.c.id).where(where)):
        tx.run(jobs.update().where(where, jobs.c.token.is_(None)).values(free_at=free_at))
        if data is not None:
            tx.run(jobs.update().where(where).values(data=data))
        return
    tx.run(
        jobs.insert().values(
            id=uuid7(), kind=kind, key=key, case_id=case_id, data=data, created=tx.now, free_at=free_at
        )
    )


def open_job(tx: Tx, key: str) -> Row | None:
    """The open job of `key`, whoever has it; its `error` is that of the last try."""
    return tx.row(sa.select(jobs).where(jobs.c.key == key))


def cancel(tx: Tx, key: str) -> None:
    """Deletes the open job of `key`, unless a worker has it: that one will find nothing to do."""
    tx.run(jobs.delete().where(jobs.c.key == key, jobs.c.token.is_(None)))


def take(store: Store, kinds: Sequence[str], lease_s: float = LEASE_S) -> Job | None:
    """The job that has waited longest, now this worker's for `lease_s` seconds; None: nothing is free."""
    return store.write(lambda tx: _take(tx, kinds, lease_s))


def _take(tx: Tx, kinds: Sequence[str], lease_s: float) -> Job | None:
    row = tx.row(
        sa.select(jobs)
        .where(jobs.c.free_at <= tx.now, jobs.c.kind.in_(kinds))
        .order_by(jobs.c.free_at, jobs.c.id)
        .limit(1)
        .with_for_update(skip_locked=True)  # SQLite: the whole database is ours already
    )
    if row is None:
        return None
    token, attempts = uuid7(), row["attempts"] + 1
    until = tx.now + timedelta(seconds=lease_s)
    tx.run(jobs.update().where(jobs.c.id == row["id"]).values(token=token, free_at=until, attempts=attempts))
    return Job(row["id"], row["kind"], row["case_id"], token, attempts, row["data"] or {})


def extend(store: Store, job: Job, lease_s: float = LEASE_S) -> None:
    """The lease, from now on again. Raises CaseChanged where it was lost."""
    store.write(lambda tx: _change(tx, job, {"free_at": tx.now + timedelta(seconds=lease_s)}))


def note(tx: Tx, job: Job, data: Mapping[str, Any]) -> None:
    """Whoever takes the job next finds this with it. Raises CaseChanged where it was lost."""
    _change(tx, job, {"data": {**job.data, **data}})


def wake(tx: Tx, case_id: str, kinds: str) -> None:
    """The case's jobs whose kind begins so and that wait, though nothing failed, are free at once."""
    waits = (jobs.c.token.is_(None), jobs.c.error == "", jobs.c.free_at > tx.now)
    mine = (jobs.c.case_id == case_id, jobs.c.kind.startswith(kinds, autoescape=True))
    tx.run(jobs.update().where(*mine, *waits).values(free_at=tx.now))


def noted(tx: Tx, job: Job) -> Mapping[str, Any]:
    """The job's data with what was noted since it was taken."""
    row = tx.row(sa.select(jobs.c.data).where(*_mine(job)))
    return (row["data"] if row else None) or {}


def complete(tx: Tx, job: Job) -> None:
    """Done: the job goes. In the transaction that keeps the result. Raises CaseChanged where it was lost."""
    if not tx.run(jobs.delete().where(*_mine(job))):
        raise _lost(job)


def put_back(tx: Tx, job: Job, at: datetime, error: str = "") -> None:
    """To be taken again from `at` on. Without an `error` it counts as never tried. Raises CaseChanged."""
    values: dict[str, Any] = {"token": None, "free_at": at, "error": error}
    _change(tx, job, values if error else values | {"attempts": 0})


def give_up(tx: Tx, job: Job, error: str) -> None:
    """Nobody takes it again; it stays to be looked at. Raises CaseChanged where it was lost."""
    _change(tx, job, {"token": None, "free_at": None, "key": None, "error": error})


def retry_at(tx: Tx, attempts: int) -> datetime:
    """When to try again after `attempts` failures, spread so that many do not come back at once."""
    wait_s = min(RETRY_S * 2 ** (attempts - 1), RETRY_MOST_S)
    return tx.now + timedelta(seconds=wait_s * random.uniform(0.5, 1.0))


def daily(store: Store, kind: str, do: Callable[[], object]) -> Mapping[str, Callable[[Job], None]]:
    """The handler for `work` of the one job of a kind that is done once a day, whichever worker has it."""

    def handle(job: Job) -> None:
        do()

        def again(tx: Tx) -> None:
            complete(tx, job)
            enqueue(tx, kind, kind, at=tx.now + DAY)

        store.write(again)

    return {kind: handle}


def schedule(store: Store, kind: str) -> None:
    """Writes the one job of a kind, unless it is there: then its time stands."""

    def do(tx: Tx) -> None:
        tx.lock(f"job {kind}")
        if tx.row(sa.select(jobs.c.id).where(jobs.c.key == kind)) is None:
            enqueue(tx, kind, kind)

    store.write(do)


def in_hand(store: Store, kind: str) -> frozenset[str]:
    """The cases whose job of `kind` some worker has now, under a lease that has not ended."""
    held = (jobs.c.kind == kind) & jobs.c.token.is_not(None)

    def do(tx: Tx) -> frozenset[str]:
        rows = tx.rows(sa.select(jobs.c.case_id).where(held, jobs.c.free_at > tx.now))
        return frozenset(row["case_id"] for row in rows)

    return store.read(do)


def nobodys(store: Store, kind: str) -> list[str]:
    """The cases with an open job of `kind` that no worker has."""
    free = (jobs.c.kind == kind) & jobs.c.token.is_(None) & jobs.c.key.is_not(None)
    rows = store.read(lambda tx: tx.rows(sa.select(jobs.c.case_id).where(free).order_by(jobs.c.id)))
    return [row["case_id"] for row in rows if row["case_id"]]


def backlog(store: Store, kinds: Sequence[str] | None = None) -> Backlog:
    """What is left to do, of all kinds or of these, for a progress bar and for alarms."""
    return store.read(lambda tx: _backlog(tx, kinds))


def _backlog(tx: Tx, kinds: Sequence[str] | None) -> Backlog:
    free = (jobs.c.token.is_(None)) & (jobs.c.free_at <= tx.now)
    # One of them is always there, so counting it would hide that a register is down.
    daily = (jobs.c.key == jobs.c.kind) & (jobs.c.attempts == 0)

    def count(where: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
        return sa.func.coalesce(sa.func.sum(sa.case((where, 1), else_=0)), 0)

    row = tx.connection.execute(
        sa.select(
            count(free),
            count(jobs.c.token.is_not(None)),
            count(jobs.c.token.is_(None) & (jobs.c.free_at > tx.now) & ~daily),
            count(jobs.c.free_at.is_(None)),
            sa.func.min(sa.case((free, jobs.c.free_at))),
        ).where(sa.true() if kinds is None else jobs.c.kind.in_(kinds))
    ).one()
    return Backlog(*row)


def _mine(job: Job) -> tuple[sa.ColumnElement[bool], sa.ColumnElement[bool]]:
    return jobs.c.id == job.id, jobs.c.token == job.token


def _change(tx: Tx, job: Job, values: dict[str, Any]) -> None:
    if not tx.run(jobs.update().where(*_mine(job)).values(**values)):
        raise _lost(job)


def _lost(job: Job) -> CaseChanged:
    return CaseChanged(f"job {job.id}: its lease ended and another worker has it; nothing was kept")
