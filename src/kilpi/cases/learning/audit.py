"""The audit: of the accepted cars a random few are asked for as if nobody knew them, and counted.

Which cars is the hash of a seed, the dealer and the case, so nobody can choose. The question shows photos and
nothing that Kilpi read; the advert goes on meanwhile. An answer that differs is looked at again by a person
who sees both: people err more often than Kilpi may. What is confirmed wrong counts; when the promise is
surely broken, no car is accepted without a person any more, until a person says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from kilpi.cases.answers import Answer, SaidMark, SaidNoPlate, combine, from_data, to_data
from kilpi.cases.case import OPEN, Case, CasePhoto, Event, Kind, State, live_key
from kilpi.cases.flow import Task
from kilpi.cases.lists import HOLD_S
from kilpi.cases.records import KILPI, append, check_held, events_of, lock, photos_of, reasons_data
from kilpi.errors import CaseRefused, UsageError
from kilpi.evaluation.audited import must_stop
from kilpi.hashing import share_of_key
from kilpi.store import Store, Tx
from kilpi.store.tables import audits, switches
from kilpi.types import Mark, Reason

RIGHT, WRONG, DISPUTED, UNCLEAR = "right", "wrong", "disputed", "unclear"
STOPPED = "acceptance_stopped"  # a switch, and the reason of a car that would have been accepted
RESUMED = "acceptance_resumed"
DIFFERS = "audit_differs"
ACCEPTED = (State.DRAFT, State.READY, State.PUBLISHED)
PERSON = "person"


@dataclass(frozen=True, slots=True)
class AuditPlan:
    """Which part is asked for, and what is promised: the share of wrong ones among accepted cars."""

    share: float = 0.02
    promise: float = 0.001
    seed: str = "kilpi"

    def chosen(self, case: Case) -> bool:
        """Whether a case is of the sample; always the same."""
        return share_of_key(f"audit {self.seed} {case.dealer} {case.id}") < self.share


USUAL = AuditPlan()


@dataclass(frozen=True, slots=True)
class AuditQuestion:
    """A car that is asked for blindly: nothing of what was read, only its photos."""

    case_id: str
    photos: tuple[CasePhoto, ...]


def sample(tx: Tx, case: Case, task: Task, plan: AuditPlan) -> None:
    """After a decision: takes an accepted case into the sample, if it is chosen. Nothing waits for it."""
    alone = task.answers.identity is None and case.p is not None
    if not (alone and case.settled and case.state in ACCEPTED and plan.chosen(case)):
        return
    where = audits.c.case_id == case.id
    known = tx.row(sa.select(audits.c.verdict).where(where))
    values = {"seq": case.seq, "p": case.p, "dealer": case.dealer}
    if known is None:
        tx.run(audits.insert().values(case_id=case.id, sampled=tx.now, **values))
    elif not known["verdict"]:
        tx.run(audits.update().where(where).values(**values))


def is_stopped(tx: Tx) -> bool:
    """Whether no car is accepted without a person."""
    return tx.row(sa.select(switches.c.name).where(switches.c.name == STOPPED)) is not None


def against(tx: Tx, case_id: str, plan: AuditPlan) -> tuple[Reason, ...]:
    """Why the audit lets no car be accepted now, or not this one."""
    stop_if_broken(tx, plan)
    if is_stopped(tx):
        return (Reason(STOPPED),)
    row = tx.row(sa.select(audits.c.verdict).where(audits.c.case_id == case_id))
    held = row is not None and row["verdict"] in (DISPUTED, WRONG)  # wrong: its answer was taken back
    return (Reason(DIFFERS),) if held else ()


def next_audit(
    store: Store, by: str, *, dealer: str | None = None, hold_s: float = HOLD_S, skip: Sequence[str] = ()
) -> AuditQuestion | None:
    """The car of the sample that waits longest, held for `by`; None: nothing to ask."""

    def do(tx: Tx) -> AuditQuestion | None:
        free = audits.c.held_until.is_(None) | (audits.c.held_until <= tx.now) | (audits.c.held_by == by)
        query = sa.select(audits.c.case_id).where(audits.c.verdict == "", free)
        if dealer is not None:
            query = query.where(audits.c.dealer == dealer)
        if skip:
            query = query.where(audits.c.case_id.not_in(skip))
        query = query.order_by(audits.c.sampled, audits.c.case_id).limit(1)
        row = tx.row(query.with_for_update(skip_locked=True))
        if row is None:
            return None
        until = tx.now + timedelta(seconds=hold_s)
        where = audits.c.case_id == row["case_id"]
        tx.run(audits.update().where(where).values(held_by=by, held_until=until))
        return AuditQuestion(row["case_id"], tuple(photos_of(tx, row["case_id"])))

    return store.write(do)


def put_off_audit(store: Store, case_id: str, hold_s: float) -> None:
    """Not now: nobody is asked about this car before `hold_s` seconds have passed."""

    def do(tx: Tx) -> None:
        values = {"held_by": "", "held_until": tx.now + timedelta(seconds=hold_s)}
        tx.run(audits.update().where(audits.c.case_id == case_id, audits.c.verdict == "").values(**values))

    store.write(do)


def answer_audit(
    store: Store,
    case_id: str,
    said: Answer | None,
    *,
    by: str,
    plan: AuditPlan,
    seconds: float | None = None,
) -> str:
    """A blind answer: the mark, "no plate", or None where the photos do not tell. Gives the verdict.

    One that differs from what was accepted sends the case to a person, who sees both; what is published stays
    meanwhile. Raises CaseRefused where the case is not asked for, CaseChanged where another person has it.
    """
    if said is not None and not isinstance(said, SaidMark | SaidNoPlate):
        raise UsageError("audit: answer with a mark, with no plate, or that it cannot be told")
    data = (to_data(said) if said else {"what": UNCLEAR}) | ({} if seconds is None else {"seconds": seconds})
    return store.write(lambda tx: _answer(tx, case_id, said, by, plan, data))


def _answer(tx: Tx, case_id: str, said: Answer | None, by: str, plan: AuditPlan, data: dict[str, Any]) -> str:
    case = lock(tx, case_id)
    row = tx.row(sa.select(audits).where(audits.c.case_id == case_id, audits.c.verdict == ""))
    if row is None:
        raise CaseRefused(f"case {case_id}: is not asked for by the audit; take the next one")
    check_held(tx, row, by, case_id)
    accepted = _accepted_mark(events_of(tx, case_id), row["seq"])
    right = isinstance(said, SaidMark) and live_key(Mark(said.text, said.country)) == live_key(accepted)
    verdict = UNCLEAR if said is None else RIGHT if right else DISPUTED
    case = append(tx, case_id, Kind.AUDITED, by, data)
    _note(tx, case_id, verdict, by)
    if verdict == DISPUTED:
        if case.state in OPEN:
            reasons = reasons_data([Reason(DIFFERS)])
            append(tx, case_id, Kind.CONTESTED, KILPI, {"with": "audit", "reasons": reasons})
        else:
            verdict = WRONG  # nobody will look again
            _note(tx, case_id, verdict, by)
    stop_if_broken(tx, plan)
    return verdict


def _accepted_mark(events: Sequence[Event], seq: int) -> Mark | None:
    event = next((event for event in events if event.seq == seq and event.kind is Kind.DECIDED), None)
    mark = event.data.get("mark") if event else None
    return Mark(**mark) if mark else None


def _note(tx: Tx, case_id: str, verdict: str, by: str) -> None:
    values = {"verdict": verdict, "by": by, "answered": tx.now, "held_by": None, "held_until": None}
    tx.run(audits.update().where(audits.c.case_id == case_id).values(**values))


def settle(tx: Tx, case_id: str) -> None:
    """After the staff's second look: a disputed audit is right or wrong as that answer says, for good."""
    row = tx.row(sa.select(audits).where(audits.c.case_id == case_id, audits.c.verdict == DISPUTED))
    if row is None:
        return
    events = events_of(tx, case_id)
    audited = max((event.seq for event in events if event.kind is Kind.AUDITED), default=0)
    answers = combine(events)
    if answers.identity is None or answers.identity_seq < audited:
        return
    accepted, said = _accepted_mark(events, row["seq"]), answers.identity
    same = isinstance(said, SaidMark) and live_key(Mark(said.text, said.country)) == live_key(accepted)
    tx.run(audits.update().where(audits.c.case_id == case_id).values(verdict=RIGHT if same else WRONG))


def stop_if_broken(tx: Tx, plan: AuditPlan) -> None:
    """Stops acceptance where the promise is surely broken; sticky: only `resume` ends it."""
    if is_stopped(tx):
        return
    counted = verdicts(tx, resumed_at(tx))
    n, wrong = counted[RIGHT] + counted[WRONG], counted[WRONG]
    if wrong and must_stop(wrong, n, plan.promise):
        tx.run(
            switches.insert().values(name=STOPPED, at=tx.now, by=KILPI, why=f"{wrong} of {n} audits wrong")
        )


def resume(store: Store, *, by: str, why: str) -> bool:
    """Cars are accepted again, and the audit counts from here on. False: it was not stopped."""

    def do(tx: Tx) -> bool:
        was = tx.run(switches.delete().where(switches.c.name == STOPPED)) > 0
        tx.run(switches.delete().where(switches.c.name == RESUMED))
        tx.run(switches.insert().values(name=RESUMED, at=tx.now, by=by, why=why))
        return was

    return store.write(do)


def resumed_at(tx: Tx) -> datetime | None:
    """Since when the audit counts; None: since ever."""
    row = tx.row(sa.select(switches.c.at).where(switches.c.name == RESUMED))
    return row["at"] if row else None


def verdicts(tx: Tx, since: datetime | None, dealer: str | None = None) -> dict[str, int]:
    """How many audits there are of each verdict."""
    query = sa.select(audits.c.verdict, sa.func.count().label("n")).group_by(audits.c.verdict)
    if since is not None:
        query = query.where(audits.c.sampled >= since)
    if dealer is not None:
        query = query.where(audits.c.dealer == dealer)
    found = dict.fromkeys((RIGHT, WRONG, DISPUTED, UNCLEAR, ""), 0)
    return found | {row["verdict"]: row["n"] for row in tx.rows(query)}


def forget_audit(tx: Tx, case_id: str) -> None:
    """Of an erased case: a question goes, a count stays, without who answered."""
    tx.run(audits.delete().where(audits.c.case_id == case_id, audits.c.verdict == ""))
    undecided = audits.c.case_id == case_id, audits.c.verdict == DISPUTED
    tx.run(audits.update().where(*undecided).values(verdict=WRONG))
    tx.run(audits.update().where(audits.c.case_id == case_id).values(by=PERSON, held_by=None))


def said_in_audit(events: Sequence[Event]) -> tuple[Event, SaidMark | SaidNoPlate] | None:
    """What the audit was answered, for the labels; None where it was not, or cannot be told."""
    for event in reversed(events):
        if event.kind is Kind.AUDITED and event.data and event.data.get("what") != UNCLEAR:
            said = from_data(event.data)
            return (event, said) if isinstance(said, SaidMark | SaidNoPlate) else None
    return None
