"""Lists as dealers send them, CSV or workbook -> rows under a header that is known by its words.

One reader for stock lists and for registers in a file. Every row is either in `Table.rows` or named in
`Table.faults`; a cell that is too long is named and left out of its row.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice

from kilpi.tables.delimited import read_delimited, records
from kilpi.tables.kinds import what_else, workbook_kind
from kilpi.tables.lines import Fault, Line, NotATable
from kilpi.tables.workbook import read_workbook
from kilpi.text import decode_text, says_nothing, visible

__all__ = ["Fault", "NotATable", "Row", "Table", "plain_header", "read_table"]

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


def read_table(data: bytes, known: Known, keys: Sequence[str]) -> Table:
    """A file's bytes -> its table. `keys` are the fields of which a header must name one at least.

    Raises NotATable where the file is no list, or where no row names a key: its words say what it is.
    """
    kind = workbook_kind(data)
    if kind is not None:
        sheets = list(read_workbook(data, kind))
        sheet: list[Line] = max(sheets, key=lambda one: _find_header(one, known, keys).worth, default=[])
        lines: Iterable[Line] = sheet
    else:
        lines = _delimited_lines(data, known, keys)
    rest = iter(lines)
    head = list(islice(rest, TITLE_ROWS))
    if not head:
        raise NotATable("is empty; its first line must name the columns")
    at = _find_header(head, known, keys)
    if not at.keyed:
        raise NotATable(f"{'is an Excel workbook in which ' if kind else ''}no column", at.line)
    return _table(chain(head[at.place :], rest), at)


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
    known: int

    @property
    def worth(self) -> tuple[bool, int]:
        return self.keyed, self.known


def _find_header(lines: Sequence[Line], known: Known, keys: Sequence[str]) -> _Header:
    """The row that names most of our fields, with a key among them where any row has one."""
    best = _Header(0, lines[0].number if lines else 1, False, 0)
    for place, line in enumerate(lines[:TITLE_ROWS]):
        fields = {field for cell in line.cells if cell and (field := known(clean_cell(cell)))}
        keyed = any(key in fields for key in keys)
        if (keyed, len(fields)) > best.worth:
            best = _Header(place, line.number, keyed, len(fields))
    return best


def _table(lines: Iterator[Line], at: _Header) -> Table:
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
    return Table(header, at.line, tuple(rows), tuple(faults))


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
