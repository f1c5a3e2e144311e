"""How long the buyers' pages take with many cars: python -m recipes.stock_bench PLACE SITE --cars 100000

PLACE is a folder (SQLite) or the address of a Postgres database, SITE the folder of the adverts; an empty one
is filled with made-up adverts (listing.json alone, but pictures for the first). Every page is asked for in
this process and rendered whole. One JSON line a page: milliseconds, and what else the machine did.
"""

from __future__ import annotations

import json
import random
import resource
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import numpy as np
from recipes.pages_bench import ADDRESS, measure
from recipes.store_bench import DEALERS, MAKES, backend_of, place_parser
from starlette.testclient import TestClient

from kilpi.adverts.public_advert import LISTING
from kilpi.config import Settings
from kilpi.images import encode_jpeg
from kilpi.publishing.offers import Offers
from kilpi.schemas import to_json
from kilpi.store import Store
from kilpi.types import Fact, PublicAdvert, PublicPicture, PublicVehicle
from kilpi.vocabulary import Body, Colour
from kilpi.web import Serving, create_app

KINDS = ("Heated", "Electric", "Rear", "Leather", "Adaptive", "Parking")
PARTS = ("seats", "mirrors", "camera", "lights", "windows", "hook", "sensors", "roof")
EQUIPMENT = [f"{kind} {part}" for kind in KINDS for part in PARTS]
FUELS = [("petrol",), ("diesel",), ("electricity",), ("petrol", "electricity")]
PICTURED = 2_000  # adverts with pictures: those that pages show in the browser's timing


def main() -> None:
    parser = place_parser(__doc__)
    parser.add_argument("site", type=Path)
    parser.add_argument("--cars", type=int, default=100_000)
    parser.add_argument("--calls", type=int, default=60)
    asked = parser.parse_args()
    fill(asked.site, asked.cars)
    store, chance = Store.open(asked.place), random.Random(1)
    offers = Offers(store, asked.site)
    for what in ("first look", "second look"):
        begun, begun_cpu = time.perf_counter(), time.process_time()
        changed = offers.look()
        took = {"s": time.perf_counter() - begun, "cpu_s": time.process_time() - begun_cpu}
        print(
            json.dumps({what: changed, **{name: round(value, 1) for name, value in took.items()}}), flush=True
        )
    with store.engine.begin() as connection:
        connection.exec_driver_sql("ANALYZE")
    backend = backend_of(store)
    with tempfile.TemporaryDirectory() as data:
        serving = Serving(store, Path(data), Settings(language="fi"), address=ADDRESS, site=asked.site)
        client = TestClient(create_app(serving), ADDRESS, follow_redirects=False)
        print(json.dumps({"database": store.engine.dialect.name, "cars": serving.stock.shelf().seen.count}))
        for name, query in pages(chance, asked.cars).items():

            def ask(query: Callable[[], str] = query) -> None:
                answer = client.get(f"/stock/{query()}")
                assert answer.status_code == 200, answer.status_code

            print(json.dumps({"page": name, **measure(ask, asked.calls, backend)}), flush=True)
    print(json.dumps({"max_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024}))
    store.close()


def fill(site: Path, count: int) -> None:
    """Adverts until there are so many."""
    site.mkdir(parents=True, exist_ok=True)
    chance = random.Random(0)
    picture = encode_jpeg(
        np.random.default_rng(0).integers(0, 255, (36, 48, 3), np.uint8).repeat(10, 0).repeat(10, 1)
    )
    for n in range(count):
        car = advert(n, chance)
        folder = site / car.id
        if folder.is_dir():
            continue
        folder.mkdir()
        (folder / LISTING).write_text(to_json(car))
        if n < PICTURED:
            for name in ("01.jpg", "01-small.jpg"):
                (folder / name).write_bytes(picture)


def advert(n: int, chance: random.Random) -> PublicAdvert:
    """One made-up advert of usual length."""
    make, year = chance.choice(MAKES), chance.randint(2001, 2026)
    km, price = chance.randint(1_000, 300_000), chance.randint(5, 900) * 100
    vehicle = PublicVehicle(
        make=make,
        model=f"Model {chance.randint(1, 300)}",
        trim=chance.choice(["", "Tekna", "Elegance", "Sport"]) or None,
        body=chance.choice(list(Body)),
        colour=chance.choice(list(Colour)),
        doors=5,
        seats=5,
        fuels=chance.choice(FUELS),
        gearbox=chance.choice(["manual", "automatic"]),
        power_kw=float(chance.randint(50, 200)),
        first_registered=date(year, chance.randint(1, 12), 1),
    )
    pictures = [PublicPicture(f"{i:02}.jpg", f"{i:02}-small.jpg", 480, 360, "a car") for i in range(1, 9)]
    return PublicAdvert(
        id=f"car-{n:06}-{chance.getrandbits(32):08x}",
        language=chance.choice(["fi", "fi", "fi", "sv"]),
        title=f"{make} {vehicle.model} {year}",
        paragraphs=("A sentence about the car that a buyer reads. " * 4,) * 2,
        facts=tuple(Fact(f"Fact {key}", "its value") for key in range(12)),
        equipment=tuple(chance.sample(EQUIPMENT, 10)),
        pictures=tuple(pictures),
        vehicle=vehicle,
        price=f"{price} €",
        amount=str(price),
        odometer_km=km,
        dealer=chance.choice(DEALERS),
        place=chance.choice(["Turku", "Tampere", "Oulu", "Espoo"]),
    )


def pages(chance: random.Random, count: int) -> dict[str, Callable[[], str]]:
    """Queries; each call is another one."""
    last, one = max(1, count // 24), chance.choice
    coded = ("punainen", "automaatti", "farmari", "diesel")

    def page() -> int:
        return chance.randint(1, last)

    def figures() -> str:
        price, year, km = chance.randint(5, 300), chance.randint(2001, 2015), chance.randint(50, 300)
        return f"?price_from={price}00&price_to={3 * price}00&year_from={year}&km_to={km}000&sort=price_down"

    def all_at_once() -> str:
        seller = str(one(DEALERS)).replace(" ", "+")
        chosen = f"make={one(MAKES)}&fuel=petrol&gearbox=manual&seller={seller}"
        return f"?q=seats&{chosen}&price_to=60000&sort=price"

    return {
        "first page": lambda: "",
        "in English": lambda: "index-en.html",
        "a page by number": lambda: f"?page={page()}",
        "the last page": lambda: f"?page={last}",
        "by price": lambda: "?sort=price",
        "by kilometres, a later page": lambda: f"?sort=km&page={page()}",
        "a make": lambda: f"?make={one(MAKES)}",
        "a make and model": lambda: f"?q={one(MAKES)}+model+{chance.randint(1, 300)}",
        "a word of every car": lambda: f"?q=autotalo&page={page()}",
        "a word of a coded field": lambda: f"?q={one(coded)}",
        "a word of no car": lambda: f"?q=nosuch{chance.randint(1, 999)}",
        "four words": lambda: f"?q=heated+seats+{one(MAKES)}+{chance.randint(2001, 2026)}",
        "price, year and km": figures,
        "all at once": all_at_once,
    }


if __name__ == "__main__":
    main()
