"""Delimited text (CSV) -> lines, by a delimiter that it may have.

Python's csv module reads each record. What it cannot know is where a lone quote should have ended: a quoted
cell may run over lines (a description with paragraphs), but never over another row of the list.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from kilpi.tables.lines import Line

DELIMITERS = (";", "\t", ",", "|")
LONGEST_RECORD = 400
"""Lines of one quoted cell; a description is never longer. Ours."""
_LINE_ENDS = re.compile(r"\r\n|\n|\r")
_SEP_LINE = re.compile(r'"?sep=(?P<sep>.)"?[;,\t|]*', re.IGNORECASE)
LONE_QUOTE = "has a quote that does not close; row left out"

csv.field_size_limit(2**31 - 1)  # the module's own limit ends the whole file; tables bound each cell instead


@dataclass(frozen=True)
class Delimited:
    """A text's lines, from the first with content on, and the delimiters that it may have."""

    lines: Sequence[str] = field(repr=False)
    start: int
    delimiters: tuple[str, ...]


def read_delimited(text: str) -> Delimited:
    """A text and its possible delimiters; the `sep=;` line of an Excel export decides alone."""
    lines = _LINE_ENDS.split(text.replace("\0", ""))
    first = next((n for n, line in enumerate(lines) if line.strip()), len(lines) - 1)
    if told := _SEP_LINE.fullmatch(lines[first].strip("\ufeff \u200b")):
        return Delimited(lines, first + 1, (told["sep"],))
    head = "\n".join(lines[first : first + 60])
    return Delimited(lines, first, tuple(one for one in DELIMITERS if one in head) or DELIMITERS[:1])


def records(text: Delimited, delimiter: str) -> Iterator[Line]:
    """The lines under one delimiter; those without content are left out."""
    lines, at, width = text.lines, text.start, 0
    while at < len(lines):
        if not lines[at].strip(delimiter + " "):
            at += 1
            continue
        cells, end = _record(lines, at, delimiter, width)
        if cells is None:
            yield Line(at + 1, (), LONE_QUOTE, lines[at])
        else:
            width = max(width, len(cells))
            yield Line(at + 1, tuple(cells))
        at = end


def _record(lines: Sequence[str], at: int, delimiter: str, width: int) -> tuple[list[str] | None, int]:
    """The cells of the record that begins at a line (None: unusable), and the line after it."""
    line = lines[at]
    if (cells := _parse([line], delimiter)) is not None:
        if len(cells) == 1 and delimiter in cells[0] and line.lstrip().startswith('"'):
            cells = _parse([cells[0]], delimiter) or cells  # the whole line was quoted once more
        return cells, at + 1
    quotes = line.count('"')
    for end in range(at + 1, min(at + LONGEST_RECORD, len(lines)) if quotes % 2 else at):
        quotes += lines[end].count('"')
        if quotes % 2:
            continue
        cells = _parse(lines[at : end + 1], delimiter)
        if cells is None or any(_is_row(inner, line, delimiter, width) for inner in lines[at + 1 : end + 1]):
            break
        return cells, end + 1
    return _parse_badly_escaped(line, delimiter), at + 1


def _parse(lines: Sequence[str], delimiter: str) -> list[str] | None:
    reader = csv.reader([line + "\n" for line in lines], delimiter=delimiter, strict=True)
    try:
        records = list(reader)
    except csv.Error:
        return None
    return records[0] if len(records) == 1 else None


def _is_row(inner: str, first: str, delimiter: str, width: int) -> bool:
    """Whether a line inside a quoted cell is a row of its own: as wide as the rows before it, with figures in
    the columns in which the record's own first line has them.
    """
    cells, own = inner.split(delimiter), first.split(delimiter)
    opened = next((n for n, cell in enumerate(own) if cell.lstrip().startswith('"')), len(own))
    if width < 3 or len(cells) != width:
        return False
    return all(_has_figures(a) == _has_figures(b) for a, b in zip(own[:opened], cells, strict=False))


def _has_figures(cell: str) -> bool:
    return any(char.isdecimal() for char in cell)


def _parse_badly_escaped(line: str, delimiter: str) -> list[str] | None:
    """A line whose quotes pair up within each cell ("Hieno "uusi" auto"); None for every other."""
    cells = line.split(delimiter)
    if any(cell.count('"') % 2 for cell in cells):
        return None
    return [_unquoted(cell.strip()) for cell in cells]


def _unquoted(cell: str) -> str:
    if len(cell) >= 2 and cell[0] == cell[-1] == '"':
        cell = cell[1:-1]
    return cell.replace('""', '"')
