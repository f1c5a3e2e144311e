"""Forgetting: a case is erased when a person asks for it, or a set number of days after its car was gone.

The row and the events stay as a tombstone: when, in which order, which kind. Marks, names, photos, answers,
decisions and who did what go; so do the car's folder, the texts that came with it, and originals that nobody
else needs. Photos in a dealer's own folder are the dealer's and stay. Where an advert is still out, the
tombstone keeps the folder's name and the advert's public one until it is taken down.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from datetime import datetime, timedelta

import sqlalchemy as sa

from kilpi.adverts.held import take_away
from kilpi.cases import jobs
from kilpi.cases.case import OPEN, Case, Kind, State
from kilpi.cases.forgetting.heap_sheets import remove_sheets_of
from kilpi.cases.incoming.beside import Beside
from kilpi.cases.incoming.reused import called_next, forget_others_row
from kilpi.cases.incoming.sent_files import USED, forget_sent
from kilpi.cases.incoming.sent_heaps import waiting_photos
from kilpi.cases.jobs import Job
from kilpi.cases.learning.audit import forget_audit
from kilpi.cases.learning.label_files import forget
from kilpi.cases.lists import read_case
from kilpi.cases.projection import project
from kilpi.cases.records import KILPI, append, check_as_seen, events_of, lock
from kilpi.store import Store, Tx
from kilpi.store.desk_tables import asks
from kilpi.store.tables import cases, events, photos, uploads
from kilpi.store.tables import jobs as job_rows

ERASE = "erase"  # the kind of the jobs that remove files
NAMES = ".site"  # in the data folder: a file a case that is out, with its public name
GONE_NAMES = ".gone"  # in the data folder: the public names of cars that are gone, a file a case
PERSON = "person"  # what is left of who it was
ORPHAN_S = 86_400.0  # an original that belongs to no case this long after it came is removed


def erase(store: Store, case_id: str, *, by: str, why: str = "asked", seen: int | None = None) -> Case:
    """Erases a case, the one way in which that is done: its rows, then its folder, texts, originals, labels.
    So are the cases that were joined to it: they are the same car, with its mark.

    The files go at once, or, if this process dies, with the next worker. `why` is a word, not a text. Raises
    CaseMissing, CaseRefused (erased already), CaseChanged, StoreError.
    """
    case = store.write(lambda tx: _erase(tx, case_id, by, why, seen))
    while job := jobs.take(store, [ERASE]):
        remove_files(store, job)
    return case


def _erase(tx: Tx, case_id: str, by: str, why: str, seen: int | None) -> Case:
    case = lock(tx, case_id)
    check_as_seen(tx, case, Kind.ERASED, seen)
    before = project(events_of(tx, case_id))
    had = tx.rows(sa.select(photos.c.sha256, photos.c.path).where(photos.c.case_id == case_id))
    kept = [row["sha256"] for row in had if row["path"] is None]
    tx.run(photos.delete().where(photos.c.case_id == case_id))
    tx.run(asks.delete().where(asks.c.case_id == case_id))
    forget_sent(tx, case.dealer, kept)
    forget_audit(tx, case_id)
    tx.run(asks.delete().where(asks.c.case_id == case_id))
    tx.run(job_rows.delete().where(job_rows.c.case_id == case_id, job_rows.c.token.is_(None)))
    tx.run(events.update().where(events.c.case_id == case_id).values(data=sa.null(), by=_role()))
    blank = dict.fromkeys(("reference", "place"), "") | dict.fromkeys(("receipt", "held_by", "held_until"))
    tx.run(cases.update().where(cases.c.id == case_id).values(**blank, address=case_id))
    names = {place: [one.public for one in shown if one.public] for place, shown in before.shown.items()}
    data = {"why": why, "live": dict(before.live), "address": case.address if before.live else ""}
    if names:  # public ones, by which what is out is found
        data["names"] = names
    erased = append(tx, case_id, Kind.ERASED, KILPI if by == KILPI else PERSON, data)
    for joined in joined_to(tx, case):
        _erase(tx, joined, by, why, None)
    files = {
        "photos": kept,
        "labelled": [row["sha256"] for row in had],
        "address": case.address,
        "dealer": case.dealer,
        "next": called_next(tx, case),
        "heap": case.reference,
    }
    jobs.enqueue(tx, ERASE, f"{ERASE} {case_id}", case_id=case_id, data=files)
    return erased


def joined_to(tx: Tx, case: Case) -> list[str]:
    """The cases, not erased yet, whose photos went to this one since both are one car."""
    over = (cases.c.state == State.WITHDRAWN.value) & (cases.c.dealer == case.dealer)
    named = (events.c.kind == Kind.WITHDRAWN.value) & sa.cast(events.c.data, sa.Text).contains(case.id)
    found = tx.rows(sa.select(events.c.case_id, events.c.data).join(cases).where(over, named))
    return sorted({row["case_id"] for row in found if row["data"].get("into") == case.id})


def _role() -> sa.ColumnElement[str]:
    return sa.case((events.c.by == KILPI, KILPI), else_=PERSON)


def remove_files(store: Store, job: Job) -> None:
    """Does an `erase` job: the car's folder, its texts, its labels, and the originals that nobody else needs.

    A worker's handler. Killed at any moment and run again, it does the rest.
    """
    beside = Beside(store.folder) if store.folder else None
    texts = beside.sha256s(job.case_id or "") if beside else []
    forget(store, job.data.get("labelled", ()))

    def originals(tx: Tx) -> None:
        tx.lock("originals")  # nobody receives the same photo between this look and the removal
        forget_sent(tx, job.data.get("dealer", ""), texts)
        remove_unused(tx, store, [*job.data["photos"], *texts])

    store.write(originals)
    if store.folder and beside:
        take_away(store.folder / job.data.get("address", job.case_id))
        beside.remove(job.case_id or "")
        remove_sheets_of(store.folder, job.data.get("heap", ""))
        for case_id in job.data.get("next", ()):
            forget_others_row(store, beside, read_case(store, case_id))
        (store.folder / GONE_NAMES / (job.case_id or "-")).unlink(missing_ok=True)
    store.write(lambda tx: jobs.complete(tx, job))
    store.checkpoint()


def take_away_over(store: Store, case: Case, address: str) -> None:
    """The folder at `address` goes, where the case is over: sold, withdrawn or erased while it was made."""
    if case.state not in OPEN and store.folder is not None:
        take_away(store.folder / address)


def remove_unused(tx: Tx, store: Store, found: Collection[str]) -> int:
    """Removes originals (sha256) that nobody needs; how many."""
    if store.originals is None or not found:
        return 0
    gone = set(found) - needed(tx, found)
    for sha256 in sorted(gone):
        store.originals.remove(sha256)
    return len(gone)


def needed(tx: Tx, found: Collection[str]) -> set[str]:
    """Which of these originals a case has, or will have: a heap that waits to be sorted, a fresh upload."""
    mine = tx.rows(sa.select(photos.c.sha256).where(photos.c.sha256.in_(found), photos.c.path.is_(None)))
    fresh = uploads.c.at > tx.now - timedelta(seconds=ORPHAN_S)
    kinds = uploads.c.kind.in_([kind.value for kind in USED])
    sent = tx.rows(sa.select(uploads.c.sha256).where(uploads.c.sha256.in_(found), fresh, kinds))
    return {row["sha256"] for row in (*mine, *sent)} | waiting_photos(tx)


def keep_until(case: Case, keep_days: int) -> datetime | None:
    """When the case will be erased; None while its car is for sale or waits."""
    return case.ended + timedelta(days=keep_days) if case.ended else None


def erase_expired(store: Store, keep_days: int, limit: int = 100) -> list[str]:
    """Erases cases whose car was sold or withdrawn `keep_days` ago or longer. Their ids, at most `limit`."""

    def due(tx: Tx) -> list[str]:
        over = cases.c.ended <= tx.now - timedelta(days=keep_days)
        query = sa.select(cases.c.id).where(over, cases.c.state.in_([Kind.SOLD.value, Kind.WITHDRAWN.value]))
        return [row["id"] for row in tx.rows(query.order_by(cases.c.ended).limit(limit))]

    found = store.read(due)
    for case_id in found:
        erase(store, case_id, by=KILPI, why="keep_days")
    return found


def remove_orphans(store: Store, older_s: float = ORPHAN_S) -> int:
    """Removes originals that came and never became a case's (an upload that broke off). How many."""
    if store.originals is None:
        return 0
    found = list(store.originals.older_than(time.time() - older_s))

    def do(part: list[str]) -> Callable[[Tx], int]:
        def remove(tx: Tx) -> int:
            tx.lock("originals")
            return remove_unused(tx, store, part)

        return remove

    return sum(store.write(do(found[n : n + 500])) for n in range(0, len(found), 500))
