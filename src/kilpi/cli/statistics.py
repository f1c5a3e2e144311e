"""kilpi statistics: the department's numbers, as `/statistics` shows them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table as Shown

from kilpi.adverts.wording import load_wording
from kilpi.cases.tally import count_past
from kilpi.cases.telling.numbers import WEEKS, Cell, Numbers, Table, numbers
from kilpi.cases.telling.numbers_text import csv_of, label_of, title_of
from kilpi.cli import output
from kilpi.cli.cases import opened
from kilpi.cli.options import DataFolder, Json
from kilpi.config import load_settings
from kilpi.errors import UsageError
from kilpi.registers.charges import prices_of
from kilpi.text import counted

SHARES = frozenset({"share", "alone_share"})  # columns


def add_verbs(app: typer.Typer) -> None:
    """Register this file's verbs."""
    app.command()(statistics)


def statistics(
    data: DataFolder = Path("out"),
    weeks: Annotated[int, typer.Option(help="This week and those before it.")] = WEEKS,
    dealer: Annotated[str | None, typer.Option(help="Only this dealer's cars.")] = None,
    table: Annotated[str, typer.Option(help="One table as CSV: weeks, dealers, questions ...")] = "",
    json: Json = False,
) -> None:
    """Minutes that people spend on 100 cars, and wrong cars found.

    And what people are asked about.
    """
    settings = load_settings()
    with opened(data) as store:
        count_past(store)
        found = numbers(store, weeks=weeks, dealer=dealer, prices=prices_of(settings.register_prices))
    if table:
        if table not in found.tables:
            raise UsageError(f"statistics: --table is one of {', '.join(found.tables)}")
        print(csv_of(found.tables[table]), end="")
        return
    output.tell(value_of(found), told(found), json)
    if not output.wants_json(json):
        for one in found.tables.values():
            show(one)


def value_of(found: Numbers) -> dict[str, object]:
    """As JSON."""
    total = found.total
    return {
        "since": found.first.isoformat(),
        "dealer": found.dealer,
        "minutes_per_100": total.minutes_per_100,
        "cars": total.cars,
        "answers": total.answers,
        "unmeasured": total.unmeasured,
        "wrong_found": found.wrong_found,
        "audited": found.audited,
        "wrong": found.wrong,
        "disputed": found.disputed,
        "corrected": total.corrected,
        "tables": {
            name: [dict(zip(one.columns, row, strict=True)) for row in one.rows]
            for name, one in found.tables.items()
        },
    }


def told(found: Numbers) -> str:
    """The one number, and what was found wrong beside it."""
    total = found.total
    if not total.cars:
        return f"no car was decided since {found.first}"
    cars, answers = counted(total.cars, "car"), counted(total.answers, "answer")
    waiting = f", {total.waiting:,} of them not finished yet" if total.waiting else ""
    unmeasured = f", {total.unmeasured:,} not measured" if total.unmeasured else ""
    wrong, audits = counted(found.wrong_found, "wrong car"), counted(found.audited, "audit")
    minutes = "?" if total.minutes_per_100 is None else f"{total.minutes_per_100:.1f}"
    return (
        f"{minutes} minutes of people per 100 cars"
        f" ({cars} since {found.first}{waiting}, {answers} measured{unmeasured})\n"
        f"{wrong} found: {found.wrong} of {audits}, {found.disputed} to be looked at again,"
        f" {total.corrected} corrected by people"
    )


def show(table: Table) -> None:
    """One table, where anything stands in it, in the words of the page; a terminal is narrow, so without the
    columns in which nothing stands.
    """
    if table.is_empty or table.name == "dealer_weeks":
        return
    words, wording = output.page_words("en"), load_wording("en")
    names = [name for at, name in enumerate(table.columns) if not at or any(table.column(name))]
    heads = (words["column"].get(name, name.replace("_", " ")) for name in names)
    shown = Shown(*heads, title=title_of(words, table.name))
    for first, *row in zip(*map(table.column, names), strict=True):
        cells = zip(names[1:], row, strict=True)
        told = [label_of(words, wording, table.name, str(first)), *(cell_text(*one) for one in cells)]
        shown.add_row(*map(output.escape, told))
    output.console.print(shown)


def cell_text(column: str, cell: Cell) -> str:
    """One cell; shares as parts of a hundred."""
    if column in SHARES and isinstance(cell, int | float):
        return f"{100 * cell:.1f} %"
    return "–" if cell is None else f"{cell:,}" if isinstance(cell, int | float) else cell
