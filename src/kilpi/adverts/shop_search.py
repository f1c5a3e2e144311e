"""Which of the cars for sale a buyer is looking for, and what a car is found by.

In files, data/shop.js searches; on a server, `kilpi.publishing.offer_search` does the same in the database.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any

from kilpi.adverts.naming import fold
from kilpi.adverts.wording import Wording
from kilpi.types import PublicAdvert

A_PAGE = 24  # cars
LONGEST = 80  # characters of a text that is searched for
SORTS = ("year", "price", "price_down", "km")
FACETS = ("make", "fuel", "gearbox", "seller")
CODED = ("fuel", "body", "colour", "gearbox")  # fields that hold codes, and their tables of words


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a buyer asks for; as it stands in an address. Numbers in whole euros (or the car's own currency),
    years and kilometres; None: not asked.
    """

    q: str = ""
    make: str = ""
    fuel: str = ""  # words of the vocabulary, joined by "+"
    gearbox: str = ""
    seller: str = ""
    price_from: int | None = None
    price_to: int | None = None
    year_from: int | None = None
    year_to: int | None = None
    km_to: int | None = None
    sort: str = "year"

    @classmethod
    def read(cls, given: Mapping[str, str]) -> Wanted:
        """From an address's query. What makes no sense is not asked: a buyer gets a page, never an error."""
        values: dict[str, Any] = {}
        for one in fields(cls):
            text = given.get(one.name, "").replace("\0", "").strip()[:LONGEST]  # Postgres takes no NUL
            if one.name == "sort":
                values["sort"] = text if text in SORTS else "year"
            elif isinstance(one.default, str):
                values[one.name] = text
            else:
                figure = "".join(c for c in text if c in "0123456789")[:9]
                values[one.name] = int(figure) if figure else None
        return cls(**values)

    @property
    def asked(self) -> dict[str, str]:
        """The query that asks for it again, without what is not asked."""
        pairs = ((one.name, getattr(self, one.name), one.default) for one in fields(self))
        return {name: str(value) for name, value, default in pairs if value != default}


@dataclass(frozen=True, slots=True)
class Traits:
    """What one car is found by; the fields are those of shop.js."""

    words: str
    make: str
    fuel: str
    gearbox: str
    seller: str
    price: float | None
    year: int | None
    km: int | None


@dataclass(frozen=True, slots=True)
class Facets:
    """What can be chosen from: (value, how many cars), in the order of a list."""

    make: tuple[tuple[str, int], ...]
    fuel: tuple[tuple[str, int], ...]
    gearbox: tuple[tuple[str, int], ...]
    seller: tuple[tuple[str, int], ...]


def own_words(car: PublicAdvert) -> str:
    """What a car is found by in every language, folded: all but the words for its coded fields."""
    vehicle = car.vehicle
    texts = (car.title, vehicle.make, vehicle.model, vehicle.trim, *car.equipment, car.dealer, car.place)
    return fold(" ".join(text for text in texts if text))


def coded_words(word: str, wording: Wording) -> dict[str, tuple[str, ...]]:
    """Kind -> the codes whose word in this language holds `word` (folded): "matic" -> gearbox, automatic."""
    found = {
        kind: tuple(code for code, told in wording.tables.get(kind, {}).items() if word in fold(str(told)))
        for kind in CODED
    }
    return {kind: codes for kind, codes in found.items() if codes}


def traits_of(car: PublicAdvert, wording: Wording) -> Traits:
    """What a car is found by on a page in this language."""
    vehicle = car.vehicle
    coded = [wording.word(fuel, "fuel") for fuel in vehicle.fuels]
    for value, kind in ((vehicle.body, "body"), (vehicle.colour, "colour"), (vehicle.gearbox, "gearbox")):
        coded += [wording.word(value, kind)] if value else []
    return Traits(
        words=f"{own_words(car)} {fold(' '.join(coded))}".strip(),
        make=vehicle.make or "",
        fuel="+".join(vehicle.fuels),
        gearbox=vehicle.gearbox or "",
        seller=car.dealer or "",
        price=float(car.amount) if car.amount is not None else None,
        year=vehicle.first_year,
        km=car.odometer_km,
    )


def in_order(cars: Iterable[PublicAdvert]) -> list[PublicAdvert]:
    """As an index shows them before anything is asked: the newest first, those without a year last."""

    def key(car: PublicAdvert) -> tuple[bool, int, str, str]:
        year = car.vehicle.first_year
        return year is None, -(year or 0), fold(car.title), car.id

    return sorted(cars, key=key)


def facets_of(traits: Iterable[Traits]) -> Facets:
    """What can be chosen among these cars."""
    listed = list(traits)
    return facets_from({name: Counter(getattr(one, name) for one in listed) for name in FACETS})


def facets_from(counts: Mapping[str, Mapping[str, int]]) -> Facets:
    """What can be chosen, from how many cars have each value of a facet."""

    def ordered(name: str) -> tuple[tuple[str, int], ...]:
        known = [(value, n) for value, n in counts.get(name, {}).items() if value]
        return tuple(sorted(known, key=lambda pair: (fold(pair[0]), pair[0])))

    return Facets(**{name: ordered(name) for name in FACETS})
