"""What a dealer says of a car, wherever it was said: used, or named with its value."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kilpi.adverts.dealer_stock.values import READERS, read_km, read_money
from kilpi.disclosure import quoted
from kilpi.errors import LabelError, NotUsed
from kilpi.types import Offer, Problem

FIGURES = ("price", "odometer_km")


@dataclass(frozen=True, slots=True)
class Said:
    """One value: for which field of `Offer`, where (file:line), under which name, and its name's unit."""

    about: str
    where: str
    name: str
    value: Any = field(repr=False)
    unit: str = ""


@dataclass(frozen=True)
class Told:
    """What one source tells of one car: values by field of `Offer`, and where each was said."""

    values: dict[str, Any] = field(default_factory=dict)
    where: dict[str, str] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    unclear: tuple[tuple[str, str], ...] = ()


def understand(said: Iterable[Said], mark: str = "") -> Told:
    """Values by field. One that cannot be understood, or two that differ, is a problem with its value.

    `mark` is the car's, where the source tells it: no message holds it.
    """
    told = Told()
    problems: list[Problem] = []
    unclear: dict[str, str] = {}
    for one in said:
        try:
            read = _read(one)
        except ValueError as error:
            words = f"{one.name}: {quoted(one.value, mark)} {error}"
            problems.append(Problem(one.where, LabelError(f"{one.where}: {words}")))
            unclear[one.about] = f"{words} ({Path(one.where).name})"
            continue
        if one.about == "equipment":
            read["equipment"] = tuple(dict.fromkeys((*told.values.get("equipment", ()), *read["equipment"])))
        elif one.about in told.values and told.values[one.about] != read[one.about]:
            problems.append(_second(one, told, mark))
            if one.about in FIGURES:
                unclear[one.about] = (
                    f"{one.name}: {quoted(one.value, mark)} or another ({Path(one.where).name})"
                )
            continue
        told.values.update({key: value for key, value in read.items() if value not in (None, "", ())})
        told.where.setdefault(one.about, one.where)
    for name in FIGURES:
        if name in unclear:
            told.values.pop(name, None)
    return Told(told.values, told.where, tuple(problems), tuple(unclear.items()))


def _read(one: Said) -> dict[str, Any]:
    if one.about == "price":
        price, currency = read_money(one.value, one.unit)
        return {"price": price, "price_currency": currency}
    if one.about == "odometer_km":
        return {"odometer_km": read_km(one.value, one.unit)}
    return {one.about: READERS[one.about](one.value)}


def _second(one: Said, told: Told, mark: str) -> Problem:
    kind, ending = (
        (NotUsed, "this one is not used") if one.about not in FIGURES else (LabelError, "none is used")
    )
    words = f"{one.name}: {quoted(one.value, mark)} says {one.about} a second time, and otherwise; {ending}"
    return Problem(one.where, kind(f"{one.where}: {words}"))


def merge(sources: Sequence[Told], reference: str) -> tuple[Offer, tuple[Problem, ...]]:
    """One offer of several sources: the first that tells a field; a later figure that differs is named."""
    values: dict[str, Any] = {}
    where: dict[str, str] = {}
    problems = [problem for source in sources for problem in source.problems]
    for source in sources:
        for name, value in source.values.items():
            if name not in values:
                values[name] = value
                where[name] = source.where.get(name, "")
            elif name in FIGURES and values[name] != value:
                at = source.where.get(name, "")
                words = f"{at}: {name} {value:,} is not used; {where[name]} says {values[name]:,}"
                problems.append(Problem(at, NotUsed(words)))
    unclear = dict(entry for source in reversed(sources) for entry in source.unclear)
    return _offer(values, reference, unclear), tuple(problems)


def _offer(values: dict[str, Any], reference: str, unclear: dict[str, str]) -> Offer:
    known = dict(values)
    written = known.pop("price_currency", None)
    currency = written or known.pop("currency", None) or "EUR"
    known.pop("currency", None)
    known["reference"] = known.get("reference") or reference
    left = tuple((name, words) for name, words in unclear.items() if name not in known)
    return Offer(**known, currency=currency, unclear=left)
