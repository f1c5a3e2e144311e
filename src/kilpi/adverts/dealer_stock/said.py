"""What a dealer says of a car, wherever it was said: used, or named with its value."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from kilpi.adverts.dealer_stock.values import READERS, counts_miles, names_euro, read_km, read_money
from kilpi.adverts.naming import parted
from kilpi.disclosure import gives_away, quoted
from kilpi.errors import LabelError, NotUsed
from kilpi.types import Mark, Offer, Problem

FIGURES = ("price", "odometer_km")
BARE = "odometer_bare"  # beside a mileage that may be in miles: neither it nor its name says
PRICED = ("price_currency", "price_tongue")  # in which money: what stands beside it, and what its name says
ALONE = (*FIGURES, "vin")  # of which none is used where two differ: a VIN finds a car, and ties one to a mark
NAMES = ("make", "model")
GONE = "gone"  # that the car is sold or not for sale any more
TOGETHER = "make_and_model"  # a column that holds both


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
    doubted: frozenset[str] = frozenset()  # fields of which what was said earlier is in doubt


def understand(said: Iterable[Said], mark: str = "") -> Told:
    """Values by field. One that cannot be understood, or two that differ, is a problem with its value.

    `mark` is the car's, where the source tells it: no message holds it.
    """
    told = Told()
    problems: list[Problem] = []
    unclear: dict[str, str] = {}
    for one in each_by_itself(said):
        try:
            read = _read(one)
            if mark and one.about in NAMES and gives_away(str(one.value), Mark(mark)):
                raise ValueError("holds the registration mark")
        except ValueError as error:
            words = f"{one.name}: {quoted(one.value, mark)} {error}"
            problems.append(Problem(one.where, LabelError(f"{one.where}: {words}")))
            unclear[one.about] = f"{quoted(one.value, mark)}{_file_of(one.where)}"
            continue
        if one.about == "equipment":
            read["equipment"] = tuple(dict.fromkeys((*told.values.get("equipment", ()), *read["equipment"])))
        elif one.about in told.values and told.values[one.about] != read[one.about]:
            problems.append(_second(one, told, mark))
            if one.about in ALONE:
                unclear[one.about] = f"{quoted(one.value, mark)}, …{_file_of(one.where)}"
            continue
        told.values.update({key: value for key, value in read.items() if value not in (None, "", ())})
        told.where.setdefault(one.about, one.where)
    for name in said_for_another(told, unclear):
        where, value = told.where[name], told.values[name]
        words = f"{where}: {name} {value} is that of another column, too; none is used"
        problems.append(Problem(where, LabelError(words)))
        unclear[name] = f"{quoted(value, mark)}{_file_of(where)}"
    for name in ALONE:
        if name in unclear:
            told.values.pop(name, None)
    return Told(told.values, told.where, tuple(problems), tuple(unclear.items()))


def said_for_another(told: Told, unclear: Mapping[str, str]) -> list[str]:
    """Price and mileage where they are one number, and either where it is the car's year: a cell was filled
    with its neighbour's figure, and which one it is nobody knows.
    """
    values = {name: told.values[name] for name in (*FIGURES, "year") if name in told.values}
    counts = Counter(values.values())
    return [name for name in FIGURES if name in values and name not in unclear and counts[values[name]] > 1]


def each_by_itself(said: Iterable[Said]) -> Iterator[Said]:
    """The values, make and model parted where one column holds both: what columns of their own say stands.

    So is a model that begins with a make, where nothing else of this car tells the make ("Malli: VW Golf").
    """
    found = list(said)
    yield from (one for one in found if one.about not in (TOGETHER, "model"))
    makes = any(one.about == "make" for one in found)
    together = any(one.about == TOGETHER for one in found)
    for one in sorted(found, key=lambda one: one.about == TOGETHER):  # the model's own column first
        if one.about not in (TOGETHER, "model"):
            continue
        parts = parted(one.value) if isinstance(one.value, str) else None
        make, model = parts or ("", "")
        if parts is None or (one.about == "model" and (makes or together or not model)):
            yield one
            continue
        yield replace(one, about="make", value=make)
        if model:
            yield replace(one, about="model", value=model)


def _read(one: Said) -> dict[str, Any]:
    if one.about == "price":
        price, currency = read_money(one.value, one.unit)
        return {
            "price": price,
            "price_currency": currency,
            "price_tongue": "EUR" if names_euro(one.name) else None,
        }
    if one.about == "odometer_km":
        bare = not one.unit and counts_miles(one.name, one.value)
        return {"odometer_km": read_km(one.value, one.unit), BARE: bare or None}
    return {one.about: READERS[one.about](one.value)}


def _file_of(where: str) -> str:
    """Where it was said, in brackets: dealers read it, in any language; "" for a list that Kilpi keeps."""
    name = Path(where).name
    file = name.partition(":")[0].partition(" [")[0]  # "stock.xlsx [2]:3": of its second sheet
    return f" ({name})" if Path(file).suffix[1:].isalpha() else ""


def _second(one: Said, told: Told, mark: str) -> Problem:
    kind, ending = (
        (NotUsed, "this one is not used") if one.about not in ALONE else (LabelError, "none is used")
    )
    words = f"{one.name}: {quoted(one.value, mark)} says {one.about} a second time, and otherwise; {ending}"
    return Problem(one.where, kind(f"{one.where}: {words}"))


def merge(sources: Sequence[Told], reference: str) -> tuple[Offer, tuple[Problem, ...]]:
    """One offer of several sources: the first that tells a field; a later figure that differs is named. Where
    two tell another VIN, none is used.
    """
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
    vins = {
        source.values["vin"]: source.where.get("vin", "") for source in sources if source.values.get("vin")
    }
    if len(vins) > 1:
        del values["vin"]
        first, *others = vins.values()
        words = f"{first}: its VIN is not used; {', '.join(others)} says another"
        problems.append(Problem(first, LabelError(words)))
    unclear = dict(entry for source in reversed(sources) for entry in source.unclear)
    return _offer(values, reference, unclear), tuple(problems)


def _offer(values: dict[str, Any], reference: str, unclear: dict[str, str]) -> Offer:
    known = dict(values)
    written, column, tongue = (
        known.pop(name, None) for name in ("price_currency", "currency", "price_tongue")
    )
    bare = known.pop(BARE, False) and "odometer_km" in known
    told = written or column or tongue
    named = told is not None or "price" not in known
    known["reference"] = known.get("reference") or reference
    left = tuple((name, words) for name, words in unclear.items() if name not in known)
    return Offer(**known, currency=told or "EUR", currency_told=named, odometer_told=not bare, unclear=left)
