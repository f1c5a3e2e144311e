"""Text as registers and dealers write it -> the typed values of a `Vehicle`.

Every parser raises ValueError with a few words that never repeat the value: it may be personal, and the
words end up in messages.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

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

_MOJIBAKE = re.compile("Ã|[ÂÄÅ][\u0080-\u00bf]")  # first byte of two, read as a letter, and the second
_SPACES = re.compile(r"[\s\u00a0\u2007\u2009\u202f'’]+")
_NUMBER = re.compile(r"-?\d+(\.\d+)?")
_DATES = (
    re.compile(r"(?P<y>\d{4})-(?P<m>\d{1,2})-(?P<d>\d{1,2})(T.*|\s.*|[+Z].*)?"),
    re.compile(r"(?P<y>\d{4})(?P<m>\d{2})(?P<d>\d{2})"),
    re.compile(r"(?P<d>\d{1,2})\.(?P<m>\d{1,2})\.(?P<y>\d{4})"),
    # Month precision (DVLA): kept as the first day of that month.
    re.compile(r"(?P<y>\d{4})-(?P<m>\d{2})(?P<d>)"),
)


def clean_text(text: str) -> str:
    """Composed characters, single spaces, none at the ends."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def repair(text: str) -> str:
    """Text whose UTF-8 bytes were once read as latin-1 or Windows-1252 (ÃÃ¶ for Äö), put right."""
    if not _MOJIBAKE.search(text):
        return text
    for encoding in ("cp1252", "latin-1"):
        try:
            return text.encode(encoding).decode("utf-8")
        except UnicodeError:
            continue
    return text


def parse_number(text: str) -> float:
    """A decimal number with point or comma, spaces between thousands allowed ("1 598,5")."""
    bare = _SPACES.sub("", text)
    if "," in bare and "." in bare:
        thousands = "," if bare.rindex(".") > bare.rindex(",") else "."
        bare = bare.replace(thousands, "")
    bare = bare.replace(",", ".")
    if not _NUMBER.fullmatch(bare):
        raise ValueError("is not a number")
    return float(bare)


def parse_date(text: str) -> date:
    """2005-12-05, 20051205, 5.12.2005, or an ISO time of which the date is kept."""
    for form in _DATES:
        if found := form.fullmatch(text.strip()):
            try:
                return date(int(found["y"]), int(found["m"]), int(found["d"] or 1))
            except ValueError:
                raise ValueError("is not a date of the calendar") from None
    raise ValueError("is not a date (YYYY-MM-DD, YYYYMMDD or D.M.YYYY)")


@dataclass(frozen=True, slots=True)
class Range:
    """Numbers that are believable at all; ours, wide on purpose, so that garbage stays out."""

    low: float
    high: float
    whole: bool = True

    def parse(self, text: str) -> float | int:
        """The number in the text. Raises ValueError outside the range or where it must be whole."""
        number = parse_number(text)
        if not self.low <= number <= self.high:
            raise ValueError(f"is not between {self.low:g} and {self.high:g}")
        if not self.whole:
            return number
        if number != int(number):
            raise ValueError("is not a whole number")
        return int(number)


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
    "make": clean_text,
    "model": clean_text,
    "trade_name": clean_text,
    "variant": clean_text,
    "vin": parse_vin,
    "doors": Range(1, 9).parse,
    "seats": Range(1, 200).parse,
    "displacement_cc": Range(1, 30_000).parse,
    "power_kw": Range(0.1, 2_000, whole=False).parse,
    "co2_g_km": Range(0, 2_000, whole=False).parse,
    "co2_cycle": parse_cycle,
    "litres_per_100km": Range(0, 100, whole=False).parse,
    "kwh_per_100km": Range(0, 300, whole=False).parse,
    "consumption_cycle": parse_cycle,
    "mass_kg": Range(1, 60_000).parse,
    "first_registered": parse_date,
    "next_inspection": parse_date,
    "odometer_km": Range(0, 5_000_000).parse,
    "odometer_date": parse_date,
}
"""Vehicle field (consumption flattened to three) -> parser, for the fields that are no words."""

FIELDS = (*PARSERS, *WORDS, "restrictions")
"""Every field that a provider may fill."""

LISTS = ("fuels", "restrictions")
_CONSUMPTION = ("litres_per_100km", "kwh_per_100km")


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
    cycle = fields.pop("consumption_cycle", None)
    used = {name: fields.pop(name) for name in _CONSUMPTION if name in fields}
    if used:
        fields["consumption"] = Consumption(**used, cycle=cycle)
    for name in LISTS:
        if name in fields:
            fields[name] = tuple(dict.fromkeys(fields[name]))
    return Vehicle(mark=mark, source=source, fetched=fetched, raw=dict(raw), **fields)
