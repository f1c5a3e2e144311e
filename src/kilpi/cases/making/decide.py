"""From an outcome to the case: what the flow made is kept, unless something stands against it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

import sqlalchemy as sa

from kilpi.cases import jobs, tally
from kilpi.cases.answers import SaidMark, combine
from kilpi.cases.asking.against import by_reference, other_photos, saw, unseen
from kilpi.cases.case import AT_WORK, LIST_SAYS, Case, Event, Kind, State, live_key
from kilpi.cases.flow import Later, Outcome, Task
from kilpi.cases.jobs import Job
from kilpi.cases.learning import audit
from kilpi.cases.learning.audit import USUAL, AuditPlan
from kilpi.cases.making.duplicates import OTHER_CAR, SAME_CAR, Other, Verdict, judge
from kilpi.cases.projection import Projection, project, standing
from kilpi.cases.records import (
    KILPI,
    append,
    events_of,
    lock,
    mark_data,
    photos_of,
    reasons_data,
    traits_of,
)
from kilpi.cases.shared import others_have
from kilpi.errors import UsageError
from kilpi.store import Tx
from kilpi.store.tables import cases, photos
from kilpi.text import compact_mark
from kilpi.types import Mark, Reason

PUBLISHED_DIFFERS = "published_mark_differs"  # the advert that is out is of another mark
OUTCOMES = (State.REVIEW, State.DRAFT, State.READY)


def task_for(tx: Tx, case_id: str) -> Task:
    """What the flow needs to work on a case as it is now."""
    case, events = lock(tx, case_id), events_of(tx, case_id)
    basis = project(events).basis
    since = next((event.at for event in events if event.seq == basis), case.received)
    return Task(case, tuple(photos_of(tx, case_id)), combine(events), basis, since)


def decide(tx: Tx, job: Job, task: Task, outcome: Outcome, plan: AuditPlan = USUAL) -> Case:
    """Keeps an outcome and completes its job. Gives the case as it is then.

    An outcome of a case that has changed meanwhile is not kept: the job is free again at once. Of a case that
    was sold, withdrawn or erased meanwhile nothing is kept either. A car whose advert is out, or may go out,
    and that the dealer's list calls gone is sold, or withdrawn. Raises CaseChanged where the lease was lost.
    """
    if outcome.state not in OUTCOMES:
        raise UsageError(f"outcome: its state is one of {', '.join(OUTCOMES)}, not {outcome.state}")
    if outcome.mark:
        tx.lock(
            f"mark {live_key(outcome.mark)}"
        )  # before the case: two with one mark come one after the other
    case = lock(tx, task.case.id)
    tally.note_calls(tx, case.dealer, outcome.calls)
    if case.state not in AT_WORK:
        jobs.complete(tx, job)
        return case
    events = events_of(tx, case.id)
    now = project(events)
    if now.basis != task.basis:
        jobs.put_back(tx, job, tx.now)
        return case
    jobs.complete(tx, job)
    outcome = with_dealer(outcome, case)
    against = _against(tx, case, outcome, events, now)
    if against.alone and outcome.state is not State.REVIEW and task.answers.identity is None:
        against = Verdict(audit.against(tx, case.id, plan))
    case = _keep(tx, case, task, outcome, against, plan)
    audit.sample(tx, case, task, plan)
    goes_out = case.state is State.READY or (now.live and case.state is not State.REVIEW)
    if goes_out and outcome.gone and outcome.gone != _was_gone(events):
        case = append(tx, case.id, Kind(outcome.gone.value), KILPI, {"why": LIST_SAYS})
    return case


def _was_gone(events: Sequence[Event]) -> str:
    """What the dealer's list said of the car when it was last decided: who puts it out all the same, or says
    that it is for sale again, is not told it a second time. A question decides nothing.
    """
    decided = (one.data for one in reversed(standing(events)) if one.kind is Kind.DECIDED)
    return next((str(one.get("gone", "")) for one in decided if one["state"] != State.REVIEW), "")


def with_dealer(outcome: Outcome, case: Case) -> Outcome:
    """The case's dealer; of a case that is nobody's, whom its own data name."""
    return replace(outcome, traits=replace(outcome.traits, dealer=case.dealer or outcome.traits.dealer))


def defer(tx: Tx, job: Job, task: Task, later: Later) -> Case:
    """Notes that the flow cannot go on now; the job's next try is `later.at`, or now where it tells none."""
    case = lock(tx, task.case.id)
    tally.note_calls(tx, case.dealer, later.calls)
    if case.state not in AT_WORK:
        jobs.complete(tx, job)
        return case
    if project(events_of(tx, case.id)).basis != task.basis:
        jobs.put_back(tx, job, tx.now)
        return case
    at = later.at or tx.now
    jobs.put_back(tx, job, at)
    data = {"next_try": at.isoformat(), "reasons": reasons_data(later.reasons)}
    return append(tx, case.id, Kind.DEFERRED, KILPI, data)


def _against(tx: Tx, case: Case, outcome: Outcome, events: Sequence[Event], now: Projection) -> Verdict:
    """Why a person must look after all; empty: nothing stands against it."""
    answers = combine(events)
    said = isinstance(answers.identity, SaidMark)
    here = photos_of(tx, case.id)
    had = {photo for event in events for photo in event.data.get("photos", ())}
    if replaced := other_photos(answers, outcome, events, here, others_have(tx, case, had)):
        return Verdict((replaced,))
    if not said and outcome.mark and (other := now.other_out(outcome.mark)):
        return Verdict((Reason(PUBLISHED_DIFFERS, {"published": mark_data(other)}),))
    if unproven := by_reference(answers, outcome, events, here):
        return Verdict((unproven,))
    if speaks_against := unseen(answers, outcome, events):
        return Verdict(tuple(speaks_against))
    if _settles(outcome, said):
        others = others_with(tx, case, outcome.mark)
        return judge(outcome.traits, others, confirmed=said, sure=saw(answers, OTHER_CAR))
    return Verdict()


def _settles(outcome: Outcome, said: bool) -> bool:
    """Whether the outcome's mark is decided; a trade plate is no car's own."""
    decided = said or outcome.state in (State.DRAFT, State.READY)
    return outcome.mark is not None and outcome.mark.identifies_car and decided


def others_with(tx: Tx, case: Case, mark: Mark | None) -> list[Other]:
    """The other cases with this mark, or with an advert of it out; of the same dealer also those that are
    said to be another country's: a country is given wrongly as easily as a character.
    """
    if mark is None:
        return []
    here = cases.c.country.is_(None) if mark.country is None else cases.c.country == mark.country
    same = (cases.c.mark_key == compact_mark(mark.text)) & (here | (cases.c.dealer == case.dealer))
    query = sa.select(cases).where(same | (cases.c.live_key == live_key(mark)), cases.c.id != case.id)
    return [
        Other(
            row["id"],
            State(row["state"]),
            traits_of(row),
            row["settled"],
            row["live"] > 0,
            isinstance(combine(events_of(tx, row["id"])).identity, SaidMark),
            _is_disputed(row),
            row["live_key"] != live_key(mark) and row["country"] != mark.country,
        )
        for row in tx.rows(query.order_by(cases.c.id))
    ]


def _is_disputed(row: Mapping[str, Any]) -> bool:
    """Whether a person is asked about a case because another has its mark."""
    codes = {reason["code"] for reason in row["reasons"] or ()}
    return row["state"] == State.REVIEW and not codes.isdisjoint({SAME_CAR, OTHER_CAR})


def _keep(tx: Tx, case: Case, task: Task, outcome: Outcome, against: Verdict, plan: AuditPlan) -> Case:
    for sha256, seen in outcome.seen.items():
        where = (photos.c.case_id == case.id, photos.c.sha256 == sha256)
        tx.run(photos.update().where(*where).values(view=seen.view, rejected=seen.rejected))
    for other, differing in against.contested:
        reason = Reason(OTHER_CAR, {"case": case.id, "differ": list(differing)})
        if not differing:
            reason = Reason(SAME_CAR, {"case": case.id})
        append(tx, other, Kind.CONTESTED, KILPI, {"with": case.id, "reasons": reasons_data([reason])})
    data = {**decided_data(task, outcome, against), "share": plan.share}  # of the accepted, audited then
    return append(tx, case.id, Kind.DECIDED, KILPI, data)


def decided_data(task: Task, outcome: Outcome, against: Verdict) -> dict[str, Any]:
    """What the event keeps: what became of it, what the flow said, and what that came from."""
    said = isinstance(task.answers.identity, SaidMark)
    return {
        "state": (outcome.state if against.alone else State.REVIEW).value,
        "settled": against.alone and _settles(outcome, said),
        "against": reasons_data(against.reasons),
        "basis": task.basis,
        "photos": [photo.sha256 for photo in task.photos],
        "price": None if outcome.price is None else str(outcome.price),
        "currency": outcome.currency,
        **outcome_data(outcome),
    }


def outcome_data(outcome: Outcome) -> dict[str, Any]:
    """What the flow said, as JSON: the same outcome gives the same."""
    return {
        "outcome": outcome.state.value,
        "mark": mark_data(outcome.mark),
        "p": outcome.p,
        "read": mark_data(outcome.read),
        "title": outcome.title,
        "public": outcome.public,
        "traits": asdict(outcome.traits),
        "reasons": reasons_data(outcome.reasons),
        "missing": list(outcome.missing),
        "advert": outcome.advert,
        "weights": outcome.weights,
        "rank": outcome.rank,
        "record": dict(outcome.record),
        **({"gone": outcome.gone.value} if outcome.gone else {}),
    }
