"""A dealer's stock list, CSV or workbook: a row a car, found by its reference or by its mark.

Everything in it is used or named, with column and value: a value that is not clear, a column that no field
stands for, a row that no car can be told from.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from kilpi.adverts.dealer_stock.columns import KEYS, Heading, column_field, heading
from kilpi.adverts.dealer_stock.listed import StockLine, StockList
from kilpi.adverts.dealer_stock.said import FIGURES, GONE, Said, Told, merge, understand
from kilpi.adverts.dealer_stock.values import MOST_MIL
from kilpi.adverts.wording import load_table
from kilpi.disclosure import quoted
from kilpi.errors import LabelError, NotUsed, RegisterNotStock
from kilpi.figures import read_number
from kilpi.registers.file_rows import header_field
from kilpi.tables import Fault, NotATable, Row, Table, read_tables
from kilpi.text import compact_mark, name_key
from kilpi.types import Offer, Problem

MAX_BYTES = 100_000_000
"""A larger file is no stock list; ours."""
FEWEST_IN_KM = 3  # figures of a column that show that it counts kilometres; one may be a slip
ONLY_ONE = ("mark",)  # of two such columns nobody knows which holds
ONLY_REGISTERS = frozenset(  # fields that a dealer's own list hardly has
    ("trade_name", "vehicle_class", "co2_g_km", "co2_cycle", "mass_kg", "next_inspection", "odometer_date")
    + ("status", "restrictions")
)


def read_stock_list(path: Path) -> StockList:
    """A list with a header row: CSV in any usual form, or a workbook; see adverts/data/columns.toml.

    Rows that make no sense become problems with their line. Raises LabelError where all of it is of no use,
    RegisterNotStock among them.
    """
    try:
        if path.stat().st_size > MAX_BYTES:
            raise LabelError(f"{path}: larger than {MAX_BYTES:,} bytes; is this the stock list?")
        data = path.read_bytes()
    except OSError as error:
        raise LabelError(f"{path}: cannot be read ({error.strerror}); check the path") from error
    try:
        tables, others = read_tables(data, column_field, KEYS, "price")
    except NotATable as error:
        what = str(error)
        if what.endswith("no column"):
            what += " says which car a row is; name one 'reference' or 'mark'"
        raise LabelError(f"{path}:{error.line}: {what}") from None
    return _list_of(tables, others, path)


def is_register(header: Sequence[str]) -> bool:
    """Whether a list's columns are those of a register's extract: no price, and what only registers tell."""
    priced = any(column_field(name) == "price" for name in header if name)
    return not priced and len({header_field(name) for name in header} & ONLY_REGISTERS) >= 2


def _list_of(tables: Sequence[Table], others: Sequence[int], path: Path) -> StockList:
    lines: list[StockLine] = []
    left_out: list[StockLine] = []
    named: list[Problem] = []
    for table in tables:
        place = path.with_name(f"{path.name} [{table.sheet}]") if len(tables) > 1 else path
        told, unread = _lines_of(table, place)
        named += unread
        for line in told:
            (lines if line.mark or line.offer.reference else left_out).append(line)
    kept, doubled = _without_doubles(lines)
    left_out += doubled
    problems = [problem for line in (*kept, *left_out) for problem in line.problems]
    problems = [problem for problem in problems if not isinstance(problem.error, NotUsed)]
    problems.sort(key=lambda problem: int(problem.where.rpartition(":")[2]))
    named += [Problem(f"{path}", NotUsed(f"{path}: sheet {n} is another list, and not read")) for n in others]
    return StockList(tuple(kept), (*named, *problems), tuple(left_out))


def _lines_of(table: Table, path: Path) -> tuple[list[StockLine], list[Problem]]:
    """A table's rows, also those that tell no car or cannot be read, and its unread columns."""
    if is_register(table.header):
        words = "is an extract of a vehicle register, without prices; give it as --register"
        raise RegisterNotStock(f"{path}:{table.header_line}: {words}")
    headings = _in_kilometres(table, _headings(table, path))
    lines = [_unread_row(fault, path) for fault in table.faults if not fault.kept]
    cut: dict[int, list[Fault]] = {}
    for fault in table.faults:
        if fault.kept:
            cut.setdefault(fault.line, []).append(fault)
    lines += [_line(row, table.header, headings, path, cut.get(row.line, ())) for row in table.rows]
    unread = [name for name, one in zip(table.header, headings, strict=True) if one is None and name]
    if not unread:
        return lines, []
    where = f"{path}:{table.header_line}"
    names = ", ".join(map(quoted, unread))
    return lines, [Problem(where, NotUsed(f"{where}: columns that are not read: {names}"))]


def _headings(table: Table, path: Path) -> list[Heading | None]:
    """What each column holds. Raises LabelError where two columns hold what only one can tell."""
    headings = [heading(name) if name else None for name in table.header]
    named = [one.field for one in headings if one]
    doubled = [name for name in ONLY_ONE if named.count(name) > 1]
    if doubled:
        raise LabelError(f"{path}:{table.header_line}: two columns for {', '.join(doubled)}")
    return headings


def _in_kilometres(table: Table, headings: Sequence[Heading | None]) -> list[Heading | None]:
    """The headings; of one that may count kilometres or mil, kilometres where its list shows that."""
    return [
        one.in_kilometres if one and _counts_kilometres(row.cells[n] for row in table.rows) else one
        for n, one in enumerate(headings)
    ]


def _counts_kilometres(cells: Iterable[str]) -> bool:
    """Whether figures without a unit are kilometres: a third of them, and three, are too many mil."""
    figures = []
    for cell in filter(None, cells):
        try:
            figures.append(read_number(cell))
        except ValueError:
            continue
    many = sum(figure >= MOST_MIL for figure in figures)
    return many >= FEWEST_IN_KM and 3 * many >= len(figures)


def _line(
    row: Row, header: Sequence[str], headings: Sequence[Heading | None], path: Path, cut: Sequence[Fault]
) -> StockLine:
    where = f"{path}:{row.line}"
    cells = _unless_sold([one for one in _named(header, headings, row.cells) if one[2]])
    columns = zip(headings, row.cells, strict=True)
    names = tuple(cell for one, cell in columns if one and one.field == "reference")
    mark = next((compact_mark(cell) for _, one, cell in cells if one and one.field == "mark"), "")
    said = [
        Said(one.field, where, name, cell, one.unit)
        for name, one, cell in cells
        if one and one.field not in KEYS
    ]
    told = understand(said, mark)
    extra = [
        Problem(where, LabelError(f"{where}: column {quoted(fault.column, mark)} {fault.what}"))
        for fault in cut
    ]
    unread = [f"{quoted(name)} {quoted(cell, mark)}" for name, one, cell in cells if one is None]
    if unread:
        extra.append(Problem(where, NotUsed(f"{where}: not read: {', '.join(unread)}")))
    if not mark and not any(names):
        extra.append(Problem(where, LabelError(f"{where}: neither a reference nor a mark; which car is it?")))
    told = replace(told, problems=(*told.problems, *extra))
    states = [_became(cell) for _, one, cell in cells if one is None or one.field == "price"]
    if gone := next(filter(None, states), ""):
        told = replace(told, values={**told.values, GONE: gone})
    offer, _ = merge([told], next(filter(None, names), ""))
    read = tuple((one.named(name), cell) for name, one, cell in cells if one)
    fields = frozenset(one.field for one in headings if one)
    return StockLine(offer, mark, told, where, names=names, cells=read, columns=fields)


def _named(
    header: Sequence[str], headings: Sequence[Heading | None], cells: Sequence[str]
) -> Iterator[tuple[str, Heading | None, str]]:
    """Column, heading and cell of each column. One without a name that follows a price or a mileage, and has
    a figure, is of that name: it was merged over both, and where they differ nobody knows which holds.
    """
    told: list[tuple[str, Heading | None, str]] = []
    merged = False  # whether the last one's name may reach over the next column
    for number, (name, one, cell) in enumerate(zip(header, headings, cells, strict=True), 1):
        if name:
            merged = one is not None and one.field in FIGURES
            told.append((name, one, cell))
        elif merged and any(map(str.isdecimal, cell)):
            over, heading, before = told[-1]
            told[-1] = over, heading, before if cell == before else f"{before} / {cell}"
        elif cell:
            told.append((f"column {number}", None, cell))
            merged = False
    return iter(told)


def _unless_sold(cells: list[tuple[str, Heading | None, str]]) -> list[tuple[str, Heading | None, str]]:
    """A row's cells; where one that is not read says that the car is sold, that stands in the price's place:
    a car that is gone gets no advert, and a person sees why.
    """
    said = (cell for _, one, cell in cells if one is None and _became(cell))
    if (sold := next(said, None)) is None:
        return cells
    return [(name, one, sold if one and one.field == "price" else cell) for name, one, cell in cells]


def _became(cell: str) -> str:
    """What a cell says became of its car: "sold", "withdrawn", or "" where it says nothing of that."""
    word = cell.casefold().strip(" !.")
    return next((became for became, words in load_table("said.toml")["gone"].items() if word in words), "")


def _unread_row(fault: Fault, path: Path) -> StockLine:
    """A row that no cells could be told of; kept as text, to be named for the car that it may be about."""
    where = f"{path}:{fault.line}"
    problem = Problem(where, LabelError(f"{where}: {fault.what}"))
    return StockLine(Offer(), "", Told(problems=(problem,)), where, fault.raw)


def _without_doubles(lines: Sequence[StockLine]) -> tuple[list[StockLine], list[StockLine]]:
    """The list without cars that have two different rows, and those: which one holds cannot be known."""
    groups: dict[tuple[str, int, str], list[StockLine]] = {}
    for line in lines:
        for key in _keys(line):
            groups.setdefault(key, []).append(line)
    left: dict[int, StockLine] = {}
    for (kind, _, _), group in groups.items():
        if len(group) > 1:
            repeats = all(_content(line) == _content(group[0]) for line in group)
            for line in group[1:] if repeats else group:
                left.setdefault(id(line), _as_double(line, group, kind, repeats))
    return [line for line in lines if id(line) not in left], list(left.values())


def _keys(line: StockLine) -> Iterator[tuple[str, int, str]]:
    for column, name in enumerate(line.names):
        if name:
            yield "reference", column, name_key(name)
    if line.mark:
        yield "mark", 0, line.mark


def _content(line: StockLine) -> tuple[object, ...]:
    return line.offer, line.mark, line.names


def _as_double(line: StockLine, group: Sequence[StockLine], kind: str, repeats: bool) -> StockLine:
    others = ", ".join(_line_of(one, line) for one in group if one is not line)
    if repeats:
        error: LabelError = NotUsed(f"{line.where}: repeats line {others}")
    else:
        what = f"has the same {kind} as line {others}; which is right is unknown, so none is used"
        error = LabelError(f"{line.where}: {what}")
    return replace(line, told=replace(line.told, problems=(Problem(line.where, error),)))


def _line_of(one: StockLine, beside: StockLine) -> str:
    """Where a row stands, for a row beside it: its line, of another sheet with that."""
    place, _, number = one.where.rpartition(":")
    return number if beside.where.startswith(f"{place}:") else f"{number} of {Path(place).name}"
