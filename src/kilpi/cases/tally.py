"""Counts by week and dealer, written in the transaction of the event that they count.

They hold no mark and no case, so they stay when a case is erased. What is counted, and under which word:

decided   ready, draft, review: what the first decision of a car was
finished  alone, person: the first time that its advert was ready, and whether anybody had answered before
question  the first reason of each question to a person
missing   what a draft lacks, the first time that it is one
time      review, ask, later, audit: answers whose time was measured; `amount` is seconds
unmeasured  answers, of people, without a time: from a terminal, by REST
wrong     corrected: a car that was accepted without a person, and to which a person gave another mark
asked, kept, paid   registers: all look-ups, those from kept answers, those that a provider charges for
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from kilpi.adverts.listing import UNASKED
from kilpi.adverts.pages import SUPPORT
from kilpi.adverts.wording import gap_of as gap_of  # which gap a phrase names: for all rooms above
from kilpi.cases.case import Event, Kind, State
from kilpi.cases.projection import standing
from kilpi.registers.charges import counted_as, is_paid
from kilpi.registers.trace import Step
from kilpi.store import Store, Tx
from kilpi.store.desk_tables import tallies
from kilpi.store.tables import cases, events, switches
from kilpi.text import compact_mark

Count = tuple[str, str, int, float]  # what, word, n, amount
KILPI = "kilpi"
COUNTED = "tallies_counted"  # a switch: the events of before are counted too
QUESTIONS = frozenset({Kind.FAILED, Kind.CONTESTED, Kind.PHOTOS_MISSING})
CLOSES = frozenset({Kind.ANSWERED, Kind.UNDONE})  # a question; what is then asked is another
TIMED = {Kind.ANSWERED: "review", Kind.ASKED: "ask", Kind.POSTPONED: "later", Kind.AUDITED: "audit"}
IDENTITIES = frozenset({"mark", "vin", "no_plate"})
NO_VEHICLE = frozenset({"vehicle", UNASKED})  # gaps: nothing tells which vehicle it is
CALLS = ("asked", "kept", "paid")
PART = 500  # cases a look, when all is counted anew


def week_of(at: datetime) -> str:
    """The Monday of a moment's week, UTC."""
    day = at.date()
    return (day - timedelta(days=day.weekday())).isoformat()


def note(tx: Tx, dealer: str, event: Event, before: Sequence[Event]) -> None:
    """Counts one event that happens now; `before` are the case's others, in order."""
    _add(tx, week_of(event.at), dealer, list(counted(event, before)))


def note_calls(tx: Tx, dealer: str, calls: Sequence[Step]) -> None:
    """Counts look-ups."""
    found: list[Count] = []
    for step in calls:
        name = counted_as(step)
        found.append(("asked", name, 1, 0.0))
        if step.kept:
            found.append(("kept", name, 1, 0.0))
        elif is_paid(step):
            found.append(("paid", name, 1, 0.0))
    _add(tx, week_of(tx.now), dealer, found)


def counted(event: Event, before: Sequence[Event]) -> Iterator[Count]:
    """What an event adds to the counts. The same events always add the same."""
    if event.kind is Kind.DECIDED and event.data:
        yield from _decided(event, before)
    if event.kind in QUESTIONS:
        yield from _question(event.data.get("reasons", ()))
    if event.kind in TIMED and event.by != KILPI:
        yield from _answered(event, before)
    if event.kind is Kind.UNDONE:
        yield from _undone(event, before)


def _decided(event: Event, before: Sequence[Event]) -> Iterator[Count]:
    earlier = [one for one in before if one.kind is Kind.DECIDED and one.data]
    states = {one.data["state"] for one in earlier}
    state = event.data["state"]
    if not earlier:
        yield "decided", state, 1, 0.0
    if state == State.READY and state not in states:
        first = earlier[0].seq if earlier else event.seq
        answered = any(one.kind is Kind.ANSWERED and one.seq > first for one in before)
        yield "finished", "person" if answered else "alone", 1, 0.0
    if state == State.DRAFT and state not in states:
        for gap in dict.fromkeys(map(gap_of, event.data["missing"])):
            yield "missing", gap, 1, 0.0
    if state == State.REVIEW and not is_asked(before):
        yield from _question([*event.data["against"], *event.data["reasons"]])


def is_asked(before: Sequence[Event]) -> bool:
    """Whether a question of the case is open already: asked again meanwhile it is the same to people."""
    for one in reversed(before):
        if one.kind is Kind.DECIDED and one.data:
            return bool(one.data["state"] == State.REVIEW)
        if one.kind in CLOSES:
            return False
    return False


def _question(reasons: Sequence[Any]) -> Iterator[Count]:
    codes = [str(one["code"]) for one in reasons]
    against = [code for code in codes if code not in SUPPORT]
    yield "question", next(iter([*against, *codes]), "other"), 1, 0.0


def _answered(event: Event, before: Sequence[Event]) -> Iterator[Count]:
    seconds = event.data.get("seconds")
    if seconds is not None:
        yield "time", TIMED[event.kind], int(seconds > 0), float(seconds)
    elif "ask" in event.data or "from" in event.data:
        return  # a dealer's, by a link; a cover that came along with its photo
    elif event.kind is Kind.ANSWERED and any(one.kind is Kind.DECIDED for one in before):
        yield "unmeasured", "review", 1, 0.0
    if event.kind is Kind.ANSWERED and is_correction(event, before):
        yield "wrong", "corrected", 1, 0.0


def _undone(event: Event, before: Sequence[Event]) -> Iterator[Count]:
    """An answer that was itself the mistake corrects nothing."""
    taken = next((one for one in before if one.seq == event.data.get("seq")), None)
    if (
        taken
        and taken.kind is Kind.ANSWERED
        and is_correction(taken, [e for e in before if e.seq < taken.seq])
    ):
        yield "wrong", "corrected", -1, 0.0


def is_correction(event: Event, before: Sequence[Event]) -> bool:
    """Whether an answer gives another mark to a car that was accepted without a person.

    What the audit asked about is the audit's to count.
    """
    if event.data.get("what") not in IDENTITIES or any(one.kind is Kind.AUDITED for one in before):
        return False
    accepted = None
    for one in standing(before):
        if one.kind is Kind.ANSWERED and one.data.get("what") in IDENTITIES:
            return False  # from the first such answer on it is a person's mark
        if one.kind is Kind.DECIDED and one.data:
            alone = one.data["settled"] and one.data["p"] is not None
            accepted = one.data["mark"] if alone else accepted
    if not accepted:
        return False
    said = (compact_mark(event.data.get("text", "")), event.data.get("country"))
    return said != (compact_mark(accepted["text"]), accepted["country"])


def _add(tx: Tx, week: str, dealer: str, found: Sequence[Count]) -> None:
    """Adds to the rows, in one order, so that two that count at once do not wait for each other in a ring."""
    if not found:
        return
    added: dict[tuple[str, str], tuple[float, float]] = {}
    for what, word, n, amount in found:
        before = added.get((what, word), (0, 0.0))
        added[what, word] = (before[0] + n, before[1] + amount)
    tx.lock(f"switch {COUNTED}", shared=True)
    insert = postgresql.insert if tx.is_postgres else sqlite.insert
    for (what, word), (count, seconds) in sorted(added.items()):
        row = {"week": week, "dealer": dealer, "what": what, "word": word}
        new = insert(tallies).values(**row, n=int(count), amount=seconds)
        sums_now = {"n": tallies.c.n + new.excluded.n, "amount": tallies.c.amount + new.excluded.amount}
        tx.run(new.on_conflict_do_update(index_elements=list(row), set_=sums_now))


def count_past(store: Store) -> bool:
    """Counts what happened before there were counts; once, False where it was done. Takes minutes for 100,000
    cases. Look-ups of before are not known, and neither is what was erased.
    """
    is_done = sa.select(switches.c.name).where(switches.c.name == COUNTED)
    if store.read(lambda tx: tx.row(is_done)) is not None:
        return False
    return store.write(lambda tx: tx.row(is_done) is None and _count_all(tx))


def _count_all(tx: Tx) -> bool:
    tx.lock(f"switch {COUNTED}")
    tx.run(tallies.delete().where(tallies.c.what.not_in(CALLS)))
    after = ""
    while rows := _part(tx, after):
        _count_cases(tx, rows)
        after = max(rows)
    tx.run(switches.insert().values(name=COUNTED, at=tx.now, by=KILPI, why="all events"))
    return True


def _part(tx: Tx, after: str) -> dict[str, str]:
    query = sa.select(cases.c.id, cases.c.dealer).where(cases.c.id > after).order_by(cases.c.id).limit(PART)
    return {row["id"]: row["dealer"] for row in tx.rows(query)}


def move(tx: Tx, case_id: str, old: str, new: str) -> None:
    """A case of the dealer `old` is `new`'s from now on, and what was counted of it as well; not its
    look-ups, of which only sums are kept.
    """
    for (week, _), found in sorted(_sums(tx, {case_id: new}).items()):
        _add(tx, week, old, [(what, word, -n, -amount) for what, word, n, amount in found])
        _add(tx, week, new, found)


def _count_cases(tx: Tx, dealers: dict[str, str]) -> None:
    for (week, dealer), found in sorted(_sums(tx, dealers).items()):
        _add(tx, week, dealer, found)


def _sums(tx: Tx, dealers: dict[str, str]) -> dict[tuple[str, str], list[Count]]:
    """What all events of some cases (id -> dealer) count, by week and dealer."""
    query = sa.select(events).where(events.c.case_id.in_(list(dealers)))
    before: dict[str, list[Event]] = {}
    sums: dict[tuple[str, str], list[Count]] = {}
    for row in tx.rows(query.order_by(events.c.case_id, events.c.seq)):
        event = Event(row["seq"], row["at"], row["by"], Kind(row["kind"]), row["data"] or {})
        known = before.setdefault(row["case_id"], [])
        if row["data"] is not None:
            place = (week_of(event.at), dealers[row["case_id"]])
            sums.setdefault(place, []).extend(counted(event, known))
        known.append(event)
    return sums
