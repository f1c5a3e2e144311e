"""The file of a register -> rows of header and text, whatever its format."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from kilpi.errors import UsageError
from kilpi.registers.maps import load_map
from kilpi.tables import LONGEST_CELL, Fault, NotATable, plain_header, read_table
from kilpi.text import decode_text


@dataclass(frozen=True, slots=True)
class Rows:
    """Column names, rows as (line or number, name -> text), and what is wrong with others."""

    header: tuple[str, ...]
    rows: tuple[tuple[int, Mapping[str, str]], ...]
    faults: tuple[Fault, ...]


def read_rows(data: bytes, path: Path) -> Rows:
    """The rows of a list (CSV, workbook) or of JSON. Raises UsageError where there are none."""
    if path.suffix.lower() == ".json" or (path.suffix.lower() != ".csv" and _begins_as_json(data)):
        return _json_rows(decode_text(data), path.name)
    try:
        table = read_table(data, header_field, ("mark",))
    except NotATable as error:
        what = str(error)
        if what.endswith("no column"):
            what += " holds the mark; name one 'mark' or 'rekisteritunnus'"
        raise UsageError(f"register {path.name}: {what}") from None
    names = _distinct(table.header)
    rows = tuple((row.line, dict(zip(names, row.cells, strict=True))) for row in table.rows)
    return Rows(tuple(names), rows, table.faults)


def header_field(header: str) -> str | None:
    """The field that a header stands for, "mark" and "country" included, or None."""
    return _headers().get(plain_header(header))


@cache
def _headers() -> Mapping[str, str]:
    words = load_map("file")["headers"]
    return {plain_header(name): field for field, names in words.items() for name in (*names, field)}


def _distinct(header: tuple[str, ...]) -> list[str]:
    """The names, the second of two equal ones with its number: no column hides another."""
    seen: dict[str, int] = {}
    names = []
    for name in header:
        seen[name] = seen.get(name, 0) + 1
        names.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return names


def _begins_as_json(data: bytes) -> bool:
    return decode_text(data[:400]).lstrip()[:1] in ("[", "{")


class _Twice(dict[str, Any]):
    """An object in which a key stands twice: which value holds is not known."""

    key = ""


def _json_rows(text: str, name: str) -> Rows:
    try:
        parsed = json.loads(text, object_pairs_hook=_noting_doubles)
    except json.JSONDecodeError as error:
        raise UsageError(f"register {name}: is not JSON (line {error.lineno}); correct it") from None
    except (ValueError, RecursionError):
        raise UsageError(f"register {name}: is JSON with a number or a depth that no register has") from None
    if isinstance(parsed, dict):
        parsed = parsed.get("vehicles")
    if not isinstance(parsed, list):
        raise UsageError(f'register {name}: must be a list of objects, or {{"vehicles": [...]}}')
    rows, faults, header = [], [], dict[str, None]()
    for number, record in enumerate(parsed, 1):
        if not isinstance(record, dict):
            faults.append(Fault(number, "is not an object"))
            continue
        cells = {str(key): _json_text(value) for key, value in record.items() if value is not None}
        header.update(dict.fromkeys(cells))
        if isinstance(record, _Twice):
            faults.append(
                Fault(number, "is in the record twice; row left out", " ".join(cells.values()), record.key)
            )
            continue
        rows.append((number, _bounded(number, cells, faults)))
    return Rows(tuple(header), tuple(rows), tuple(faults))


def _noting_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    record = dict(pairs)
    if len(record) == len(pairs):
        return record
    twice = _Twice(record)
    seen: set[str] = set()
    twice.key = next(key for key, _ in pairs if key in seen or seen.add(key))[:60]  # type: ignore[func-returns-value]
    return twice


def _bounded(number: int, cells: dict[str, str], faults: list[Fault]) -> dict[str, str]:
    for key, text in cells.items():
        if len(text) > LONGEST_CELL:
            what = f"has {len(text):,} characters; the value is left out"
            faults.append(Fault(number, what, "", key[:60], kept=True))
            cells[key] = ""
    return cells


def _json_text(value: Any) -> str:
    if isinstance(value, list):
        return ";".join(str(item) for item in value)
    return str(value)
