"""A register in a file: CSV or JSON that a dealer keeps, or that a test or demo brings.

Headers, words and codes that are understood: maps/file.toml, told in docs/registers.md. Only the listed
columns are read, so a column with an owner or an insurance never gets in.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from kilpi.errors import NotRegistered, RegisterRefused, RegisterUnavailable, UsageError
from kilpi.registers.maps import load_map
from kilpi.registers.values import LISTS, PARSERS, build_vehicle, check_word, clean_text
from kilpi.text import compact_mark, decode_text
from kilpi.types import Mark, Vehicle

MAX_BYTES = 200_000_000
"""A larger file is no dealer's stock; ours."""


@dataclass(frozen=True, slots=True)
class RowProblem:
    """What is wrong in one row. `kept` tells whether the rest of the row is used."""

    line: int  # line of the file (CSV), or number of the record (JSON), from 1
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


class FileRegister:
    """Vehicles by mark from one file. `problems` tells what was not understood, in file order."""

    def __init__(
        self,
        name: str,
        vehicles: Mapping[str, tuple[Vehicle, ...]],
        problems: tuple[RowProblem, ...],
        ignored: tuple[str, ...],
        doubled: frozenset[str],
    ) -> None:
        self.name = name
        self.problems = problems
        self.ignored_columns = ignored
        self._vehicles = vehicles
        self._doubled = doubled

    def __len__(self) -> int:
        return sum(len(group) for group in self._vehicles.values())

    @classmethod
    def open(cls, path: str | Path) -> FileRegister:
        """Reads the file. Raises UsageError where nothing of it can be used; bad rows go to `problems`."""
        path = Path(path)
        try:
            if path.stat().st_size > MAX_BYTES:
                raise UsageError(f"register {path.name}: larger than {MAX_BYTES} bytes; split it")
            data = path.read_bytes()
        except OSError as error:
            raise UsageError(
                f"register {path.name}: cannot be read ({error.strerror}); check the path"
            ) from None
        fetched = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        text = decode_text(data)
        rows = _json_rows(text, path.name) if _is_json(path, text) else _csv_rows(text, path.name)
        return _Loader(path.name, fetched).load(rows)

    def look_up(self, mark: Mark) -> Vehicle:
        """The row of this mark, and of its country where both name one.

        Raises NotRegistered; RegisterUnavailable where the file holds the mark more than once;
        RegisterRefused where several countries have it and the mark names none.
        """
        key = compact_mark(mark.text)
        if key in self._doubled:
            raise RegisterUnavailable(f"{self.name} holds this mark more than once; remove the wrong rows")
        found = [v for v in self._vehicles.get(key, ()) if same_country(v.mark.country, mark.country)]
        if not found:
            raise NotRegistered(f"{self.name} does not hold this mark")
        if len(found) > 1:
            raise RegisterRefused(f"{self.name} holds this mark for several countries; name the country")
        return replace(found[0], mark=replace(mark, country=mark.country or found[0].mark.country))


def same_country(one: str | None, other: str | None) -> bool:
    """True where the two are equal or one is not given. Åland's cars (AX) also pass as Finland's."""
    return one is None or other is None or one == other or {one, other} == {"AX", "FI"}


def _is_json(path: Path, text: str) -> bool:
    return path.suffix.lower() == ".json" or (
        path.suffix.lower() != ".csv" and text.lstrip()[:1] in ("[", "{")
    )


Row = tuple[int, Mapping[str, str] | None, str]
"""Line, header -> text (None: unusable), and why it is unusable."""


def _csv_rows(text: str, name: str) -> Iterator[Row]:
    head = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = max(";\t,", key=head.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    header: list[str] | None = None
    while True:
        first = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            break
        except csv.Error:
            yield first, None, "is not valid CSV (a quote that does not close?)"
            continue
        if not any(cell.strip() for cell in cells):
            continue
        if header is None:
            header = [cell.strip() for cell in cells]
            continue
        if len(cells) > len(header) and any(cell.strip() for cell in cells[len(header) :]):
            yield first, None, f"has {len(cells)} cells under {len(header)} headers"
            continue
        yield first, dict(zip(header, cells, strict=False)), ""
    if header is None:
        raise UsageError(f"register {name}: is empty; its first line must name the columns")


def _json_rows(text: str, name: str) -> Iterator[Row]:
    try:
        parsed = json.loads(text)
    except json.JSONDecodeError as error:
        raise UsageError(f"register {name}: is not JSON (line {error.lineno}); correct it") from None
    if isinstance(parsed, dict):
        parsed = parsed.get("vehicles")
    if not isinstance(parsed, list):
        raise UsageError(f'register {name}: must be a list of objects, or {{"vehicles": [...]}}')
    for number, record in enumerate(parsed, 1):
        if not isinstance(record, dict):
            yield number, None, "is not an object"
            continue
        yield number, {str(k): _json_text(v) for k, v in record.items() if v is not None}, ""


def _json_text(value: Any) -> str:
    if isinstance(value, list):
        return ";".join(str(item) for item in value)
    return str(value)


def _plain(header: str) -> str:
    return re.sub(r"[\s_\-]+", "", clean_text(header)).lower()


class _Loader:
    """Turns rows into vehicles, and remembers what went wrong."""

    def __init__(self, name: str, fetched: datetime) -> None:
        self.name, self.fetched = name, fetched
        self.problems: list[RowProblem] = []
        self.columns: dict[str, _Column | None] = {}
        words = load_map("file")
        self.headers = {_plain(alias): field for field, names in words["headers"].items() for alias in names}
        self.headers |= {_plain(field): field for field in words["headers"]}
        self.coded = {_plain(header) for header in words["coded"]}
        self.words: dict[str, dict[str, str]] = words["words"]
        self.codes: dict[str, dict[str, Any]] = load_map("traficom")["codes"]

    def load(self, rows: Iterator[Row]) -> FileRegister:
        seen: dict[str, list[tuple[int, Vehicle]]] = {}
        for line, row, why in rows:
            if row is None:
                self.problems.append(RowProblem(line, None, why, kept=False))
            elif vehicle := self.vehicle(line, row):
                seen.setdefault(compact_mark(vehicle.mark.text), []).append((line, vehicle))
        doubled = frozenset(key for key, group in seen.items() if self.is_doubled(group))
        kept = {key: tuple(v for _, v in group) for key, group in seen.items() if key not in doubled}
        if not any(column and column.field == "mark" for column in self.columns.values()) and self.columns:
            raise UsageError(
                f"register {self.name}: no column holds the mark; name one 'mark' or 'rekisteritunnus'"
            )
        ignored = tuple(header for header, column in self.columns.items() if column is None and header)
        self.problems.sort(key=lambda problem: problem.line)
        return FileRegister(self.name, kept, tuple(self.problems), ignored, doubled)

    def is_doubled(self, group: list[tuple[int, Vehicle]]) -> bool:
        clashing = {
            line
            for line, one in group
            for other_line, other in group
            if line != other_line and same_country(one.mark.country, other.mark.country)
        }
        for line in clashing:
            others = ", ".join(str(other) for other in sorted(clashing - {line}))
            what = f"has the same mark as line {others}; which is right is unknown, so none is used"
            self.problems.append(RowProblem(line, None, what, kept=False))
        return bool(clashing)

    def column(self, header: str) -> _Column | None:
        if header not in self.columns:
            field, coded = self.headers.get(_plain(header)), _plain(header) in self.coded
            self.columns[header] = _Column(header, field, coded) if field else None
        return self.columns[header]

    def vehicle(self, line: int, row: Mapping[str, str]) -> Vehicle | None:
        values: dict[str, Any] = {}
        raw: dict[str, Any] = {}
        mark, country = "", None
        for header, cell in row.items():
            column, text = self.column(header), clean_text(cell)
            if column is None or not text:
                continue
            try:
                if column.field == "mark":
                    mark = text.upper()
                elif column.field == "country":
                    country = parse_country(text)
                elif column.field not in values:
                    values[column.field] = self.value(column, text)
                    raw[column.field] = {"from": header, "value": text}
            except ValueError as error:
                self.problems.append(RowProblem(line, header, str(error), kept=column.field != "country"))
                if column.field == "country":
                    return None
        if not compact_mark(mark):
            self.problems.append(RowProblem(line, None, "has no mark", kept=False))
            return None
        return build_vehicle(Mark(mark, country), self.name, self.fetched, values, raw)

    def value(self, column: _Column, text: str) -> Any:
        if column.field in PARSERS:
            return PARSERS[column.field](text)
        parts = [part.strip() for part in re.split(r"[;/+,]", text) if part.strip()]
        if column.field == "restrictions":
            return parts
        if column.field in LISTS:
            return [word for part in parts for word in self.word(column, part)]
        return self.word(column, text)[0]

    def word(self, column: _Column, text: str) -> list[str]:
        if column.coded and (code := self.codes[column.field].get(text)) is not None:
            return list(code) if isinstance(code, list) else [code]
        plain = text.lower()
        return [check_word(column.field, self.words.get(column.field, {}).get(plain, plain))]


def parse_country(text: str) -> str:
    """An ISO 3166-1 alpha-2 code, upper case. Raises ValueError."""
    if not re.fullmatch(r"[A-Za-z]{2}", text):
        raise ValueError("is not a two-letter country code")
    return text.upper()
