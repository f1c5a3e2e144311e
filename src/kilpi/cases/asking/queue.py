"""Questions between several people: who has which on the screen, and what still waits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa

from kilpi.cases.case import AT_WORK, QUEUED
from kilpi.cases.lists import HOLD_S, counts
from kilpi.cases.records import check_held, lock
from kilpi.store import Store, Tx
from kilpi.store.tables import cases


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many cases there are beside the question on the screen."""

    asked: int  # in the queue, this person's own and the colleagues' among them
    postponed: int  # not before their time
    held: int  # on a colleague's screen
    at_work: int


def hold(store: Store, case_id: str, by: str, hold_s: float = HOLD_S) -> None:
    """One question is on the screen of `by`. Raises CaseMissing, CaseChanged where somebody else has it."""

    def do(tx: Tx) -> None:
        case = lock(tx, case_id)
        check_held(tx, case, by, case_id)
        until = tx.now + timedelta(seconds=hold_s)
        tx.run(cases.update().where(cases.c.id == case_id).values(held_by=by, held_until=until))

    store.write(do)


def waiting(store: Store, by: str, dealer: str | None = None) -> Waiting:
    """What waits, of one dealer or of all."""
    mine = cases.c.dealer == dealer if dealer is not None else sa.true()
    queued = cases.c.state.in_([state.value for state in QUEUED]) & mine

    def count(tx: Tx, where: sa.ColumnElement[bool]) -> int:
        query = sa.select(sa.func.count()).select_from(cases).where(queued, where)
        return int(tx.connection.execute(query).scalar_one())

    def do(tx: Tx) -> tuple[int, int, int]:
        due = cases.c.ask_at <= tx.now
        others = (cases.c.held_by != by) & (cases.c.held_until > tx.now)
        return count(tx, due), count(tx, ~due), count(tx, due & others)

    numbers = counts(store, dealer)
    return Waiting(*store.read(do), sum(numbers[state] for state in AT_WORK))
