"""The rows that buyers search in: the same cars, in the same order, as a plain look at every advert."""

from __future__ import annotations

import json
import random
import shutil
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from kilpi.adverts.naming import fold
from kilpi.adverts.public_advert import LISTING
from kilpi.adverts.shop_search import A_PAGE, Traits, Wanted, facets_of, in_order, traits_of
from kilpi.adverts.wording import load_wording
from kilpi.publishing import offers as rows
from kilpi.publishing.offer_search import every, overview, search
from kilpi.publishing.offers import Offers, read_out
from kilpi.schemas import to_json
from kilpi.store import Store
from kilpi.store.desk_tables import offers as table
from kilpi.types import PublicAdvert, PublicPicture, PublicVehicle

CARS = 70
SEARCHES: tuple[Mapping[str, str], ...] = (
    {},
    {"make": "Škoda"},
    {"q": "skoda"},
    {"q": "KOD 20"},
    {"q": "automaatti"},  # a word of a coded field, in the language of the page
    {"q": "matic"},
    {"q": "sähkö"},
    {"q": "punainen tow"},
    {"q": "no such car"},
    {"q": "%"},
    {"q": "_ %' or 1=1"},
    {"q": "\0"},
    {"fuel": "petrol+electricity"},
    {"gearbox": "manual", "seller": "Auto Oy"},
    {"price_from": "9000", "price_to": "30000"},
    {"price_to": "999999999"},
    {"year_from": "2010", "year_to": "2018"},
    {"km_to": "100000", "sort": "price"},
    {"sort": "price"},
    {"sort": "price_down"},
    {"sort": "km", "q": "leaf"},
    {"sort": "km", "make": "Nissan", "year_from": "2005"},
)


def advert(n: int, chance: random.Random) -> PublicAdvert:
    """Some are equal in what they are ordered by, some lack it."""
    make, model = chance.choice([("Nissan", "Leaf"), ("Škoda", "Octavia"), ("Škoda", "Fabia"), ("", "")])
    year = chance.choice([None, 2004, 2012, 2018, 2018, 2025])
    fuels = chance.choice([(), ("petrol",), ("diesel",), ("electricity",), ("petrol", "electricity")])
    vehicle = PublicVehicle(
        make=make or None,
        model=model or None,
        body=chance.choice([None, "estate", "sedan"]),
        colour=chance.choice([None, "red", "blue"]),
        fuels=fuels,
        gearbox=chance.choice([None, "manual", "automatic"]),
        first_registered=date(year, 3, 1) if year else None,
    )
    return PublicAdvert(
        id=f"car-{n}",
        language=chance.choice(["fi", "fi", "sv"]),
        title=f"{make} {model}".strip() or "Used car",
        paragraphs=(),
        facts=(),
        equipment=chance.choice([(), ("Tow bar",), ("Sunroof", "Tow bar")]),
        pictures=(PublicPicture("01.jpg", "01-small.jpg", 640, 480, "a car"),),
        vehicle=vehicle,
        amount=chance.choice([None, "8900", "15900.50", "15900", "30000"]),
        odometer_km=chance.choice([None, 100_000, 100_001, 5]),
        dealer=chance.choice([None, "Auto Oy", "Bil Ab"]),
    )


def put(root: Path, car: PublicAdvert) -> None:
    (root / car.id).mkdir(parents=True, exist_ok=True)
    (root / car.id / LISTING).write_text(to_json(car))


def plain(cars: list[PublicAdvert], wanted: Wanted, language: str) -> list[str]:
    """What a plain look at every car finds."""
    wording = load_wording(language)
    words = fold(wanted.q).split()

    def within(value: float | None, least: int | None, most: int | None) -> bool:
        if least is None and most is None:
            return True
        return value is not None and (least or 0) <= value and (most is None or value <= most)

    def fits(one: Traits) -> bool:
        return (
            all(
                getattr(wanted, name) in ("", getattr(one, name))
                for name in ("make", "fuel", "gearbox", "seller")
            )
            and all(word in one.words for word in words)
            and within(one.price, wanted.price_from, wanted.price_to)
            and within(one.year, wanted.year_from, wanted.year_to)
            and within(one.km, None, wanted.km_to)
        )

    keys: dict[str, Callable[[Traits], float | None]] = {
        "year": lambda one: 0.0,
        "price": lambda one: one.price,
        "price_down": lambda one: None if one.price is None else -one.price,
        "km": lambda one: one.km,
    }

    def place(pair: tuple[str, Traits]) -> tuple[bool, float]:
        value = keys[wanted.sort](pair[1])
        return value is None, value or 0.0

    found = [(car.id, traits_of(car, wording)) for car in in_order(cars)]
    return [car for car, _ in sorted((pair for pair in found if fits(pair[1])), key=place)]


@pytest.fixture
def yard(store: Store, tmp_path: Path) -> tuple[Offers, list[PublicAdvert]]:
    """A site with cars, and its rows."""
    chance, offers = random.Random(5), Offers(store, tmp_path / "site")
    cars = [advert(n, chance) for n in range(CARS)]
    for car in cars:
        put(offers.root, car)
    assert offers.look() == CARS
    return offers, cars


def pages(offers: Offers, wanted: Wanted, language: str, total: int) -> list[str]:
    """All pages of a search, one after the other."""
    found: list[str] = []
    for number in range(1, 99):
        page = search(offers.store, offers.site, wanted, load_wording(language), number, total)
        if page.number < number:
            break
        assert len(page.ids) <= A_PAGE
        found += page.ids
    assert page.count == len(found)
    return found


def test_every_search_finds_what_a_plain_look_finds(yard: tuple[Offers, list[PublicAdvert]]) -> None:
    offers, cars = yard
    seen = 0
    for asked in SEARCHES:
        for language in ("fi", "en"):
            wanted = Wanted.read(asked)
            found = pages(offers, wanted, language, CARS)
            assert found == plain(cars, wanted, language), (asked, language)
            seen += 0 < len(found) < CARS
    assert seen > len(SEARCHES), "most searches narrow the list"
    assert every(offers.store, offers.site) == plain(cars, Wanted(), "fi")


def test_the_overview_counts_what_can_be_chosen(yard: tuple[Offers, list[PublicAdvert]]) -> None:
    offers, cars = yard
    seen = overview(offers.store, offers.site)
    assert seen.count == CARS and seen.changed is not None
    assert seen.facets == facets_of(traits_of(car, load_wording("fi")) for car in cars)
    assert seen.spoken == Counter(car.language for car in cars)
    other = overview(offers.store, "/another/site")
    assert (other.count, other.changed, other.facets.make) == (0, None, ())


def test_a_look_takes_up_what_came_changed_and_went(yard: tuple[Offers, list[PublicAdvert]]) -> None:
    offers, cars = yard
    assert offers.look() == 0
    put(offers.root, advert(500, random.Random(1)))
    shutil.rmtree(offers.root / cars[0].id)
    (offers.root / cars[1].id / LISTING).write_text("{cut off")
    (offers.root / "no-car").mkdir()
    assert offers.look() == 3
    ids = set(every(offers.store, offers.site))
    assert ids == {car.id for car in cars[2:]} | {"car-500"}
    assert offers.look() == 0, "a damaged file is looked at again, and changes nothing"
    shutil.rmtree(offers.root)
    offers.look()
    assert overview(offers.store, offers.site).count == 0, "nothing is shown, so nothing is found"


def test_a_publisher_notes_its_own_car(yard: tuple[Offers, list[PublicAdvert]]) -> None:
    offers, cars = yard
    shutil.rmtree(offers.root / cars[0].id)
    assert offers.note([cars[0].id]) == 1
    assert offers.note([cars[0].id, "never-there"]) == 0
    assert cars[0].id not in every(offers.store, offers.site)
    assert len(every(offers.store, offers.site)) == CARS - 1, "and looks at no other"


def test_an_advert_that_no_column_takes_spoils_nothing(store: Store, tmp_path: Path) -> None:
    offers = Offers(store, tmp_path / "site")
    odd: dict[str, Any] = json.loads(to_json(advert(1, random.Random(2))))
    odd |= {"title": "A\u0000B\ud800 " + "long " * 2000, "amount": "1e99", "odometer_km": 10**30}
    (offers.root / "car-1").mkdir(parents=True)
    (offers.root / "car-1" / LISTING).write_text(json.dumps(odd))
    put(offers.root, advert(2, random.Random(3)))
    known = 2 if read_out(offers.root / "car-1") else 1
    assert offers.look() == known
    row = store.read(lambda tx: tx.rows(sa.select(table).order_by(table.c.id)))[-1]
    assert row["id"] == "car-2"


@pytest.mark.parametrize(
    ("text", "found"), [("15900.50", 1590050), (None, None), ("", None), ("1e99", None), ("NaN", None)]
)
def test_an_amount_is_kept_in_cents(text: str | None, found: int | None) -> None:
    assert rows.cents(text) == found
