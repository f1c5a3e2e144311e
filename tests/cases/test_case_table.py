"""Every state and every verb: what comes of it. "-": refused, and nothing has changed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa
from tests.cases.helping import WORRY, Told, arrive, in_state, publish, ready, review, sent
from tests.stores import FakeClock

from kilpi.cases import (
    Arrival,
    Case,
    Kind,
    Later,
    SaidFacts,
    SaidMark,
    State,
    allowed,
    answer,
    ask_dealer,
    erase,
    history,
    join,
    postpone,
    read_case,
    receive,
    rerun,
    sold,
    taken_down,
    undo,
    withdraw,
    work,
)
from kilpi.cases.case import ALLOWED, AT_WORK
from kilpi.cases.records import append
from kilpi.errors import CaseError
from kilpi.store import Store
from kilpi.store.tables import jobs
from kilpi.types import Mark

#             received  working   review    waiting   draft     ready     published sold      withdrawn erased
TABLE = """
answer mark   received  working   working   working   working   working   working   -         -         -
answer facts  received  working   working   working   working   working   working   -         -         -
run again     received  working   working   working   working   working   working   -         -         -
add photos    received  working   working   working   working   working   working   -         -         -
photos gone   review    review    review    review    review    review    review    -         -         -
flow: ready   ready     ready     review    waiting   draft     ready     published sold      withdrawn erased
flow: review  review    review    review    waiting   draft     ready     published sold      withdrawn erased
flow: later   working   working   review    waiting   draft     ready     published sold      withdrawn erased
ask dealer    -         -         waiting   -         waiting   -         -         -         -         -
postpone      -         -         review    -         draft     -         -         -         -         -
contest       review    review    review    review    review    review    review    -         -         -
publish       -         -         -         -         -         published published -         -         -
take down     received  working   review    waiting   draft     ready     ready     sold      withdrawn erased
sold          sold      sold      sold      sold      sold      sold      sold      -         -         -
withdraw      withdrawn withdrawn withdrawn withdrawn withdrawn withdrawn withdrawn -         -         -
undo          -         working   -         review    -         -         -         published ready     -
join          withdrawn withdrawn withdrawn withdrawn withdrawn withdrawn withdrawn -         -         -
erase         erased    erased    erased    erased    erased    erased    erased    erased    erased    -
"""
EXPECTED = {line[:12].strip(): line[12:].split() for line in TABLE.strip().splitlines()}


def later(store: Store, clock: FakeClock) -> Later:
    return Later(clock() + timedelta(hours=1), (WORRY,))


VERBS: dict[str, Callable[[Store, FakeClock, Case], object]] = {
    "answer mark": lambda store, clock, case: answer(store, case.id, SaidMark("ABC-987", "FI"), by="bo"),
    "answer facts": lambda store, clock, case: answer(store, case.id, SaidFacts(odometer_km=9), by="bo"),
    "run again": lambda store, clock, case: rerun(store, case.id, by="bo", why="weights"),
    "add photos": lambda store, clock, case: append_photos(store, case),
    "photos gone": lambda store, clock, case: append_kind(store, case, Kind.PHOTOS_MISSING),
    "flow: ready": lambda store, clock, case: work(store, Told(ready())),
    "flow: review": lambda store, clock, case: work(store, lambda task: review()),
    "flow: later": lambda store, clock, case: work(store, Told(later(store, clock))),
    "ask dealer": lambda store, clock, case: ask_dealer(store, case.id, [WORRY], by="bo"),
    "postpone": lambda store, clock, case: postpone(store, case.id, clock() + timedelta(days=1), by="bo"),
    "contest": lambda store, clock, case: append_kind(store, case, Kind.CONTESTED),
    "publish": lambda store, clock, case: publish(store, case),
    "take down": lambda store, clock, case: taken_down(store, case.id, "site"),
    "sold": lambda store, clock, case: sold(store, case.id, by="bo"),
    "withdraw": lambda store, clock, case: withdraw(store, case.id, by="bo"),
    "undo": lambda store, clock, case: undo(store, case.id, by="bo"),
    "join": lambda store, clock, case: join(store, case.id, arrive(store, "z").id, by="bo"),
    "erase": lambda store, clock, case: erase(store, case.id, by="bo"),
}


def append_kind(store: Store, case: Case, kind: Kind) -> Case:
    return store.write(lambda tx: append(tx, case.id, kind, "kilpi", {"reasons": []}))


def append_photos(store: Store, case: Case) -> Case:
    return store.write(lambda tx: append(tx, case.id, Kind.PHOTOS_ADDED, "kilpi", {"photos": []}))


@pytest.mark.parametrize("state", list(State))
def test_every_verb_in_this_state(store: Store, clock: FakeClock, state: State) -> None:
    assert list(EXPECTED) == list(VERBS)
    for verb, run in VERBS.items():
        expected = EXPECTED[verb][list(State).index(state)]
        case = in_state(store, state, f"{verb} {state}")
        before = history(store, case.id)
        if expected == "-":
            with pytest.raises(CaseError, match=case.id):
                run(store, clock, case)
            assert history(store, case.id) == before, verb
            assert read_case(store, case.id).state is state
        else:
            run(store, clock, case)
            now = read_case(store, case.id)
            assert now.state == expected, verb
            assert jobs_of(store, now) == (now.state in AT_WORK), verb
        clear(store, case)


def jobs_of(store: Store, case: Case) -> bool:
    """Whether the case has a job that anybody may take, now or later."""
    mine = (jobs.c.case_id == case.id) & (jobs.c.kind == "work")
    query = sa.select(jobs.c.free_at, jobs.c.token).where(mine)
    found = store.read(lambda tx: tx.rows(query))
    assert all(row["free_at"] and not row["token"] for row in found)
    return bool(found)


def clear(store: Store, case: Case) -> None:
    """Out of the way of the next verb's case: same mark, same photos."""
    for one in (case, receive(store, Arrival(sent("z"))).case):
        if read_case(store, one.id).state is not State.ERASED:
            erase(store, one.id, by="bo")


def test_every_kind_of_event_is_in_the_one_table() -> None:
    assert set(ALLOWED) == set(Kind)


def test_what_is_allowed_is_what_is_not_refused(store: Store) -> None:
    case = in_state(store, State.REVIEW)
    assert Kind.ANSWERED in allowed(case)
    assert Kind.PUBLISHING not in allowed(case)
    assert Mark("ABC-987", "FI") == case.mark
