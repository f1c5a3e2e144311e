"""From a case to the places that show its advert, and away from them again, as jobs: one a case and place.

A job makes the place show what the case says now. Only one worker has it, so nothing is sent while it is
taken down. A case counts as shown from before it is sent, so a publisher that dies leaves nothing behind.
A job that names an advert shows that one or none: a person pressed the button with it on the screen.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from enum import StrEnum
from typing import Any

from kilpi.cases import jobs
from kilpi.cases.case import AT_WORK, OPEN, Case, Kind, State
from kilpi.cases.jobs import Job
from kilpi.cases.lists import MOST, to_publish
from kilpi.cases.outgoing.corrected import CORRECTED, corrected, is_held
from kilpi.cases.projection import project
from kilpi.cases.records import (
    append,
    check_as_seen,
    enqueue_publish,
    events_of,
    lock,
    publish_key,
    publish_kind,
)
from kilpi.store import Store, Tx

log = logging.getLogger(__name__)
SENT = (State.READY, State.PUBLISHED)
WAIT = timedelta(hours=1)  # for a case at work, at most; its decision wakes the job

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
    """Writes the job that puts one case's advert, as it is now and no later one, out at `target`.

    Raises CaseRefused (not ready), CaseChanged (more happened since `seen`).
    """

    def do(tx: Tx) -> Case:
        case = lock(tx, case_id)
        check_as_seen(tx, case, Kind.PUBLISHING, seen)
        enqueue_publish(tx, case_id, target, {"by": by, "advert": project(events_of(tx, case_id)).advert})
        return case

    return store.write(do)


class UnderWay(StrEnum):
    """How an advert that goes out stands."""

    PUBLISHING = "publishing"  # asked for, or being sent
    RETRYING = "publishing_again"  # it failed, and is tried again by itself


def under_way(store: Store, case: Case, target: str) -> UnderWay | None:
    """Whether the case's present advert is on its way out at `target`; None: it is there, or nobody asked."""

    def do(tx: Tx) -> UnderWay | None:
        job = jobs.open_job(tx, publish_key(target, case.id))
        now = project(events_of(tx, case.id))
        if job is None or now.state not in SENT:
            return None
        if now.live.get(target) == now.advert and target not in now.sending:
            return None
        if (job["data"] or {}).get("advert", now.advert) != now.advert:
            return None  # another advert than this one was asked for: it will not be sent
        return UnderWay.RETRYING if job["error"] else UnderWay.PUBLISHING

    return store.read(do)


def publisher(store: Store, target: str, show: Show) -> dict[str, Callable[[Job], None]]:
    """The handlers for `work` that keep one place as the cases say."""

    def handle(job: Job) -> None:
        turn = store.write(lambda tx: _begin(tx, job, target))
        if turn.advert is not None:
            try:
                show(turn.case, turn.advert)
            except Exception:
                if turn.wrong:
                    _take_down(store, job, turn, target, show)
                raise
            data = {"target": target, "advert": turn.advert}
            store.write(lambda tx: _end(tx, job, turn, Kind.PUBLISHED, target, data))
        elif turn.down:
            show(turn.case, None)
            data = {"target": target, **turn.why}
            store.write(lambda tx: _end(tx, job, turn, Kind.TAKEN_DOWN, target, data))
        else:
            store.write(lambda tx: _leave(tx, job, turn, target))  # what is out stays

    return {publish_kind(target): handle}


@dataclass(frozen=True, slots=True)
class _Turn:
    """What a publisher does now: shows `advert` (a digest), takes the case down, or neither.

    `case` has the address and the public names that it was shown under. `asked` is the job's data that this
    is decided by. `wrong`: what is out may not stay, also where `advert` cannot be shown.
    """

    case: Case
    asked: Mapping[str, Any]
    advert: str | None = None
    down: bool = False
    wrong: bool = False
    why: Mapping[str, str] = field(default_factory=dict)


def _begin(tx: Tx, job: Job, target: str) -> _Turn:
    case_id = job.case_id or ""
    case, events = lock(tx, case_id), events_of(tx, case_id)
    asked, now = jobs.noted(tx, job) or job.data, project(events)
    names = now.names(target)
    if case.state in SENT:
        if asked.get("advert", now.advert) != now.advert:
            log.warning(
                "case %s: its advert has changed since it was to be published; publish it again", case_id
            )
            return _Turn(case, asked)
        wrong = target in corrected(events, now)
        case = append(tx, case_id, Kind.PUBLISHING, asked.get("by", target), {"target": target})
        return _Turn(replace(case, out_as=names), asked, now.advert, wrong=wrong)
    if is_held(case) and target in corrected(events, now):
        return _Turn(replace(case, out_as=names), asked, down=True, why=CORRECTED)
    erased = next((event for event in events if event.kind is Kind.ERASED), None)
    address = erased.data.get("address", case.address) if erased else case.address
    case = replace(case, address=address, out_as=names)
    return _Turn(case, asked, down=case.state not in OPEN)


def _take_down(store: Store, job: Job, turn: _Turn, target: str, show: Show) -> None:
    """Nothing is shown until the corrected advert can be: the job, which failed, is tried again. Raises
    CaseChanged where another worker has it.
    """
    jobs.extend(store, job)
    show(turn.case, None)
    data = {"target": target, **CORRECTED}
    store.write(lambda tx: append(tx, turn.case.id, Kind.TAKEN_DOWN, target, data))


def _end(tx: Tx, job: Job, turn: _Turn, kind: Kind, target: str, data: Mapping[str, str]) -> None:
    """Notes what the place shows now. If the case has changed meanwhile, its own job follows."""
    lock(tx, turn.case.id)
    newer = jobs.noted(tx, job)
    jobs.complete(tx, job)
    case = append(tx, turn.case.id, kind, target, data)
    if case.state is State.READY and newer != turn.asked:  # somebody asked for the new advert meanwhile
        enqueue_publish(tx, case.id, target, newer)


def _leave(tx: Tx, job: Job, turn: _Turn, target: str) -> None:
    """Nothing is shown. What was asked for since `_begin` is looked at again; what a person asked for of a
    case that is at work waits until it is decided (`records.follow`).
    """
    case = lock(tx, turn.case.id)
    newer = jobs.noted(tx, job)
    if case.state in AT_WORK and "by" in newer:
        jobs.put_back(tx, job, tx.now + WAIT)
        return
    jobs.complete(tx, job)
    if newer != turn.asked:
        enqueue_publish(tx, turn.case.id, target, newer)
