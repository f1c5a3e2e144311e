"""Lists as dealers send them, CSV or workbook -> rows under a header that is known by its words.

One reader for stock lists and for registers in a file. Every row is either in `Table.rows` or named in
`Table.faults`; a cell that is too long is named and left out of its row.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice

from kilpi.tables.delimited import read_delimited, records
from kilpi.tables.kinds import what_else, workbook_kind
from kilpi.tables.lines import Fault, Line, NotATable
from kilpi.tables.workbook import read_workbook
from kilpi.text import decode_text, says_nothing, visible

__all__ = ["Fault", "NotATable", "Row", "Table", "plain_header", "read_table", "read_tables"]

LONGEST_CELL = 32_767
"""Characters; Excel's own limit ("Excel specifications and limits")."""
TITLE_ROWS = 30
"""The header is looked for in so many rows with content; ours."""
_FORMULA_TEXT = re.compile(r'="(?P<text>[^"]*)"')  # ="0123": how an export keeps Excel from counting
_ERROR = re.compile(r"#+|#[A-ZÅÄÖ/0?!]{3,12}[!?]?")  # #REF!, #N/A, #ARVO!, ######
_GUARDED = re.compile(r"'(?=[=+\-@])")  # how an export keeps Excel from running what begins like a formula
_UNITS = re.compile(
    r"[(\[]\s*(?:€|eur(?:o[at]?)?|km|kpl|st|pcs|kw|cm3|cm³|cc|kg|g/km|l/100 ?km|kwh/100 ?km"
    r"|(?:sis|ink[l]?|incl)\.?\s*(?:alv|moms|vat)[^)\]]*)\s*[)\]]|[€:*,]|\beur\b",
    re.IGNORECASE,
)


Known = Callable[[str], str | None]
"""A column's name -> the field of ours that it stands for, or None."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its line (CSV) or row (workbook) from 1, and its cells by column number, cleaned."""

    line: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A list. `header` holds the column names as written, "" for columns without one."""

    header: tuple[str, ...]
    header_line: int
    rows: tuple[Row, ...]
    faults: tuple[Fault, ...]
    sheet: int = 0  # of a workbook, from 1; 0 of any other file


def read_table(data: bytes, known: Known, keys: Sequence[str]) -> Table:
    """A file's bytes -> its only table, as `read_tables`. Raises NotATable where there are several."""
    tables, _ = read_tables(data, known, keys)
    if len(tables) > 1:
        numbers = ", ".join(str(table.sheet) for table in tables)
        raise NotATable(f"is a workbook with several lists (sheets {numbers}); keep one of them")
    return tables[0]


def read_tables(
    data: bytes, known: Known, keys: Sequence[str], telling: str = ""
) -> tuple[list[Table], list[int]]:
    """A file's bytes -> its tables, and the numbers of sheets that are lists of something else.

    `keys` are the fields of which a header must name one at least. A workbook may have a sheet a yard, or a
    month: all whose header names the same fields as the best one's are tables, and all that name the field
    `telling` where that one does: which of them holds is not known.

    Raises NotATable where the file is no list, or where no row names a key: its words say what it is.
    """
    kind = workbook_kind(data)
    sheets = [*read_workbook(data, kind)] if kind else [(0, _delimited_lines(data, known, keys))]
    found: list[tuple[int, Iterator[Line], _Header]] = []
    for number, lines in sheets:
        rest = iter(lines)
        if head := list(islice(rest, TITLE_ROWS)):
            at = _find_header(head, known, keys)
            found.append((number, chain(head[at.place :], rest), at))
    if not found:
        raise NotATable("is empty; its first line must name the columns")
    best = max((at for _, _, at in found), key=lambda at: at.worth)
    if not best.keyed:
        raise NotATable(f"{'is an Excel workbook in which ' if kind else ''}no column", best.line)

    def counts(at: _Header) -> bool:
        return at.keyed and (at.fields == best.fields or telling in at.fields & best.fields)

    tables = [_table(lines, at, number) for number, lines, at in found if counts(at)]
    others = [number for number, _, at in found if at.keyed and len(at.fields) > 1 and not counts(at)]
    return tables, others


def _delimited_lines(data: bytes, known: Known, keys: Sequence[str]) -> Iterator[Line]:
    """The lines of a CSV under that of its possible delimiters that makes most of the header."""
    text = decode_text(data)
    if (other := what_else(data, text)) is not None:
        raise NotATable(f"is {other}, not a list; save it as CSV or .xlsx")
    found = read_delimited(text)

    def worth(delimiter: str) -> tuple[bool, int]:
        return _find_header(list(islice(records(found, delimiter), TITLE_ROWS)), known, keys).worth

    return records(found, max(found.delimiters, key=worth))


@dataclass(frozen=True, slots=True)
class _Header:
    place: int
    line: int
    keyed: bool
    fields: frozenset[str]

    @property
    def worth(self) -> tuple[bool, int]:
        return self.keyed, len(self.fields)


def _find_header(lines: Sequence[Line], known: Known, keys: Sequence[str]) -> _Header:
    """The row that names most of our fields, with a key among them where any row has one."""
    best = _Header(0, lines[0].number if lines else 1, False, frozenset())
    for place, line in enumerate(lines[:TITLE_ROWS]):
        fields = frozenset(field for cell in line.cells if cell and (field := known(clean_cell(cell))))
        keyed = any(key in fields for key in keys)
        if (keyed, len(fields)) > best.worth:
            best = _Header(place, line.number, keyed, fields)
    return best


def _table(lines: Iterator[Line], at: _Header, sheet: int) -> Table:
    """The table of lines of which the first is the header."""
    header = tuple(clean_cell(cell) for cell in next(lines).cells)
    while header and not header[-1]:
        header = header[:-1]
    rows: list[Row] = []
    faults: list[Fault] = []
    for line in lines:
        if line.fault:
            faults.append(Fault(line.number, line.fault, line.raw))
            continue
        cells = [clean_cell(cell) if len(cell) <= LONGEST_CELL else cell for cell in line.cells]
        if not any(cells) or tuple(cells[: len(header)]) == header:  # the header again, on a new page
            continue
        if any(cells[len(header) :]):
            what = f"has {len(cells)} cells under {len(header)} headers; row left out"
            faults.append(Fault(line.number, what, "\n".join(cells)))
            continue
        rows.append(_bounded(line.number, cells[: len(header)], header, faults))
    return Table(header, at.line, tuple(rows), tuple(faults), sheet)


def _bounded(number: int, cells: list[str], header: Sequence[str], faults: list[Fault]) -> Row:
    for column, cell in enumerate(cells):
        what = ""
        if len(cell) > LONGEST_CELL:
            what = f"has {len(cell):,} characters; the cell is left out"
        elif _ERROR.fullmatch(cell):
            what = f"'{cell[:12]}' is a spreadsheet's error; the cell is left out"
        if what:
            faults.append(Fault(number, what, "", header[column] or f"number {column + 1}", kept=True))
            cells[column] = ""
    return Row(number, (*cells, *[""] * (len(header) - len(cells))))


def clean_cell(cell: str) -> str:
    """A cell's text without what keeps a spreadsheet quiet, invisible characters and space at its ends."""
    text = visible(cell).strip()
    if says_nothing(text) or text.casefold() == "nan":
        return ""
    if text.startswith("="):
        text = found["text"].strip() if (found := _FORMULA_TEXT.fullmatch(text)) else text
    return _GUARDED.sub("", text, count=1) if text.startswith("'") else text


def plain_header(header: str) -> str:
    """A header for comparing: no case, spaces, "_", "-" or ".", and no unit: "Hinta (€)" -> "hinta".

    Only units that change nothing are dropped: "Hinta (alv 0 %)" stays another column than "Hinta".
    """
    return re.sub(r"[\s_\-.]+", "", _UNITS.sub(" ", visible(header))).casefold()
