"""A newer stock list comes: it replaces what it speaks of, and nothing else that the dealer gave.

Figures of a car that it no longer has, and of columns that it no longer has, are kept beside that car's case,
for as long as the case is kept and until a list speaks of them again. A car that left the list may be sold,
reserved or forgotten: that is a person's to say. Of rows that no case is there for, nothing is kept: a
reference may be another car's by the time that its photos come.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from kilpi.adverts.dealer_stock import StockLine, StockList, read_stock_list
from kilpi.cases.case import OPEN, Case
from kilpi.cases.incoming.beside import Beside, layered
from kilpi.cases.incoming.reused import forget_others_row
from kilpi.cases.lists import Wanted, every
from kilpi.store import Store


@dataclass(frozen=True, slots=True)
class Listed:
    """What lists that came say: how many rows name a car, and which cases they do not name any more."""

    rows: int = 0
    unlisted: tuple[Case, ...] = ()  # not over, known from an earlier list


NO_LIST = Listed()


def take_lists(store: Store, beside: Beside, dealer: str, paths: Sequence[Path]) -> Listed:
    """Lists that came together become the dealer's ("": the department's); of two, the later goes first.

    What earlier ones said is kept first, so that a process that dies in between loses nothing. Raises
    LabelError, OutputError.
    """
    newest_first = list(reversed(paths))
    new = layered([read_stock_list(path) for path in newest_first])
    stacks: dict[str, tuple[StockList, StockList]] = {}
    over: list[str] = []
    reused: list[Case] = []
    unlisted: list[Case] = []
    for case in every(store, Wanted(dealer=dealer or None)):
        if case.dealer not in stacks:
            stacks[case.dealer] = beside.stock(case.dealer), beside.stock(case.dealer, {dealer: new})
        reused += [case] if beside.others_row(case.id) else []
        before, after = (beside.of_case(case.id, stock) for stock in stacks[case.dealer])
        former = beside.former(case.id)
        told = (before.above(former) if former else before).line(case.reference, case.mark)
        tells = after.line(case.reference, case.mark)
        kept = left_of(told, tells)
        if kept is not None:
            beside.keep_former(case.id, kept)
        elif former is not None and tells is not None:
            over.append(case.id)
        if told is not None and tells is None and case.state in OPEN:
            unlisted.append(case)
    beside.put_lists(dealer, [path.read_bytes() for path in newest_first])
    for case_id in over:
        beside.keep_former(case_id, None)
    for case in reused:
        forget_others_row(store, beside, case)
    return Listed(sum(1 for _ in new.every_line), tuple(unlisted))


def left_of(told: StockLine | None, tells: StockLine | None) -> StockLine | None:
    """What is to be kept of what lists said of a case, now that newer ones say this."""
    return told.left_by(tells) if told and tells else told
