"""The index of a dealer's public site: every car for sale as a card, and a search over them.

The same page stands as a file on any web server, where a script searches `cars-<language>.json`, and is
answered by `kilpi serve`, which searches itself. Without script the file shows all cars, page by page.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import quote, urlencode

from markupsafe import Markup

from kilpi.adverts.json_ld import list_json_ld, script_json
from kilpi.adverts.page_parts import asset, policy
from kilpi.adverts.public_pages import advert_policy, frame, srcset, style_of
from kilpi.adverts.shop_names import advert_file, data_file, index_file
from kilpi.adverts.shop_search import A_PAGE, SORTS, Facets, Traits, Wanted
from kilpi.adverts.translated import price_in
from kilpi.adverts.wording import Wording, load_wording
from kilpi.types import PublicAdvert, Shop

MAKES = 6  # how many makes the page's summary names

Href = Callable[[int], str]
"""The address of one page of the list, from 1."""


@dataclass(frozen=True, slots=True)
class Listed:
    """One page of the list: the cars on it, and how many there are in all."""

    cars: Sequence[PublicAdvert]
    count: int
    number: int = 1

    @property
    def pages(self) -> int:
        """How many pages the list has, 1 at least."""
        return max(1, -(-self.count // A_PAGE))


@dataclass(frozen=True, slots=True)
class Asked:
    """What the server was asked, and how. None instead: a file, which asks nobody."""

    wanted: Wanted

    def href(self, file: str, number: int) -> str:
        """The same search on another page."""
        query = {**self.wanted.asked, **({"page": str(number)} if number > 1 else {})}
        return f"{file}?{urlencode(query)}" if query else file


def shop_page(
    shop: Shop,
    language: str,
    listed: Listed,
    facets: Facets,
    site: str | None = None,
    asked: Asked | None = None,
) -> str:
    """A page of the index in one of the shop's languages. `site` is its address, where it is known."""
    wording = load_wording(language)
    file = index_file(language, shop.languages)
    number = listed.number
    paths = [index_file(code, shop.languages) for code in shop.languages]
    if asked is None and number > 1:
        paths = [index_file(code, shop.languages, number) for code in shop.languages]
    return wording.html.get_template("shop.html.j2").render(
        **frame(wording, shop, site, paths),
        **headlines(shop, wording, listed, facets),
        page=f"{site}{paths[shop.languages.index(language)]}" if site else "",
        home=file,
        data=data_file(language),
        facets=facets,
        words_as_they_are=str,
        gearbox_words=lambda value: wording.word(value, "gearbox"),
        fuel_words=lambda value: " + ".join(wording.word(part, "fuel") for part in value.split("+")),
        wanted=asked.wanted if asked else Wanted(),
        narrowed=bool(asked and asked.wanted.asked),
        live=asked is not None,
        sorts=SORTS,
        listed=listed,
        cards=Markup("\n").join(
            Markup(card_of(car, shop, wording, eager=n == 0)) for n, car in enumerate(listed.cars)
        ),
        at=page_links(
            listed, lambda n: asked.href(file, n) if asked else index_file(language, shop.languages, n)
        ),
        json_ld=Markup(script_json(list_json_ld(addresses(listed.cars, shop, language, site), shop.dealer))),
        style=Markup(style_of(shop)),
        script=Markup("" if asked else asset("shop.js")),
        policy=index_policy(shop, live=asked is not None),
    )


def gone_page(shop: Shop, language: str, key: str, car: str) -> str:
    """What stands at the address of a car that is out no more. `key` of [shop]: gone_sold, gone_away, ..."""
    wording = load_wording(language)
    paths = [f"{quote(car, safe='')}/{advert_file(code, shop.languages)}" for code in shop.languages]
    return wording.html.get_template("gone.html.j2").render(
        **frame(wording, shop, None, paths),
        said=wording.text("shop", key),
        home=f"../{index_file(language, shop.languages)}",
        style=Markup(style_of(shop)),
        policy=advert_policy(shop),
    )


def index_policy(shop: Shop, *, live: bool) -> str:
    """As `policy`, with a form of its own, and the data that a file's script searches in."""
    style, script = style_of(shop), "" if live else asset("shop.js")
    rules = policy(style, *([script] if script else [])).replace("form-action 'none'", "form-action 'self'")
    return f"{rules}; connect-src 'self'"


def headlines(shop: Shop, wording: Wording, listed: Listed, facets: Facets) -> dict[str, Any]:
    """The page's title and its summary for search engines."""
    name = shop.dealer.name
    key = "title_of" if name else "title"
    title = wording.text("shop", key, **({"name": name} if name else {}))
    often = sorted(facets.make, key=lambda pair: -pair[1])[:MAKES]
    summary = wording.text(
        "shop",
        "summary",
        count=listed.count,
        name=name,
        city=shop.dealer.city,
        makes=[make for make, _ in often],
    )
    return {"title": title, "summary": summary}


def card_of(car: PublicAdvert, shop: Shop, wording: Wording, *, eager: bool = False) -> str:
    """One car's card. `eager`: its picture is likely seen first, and is loaded at once."""
    vehicle = car.vehicle
    age = [
        str(vehicle.first_year or ""),
        wording.km(car.odometer_km) if car.odometer_km is not None else "",
    ]
    drive = [
        " + ".join(wording.word(fuel, "fuel") for fuel in vehicle.fuels),
        wording.word(vehicle.gearbox, "gearbox") if vehicle.gearbox else "",
    ]
    seller = [car.dealer if car.dealer != shop.dealer.name else "", car.place]
    return wording.html.get_template("card.html.j2").render(
        car=car,
        href=f"{car.id}/{advert_file(wording.language, shop.languages)}",
        price=price_in(car, wording) or wording.text("shop", "unpriced"),
        lines=[" · ".join(part for part in line if part) for line in (age, drive, seller)],
        srcset=lambda picture: srcset(picture, f"{car.id}/"),
        eager=eager,
    )


def addresses(
    cars: Sequence[PublicAdvert], shop: Shop, language: str, site: str | None
) -> list[tuple[str, str]]:
    """(title, address) of the cars of a page."""
    file = advert_file(language, shop.languages)
    return [(car.title, f"{site or ''}{car.id}/{file}") for car in cars]


def page_links(listed: Listed, href: Href) -> Mapping[str, Any]:
    """Where the earlier and later pages are; None at the ends."""
    number, pages = listed.number, listed.pages
    near = sorted({1, pages, *range(max(1, number - 2), min(pages, number + 2) + 1)})
    return {
        "earlier": href(number - 1) if number > 1 else None,
        "later": href(number + 1) if number < pages else None,
        "numbers": [(n, href(n)) for n in near],
    }


def shop_data(cars: Sequence[tuple[PublicAdvert, Traits]], shop: Shop, language: str) -> str:
    """What the script of a file searches in: for each car what it is found by, and its card."""
    wording = load_wording(language)
    rows = [{**asdict(traits), "html": card_of(car, shop, wording)} for car, traits in cars]
    phrases = {
        "none": wording.text("shop", "none"),
        "one": wording.text("shop", "count", count=1),
        "many": wording.text("shop", "count", count=0),  # the script puts its own number for the 0
    }
    return script_json({"made_by": "Kilpi", "a_page": A_PAGE, "phrases": phrases, "cars": rows}) + "\n"
