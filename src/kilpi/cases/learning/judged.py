"""Which marks people judged of those that the verifier decided, for `kilpi.evaluation.policy_refit`.

A mark counts with the networks that it was decided by, before anybody answered and thus before they could
learn from it: the decision's event names them. Below the threshold every car is asked, and those count that
came before the first one that still waits; one that nobody could answer for `STALE` counts as wrong. A
dealer's word lets nothing in: that a mark was right counts where the staff says so. Of the accepted the
audited count, a wrong one after its second look.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

import sqlalchemy as sa

from kilpi.cases.answers import Answers, Identity, SaidMark, combine
from kilpi.cases.case import OPEN, Case, Event, Kind, State, live_key
from kilpi.cases.learning.audit import RIGHT, STOPPED, WRONG, AuditPlan
from kilpi.cases.learning.labelling import car_name
from kilpi.cases.records import case_of, event_of
from kilpi.cases.seen import NOTE
from kilpi.evaluation.policy_refit import JudgedMark
from kilpi.store import Store, Tx
from kilpi.store.tables import audits
from kilpi.store.tables import cases as cases_table
from kilpi.store.tables import events as events_table
from kilpi.types import Mark

KINDS = (Kind.DECIDED, Kind.ANSWERED, Kind.UNDONE, Kind.ERASED)  # all that the functions below look at
PART = 500  # rows at a time
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


@dataclass(frozen=True, slots=True)
class Heard:
    """What counts of a case's history: the decision, and what was said of the car. `read`: as `live_key`."""

    case_id: str
    networks: str
    score: float
    share: float | None  # of the accepted, that were audited then
    read: str | None
    identity: Identity | None
    by_staff: bool


def judged_cars(store: Store, networks: str, plan: AuditPlan, now: datetime) -> JudgedCars:
    """All marks that people judged of those that these networks decided. Raises StoreError."""
    query = sa.select(audits.c.case_id, audits.c.seq, audits.c.verdict).where(audits.c.verdict != "")
    known = {row["case_id"]: row for row in store.read(lambda tx: list(tx.rows(query)))}
    told = store.read(lambda tx: {one.case_id: one for one in heard_of(tx, known)})
    found: list[tuple[Case, str, JudgedMark | None]] = []
    elsewhere, by_dealers, again = 0, 0, list[str]()
    for case in sorted(cases_of(store, list(told)), key=lambda case: (case.received, case.id)):
        one, audited = told[case.id], known.get(case.id)
        if one.networks != networks:
            elsewhere += bool(audited or one.identity)
            continue
        mark = (
            JudgedMark(one.score, audited["verdict"] == RIGHT, share_of(one, plan), audited=True)
            if audited
            else answered_mark(case, one, now)
        )
        if mark is None and case.state not in OPEN:
            continue  # sold or withdrawn before anybody said: not for how its plate was read
        if mark is not None and not audited:
            if not mark.right:
                again.append(case.id)
            elif not one.by_staff:
                by_dealers += 1
                continue
        found.append((case, name_of(case, one), mark))
    first = next((case for case, _, mark in found if mark is None), None)
    marks = [(name, mark) for case, name, mark in found if mark and (mark.audited or before(case, first))]
    late = sum(mark is not None for *_, mark in found) - len(marks)
    waiting = first.id if first else None
    return JudgedCars(tuple(marks), elsewhere, waiting, late, tuple(again), by_dealers)


def heard_of(tx: Tx, known: Mapping[str, Mapping[str, Any]]) -> Iterator[Heard]:
    """What counts of every history, in one walk over the events; `known`: the audits by case."""
    query = (
        sa.select(events_table)
        .where(events_table.c.kind.in_([kind.value for kind in KINDS]))
        .order_by(events_table.c.case_id, events_table.c.seq)
    )
    rows = tx.connection.execution_options(yield_per=PART).execute(query).mappings()
    for case_id, group in groupby(rows, key=lambda row: str(row["case_id"])):
        events = [event_of(row) for row in group]
        audited = known.get(case_id)
        decided = audited_decision(events, audited) if audited else asked_decision(events)
        if decided is not None:
            yield heard(case_id, decided, combine(events))


def heard(case_id: str, decided: Event, said: Answers) -> Heard:
    """What counts of one case."""
    note, mark = decided.data["record"].get(NOTE) or {}, decided.data["mark"]
    return Heard(
        case_id,
        networks=str(note.get("networks", "")),
        score=float(note.get("score", 0.0)),
        share=decided.data.get("share"),
        read=live_key(Mark(**mark)) if mark else None,
        identity=said.identity,
        by_staff=said.identity_staff,
    )


def cases_of(store: Store, ids: Sequence[str]) -> Iterator[Case]:
    """These cases, in any order, without those that were erased since."""
    for first in range(0, len(ids), PART):
        part = ids[first : first + PART]
        query = sa.select(cases_table).where(
            cases_table.c.id.in_(part), cases_table.c.state != State.ERASED.value
        )
        yield from (case_of(row) for row in store.read(lambda tx, query=query: tx.rows(query)))  # type: ignore[misc]


def share_of(one: Heard, plan: AuditPlan) -> float:
    """Which part of the accepted was audited when a case was decided."""
    return plan.share if one.share is None else float(one.share)


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
    until = combine(events).identity_seq or events[-1].seq + 1
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


def answered_mark(case: Case, one: Heard, now: datetime) -> JudgedMark | None:
    """What the answer says of the mark that was read; None where one is still to come."""
    said = one.identity
    if said is None:
        stale = case.state in OPEN and now - case.received > STALE
        return JudgedMark(one.score, right=False) if stale else None
    said_key = live_key(Mark(said.text, said.country)) if isinstance(said, SaidMark) else None
    return JudgedMark(one.score, right=said_key is not None and said_key == one.read)


def name_of(case: Case, one: Heard) -> str:
    """As its labels call the car."""
    return car_name(case, one.identity if isinstance(one.identity, SaidMark) else None)
