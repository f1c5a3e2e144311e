"""Finding cases: lists, search, the next question, counts, history. Pages go on from a cursor, never from a
count.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from kilpi.cases.case import QUEUED, Case, CasePhoto, Event, State
from kilpi.cases.orders import Order, after, cursor_of, ordered
from kilpi.cases.records import case_of, events_of, get, photos_of, words_in
from kilpi.errors import CaseMissing, UsageError
from kilpi.store import Store, Tx, first_id
from kilpi.store.tables import cases, events, words

MOST = 500  # cases a page
FEW, MANY = 3_000, 10_000  # cases that have a word; measured with 100,000, see recipes/store_bench.py
HOLD_S = 300.0  # how long a question stays one person's


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which cases. `search`: every word must begin a word of the case (mark, reference, dealer, title)."""

    states: tuple[State, ...] = ()  # empty: all but erased
    dealer: str | None = None
    search: str = ""
    order: Order = Order.RECEIVED
    up: bool = False  # the least first; else the newest, the last of the alphabet, the dearest
    since: datetime | None = None  # received then or later, by the clock that made the id
    before: datetime | None = None  # received before


@dataclass(frozen=True, slots=True)
class Page:
    """Some cases, and where the next page begins; None: there is none."""

    cases: tuple[Case, ...]
    cursor: str | None = None


def find(store: Store, wanted: Wanted | None = None, *, cursor: str | None = None, limit: int = 50) -> Page:
    """A page of cases. Raises UsageError for a cursor that is not of this order."""
    wanted, limit = wanted or Wanted(), max(1, min(limit, MOST))
    rows = store.read(lambda tx: tx.rows(_query(wanted, _found_by(tx, wanted.search), cursor, limit + 1)))
    more = len(rows) > limit
    cases_found = tuple(case_of(row) for row in rows[:limit])
    return Page(cases_found, cursor_of(rows[limit - 1], wanted.order, wanted.up) if more else None)


def every(store: Store, wanted: Wanted | None = None) -> Iterator[Case]:
    """All of them, page by page; without `wanted` all but the erased."""
    cursor = None
    while True:
        page = find(store, wanted, cursor=cursor, limit=MOST)
        yield from page.cases
        cursor = page.cursor
        if cursor is None:
            return


Conditions = Sequence[sa.ColumnElement[bool]]


def _merged(wanted: Wanted, found: Conditions, cursor: str | None, limit: int) -> sa.Select[Any]:
    """Several states: the first of each, merged. Only one state's rows come in order from an index."""
    each = [replace(wanted, states=(state,)) for state in dict.fromkeys(wanted.states)]
    parts = sa.union_all(*(_query(one, found, cursor, limit).subquery().select() for one in each)).subquery()
    return sa.select(parts).order_by(*ordered(parts.c, wanted.order, wanted.up)).limit(limit)


def _query(wanted: Wanted, found: Conditions, cursor: str | None, limit: int) -> sa.Select[Any]:
    if len(wanted.states) > 1:
        return _merged(wanted, found, cursor, limit)
    query = sa.select(cases).where(*found, *_asked(wanted)).limit(limit)
    query = query.order_by(*ordered(cases.c, wanted.order, wanted.up))
    return query.where(after(cursor, wanted.order, wanted.up)) if cursor else query


def _asked(wanted: Wanted) -> list[sa.ColumnElement[bool]]:
    """The conditions of one state or all, a dealer and an age."""
    state = wanted.states[0].value if wanted.states else None
    asked = [cases.c.state == state if state else cases.c.state != State.ERASED.value]
    if wanted.dealer is not None:
        asked.append(cases.c.dealer == wanted.dealer)
    if wanted.since is not None:
        asked.append(cases.c.id >= first_id(wanted.since))
    if wanted.before is not None:
        asked.append(cases.c.id < first_id(wanted.before))
    return asked


def _found_by(tx: Tx, search: str) -> list[sa.ColumnElement[bool]]:
    """Conditions for the words of a search. Where the rarest is rare, the cases with all words are looked up.

    Else the list is read in its order until the page is full, which is soon where many cases have the words.
    """
    counted = sorted((_count(tx, word), word) for word in dict.fromkeys(words_in(search)))
    if not counted:
        return []
    several = len(counted) > 1 and counted[1][0] < MANY
    if counted[0][0] >= (MANY if several else FEW):
        return [_has(word, cases.c.id) for _, word in counted]
    (_, rarest), *others = counted
    query = sa.select(words.c.case_id).where(_begins(words, rarest))
    query = query.where(*(_has(word, words.c.case_id) for _, word in others)).distinct()
    # Postgres would rather read the list in its order, whatever it was told of the words.
    found = query.cte("found").prefix_with("MATERIALIZED", dialect="postgresql")
    return [cases.c.id.in_(sa.select(found.c.case_id))]


def _has(word: str, case_id: sa.ColumnElement[str]) -> sa.ColumnElement[bool]:
    own = words.alias()
    return sa.exists().where(own.c.case_id == case_id, _begins(own, word))


def _begins(table: sa.FromClause, word: str) -> sa.ColumnElement[bool]:
    return (table.c.word >= word) & (table.c.word < word + "\U0010ffff")


def _count(tx: Tx, word: str) -> int:
    """How many words of cases begin so; counting stops at MANY."""
    first = sa.select(words.c.case_id).where(_begins(words, word)).limit(MANY).subquery()
    return int(tx.connection.execute(sa.select(sa.func.count()).select_from(first)).scalar_one())


def next_question(
    store: Store,
    by: str,
    *,
    dealer: str | None = None,
    states: Sequence[State] = QUEUED,
    hold_s: float = HOLD_S,
    skip: Sequence[str] = (),
) -> Case | None:
    """The next case that a person is asked about, held for `by`, whom nobody else disturbs for `hold_s`
    seconds.

    Least rank first, then who waits longest; review before draft. The one that `by` holds already comes
    again, unless it is in `skip` (ids; for fetching the one after it). None: nothing to ask.
    """
    return store.write(lambda tx: _next(tx, by, dealer, states, hold_s, skip))


def _next(
    tx: Tx, by: str, dealer: str | None, states: Sequence[State], hold_s: float, skip: Sequence[str]
) -> Case | None:
    free = cases.c.held_until.is_(None) | (cases.c.held_until <= tx.now) | (cases.c.held_by == by)
    for state in states:
        query = sa.select(cases.c.id).where(cases.c.state == state.value, cases.c.ask_at <= tx.now, free)
        if dealer is not None:
            query = query.where(cases.c.dealer == dealer)
        if skip:
            query = query.where(cases.c.id.not_in(skip))
        query = query.order_by(cases.c.rank, cases.c.ask_at, cases.c.id).limit(1)
        row = tx.row(query.with_for_update(skip_locked=True))
        if row:
            until = tx.now + timedelta(seconds=hold_s)
            tx.run(cases.update().where(cases.c.id == row["id"]).values(held_by=by, held_until=until))
            return get(tx, row["id"])
    return None


def let_go(store: Store, case_id: str, by: str) -> None:
    """`by` does not answer after all; the question is anybody's again. Holding nothing is fine."""
    where = (cases.c.id == case_id, cases.c.held_by == by)
    store.write(lambda tx: tx.run(cases.update().where(*where).values(held_by=None, held_until=None)))


def counts(store: Store, dealer: str | None = None) -> dict[State, int]:
    """How many cases there are in each state."""
    query = sa.select(cases.c.state, sa.func.count().label("n")).group_by(cases.c.state)
    if dealer is not None:
        query = query.where(cases.c.dealer == dealer)
    found = {row["state"]: row["n"] for row in store.read(lambda tx: tx.rows(query))}
    return {state: found.get(state.value, 0) for state in State}


def dealers(store: Store, most: int = 500) -> list[str]:
    """The dealers that have cases, by name, at most so many. A look into the index for each."""

    def do(tx: Tx) -> list[str]:
        found: list[str] = []
        last = ""
        while len(found) < most:
            row = tx.row(sa.select(sa.func.min(cases.c.dealer).label("next")).where(cases.c.dealer > last))
            if row is None or row["next"] is None:
                break
            last = row["next"]
            found.append(last)
        return found

    return store.read(do)


def event_counts(store: Store) -> dict[str, int]:
    """How many events of each kind there ever were."""
    query = sa.select(events.c.kind, sa.func.count().label("n")).group_by(events.c.kind)
    return {row["kind"]: row["n"] for row in store.read(lambda tx: tx.rows(query))}


def read_case(store: Store, case_id: str) -> Case:
    """One case. Raises CaseMissing."""
    return store.read(lambda tx: get(tx, case_id))


def find_one(store: Store, name: str, dealer: str | None = None) -> Case:
    """The one case that `name` means: id, address or reference. Raises CaseMissing, UsageError."""
    return store.read(lambda tx: _find_one(tx, name, dealer))


def _find_one(tx: Tx, name: str, dealer: str | None) -> Case:
    mine = cases.c.dealer == dealer if dealer is not None else sa.true()
    for column in (cases.c.id, cases.c.address, cases.c.reference):
        rows = tx.rows(sa.select(cases).where(column == name, mine, cases.c.state != "erased").limit(2))
        if len(rows) > 1:
            raise UsageError("case: several have this reference; name one by its address, see `kilpi cars`")
        if rows:
            return case_of(rows[0])
    raise CaseMissing("case: there is none of this name; see `kilpi cars`")


def photos(store: Store, case_id: str) -> list[CasePhoto]:
    """A case's photos in order."""
    return store.read(lambda tx: photos_of(tx, case_id))


def history(store: Store, case_id: str) -> list[Event]:
    """All that happened to a case, in order. Raises CaseMissing."""

    def do(tx: Tx) -> list[Event]:
        get(tx, case_id)
        return events_of(tx, case_id)

    return store.read(do)


def to_publish(
    store: Store, *, targets: int = 1, dealer: str | None = None, after: str = "", limit: int = MOST
) -> list[Case]:
    """Cases whose present advert is out nowhere, or in fewer than `targets` places. By id, after `after`."""
    few = (cases.c.state == State.PUBLISHED.value) & (cases.c.live < targets)
    due = cases.c.state == State.READY.value
    return _by_id(store, due | few if targets > 1 else due, dealer, after, limit)


def to_take_down(
    store: Store, *, dealer: str | None = None, after: str = "", limit: int = MOST
) -> list[Case]:
    """Cases that are over and still, or perhaps, shown somewhere. By id, after `after`."""
    over = cases.c.state.in_([State.SOLD.value, State.WITHDRAWN.value, State.ERASED.value])
    return _by_id(store, over & (cases.c.live > 0), dealer, after, limit)


def _by_id(
    store: Store, where: sa.ColumnElement[bool], dealer: str | None, after: str, limit: int
) -> list[Case]:
    query = sa.select(cases).where(where, cases.c.id > after).order_by(cases.c.id).limit(limit)
    if dealer is not None:
        query = query.where(cases.c.dealer == dealer)
    return [case_of(row) for row in store.read(lambda tx: tx.rows(query))]
