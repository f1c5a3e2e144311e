"""Which marks people judged of those that the verifier decided, for `kilpi.evaluation.policy_refit`.

A mark counts with the networks that it was decided by, before anybody answered and thus before they could
learn from it: the decision's event names them. Below the threshold every car is asked, and those count that
came before the first one that still waits; one that nobody could answer for `STALE` counts as wrong. A
dealer's word lets nothing in: that a mark was right counts where the staff says so. Of the accepted the
audited count, a wrong one after its second look.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from kilpi.cases.answers import SaidMark, combine
from kilpi.cases.audit import RIGHT, STOPPED, WRONG, AuditPlan
from kilpi.cases.case import OPEN, Case, Event, Kind, State
from kilpi.cases.labelling import car_name
from kilpi.cases.lists import every, history
from kilpi.cases.records import live_key
from kilpi.cases.seen import NOTE
from kilpi.evaluation.policy_refit import JudgedMark
from kilpi.store import Store
from kilpi.store.tables import audits
from kilpi.types import Mark

UNSURE = "not_sure_enough"
STALE = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class JudgedCars:
    """Marks by their car's name (a hash), oldest first. `again`: cases whose answer says another mark than
    was read: to be looked at once more, for people err more often than Kilpi may.
    """

    marks: tuple[tuple[str, JudgedMark], ...]
    elsewhere: int = 0  # judged cars that other networks decided, or an earlier Kilpi
    waiting: str | None = None  # the first case that still waits for an answer
    after: int = 0  # answered cars that came after it, and do not count yet
    again: tuple[str, ...] = ()
    by_dealers: int = 0  # marks that only a dealer, or what came with the photos, called right


def judged_cars(store: Store, networks: str, plan: AuditPlan, now: datetime) -> JudgedCars:
    """All marks that people judged of those that these networks decided. Raises StoreError."""
    query = sa.select(audits.c.case_id, audits.c.seq, audits.c.verdict).where(audits.c.verdict != "")
    known = {row["case_id"]: row for row in store.read(lambda tx: list(tx.rows(query)))}
    found: list[tuple[Case, str, JudgedMark | None]] = []
    elsewhere, by_dealers, again = 0, 0, list[str]()
    for case in sorted(every(store), key=lambda case: (case.received, case.id)):
        events = history(store, case.id)
        audited = known.get(case.id)
        decided = audited_decision(events, audited) if audited else asked_decision(events)
        if decided is None:
            continue
        note = decided.data["record"].get(NOTE) or {}
        if note.get("networks") != networks:
            elsewhere += bool(audited or combine(events).identity)
            continue
        share = float(decided.data.get("share", plan.share))
        mark = (
            JudgedMark(note["score"], audited["verdict"] == RIGHT, share, audited=True)
            if audited
            else answered_mark(case, events, decided, now)
        )
        if mark is None and case.state not in OPEN:
            continue  # sold or withdrawn before anybody said: not for how its plate was read
        if mark is not None and not audited:
            if not mark.right:
                again.append(case.id)
            elif not combine(events).identity_staff:
                by_dealers += 1
                continue
        found.append((case, name_of(case, events), mark))
    first = next((case for case, _, mark in found if mark is None), None)
    marks = [(name, mark) for case, name, mark in found if mark and (mark.audited or before(case, first))]
    late = sum(mark is not None for *_, mark in found) - len(marks)
    waiting = first.id if first else None
    return JudgedCars(tuple(marks), elsewhere, waiting, late, tuple(again), by_dealers)


def before(case: Case, first: Case | None) -> bool:
    """Whether a case came before the first that waits."""
    return first is None or (case.received, case.id) < (first.received, first.id)


def audited_decision(events: Sequence[Event], audit: Mapping[str, Any]) -> Event | None:
    """The decision that was audited, where the audit has said right or wrong."""
    if audit["verdict"] not in (RIGHT, WRONG):
        return None
    found = next((event for event in events if event.seq == audit["seq"]), None)
    return found if found and has_note(found) and not lifted(found) else None


def asked_decision(events: Sequence[Event]) -> Event | None:
    """The last decision before anybody said which car it is, where p alone sent it to a person."""
    until = combine(events).identity_seq or len(events) + 1
    decided = [event for event in events if event.kind is Kind.DECIDED and event.seq < until]
    last = decided[-1] if decided else None
    if last is None or not has_note(last):
        return None
    reasons = [reason["code"] for reason in last.data["reasons"]]
    against = [reason["code"] for reason in last.data["against"]]
    unsure = last.data["outcome"] == State.REVIEW and reasons == [UNSURE] and not against
    halted = last.data["outcome"] != State.REVIEW and against == [STOPPED] and not lifted(last)
    return last if unsure or halted else None


def has_note(event: Event) -> bool:
    """Whether an event says what the verifier said; not after erasure, nor of an earlier Kilpi."""
    return bool(event.data) and NOTE in (event.data.get("record") or {})


def lifted(event: Event) -> bool:
    """Whether the car was accepted for what ties it to its mark, not for p."""
    return any(reason["code"] == "ties_fit" for reason in event.data["reasons"])


def answered_mark(case: Case, events: Sequence[Event], decided: Event, now: datetime) -> JudgedMark | None:
    """What the answer says of the mark that was read; None where one is still to come."""
    said = combine(events).identity
    score = float(decided.data["record"][NOTE]["score"])
    if said is None:
        stale = case.state in OPEN and now - case.received > STALE
        return JudgedMark(score, right=False) if stale else None
    mark = decided.data["mark"]
    read = live_key(Mark(**mark)) if mark else None
    same = isinstance(said, SaidMark) and read is not None and live_key(Mark(said.text, said.country)) == read
    return JudgedMark(score, right=same)


def name_of(case: Case, events: Sequence[Event]) -> str:
    """As its labels call the car."""
    said = combine(events).identity
    return car_name(case, said if isinstance(said, SaidMark) else None)
