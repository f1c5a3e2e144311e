"""A consumer's published rules as data (schemas/*.toml), and rows held against them."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files
from typing import Any

from kilpi.errors import UsageError

SCHEMAS = files("kilpi.publishing") / "schemas"

Row = Mapping[str, str]
"""Column -> text; an absent or empty column is not said."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its `value`, a template over the names of `rows.values_of`, and its rules.

    `pattern` must match the whole value; `words` are held without case.
    """

    name: str
    value: str = ""
    required: bool = False
    longest: int | None = None  # characters
    pattern: str | None = None
    words: tuple[str, ...] = ()
    unique: bool = False
    soft: bool = False  # the rule's source is weak


@dataclass(frozen=True)
class Schema:
    """One consumer's file: its columns in order, and its words for our vocabulary."""

    name: str
    file: str
    delimiter: str
    needs_site: bool
    columns: tuple[Column, ...]
    body: Mapping[str, str] = field(default_factory=dict)
    fuel: Mapping[str, str] = field(default_factory=dict)
    gearbox: Mapping[str, str] = field(default_factory=dict)
    most_pictures: int = 0
    picture_columns: Mapping[str, str] = field(default_factory=dict)  # name -> template, once a picture


@dataclass(frozen=True, slots=True)
class Fault:
    """What keeps a car out of a feed: which car, which column, what is wrong."""

    car: str
    column: str
    message: str


def feed_names() -> list[str]:
    """Every feed there is: the files of schemas/."""
    return sorted(
        path.name.removesuffix(".toml") for path in SCHEMAS.iterdir() if path.name.endswith(".toml")
    )


@lru_cache(maxsize=8)
def load_schema(name: str) -> Schema:
    """A schema of schemas/. Raises UsageError that names those there are."""
    known = feed_names()
    if name not in known:
        raise UsageError(f"no feed {name!r}; there are {', '.join(known)}")
    values: dict[str, Any] = tomllib.loads((SCHEMAS / f"{name}.toml").read_text(encoding="utf-8"))
    columns = tuple(
        Column(key, **{**rules, "words": tuple(rules.get("words", ()))})
        for key, rules in values["columns"].items()
    )
    return Schema(
        name=values["name"],
        file=values["file"],
        delimiter=values["delimiter"],
        needs_site=values["needs_site"],
        columns=columns,
        body=values.get("body", {}),
        fuel=values.get("fuel", {}),
        gearbox=values.get("gearbox", {}),
        most_pictures=values.get("pictures", {}).get("most", 0),
        picture_columns=values.get("pictures", {}).get("columns", {}),
    )


def check(schema: Schema, rows: Sequence[tuple[str, Row]]) -> list[Fault]:
    """Every fault of every row; `rows` are (car, row). Where a unique value comes twice, both are faulty."""
    faults = [fault for car, row in rows for fault in check_row(schema, car, row)]
    for column in schema.columns:
        if column.unique:
            counts = Counter(row.get(column.name, "") for _, row in rows)
            for car, row in rows:
                value = row.get(column.name, "")
                if value and counts[value] > 1:
                    faults.append(Fault(car, column.name, f"{counts[value]} cars have the same value"))
    return faults


def check_row(schema: Schema, car: str, row: Row) -> list[Fault]:
    """One row's faults. The values themselves are not told: a VIN is personal data."""
    known = {column.name for column in schema.columns}
    known |= {name.format(n=n) for name in schema.picture_columns for n in range(schema.most_pictures)}
    extra = [name for name in row if name not in known]
    faults = [Fault(car, name, "is no column of this feed") for name in extra]
    for column in schema.columns:
        message = column_fault(column, row.get(column.name, ""))
        if message:
            faults.append(Fault(car, column.name, message))
    return faults


def column_fault(column: Column, value: str) -> str | None:
    """What is wrong with one value, or None."""
    if not value:
        return "is missing" if column.required else None
    if column.longest is not None and len(value) > column.longest:
        return f"has {len(value)} characters; {column.longest} are allowed"
    if column.words and value.casefold() not in {word.casefold() for word in column.words}:
        return f"must be one of {', '.join(column.words)}"
    if column.pattern and not re.fullmatch(column.pattern, value, re.DOTALL):
        return f"is not of the form {column.pattern}"
    return None
