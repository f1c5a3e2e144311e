"""Field maps: where a provider keeps each field, in which unit and in which codes; data, in maps/*.toml.

    [fields]
    make = "path.in.the.reply"
    power_kw = { from = ["first.choice", "second.choice"], pick = "max" }
    colour = { from = "paint.code", words = "colour" }            # codes in [codes.colour]
    litres_per_100km = { from = "efficiency", unit = "km/l" }
    first_registered = { from = ["first.here", "first.abroad"], pick = "earliest" }
    co2_g_km = [{ from = "wltp", with = { co2_cycle = "WLTP" } }, { from = "nedc" }]

    [silent]
    status = ["code that tells nothing"]                          # known, and no reason to ask a person

Only what a map names is read: that is the allow-list which keeps owners and insurances out.
A value that cannot be understood leaves its field empty; its raw form is kept beside it, and where it is a
number or a date also what is wrong with it. A value longer than any that we know refuses the whole reply.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from kilpi.registers.values import (
    FIELDS,
    LISTS,
    LONGEST,
    PARSERS,
    WORDS,
    check_word,
    clean_text,
    is_nought,
    parse_first_day,
    parse_number,
)
from kilpi.text import repair, says_nothing

Find = Callable[[str], list[Any]]
"""Path -> every scalar found there, in order."""

UNITS: dict[str, Callable[[float], float]] = {
    "km/l": lambda value: 100 / value,
    "Wh/km": lambda value: value / 10,
    "hg": lambda value: value / 10,
}
"""Unit of the source -> function to the field's own unit."""

EARLIEST = "earliest"
"""Of all paths the earliest day: registers tell a used import's first day here, and its first of all."""

PICKS: dict[str, Callable[[Iterable[float]], float]] = {"max": max, "sum": sum}


@dataclass(frozen=True, slots=True)
class Choice:
    """One place where a field may be found."""

    paths: tuple[str, ...]
    words: str | None = None
    unit: str | None = None
    pick: str | None = None
    sets: Mapping[str, str] = field(default_factory=dict)  # further fields that follow from this place


@dataclass(frozen=True, slots=True)
class FieldMap:
    """All fields of one provider, and its code tables (keys compared without case)."""

    fields: Mapping[str, tuple[Choice, ...]]
    codes: Mapping[str, Mapping[str, Any]]
    silent: Mapping[str, frozenset[str]] = field(default_factory=dict)  # by field, lower case


@dataclass(frozen=True, slots=True)
class Mapped:
    """What a map made of a reply: parsed values and, per field, where each came from and as what."""

    values: dict[str, Any]
    raw: dict[str, Any]


def field_map(spec: Mapping[str, Any]) -> FieldMap:
    """A parsed TOML -> FieldMap. Raises ValueError where it names something unknown."""
    codes = {
        name: {key.lower(): value for key, value in table.items()} for name, table in spec["codes"].items()
    }
    fields: dict[str, tuple[Choice, ...]] = {}
    for name, choices in spec["fields"].items():
        if name not in FIELDS:
            raise ValueError(f"no vehicle field {name}")
        fields[name] = tuple(
            _choice(name, part) for part in (choices if isinstance(choices, list) else [choices])
        )
        for choice in fields[name]:
            if choice.words and choice.words not in codes:
                raise ValueError(f"field {name}: no code table {choice.words}")
    told = {name: frozenset(code.lower() for code in known) for name, known in spec.get("silent", {}).items()}
    return FieldMap(fields, codes, told)


def _choice(name: str, part: str | Mapping[str, Any]) -> Choice:
    if isinstance(part, str):
        return Choice((part,))
    paths = part["from"]
    choice = Choice(
        paths=tuple([paths] if isinstance(paths, str) else paths),
        words=part.get("words"),
        unit=part.get("unit"),
        pick=part.get("pick"),
        sets=dict(part.get("with", {})),
    )
    picks = {EARLIEST} if name == "first_registered" else set(PICKS)
    if (choice.unit and choice.unit not in UNITS) or (choice.pick and choice.pick not in picks):
        raise ValueError(f"field {name}: unknown unit or pick")
    return choice


class UnbelievableValue(ValueError):
    """A value that makes the whole reply doubtful; names field and value, which is no mark."""


def apply_map(fields: FieldMap, find: Find) -> Mapped:
    """Every field that the reply gives, parsed; what cannot be parsed is only in `raw`."""
    mapped = Mapped({}, {})
    for name, choices in fields.fields.items():
        for choice in choices:
            path, found = _all(choice.paths, find) if choice.pick == EARLIEST else _first(choice.paths, find)
            if says_nothing_of(name, found, fields.silent.get(name, frozenset())):
                continue
            longest = 10 * LONGEST if name in LISTS else LONGEST
            if too_long := next((text for text in found if len(text) > longest), None):
                raise UnbelievableValue(f"{name} has {len(too_long):,} characters: {too_long[:20]!r}…")
            shown = {"from": path, "value": found[0] if len(found) == 1 else found}
            mapped.raw.setdefault(name, shown)
            try:
                value = _value(name, choice, found, fields.codes)
            except (ValueError, ArithmeticError) as error:
                if not choice.words and name not in WORDS:
                    mapped.raw[name] = {**shown, "problem": str(error)}
                continue
            mapped.raw[name] = shown
            mapped.values[name] = value
            mapped.values.update(choice.sets)
            break
    return mapped


def says_nothing_of(name: str, found: list[str], silent: frozenset[str]) -> bool:
    """Whether what was found leaves a field as if nothing had been."""
    return all(text.lower() in silent or is_nought(name, text) for text in found)


def _first(paths: tuple[str, ...], find: Find) -> tuple[str, list[str]]:
    for path in paths:
        found = [_clean(_text(value)) for value in find(path) if value is not None]
        if any(found):
            return path, [text for text in found if text]
    return paths[0], []


def _all(paths: tuple[str, ...], find: Find) -> tuple[str, list[str]]:
    """What all paths have, and the first of them that has anything."""
    told = [(path, text) for path in paths for text in _first((path,), find)[1]]
    return (told[0][0], [text for _, text in told]) if told else (paths[0], [])


def _clean(text: str) -> str:
    if len(text) > 10 * LONGEST:
        return text  # megabytes are not worth the cleaning
    return "" if says_nothing(clean := clean_text(text)) else clean


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else repair(str(value))


def _value(name: str, choice: Choice, found: list[str], codes: Mapping[str, Mapping[str, Any]]) -> Any:
    if choice.pick == EARLIEST:
        return parse_first_day(found)
    if choice.pick or choice.unit:
        numbers = [parse_number(text) for text in found]
        number = PICKS[choice.pick or "max"](numbers if choice.pick else numbers[:1])
        found = [format(round(UNITS[choice.unit](number), 3) if choice.unit else number, "g")]
    if choice.words:
        words = [word for text in found for word in _words(codes[choice.words].get(text.lower()))]
        if not words:
            raise ValueError("is not in the code table")
        found = words
    if name in LISTS:
        return [check_word(name, word) for word in found] if name in WORDS else found
    return check_word(name, found[0]) if name in WORDS else PARSERS[name](found[0])


def _words(code: Any) -> list[str]:
    return [] if code is None else list(code) if isinstance(code, list) else [code]


def find_in_json(record: Any, path: str) -> list[Any]:
    """Scalars at a dotted path of parsed JSON; digits index a list, `*` means all of its items."""
    level = [record]
    for step in path.split("."):
        following: list[Any] = []
        for value in level:
            if isinstance(value, dict):
                following.append(value.get(step))
            elif isinstance(value, list) and step == "*":
                following.extend(value)
            elif isinstance(value, list) and step.isdigit() and int(step) < len(value):
                following.append(value[int(step)])
        level = [value for value in following if value is not None]
    return [value for value in level if isinstance(value, str | int | float)]
