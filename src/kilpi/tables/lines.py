"""What a reader of one format gives: lines with cells, and what is wrong with a line."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a file before anybody knows its columns. `fault` says why it cannot be used."""

    number: int  # line (CSV) or row (workbook), from 1
    cells: tuple[str, ...]
    fault: str = ""
    raw: str = ""  # of a line with a fault: all of its text


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong in one row. `kept`: the rest is used. `raw` is never shown: it may hold a mark."""

    line: int
    what: str
    raw: str = ""
    column: str | None = None
    kept: bool = False


class NotATable(Exception):
    """The file is no list that we can use; the words say why. `line`: where a header was looked for."""

    def __init__(self, what: str, line: int = 1) -> None:
        super().__init__(what)
        self.line = line
