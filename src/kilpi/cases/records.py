"""Cases and their rows. `append` is the one way in which anything happens to a case: the event, the row that
it amounts to, the words it is found by and the job it makes necessary are one transaction.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from kilpi.cases import jobs, tally
from kilpi.cases.case import ALLOWED, AT_WORK, OPEN, Case, CasePhoto, Event, Kind, State, Traits, live_key
from kilpi.cases.outgoing import outbox
from kilpi.cases.outgoing.corrected import corrected, is_held
from kilpi.cases.projection import Projection, project
from kilpi.errors import CaseChanged, CaseMissing, CaseRefused
from kilpi.store import Row, Tx
from kilpi.store.desk_tables import asks
from kilpi.store.tables import cases, events, photos, words
from kilpi.text import compact_mark
from kilpi.types import Mark, Reason

WORK = "work"  # the kind of the jobs that run the flow
NO_PRICE = -1  # `price_cents` of a case whose price nobody said
PUBLISHERS = tuple(kind.value for kind in (Kind.PUBLISHING, Kind.PUBLISHED, Kind.TAKEN_DOWN))
KILPI = "kilpi"  # who an event is by where no person did it


def case_of(row: Mapping[str, Any]) -> Case:
    """A row of `cases` as a case."""
    mark = Mark(row["mark"], row["country"]) if row["mark"] else None
    reasons = tuple(Reason(part["code"], part["values"]) for part in row["reasons"] or ())
    same = (
        "id",
        "dealer",
        "reference",
        "address",
        "place",
        "seq",
        "received",
        "changed",
        "settled",
        "p",
        "version",
    )
    more = ("live", "weights", "title", "currency", "next_try", "ended", "held_by", "held_until")
    return Case(
        state=State(row["state"]),
        mark=mark,
        price=Decimal(row["price_cents"]) / 100 if row["price_cents"] >= 0 else None,
        reasons=reasons,
        missing=tuple(row["missing"] or ()),
        named=(row["traits"] or {}).get("dealer", ""),
        **{name: row[name] for name in same + more},
    )


def get(tx: Tx, case_id: str) -> Case:
    """One case. Raises CaseMissing."""
    return case_of(_row(tx, sa.select(cases).where(cases.c.id == case_id), case_id))


def lock(tx: Tx, case_id: str) -> Case:
    """One case, which no other transaction changes until this one ends. Raises CaseMissing."""
    return case_of(_row(tx, sa.select(cases).where(cases.c.id == case_id).with_for_update(), case_id))


def _row(tx: Tx, query: sa.Select[Any], case_id: str) -> Row:
    row = tx.row(query)
    if row is None:
        raise CaseMissing(f"case {case_id}: there is none; see `kilpi cases`")
    return row


def events_of(tx: Tx, case_id: str) -> list[Event]:
    """All that happened to a case, in order."""
    query = sa.select(events).where(events.c.case_id == case_id).order_by(events.c.seq)
    return [event_of(row) for row in tx.rows(query)]


def event_of(row: Mapping[str, Any] | sa.RowMapping) -> Event:
    """A row of `events` as what happened."""
    return Event(row["seq"], row["at"], row["by"], Kind(row["kind"]), row["data"] or {})


def photos_of(tx: Tx, case_id: str) -> list[CasePhoto]:
    """A case's photos in order."""
    query = sa.select(photos).where(photos.c.case_id == case_id).order_by(photos.c.position, photos.c.sha256)
    return [
        CasePhoto(**{name: value for name, value in row.items() if name != "case_id"})
        for row in tx.rows(query)
    ]


def check_as_seen(tx: Tx, case: Case, kind: Kind, seen: int | None) -> None:
    """`check`. Raises CaseChanged too, where more happened since the event `seen` than that its advert went
    out or came down: the publisher does that at any moment, and what a person saw of the car still holds.
    """
    if seen is not None and seen != case.seq:
        later = (events.c.case_id == case.id) & (events.c.seq > seen) & events.c.kind.not_in(PUBLISHERS)
        if seen > case.seq or tx.row(sa.select(events.c.seq).where(later).limit(1)):
            raise CaseChanged(f"case {case.id}: changed since it was shown; look at it again")
    check(case, kind)


def check(case: Case, kind: Kind) -> None:
    """Raises CaseRefused where `kind` may not happen now."""
    if case.state not in ALLOWED[kind]:
        raise CaseRefused(
            f"case {case.id}: is {case.state}, so '{kind}' is not possible now; see its history"
        )


def check_held(tx: Tx, held: Case | Row, by: str, case_id: str) -> None:
    """Raises CaseChanged where a question (a case, or an audit's row) is on somebody else's screen."""
    who = held.held_by if isinstance(held, Case) else held["held_by"]
    until = held.held_until if isinstance(held, Case) else held["held_until"]
    if who not in (None, by) and until is not None and until > tx.now:
        raise CaseChanged(f"case {case_id}: somebody else is answering it; take the next one")


def check_answer(tx: Tx, case: Case, by: str, seen: int | None) -> None:
    """Raises CaseChanged or CaseRefused where `by` may not answer the case now that saw it at `seen`."""
    check_held(tx, case, by, case.id)
    check_as_seen(tx, case, Kind.ANSWERED, seen)


def append(
    tx: Tx, case_id: str, kind: Kind, by: str, data: Mapping[str, Any] | None = None, seen: int | None = None
) -> Case:
    """Something happens to a case. Gives the case as it is then.

    Raises CaseMissing, CaseRefused (not in this state), CaseChanged (more happened since `seen`).
    """
    case = lock(tx, case_id)
    check_as_seen(tx, case, kind, seen)
    event = Event(case.seq + 1, tx.now, by, kind, data or {})
    before = [] if kind is Kind.ERASED else events_of(tx, case_id)
    insert_event(tx, case_id, event)
    now = project([*before, event])
    if kind is Kind.TAKEN_DOWN and case.state is State.ERASED and not now.live:  # its folder's name goes too
        tombstone = (events.c.case_id == case_id, events.c.kind == Kind.ERASED.value)
        tx.run(events.update().where(*tombstone).values(data=sa.null()))
    tally.note(tx, case.dealer, event, before)
    written = write(tx, case, event, now)
    follow(tx, written, [*before, event], now)
    return written


def insert_event(tx: Tx, case_id: str, event: Event) -> None:
    """The event's row."""
    row = {"case_id": case_id, "seq": event.seq, "at": event.at, "by": event.by, "kind": event.kind.value}
    tx.run(events.insert().values(**row, data=dict(event.data)))


def write(tx: Tx, case: Case, event: Event, now: Projection) -> Case:
    """The row that the events amount to, its words, and its job."""
    tx.run(
        cases.update().where(cases.c.id == case.id).values(**columns(now), seq=event.seq, changed=event.at)
    )
    written = get(tx, case.id)
    index_words(tx, written, now.public)
    keep_job(tx, written, now.live)
    outbox.note(tx, written, event)
    return written


def columns(now: Projection) -> dict[str, Any]:
    """A projection as columns of `cases`."""
    return {
        "state": now.state.value,
        "mark": now.mark.text if now.mark else None,
        "mark_key": compact_mark(now.mark.text) if now.mark else None,
        "country": now.mark.country if now.mark else None,
        "settled": now.settled,
        "p": now.p,
        "version": now.version,
        "weights": now.weights,
        "live": len(now.live),
        "live_key": live_key(now.live_mark) if now.live else None,
        "title": now.title,
        "price_cents": NO_PRICE if now.price is None else int(now.price * 100),
        "currency": now.currency,
        "traits": asdict(now.traits),
        "reasons": reasons_data(now.reasons),
        "missing": list(now.missing),
        "ended": now.ended,
        "next_try": now.next_try,
        "rank": now.rank,
        "ask_at": now.ask_at,
    }


def reasons_data(reasons: Sequence[Reason]) -> list[dict[str, Any]]:
    """Reasons as JSON."""
    return [{"code": reason.code, "values": dict(reason.values)} for reason in reasons]


def mark_data(mark: Mark | None) -> dict[str, Any] | None:
    """A mark as JSON."""
    return asdict(mark) if mark else None


def traits_of(row: Mapping[str, Any]) -> Traits:
    """What a case's row says of its car."""
    return Traits(**(row["traits"] or {}))


def work_key(case_id: str) -> str:
    """The key of the one job that runs the flow for a case."""
    return f"{WORK} {case_id}"


def publish_kind(target: str) -> str:
    """The kind of the jobs that keep one place as the cases say; they begin as that of no place."""
    return f"publish {target}"


def publish_key(target: str, case_id: str) -> str:
    """The key of the one job that makes a place show what a case says."""
    return f"{publish_kind(target)} {case_id}"


def enqueue_publish(tx: Tx, case_id: str, target: str, data: Mapping[str, Any] | None = None) -> None:
    """The job that makes `target` show what the case says, or nothing any more.

    `data` may say for whom (`by`), and which advert (`advert`, its digest): no other is shown then.
    """
    jobs.enqueue(tx, publish_kind(target), publish_key(target, case_id), case_id=case_id, data=data)


def keep_job(tx: Tx, case: Case, live: Mapping[str, str]) -> None:
    """A case at work has one open job for the flow, any other none; one that is over, one a place of it."""
    if case.state not in OPEN:
        for target, advert in sorted(live.items()):  # it comes down; a sale taken back shows no other
            enqueue_publish(tx, case.id, target, {"advert": advert} if advert else None)
    if case.state in AT_WORK:
        jobs.enqueue(tx, WORK, work_key(case.id), case_id=case.id, at=case.next_try)
    else:
        jobs.cancel(tx, work_key(case.id))


def follow(tx: Tx, case: Case, done: Sequence[Event], now: Projection) -> None:
    """What happens by itself: a corrected advert goes out, or the former one comes down; what was asked for
    while the case was at work is looked at; links end.
    """
    if case.state is State.PUBLISHED:
        end_links(tx, case.id)
    if case.state is State.READY or is_held(case):
        for target, by in sorted(corrected(done, now).items()):
            enqueue_publish(tx, case.id, target, {"by": by, "advert": now.advert})
    if done[-1].kind is Kind.DECIDED:
        jobs.wake(tx, case.id, publish_kind(""))


def end_links(tx: Tx, case_id: str) -> None:
    """No link by which its dealer was asked (`kilpi.cases.asking.asks`) works any more."""
    mine = (asks.c.case_id == case_id, asks.c.used.is_(None), asks.c.ended.is_(None))
    tx.run(asks.update().where(*mine).values(ended=tx.now))


def index_words(tx: Tx, case: Case, public: str = "") -> None:
    """The words that a search finds the case by; `public` is what buyers read as its reference."""
    wanted = set() if case.state is State.ERASED else case_words(case) | set(words_in(public))
    found = {row["word"] for row in tx.rows(sa.select(words.c.word).where(words.c.case_id == case.id))}
    if gone := found - wanted:
        tx.run(words.delete().where(words.c.case_id == case.id, words.c.word.in_(gone)))
    if new := wanted - found:
        tx.connection.execute(words.insert(), [{"word": word, "case_id": case.id} for word in sorted(new)])


def case_words(case: Case) -> set[str]:
    """Mark (whole, and its part from each change between letters and digits on), reference, dealer, title."""
    found = {word for text in (case.reference, case.seller, case.title) for word in words_in(text)}
    if case.mark:
        key = compact_mark(case.mark.text)
        found |= {key[match.start() :] for match in re.finditer(r"\d+|\D+", key)}
    if case.reference:
        found.add(compact_mark(case.reference))
    return {word for word in found if word}


def words_in(text: str) -> list[str]:
    """Upper case, cut at all that is neither letter nor digit."""
    return re.findall(r"[^\W_]+", unicodedata.normalize("NFC", text).upper())
