"""One row of a register's file -> a vehicle: only the columns of maps/file.toml, each value checked."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from kilpi.disclosure import quoted
from kilpi.registers.file_rows import Rows, header_field
from kilpi.registers.maps import load_map
from kilpi.registers.values import (
    LISTS,
    LONGEST,
    PARSERS,
    build_vehicle,
    check_word,
    clean_text,
    is_nought,
    parse_first_day,
)
from kilpi.tables import plain_header
from kilpi.text import compact_mark, repair, says_nothing
from kilpi.types import Mark, Vehicle

FIRST = "first_registered"  # in several columns: first here, and first of all


@dataclass(frozen=True, slots=True)
class RowProblem:
    """What is wrong in one row. `kept` tells whether the rest of the row is used."""

    line: int  # line or row of the file, or number of the record (JSON), from 1
    column: str | None
    what: str
    kept: bool

    def __str__(self) -> str:
        where = f"line {self.line}" + (f", column {self.column}" if self.column else "")
        return f"{where}: {self.what} ({'the rest of the row is used' if self.kept else 'row left out'})"


@dataclass(frozen=True, slots=True)
class _Column:
    header: str
    field: str  # a name of FIELDS, "mark" or "country"
    coded: bool  # holds Traficom's codes


class RowReader:
    """Reads rows under one header. `ignored` columns are not read; `prices` tells of a price column."""

    def __init__(self, name: str, fetched: datetime, rows: Rows) -> None:
        self.name, self.fetched = name, fetched
        words = load_map("file")
        self._words: dict[str, dict[str, str]] = words["words"]
        self._codes: dict[str, dict[str, Any]] = load_map("traficom")["codes"]
        coded = {plain_header(header) for header in words["coded"]}
        self._columns = {
            header: _Column(header, field, plain_header(header) in coded)
            for header in rows.header
            if (field := header_field(re.sub(r" \([0-9]+\)$", "", header)))
        }
        self._keys = {name: one for name, one in self._columns.items() if one.field in ("mark", "country")}
        self._told = {name: one for name, one in self._columns.items() if name not in self._keys}
        self.fields = frozenset(column.field for column in self._columns.values())
        self.ignored = tuple(header for header in rows.header if header and header not in self._columns)
        prices = {plain_header(word) for word in words["offers"]["price"]}
        self.prices = any(plain_header(header) in prices for header in self.ignored)
        self.names_countries = any(
            cells.get(header, "").strip()
            for _, cells in rows.rows
            for header, column in self._columns.items()
            if column.field == "country"
        )

    def vehicle(self, line: int, cells: Mapping[str, str], problems: list[RowProblem]) -> Vehicle | None:
        """The vehicle of a row; None, with a problem, where it cannot be used."""
        found = self._mark(line, cells, problems)
        if found is None:
            return None
        values: dict[str, Any] = {}
        raw: dict[str, Any] = {}
        told = [(header, column, self._text(cells, header)) for header, column in self._told.items()]
        firsts = [text for _, column, text in told if column.field == FIRST and text]
        for header, column, text in told:
            if not text or (column.field == FIRST and FIRST in raw):
                continue
            origin = {"from": header, "value": text[:LONGEST]}
            try:
                value = parse_first_day(firsts) if column.field == FIRST else self._value(column, text)
            except ValueError as error:
                what = f"{quoted(text, found.text)} {error}"
                problems.append(RowProblem(line, header, what, kept=True))
                raw.setdefault(column.field, {**origin, "problem": f"{error} (line {line})"})
                continue
            if column.field in values and values[column.field] != value:
                what = f"{quoted(text, found.text)} says {column.field} a second time, and otherwise"
                problems.append(RowProblem(line, header, what, kept=True))
                continue
            values[column.field] = value
            raw[column.field] = origin
        return build_vehicle(found, self.name, self.fetched, values, raw)

    def _text(self, cells: Mapping[str, str], header: str) -> str:
        text = repair(clean_text(cells.get(header, "")))
        return "" if says_nothing(text) or is_nought(self._told[header].field, text) else text

    def _mark(self, line: int, cells: Mapping[str, str], problems: list[RowProblem]) -> Mark | None:
        """The mark and country of a row; None, with a problem, where it has no mark or no country's code."""
        mark, country = "", None
        for header, column in self._keys.items():
            text = clean_text(cells.get(header, ""))
            if column.field == "mark":
                mark = mark or text.upper()
            elif column.field == "country" and country is None:
                try:
                    country = parse_country(text) if text else None
                except ValueError as error:
                    problems.append(RowProblem(line, header, f"{quoted(text, mark)} {error}", kept=False))
                    return None
        if not compact_mark(mark):
            problems.append(RowProblem(line, None, "has no mark", kept=False))
            return None
        return Mark(mark, country)

    def without_country(self, line: int) -> RowProblem:
        """The problem of a row that names no country where others do: whose car it is cannot be known."""
        header = next((c.header for c in self._columns.values() if c.field == "country"), None)
        what = "'' is no country, and other rows have one; write FI, SE or another ISO code"
        return RowProblem(line, header, what, kept=False)

    def _value(self, column: _Column, text: str) -> Any:
        if len(text) > LONGEST and column.field not in LISTS:
            raise ValueError(f"has {len(text):,} characters; {LONGEST} are the most")
        if column.field in PARSERS:
            return PARSERS[column.field](text)
        parts = [part.strip() for part in re.split(r"[;/+,]", text) if part.strip()]
        if column.field == "restrictions":
            return parts
        if column.field in LISTS:
            return [word for part in parts for word in self._word(column, part)]
        return self._word(column, text)[0]

    def _word(self, column: _Column, text: str) -> list[str]:
        if column.coded and (code := self._code(self._codes[column.field], text)) is not None:
            return list(code) if isinstance(code, list) else [code]
        plain = text.casefold()
        if column.field not in self._words or plain not in self._words[column.field]:
            plain = re.sub(r"\s*\([^()]*\)", "", plain) or plain  # "henkilöauto (M1)"
        return [check_word(column.field, self._words.get(column.field, {}).get(plain, plain))]

    def _code(self, codes: Mapping[str, Any], text: str) -> Any:
        """What a code means; spreadsheets make 4 or 4.0 of 04."""
        bare = text.removesuffix(".0")
        return next((codes[one] for one in (text, bare, bare.zfill(2)) if one in codes), None)


def same_country(one: str | None, other: str | None) -> bool:
    """True where the two are equal or one is not given. Åland's cars (AX) also pass as Finland's."""
    return one is None or other is None or one == other or {one, other} == {"AX", "FI"}


def parse_country(text: str) -> str:
    """An ISO 3166-1 alpha-2 code, upper case, from that or a word of maps/file.toml. Raises ValueError."""
    text = load_map("file")["countries"].get(text.casefold(), text)
    if not re.fullmatch(r"[A-Za-z]{2}", text):
        raise ValueError("is not a two-letter country code")
    return text.upper()
