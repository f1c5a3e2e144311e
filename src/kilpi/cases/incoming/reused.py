"""A stock number that was another car's before: what a list said of that one is not told of the next.

A list comes once a night, photos at any time; so the row of a number that is used anew is the former car's,
for as long as it says what it said then. It holds still where the mark is that car's: it may be back.
"""

from __future__ import annotations

from dataclasses import replace

import sqlalchemy as sa

from kilpi.adverts.dealer_stock import StockLine, StockList
from kilpi.adverts.dealer_stock.columns import column_field
from kilpi.cases.case import Case, State
from kilpi.cases.incoming.arrival import How, Received
from kilpi.cases.incoming.beside import Beside
from kilpi.cases.lists import read_case
from kilpi.cases.records import get
from kilpi.cases.verbs import rerun
from kilpi.store import Store, Tx
from kilpi.store.tables import cases
from kilpi.types import Mark


def keep_others_row(store: Store, beside: Beside, received: Received, before: StockList) -> None:
    """Notes beside a new case whose reference another one had that the row which a list had for it then is
    the other's. `before`: the lists as they were before anything came with the case. Raises StoreError,
    OutputError.
    """
    row = before.line(received.case.reference) if received.how is How.NEW else None
    other = last_called(store, received.case) if row else None
    if row is None or other is None:
        return
    beside.keep_others(received.case.id, with_mark(row, other.mark if other.settled else None))
    if read_case(store, received.case.id).state is not State.RECEIVED:  # a worker has begun without it
        rerun(store, received.case.id, by="kilpi", why="stock")


def forget_others_row(store: Store, beside: Beside, case: Case) -> None:
    """Of a car that is erased, the row beside the case that had its number next goes too, once no list says
    it any more: it holds mark and VIN. Raises StoreError, OutputError.
    """
    row = beside.others_row(case.id)
    if row is None or last_called(store, case) is not None:
        return
    if not any(line.says_no_more(row) for line in beside.stock(case.dealer).every_line):
        beside.keep_others(case.id, None)


def called_next(tx: Tx, case: Case) -> list[str]:
    """The dealer's cases that had this one's reference after it."""
    same = (cases.c.dealer == case.dealer) & (cases.c.reference == case.reference) & (cases.c.id > case.id)
    return [row["id"] for row in tx.rows(sa.select(cases.c.id).where(same))] if case.reference else []


def last_called(store: Store, case: Case) -> Case | None:
    """The dealer's case that had this one's reference before."""
    same = (cases.c.dealer == case.dealer) & (cases.c.reference == case.reference) & (cases.c.id < case.id)
    query = sa.select(cases.c.id).where(same).order_by(cases.c.id.desc()).limit(1)

    def look(tx: Tx) -> Case | None:
        found = tx.row(query) if case.reference else None
        return get(tx, found["id"]) if found else None

    return store.read(look)


def with_mark(row: StockLine, mark: Mark | None) -> StockLine:
    """A row that names this mark, unless it names one already."""
    if row.mark or mark is None:
        return row
    cells = [cell for cell in row.cells if column_field(cell[0]) != "mark"]
    return replace(row, mark=mark.compact, cells=(*cells, ("mark", mark.text)))
