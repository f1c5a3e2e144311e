"""How long what is kept is kept: each case has a date on which it is erased, with its originals and answers.

A car that is gone is erased a set number of days after it was sold or withdrawn; one that nobody came back
to, and that is shown nowhere, so long after anything last happened to it. docs/privacy.md says why.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import sqlalchemy as sa

from kilpi.cases import jobs
from kilpi.cases.case import GONE, OPEN, Case
from kilpi.cases.forgetting.heap_sheets import remove_old_sheets
from kilpi.cases.forgetting.retention import erase, remove_orphans
from kilpi.cases.forgetting.sweeping import sweep
from kilpi.cases.incoming.sent_files import forget_old
from kilpi.cases.jobs import Job
from kilpi.cases.outgoing import outbox
from kilpi.cases.records import KILPI, case_of
from kilpi.config import Settings
from kilpi.errors import CaseChanged, CaseRefused, KilpiError
from kilpi.registers.cache import KeptAnswers
from kilpi.store import Store, Tx
from kilpi.store.tables import cases
from kilpi.store.tables import jobs as job_rows

RETAIN = "retain"  # the kind, and the key, of the one job that does this
LOG = logging.getLogger("kilpi.cases")
PART = 100  # cases a look


@dataclass(frozen=True, slots=True)
class Keep:
    """For how many days: after a car was gone, and after anything last happened to one that is not shown.
    `answers`: where registers' answers are kept, each with a time of its own.
    """

    ended_days: int = 90
    idle_days: int = 365
    answers: Path | None = None

    @classmethod
    def of(cls, settings: Settings) -> Keep:
        """KILPI_KEEP_DAYS, KILPI_KEEP_IDLE_DAYS and KILPI_KEPT_ANSWERS."""
        return cls(settings.keep_days, settings.keep_idle_days, settings.kept_answers)

    def until(self, case: Case) -> datetime | None:
        """When the case will be erased, if nothing happens before; None while it is shown, or erased."""
        if case.state in GONE and case.ended is not None:
            return case.ended + timedelta(days=self.ended_days)
        if case.state in OPEN and not case.live:
            return case.changed + timedelta(days=self.idle_days)
        return None


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What was erased: cars by why, originals that came and never became a case's, folders of cars that are
    over, and contact sheets of heaps.
    """

    ended: tuple[str, ...] = ()
    idle: tuple[str, ...] = ()
    orphans: int = 0
    swept: int = 0
    sheets: int = 0


def overdue(store: Store, keep: Keep, limit: int = PART) -> list[tuple[Case, str]]:
    """The cases whose date has come, and why: "keep_days" or "keep_idle_days". At most `limit` of each."""

    def look(tx: Tx) -> list[tuple[Case, str]]:
        gone = cases.c.state.in_([state.value for state in GONE])
        unseen = cases.c.state.in_([state.value for state in OPEN]) & (cases.c.live == 0)
        ended = gone & (cases.c.ended <= tx.now - timedelta(days=keep.ended_days))
        idle = unseen & (cases.c.changed <= tx.now - timedelta(days=keep.idle_days))
        found = []
        for where, column, why in (
            (ended, cases.c.ended, "keep_days"),
            (idle, cases.c.changed, "keep_idle_days"),
        ):
            rows = tx.rows(sa.select(cases).where(where).order_by(column, cases.c.id).limit(limit))
            found += [(case_of(row), why) for row in rows]
        return found

    return store.read(look)


def retain(store: Store, keep: Keep) -> Forgotten:
    """Erases what is overdue, uploads that became no case, what is remembered of old uploads and of jobs that
    were given up, registers' answers whose time is over, contact sheets of heaps, and what dead processes
    left of cars that are over.
    """
    erased: dict[str, list[str]] = {"keep_days": [], "keep_idle_days": []}
    while found := overdue(store, keep):
        for case, why in found:
            try:
                erase(store, case.id, by=KILPI, why=why, seen=case.seq)
            except (CaseRefused, CaseChanged):
                continue  # erased by another meanwhile, or somebody came back to it
            erased[why].append(case.id)
    forget_old(store)
    outbox.forget_delivered(store)
    store.write(lambda tx: _forget_given_up(tx, keep))
    orphans, swept = remove_orphans(store), sweep(store)
    if keep.answers and keep.answers.is_file():
        _forget_answers(keep.answers)
    sheets = remove_old_sheets(store.folder, keep.ended_days) if store.folder else 0
    store.checkpoint()
    return Forgotten(tuple(erased["keep_days"]), tuple(erased["keep_idle_days"]), orphans, swept, sheets)


def _forget_answers(path: Path) -> None:
    """A damaged file is told, and cars are forgotten all the same."""
    try:
        KeptAnswers(path).forget_expired(time.time())
    except KilpiError as error:
        LOG.error("%s", error)


def _forget_given_up(tx: Tx, keep: Keep) -> None:
    """Jobs that nobody takes any more; those of heaps hold photos' names."""
    old = job_rows.c.created <= tx.now - timedelta(days=keep.ended_days)
    tx.run(job_rows.delete().where(job_rows.c.free_at.is_(None), old))


def retainer(store: Store, keep: Keep) -> Mapping[str, Callable[[Job], None]]:
    """The handler for `work` that does this once a day, whichever worker has the job."""
    return jobs.daily(store, RETAIN, lambda: retain(store, keep))


def schedule_retention(store: Store) -> None:
    """Writes the job, unless it is there: then its time stands."""
    jobs.schedule(store, RETAIN)
