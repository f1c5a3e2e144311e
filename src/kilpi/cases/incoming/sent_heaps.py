"""Photos that were sent without a folder: perhaps of several cars. A worker looks at them and makes cases.

Where sorting is sure, a case a car; where it is not, one case with all of them, which a person is asked about
and takes apart. Nothing is ever made of some of the photos alone.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

import sqlalchemy as sa

from kilpi.cases import jobs
from kilpi.cases.case import AT_WORK, Kind
from kilpi.cases.incoming.arrival import Arrival, Received, Sent
from kilpi.cases.incoming.heaps import LookAt, look_at, receive_heap
from kilpi.cases.incoming.receive import receive, receive_in
from kilpi.cases.incoming.sent_files import originals_of
from kilpi.cases.jobs import Job
from kilpi.cases.records import KILPI, append, reasons_data
from kilpi.hashing import sha256_hex
from kilpi.store import Store, Tx
from kilpi.store.tables import jobs as job_rows
from kilpi.types import Reason

SORT = "sort"  # the kind of the jobs
LOST = "photos_lost"  # why a heap became no case of its own, or one that a person is asked about
log = logging.getLogger(__name__)


def enqueue_heap(tx: Tx, base: Arrival, photos: Sequence[Sent]) -> None:
    """The job that sorts them. `base`: who sent them, and what they are called together."""
    data = {
        "photos": [[photo.sha256, photo.name] for photo in photos],
        "by": base.by,
        "dealer": base.dealer,
        "reference": base.reference,
    }
    same = "\n".join([base.dealer, *sorted(photo.sha256 for photo in photos)])
    jobs.enqueue(tx, SORT, f"{SORT} {sha256_hex(same.encode())}", data=data)


def waiting_photos(tx: Tx) -> set[str]:
    """The photos (sha256) of all heaps that wait to be sorted."""
    waiting = tx.rows(sa.select(job_rows.c.data).where(job_rows.c.kind == SORT, job_rows.c.key.is_not(None)))
    return {sha256 for row in waiting for sha256, _ in row["data"]["photos"]}


def heap_sorter(store: Store, look: LookAt) -> dict[str, Callable[[Job], None]]:
    """The handler for `work`. `look` is asked by one thread at a time."""
    lock = threading.Lock()

    def handle(job: Job) -> None:
        with lock:
            sort_sent(store, job, look)

    return {SORT: handle}


def sort_sent(store: Store, job: Job, look: LookAt) -> list[Received]:
    """The cases of one heap. Run again after a kill, photos that are a case's already stay there.

    Where sorting itself fails until the last attempt, or photos were lost from this machine, the photos that
    are here are one case, and a person is asked. Where all are lost the job is given up, and logged.
    """
    sent = {sha256: Sent(sha256, name) for sha256, name in job.data["photos"]}
    base = Arrival(
        (), by=job.data["by"], dealer=job.data["dealer"], reference=job.data["reference"], named=False
    )
    originals = originals_of(store)
    here = {sha256: one for sha256, one in sent.items() if originals.has(sha256)}
    if not here:
        store.write(lambda tx: jobs.give_up(tx, job, LOST))
        log.error(
            "sorting: all %d photos of a heap are lost from originals/; they must be sent again", len(sent)
        )
        return []
    together = replace(base, photos=tuple(here.values()))
    if lost := len(sent) - len(here):
        return store.write(partial(_some_lost, store=store, job=job, arrival=together, lost=lost))
    made = None
    if job.attempts < jobs.ATTEMPTS:
        heap = look_at([(originals.path(one.sha256), one.name) for one in sent.values()], look)
        if heap.sure and heap.sorting.cars:
            made = receive_heap(store, heap.sorting.cars, sent, base)
    made = made or [receive(store, together)]
    store.write(partial(jobs.complete, job=job))
    return made


def _some_lost(tx: Tx, store: Store, job: Job, arrival: Arrival, lost: int) -> list[Received]:
    """What is here becomes a case that says, to whoever sent it, that it is not all."""
    received = receive_in(tx, store, arrival)
    jobs.complete(tx, job)
    if received.case.state not in AT_WORK:
        return [received]
    why = reasons_data([Reason(LOST, {"count": lost})])
    case = append(tx, received.case.id, Kind.FAILED, KILPI, {"reasons": why})
    return [Received(case, received.how)]
