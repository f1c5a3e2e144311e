"""Photos that were sent without a folder: perhaps of several cars. A worker looks at them and makes cases.

Where sorting is sure, a case a car; where it is not, one case with all of them, which a person is asked about
and takes apart. Nothing is ever made of some of the photos alone.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from kilpi.cases import jobs
from kilpi.cases.heaps import LookAt, look_at, receive_heap
from kilpi.cases.jobs import Job
from kilpi.cases.receive import Arrival, Received, Sent, receive
from kilpi.cases.sent_files import originals_of
from kilpi.store import Store, Tx

SORT = "sort"  # the kind of the jobs


def enqueue_heap(tx: Tx, base: Arrival, photos: Sequence[Sent]) -> None:
    """The job that sorts them. `base`: who sent them, and what they are called together."""
    data = {
        "photos": [[photo.sha256, photo.name] for photo in photos],
        "by": base.by,
        "dealer": base.dealer,
        "reference": base.reference,
    }
    same = "\n".join([base.dealer, *sorted(photo.sha256 for photo in photos)])
    jobs.enqueue(tx, SORT, f"{SORT} {hashlib.sha256(same.encode()).hexdigest()}", data=data)


def heap_sorter(store: Store, look: LookAt) -> dict[str, Callable[[Job], None]]:
    """The handler for `work`. `look` is asked by one thread at a time."""
    lock = threading.Lock()

    def handle(job: Job) -> None:
        with lock:
            sort_sent(store, job, look)

    return {SORT: handle}


def sort_sent(store: Store, job: Job, look: LookAt) -> list[Received]:
    """The cases of one heap. Run again after a kill, photos that are a case's already stay there."""
    sent = {sha256: Sent(sha256, name) for sha256, name in job.data["photos"]}
    base = Arrival(
        (), by=job.data["by"], dealer=job.data["dealer"], reference=job.data["reference"], named=False
    )
    originals = originals_of(store)
    heap = look_at([(originals.path(one.sha256), one.name) for one in sent.values()], look)
    if heap.sure and heap.sorting.cars:
        made = receive_heap(store, heap.sorting.cars, sent, base)
    else:
        made = [receive(store, replace(base, photos=tuple(sent.values())))]
    store.write(partial(jobs.complete, job=job))
    return made
