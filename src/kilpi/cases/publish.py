"""From a case to the places that show its advert, and away from them again, as jobs: one a case and place.

A job makes the place show what the case says now. Only one worker has it, so nothing is sent while it is
taken down. A case counts as shown from before it is sent, so a publisher that dies leaves nothing behind.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from kilpi.cases import jobs
from kilpi.cases.case import OPEN, Case, Kind, State
from kilpi.cases.jobs import Job
from kilpi.cases.lists import MOST, to_publish
from kilpi.cases.projection import project
from kilpi.cases.records import append, check, enqueue_publish, events_of, lock, publish_kind
from kilpi.store import Store, Tx

Show = Callable[[Case, str | None], None]
"""Makes one place show the case's advert (its digest is given), or, with None, nothing of it.

May be killed and run again, so it writes beside and renames, and taking down what is not there is fine.
"""


def publish_due(store: Store, target: str, targets: int = 1, dealer: str | None = None) -> int:
    """Writes the jobs for all cases whose advert `target` may not show yet. How many.

    `targets`: how many places there are; a case that fewer show is among them. What is to be taken down has
    its jobs already, from when it was sold, withdrawn or erased.
    """
    after, count = "", 0
    while found := to_publish(store, targets=targets, dealer=dealer, after=after):
        for case in found:
            store.write(lambda tx, case_id=case.id: enqueue_publish(tx, case_id, target))  # type: ignore[misc]
        after, count = found[-1].id, count + len(found)
        if len(found) < MOST:
            break
    return count


def publish_one(store: Store, case_id: str, target: str, *, by: str, seen: int | None = None) -> Case:
    """Writes the job that puts one case's advert out at `target`. Raises CaseRefused (not ready)."""

    def do(tx: Tx) -> Case:
        case = lock(tx, case_id)
        check(case, Kind.PUBLISHING, seen)
        enqueue_publish(tx, case_id, target, {"by": by})
        return case

    return store.write(do)


def publisher(store: Store, target: str, show: Show) -> dict[str, Callable[[Job], None]]:
    """The handlers for `work` that keep one place as the cases say."""

    def handle(job: Job) -> None:
        case_id = job.case_id or ""
        case, advert = store.write(lambda tx: _begin(tx, case_id, target, job.data.get("by", target)))
        if advert is not None:
            show(case, advert)
            data = {"target": target, "advert": advert}
            store.write(lambda tx: _end(tx, job, Kind.PUBLISHED, target, data))
        elif case.state not in OPEN:
            show(case, None)
            store.write(lambda tx: _end(tx, job, Kind.TAKEN_DOWN, target, {"target": target}))
        else:
            store.write(lambda tx: jobs.complete(tx, job))  # asked about again: what is out stays

    return {publish_kind(target): handle}


def _begin(tx: Tx, case_id: str, target: str, by: str) -> tuple[Case, str | None]:
    """The case with the address that it was shown under, and the digest to be sent; None: nothing is."""
    case, events = lock(tx, case_id), events_of(tx, case_id)
    if case.state in (State.READY, State.PUBLISHED):
        return append(tx, case_id, Kind.PUBLISHING, by, {"target": target}), project(events).advert
    erased = next((event for event in events if event.kind is Kind.ERASED), None)
    return (replace(case, address=erased.data.get("address", case.address)) if erased else case), None


def _end(tx: Tx, job: Job, kind: Kind, target: str, data: dict[str, str]) -> None:
    """Notes what the place shows now. If the case has changed meanwhile, its own job follows."""
    jobs.complete(tx, job)
    append(tx, job.case_id or "", kind, target, data)
