"""Prices, mileages and texts as dealers write them -> the values of an `Offer`.

A number that could mean two things is refused with its value, never guessed. Errors are ValueErrors whose
words never repeat the value: who knows file, line and column adds it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from kilpi.figures import UNCLEAR, as_money, one_line, read_number
from kilpi.text import LONGEST_NAME, compact_mark, is_car_name, is_vin, plain_text
from kilpi.types import Mark, Offer

MAX_KM = 2_000_000
MAX_PRICE = Decimal(10_000_000)
LEAST_PRICE = 100  # of any currency; less is 15,9 for 15 900, or the 1 that a stock system wants. Ours
MOST_MIL = 60_000  # mil of 10 km that a car may have driven: a larger figure counts kilometres. Ours
MILES = frozenset({"GB"})  # where "mileage" is in miles
KM_OR_MIL = "km?"  # the unit of a column in whose name Swedes understand mil, and others kilometres
_FILLED = re.compile(r"9{6,}")  # what stands where nobody knew: 999999
_AS_A_DAY = re.compile(r"1905-[0-9]{2}-[0-9]{2}.*", re.DOTALL)  # 2018, in a cell that a workbook calls a date
CURRENCY = re.compile(r"[A-Z]{3}")  # ISO 4217
SIGNS = {"€": "EUR", "e": "EUR", "eur": "EUR", "euro": "EUR", "euroa": "EUR", "euros": "EUR", "£": "GBP"}
CODES = ("sek", "nok", "dkk", "gbp", "usd", "isk", "pln", "chf")
MANY_CROWNS = frozenset({"kr", "kr.", "kronor", ":-kr"})  # Swedish, Norwegian, Danish or Icelandic
_YEAR = re.compile(r"(?<![0-9])(?:19[0-9]{2}|20[0-9]{2})(?![0-9])")
LONGEST_TEXT = 20_000  # characters of a description; ours

_EURO_NAMES = re.compile(r"€|\beur|hinta|hinnan|pyyn|pyyd")
OWN_MONEY = {  # of countries whose marks are known and that have another money than the euro (2026)
    "CH": "CHF", "CZ": "CZK", "DK": "DKK", "GB": "GBP", "HU": "HUF", "IS": "ISK", "NO": "NOK", "PL": "PLN",
    "RO": "RON", "SE": "SEK",
}  # fmt: skip

_WITH_TAX = re.compile(
    r"[,(]?\s*(?:sis|ink[l]?|incl)\.?\s*(?:alv|moms|vat)\.?\s*(?:[0-9.,]+\s*%)?\s*\)?$", re.IGNORECASE
)
_SIGN = rf"(?:€|£|kr\.?|kronor|euro[as]?|eur|e|{'|'.join(CODES)})"
_MONEY = re.compile(
    rf"(?P<before>{_SIGN})?\s*(?P<figure>[0-9][0-9 .,'’]*?)\s*"
    rf"(?P<dash>[,.:]\s*[-–—]{{1,2}})?\s*(?P<behind>{_SIGN})?\.?",
    re.IGNORECASE,
)
_GROUPS_OF_DOTS = re.compile(r"[0-9]{1,3}(?:[.,' ’][0-9]{3})*")
_DISTANCE = re.compile(
    r"(?P<figure>[0-9][0-9 .,'’]*?)\s*"
    r"(?P<unit>tkm|t\.? ?km|tuhatta(?: km)?|tuhat(?: km)?|km|kms|kilometriä|kilometers?|kilometres?|mil)?\.?",
    re.IGNORECASE,
)


def read_money(value: Any, unit: str = "") -> tuple[Decimal, str | None]:
    """A price and its currency where it tells one: 15900, "15 900,00 e", "15.900,-", "22900 EUR".

    `unit` is what the column's name tells. Raises ValueError.
    """
    found = _MONEY.fullmatch(_WITH_TAX.sub("", one_line(_figure_text(value))).strip())
    if found is None:
        raise ValueError(UNCLEAR if re.match(r"[-+]?[0-9]", str(value).strip()) else "is not a number")
    if found["before"] and found["behind"]:
        raise ValueError(UNCLEAR)
    figure = found["figure"].strip()
    if found["dash"] and _GROUPS_OF_DOTS.fullmatch(figure):
        figure = re.sub("[^0-9]", "", figure)  # behind ",-" there are no cents, so a dot is between thousands
    price = _bounded(read_number(figure), MAX_PRICE)
    if price != price.quantize(Decimal("0.01")):
        raise ValueError(UNCLEAR)
    price = as_money(price)
    if price == 0 or _FILLED.fullmatch(str(price)):
        raise ValueError("is no price; leave it out where it is not known")
    if price < LEAST_PRICE:
        raise ValueError(f"is less than {LEAST_PRICE}; write the whole price, or leave it out")
    return price, _currency(found["before"] or found["behind"] or unit)


def names_euro(name: str) -> bool:
    """Whether a price under this name is in euros: it says so, or it is Finnish."""
    return _EURO_NAMES.search(name.casefold()) is not None


def in_own_money(offer: Offer, mark: Mark | None, home: Collection[str] = ()) -> Offer:
    """The offer, with a price of a file's that names no currency in the money of the `home` countries, if
    they have one; else without it where the car is from where the euro is none.

    249000 is a common price there, and in euros another car's. So it is with a "mileage" where people drive
    miles.
    """
    offer = _in_own_miles(offer, mark, home)
    if offer.price is None or offer.currency_told:
        return offer
    money = {OWN_MONEY.get(code, "EUR") for code in home}
    if len(money) == 1:
        return replace(offer, currency=money.pop(), currency_told=True)
    own = OWN_MONEY.get(mark.country or "") if mark else None
    if own is None:
        return offer
    said = f"'{offer.price}' ({offer.currency}, {own}?)"
    return replace(offer, price=None, unclear=(*offer.unclear, ("price", said)))


def counts_miles(name: str, text: object) -> bool:
    """Whether a mileage may count miles: it is called so, and neither name nor figure says kilometres."""
    called = re.fullmatch(r"(mileage|odometer)( reading)?", " ".join(name.casefold().split()))
    return called is not None and re.search("[a-z]", str(text), re.IGNORECASE) is None


def _in_own_miles(offer: Offer, mark: Mark | None, home: Collection[str]) -> Offer:
    there = (mark is not None and mark.country in MILES) or (bool(home) and MILES.issuperset(home))
    if offer.odometer_km is None or offer.odometer_told or not there:
        return offer
    said = f"'{offer.odometer_km}' (km, miles?)"
    return replace(offer, odometer_km=None, unclear=(*offer.unclear, ("odometer_km", said)))


def _currency(sign: str) -> str | None:
    plain = sign.casefold()
    if plain in MANY_CROWNS:
        raise ValueError("could be Swedish, Norwegian or Danish crowns; write SEK, NOK or DKK")
    return SIGNS.get(plain) or (plain.upper() if plain in CODES else None)


def read_km(value: Any, unit: str = "") -> int:
    """A mileage in kilometres: 84200, "84 200 km", "84,2 tkm", "8 420 mil" (10 km).

    `unit` is what the column's name tells. Raises ValueError.
    """
    found = _DISTANCE.fullmatch(one_line(_figure_text(value)))
    if found is None:
        if re.search(r"mile|\bmi\b", str(value), re.IGNORECASE):
            raise ValueError("is in miles; write kilometres")
        raise ValueError(UNCLEAR if re.match(r"[-+]?[0-9]", str(value).strip()) else "is not a number")
    said = (found["unit"] or unit).casefold().replace(".", "").replace(" ", "")
    factor = 10 if said == "mil" else 1000 if said.startswith("t") else 1
    figure = read_number(found["figure"].strip())
    if said == "mil" and figure >= MOST_MIL:
        raise ValueError("is more mil than a car drives; write kilometres with km behind")
    if said == KM_OR_MIL and figure < MOST_MIL:
        raise ValueError("could be kilometres or mil (10 km); write the unit, here or in the column's name")
    km = _bounded(figure * factor, Decimal(MAX_KM))
    if km != km.to_integral_value():
        raise ValueError("is not in whole kilometres")
    if km == 0 or _FILLED.fullmatch(str(int(km))):
        raise ValueError("is no mileage; leave it out where it is not known")
    return int(km)


def _bounded(number: Decimal, most: Decimal) -> Decimal:
    if number > most:
        raise ValueError(f"is more than {most:,}")
    return number


def _figure_text(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError("is not a number")
    if isinstance(value, float):
        return f"{value:f}".rstrip("0").rstrip(".") if value.is_integer() else repr(value)
    return str(value)


def read_currency(value: Any) -> str:
    """Three letters after ISO 4217, or a sign that means one. Raises ValueError."""
    text = one_line(value) if isinstance(value, str) else ""
    code = SIGNS.get(text.casefold(), text.upper())
    if not CURRENCY.fullmatch(code):
        raise ValueError("is no currency; three letters such as EUR are needed (ISO 4217)")
    return code


def read_items(value: Any) -> tuple[str, ...]:
    """Equipment: a list of texts, or one text with ; | , or line breaks between the items."""
    if isinstance(value, str):
        value = plain_text(value)
        separator = next((s for s in ";|\n•" if s in value), ",")
        value = re.split(re.escape(separator) + "|\n", value)
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise ValueError("is not a list of texts")
    return tuple(_clean_items(value))


def _clean_items(items: list[str]) -> Iterator[str]:
    for item in items:
        if clean := " ".join(plain_text(item).split()).strip("•*- "):
            yield clean


def read_text(value: Any) -> str:
    """A text as a reader would see it: no tags, entities decoded, nothing invisible. Raises ValueError."""
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)  # a reference 123
    if not isinstance(value, str):
        raise ValueError("is not a text")
    if len(clean := plain_text(value)) > LONGEST_TEXT:
        raise ValueError(f"is longer than {LONGEST_TEXT:,} characters")
    return clean


def read_year(value: Any) -> int:
    """A model year up to the next one, or the year in a date: 2018, "vm. 2018", "3/2018", "2018-05-14".

    Raises ValueError.
    """
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError("is not a year")
    text = _figure_text(value)
    years = {int(found) for found in _YEAR.findall(text)}
    if len(years) != 1 or _AS_A_DAY.fullmatch(text):
        raise ValueError("is not a year" if not years else UNCLEAR)
    if (year := years.pop()) > date.today().year + 1:
        raise ValueError("is still to come")
    return year


def read_vin(value: Any) -> str:
    """A whole VIN (`kilpi.text.is_vin`). Raises ValueError."""
    vin = compact_mark(value) if isinstance(value, str) else ""
    if not is_vin(vin):
        raise ValueError("is no VIN; it has 17 letters and digits, none of them I, O or Q, and is no 0000")
    return vin


def read_name(value: Any) -> str:
    """A make or a model, by the rule that a person's is held to. Raises ValueError."""
    text = re.sub(r"[ \t]+", " ", read_text(value))
    if not is_car_name(text):
        raise ValueError(f"is no name: one line of at most {LONGEST_NAME} characters, no VIN, no e-mail")
    return text


def never_parted(value: Any) -> str:
    """Make and model together; what begins with a known make was parted before. Raises ValueError."""
    read_name(value)
    raise ValueError("begins with no make that is known; give make and model in columns of their own")


READERS = {
    "equipment": read_items,
    "description": read_text,
    "dealer": read_text,
    "place": read_text,
    "contact": read_text,
    "make": read_name,
    "model": read_name,
    "make_and_model": never_parted,
    "year": read_year,
    "vin": read_vin,
    "reference": read_text,
    "currency": read_currency,
}
"""Field of `Offer` -> reader, for the fields that have no unit."""
