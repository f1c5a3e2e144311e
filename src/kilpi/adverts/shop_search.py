"""Which of the cars for sale a buyer is looking for. data/shop.js does the same in the browser."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from kilpi.adverts.naming import fold
from kilpi.adverts.wording import Wording
from kilpi.types import PublicAdvert

A_PAGE = 24  # cars
LONGEST = 80  # characters of a text that is searched for
SORTS = ("year", "price", "price_down", "km")


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
            text = given.get(one.name, "").strip()[:LONGEST]
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


def traits_of(car: PublicAdvert, wording: Wording) -> Traits:
    """What a car is found by on a page in this language."""
    vehicle = car.vehicle
    coded = [wording.word(fuel, "fuel") for fuel in vehicle.fuels]
    for value, kind in ((vehicle.body, "body"), (vehicle.colour, "colour"), (vehicle.gearbox, "gearbox")):
        coded += [wording.word(value, kind)] if value else []
    texts = (
        car.title,
        vehicle.make,
        vehicle.model,
        vehicle.trim,
        *coded,
        *car.equipment,
        car.dealer,
        car.place,
    )
    return Traits(
        words=fold(" ".join(text for text in texts if text)),
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


KEYS: Mapping[str, Callable[[Traits], float | None]] = {
    "price": lambda one: one.price,
    "price_down": lambda one: None if one.price is None else -one.price,
    "km": lambda one: one.km,
}


def choose(cars: Sequence[tuple[PublicAdvert, Traits]], wanted: Wanted) -> list[PublicAdvert]:
    """Those of `cars` (in the order of `in_order`) that fit, in the order that is wanted."""
    if not wanted.asked:
        return [car for car, _ in cars]
    words = fold(wanted.q).split()
    found = [pair for pair in cars if fits(pair[1], wanted, words)]
    if key := KEYS.get(wanted.sort):

        def place(pair: tuple[PublicAdvert, Traits]) -> tuple[bool, float]:
            value = key(pair[1])
            return value is None, value or 0.0

        found.sort(key=place)
    return [car for car, _ in found]


def fits(one: Traits, wanted: Wanted, words: Sequence[str]) -> bool:
    """Whether a car is among those wanted. A figure that is not known fits no limit."""
    chosen = all(
        not getattr(wanted, name) or getattr(wanted, name) == getattr(one, name)
        for name in ("make", "fuel", "gearbox", "seller")
    )
    return (
        chosen
        and all(word in one.words for word in words)
        and within(one.price, wanted.price_from, wanted.price_to)
        and within(one.year, wanted.year_from, wanted.year_to)
        and within(one.km, None, wanted.km_to)
    )


def within(value: float | None, least: int | None, most: int | None) -> bool:
    """Whether a figure lies between two limits, where there are any."""
    if least is None and most is None:
        return True
    return value is not None and (least is None or value >= least) and (most is None or value <= most)


def facets_of(traits: Iterable[Traits]) -> Facets:
    """What can be chosen among these cars."""
    listed = list(traits)

    def counted(name: str) -> tuple[tuple[str, int], ...]:
        counts = Counter(getattr(one, name) for one in listed)
        return tuple(
            sorted(((value, n) for value, n in counts.items() if value), key=lambda pair: fold(pair[0]))
        )

    return Facets(counted("make"), counted("fuel"), counted("gearbox"), counted("seller"))
