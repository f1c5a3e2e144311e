"""Text as registers and dealers write it -> the typed values of a `Vehicle`.

Every parser raises ValueError with a few words that never repeat the value: who knows whose it is may add it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any

from kilpi.figures import UNCLEAR, both_readings, one_line, read_date, read_number
from kilpi.text import plain_text, repair
from kilpi.types import Consumption, Mark, Vehicle
from kilpi.vocabulary import Body, Colour, Fuel, Gearbox, Status, VehicleClass

CYCLES = ("WLTP", "NEDC")
WORDS: dict[str, type[StrEnum]] = {
    "body": Body,
    "colour": Colour,
    "fuels": Fuel,
    "gearbox": Gearbox,
    "vehicle_class": VehicleClass,
    "status": Status,
}
"""Vehicle field -> the words that it may hold."""

LONGEST = 500
"""Characters of one value; the longest that registers publish is a list of equipment codes. Ours."""
FIRST_CAR = date(1885, 1, 1)
MOST_AHEAD = timedelta(days=15 * 365)
"""No inspection is due later than so; the longest interval that we know is ten years (tractors). Ours."""

_ONLY_YEAR = re.compile(r"(?P<year>(?:18|19|20)[0-9]{2})(?:-?[0-9]{2}-?00)?")
_NOUGHT = re.compile(r"0+(?:[.,]0+)?")
_SPACES = re.compile(r"[\s\u00a0\u2007\u2009\u202f'’]+")
_UNIT = re.compile(
    r"\s*(?:cm3|cm³|ccm|cc|kw|kg|km|g/km|l/100 ?km|kwh/100 ?km|kpl|st|pcs|cm\^3)\.?$", re.IGNORECASE
)

__all__ = ["repair"]


def clean_text(text: str) -> str:
    """Composed characters, single spaces, none at the ends, nothing invisible, no tags or entities."""
    return " ".join(plain_text(text).split())


def parse_text(text: str) -> str:
    """A name such as a make. Raises ValueError where it is longer than any."""
    if len(clean := clean_text(text)) > LONGEST:
        raise ValueError(f"has {len(clean):,} characters; {LONGEST} are the most")
    return clean


def parse_number(text: str) -> float:
    """A decimal number with point or comma, spaces between thousands allowed ("1 598,5"). 201.000, which
    could be two numbers, is refused.
    """
    return float(read_number(text))


parse_date = read_date


def parse_past_date(text: str) -> date:
    """A day that has been: a date after today is a typing error."""
    day = read_date(text)
    if day > date.today():
        raise ValueError("is a day to come")
    if day < FIRST_CAR:
        raise ValueError("is before there were cars")
    return day


def parse_first_day(texts: Sequence[str]) -> date:
    """The earliest of several days on which a vehicle was first registered, or first used, here or abroad.

    Old ones may lack day and month (20120000): no day is made of them, and one of an earlier year than all
    whole days leaves none. Raises ValueError.
    """
    years = [int(found["year"]) for text in texts if (found := _ONLY_YEAR.fullmatch(one_line(text)))]
    days = [parse_past_date(text) for text in texts if not _ONLY_YEAR.fullmatch(one_line(text))]
    if not days:
        raise ValueError("is no whole day")
    if any(year < min(days).year for year in years):
        raise ValueError("is earlier than the day beside it, and no whole day")
    return min(days)


def parse_near_date(text: str) -> date:
    """A day that may lie ahead, as an inspection does."""
    day = read_date(text)
    if not FIRST_CAR <= day <= date.today() + MOST_AHEAD:
        raise ValueError("is too far away")
    return day


@dataclass(frozen=True, slots=True)
class Range:
    """Numbers that are believable at all; ours, wide on purpose, so that garbage stays out."""

    low: float
    high: float
    whole: bool = True

    def parse(self, text: str) -> float | int:
        """The number in the text, with or without its unit. Raises ValueError outside the range or where it
        must be whole. Where 96.000 could be two numbers, the range may leave one of them.
        """
        bare = _UNIT.sub("", one_line(text))
        number = float(self.one_of_two(bare) if both_readings(bare) else read_number(bare))
        if not self.low <= number <= self.high:
            raise ValueError(f"is not between {self.low:g} and {self.high:g}")
        if not self.whole:
            return number
        if number != int(number):
            raise ValueError("is not a whole number")
        return int(number)

    def one_of_two(self, text: str) -> Decimal:
        """The reading of 96.000 that can be: with decimals where the thousands are out of range."""
        thousands, decimals = both_readings(text) or (Decimal(0), Decimal(0))
        if self.whole or thousands <= self.high:
            raise ValueError(UNCLEAR)
        return decimals


def parse_cycle(text: str) -> str:
    """The test cycle's name, WLTP or NEDC."""
    if (name := text.strip().upper()) in CYCLES:
        return name
    raise ValueError("is neither WLTP nor NEDC")


def parse_vin(text: str) -> str:
    """A chassis number, upper case. Only its shape is checked: European ones carry no check digit."""
    vin = _SPACES.sub("", text).upper()
    if not re.fullmatch(r"[A-Z0-9*/.-]{1,20}", vin):
        raise ValueError("is not a chassis number")
    return vin


PARSERS: dict[str, Callable[[str], Any]] = {
    "make": parse_text,
    "model": parse_text,
    "trade_name": parse_text,
    "variant": parse_text,
    "vin": parse_vin,
    "doors": Range(1, 9).parse,
    "seats": Range(1, 200).parse,
    "displacement_cc": Range(40, 30_000).parse,
    "power_kw": Range(0.1, 2_000, whole=False).parse,
    "co2_g_km": Range(0, 2_000, whole=False).parse,
    "co2_cycle": parse_cycle,
    "litres_per_100km": Range(0.1, 100, whole=False).parse,
    "kwh_per_100km": Range(0.1, 300, whole=False).parse,
    "consumption_cycle": parse_cycle,
    "mass_kg": Range(30, 60_000).parse,
    "first_registered": parse_past_date,
    "next_inspection": parse_near_date,
    "odometer_km": Range(1, 5_000_000).parse,
    "odometer_date": parse_past_date,
}
"""Vehicle field (consumption flattened to three) -> parser, for the fields that are no words."""

FIELDS = (*PARSERS, *WORDS, "restrictions")
"""Every field that a provider may fill."""

WITHOUT_CO2 = frozenset({Fuel.ELECTRICITY, Fuel.HYDROGEN})
LISTS = ("fuels", "restrictions")
_CONSUMPTION = ("litres_per_100km", "kwh_per_100km")


def is_nought(name: str, text: str) -> bool:
    """Whether a value of field `name` is 0 where that says that it is not known: all but the CO2 of a car
    without an engine. Registers fill the columns of an electric car so.
    """
    return name in PARSERS and name != "co2_g_km" and _NOUGHT.fullmatch(text) is not None


def check_word(name: str, word: str) -> str:
    """The word itself where the vocabulary of field `name` has it; ValueError else."""
    try:
        return WORDS[name](word.strip().lower()).value
    except ValueError:
        raise ValueError("is not a word of the vocabulary") from None


def build_vehicle(
    mark: Mark, source: str, fetched: datetime, values: Mapping[str, Any], raw: Mapping[str, Any]
) -> Vehicle:
    """A Vehicle from parsed values by field name; names that are not in FIELDS are a KeyError."""
    fields = dict(values)
    if unknown := set(fields) - set(FIELDS):
        raise KeyError(f"no vehicle field {sorted(unknown)}")
    burns_nothing = bool(fields.get("fuels")) and set(fields["fuels"]) <= WITHOUT_CO2
    if fields.get("co2_g_km") == 0 and not burns_nothing:
        del fields["co2_g_km"]  # nobody measured it
        fields.pop("co2_cycle", None)
    cycle = fields.pop("consumption_cycle", None)
    used = {name: fields.pop(name) for name in _CONSUMPTION if name in fields}
    if used:
        fields["consumption"] = Consumption(**used, cycle=cycle)
    for name in LISTS:
        if name in fields:
            fields[name] = tuple(dict.fromkeys(fields[name]))
    return Vehicle(mark=mark, source=source, fetched=fetched, raw=dict(raw), **fields)
