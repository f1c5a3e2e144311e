"""The page of one advert, as buyers read it: alone, or as part of a dealer's public site.

One file: style and script are inlined, nothing is fetched from elsewhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from kilpi.adverts.contact import ways_of
from kilpi.adverts.json_ld import car_json_ld, script_json
from kilpi.adverts.page_parts import asset, policy, shorten, speaker, width_at
from kilpi.adverts.shop_names import advert_file, index_file
from kilpi.adverts.translated import Told, told_in
from kilpi.adverts.wording import Wording, load_wording
from kilpi.types import MEDIUM_SIDE, PublicAdvert, PublicPicture, Shop

SUMMARY = 160  # characters of a search engine's snippet
KEYS = ("odometer", "first_registered", "year", "fuel", "gearbox", "power", "body")  # facts beside the price
NO_SHOP = Shop()


@dataclass(frozen=True, slots=True)
class Language:
    """The same page in another language: `href` as the page links to it, `url` whole ("" where unknown)."""

    code: str
    name: str
    href: str
    url: str


def advert_page(
    car: PublicAdvert, site: str | None = None, shop: Shop | None = None, language: str = ""
) -> str:
    """`advert.html`. `site` is the address above the cars' folders, ending in a slash, where it is known.

    With a `shop` the page has the dealer's look, leads to the index beside the cars' folders, and to the page
    in the shop's other languages. `language`: which one this is; "": the advert's own.
    """
    language = language or (shop.languages[0] if shop and shop.languages else car.language)
    told = told_in(car, language)
    wording = load_wording(language)
    shown, dealer = told.advert, (shop or NO_SHOP).dealer
    file = advert_file(language, shop.languages if shop else ())
    labels = {load_wording(shown.language).label(key) for key in KEYS}
    return wording.html.get_template("advert.html.j2").render(
        **frame(
            wording,
            shop,
            site,
            [f"{car.id}/{advert_file(code, languages_of(shop))}" for code in languages_of(shop)],
        ),
        car=shown,
        told=told,
        written=written(told, language),
        page=f"{site}{car.id}/{file}" if site else "",
        home=f"../{index_file(language, shop.languages)}" if shop else "",
        keys=[fact for fact in shown.facts if fact.label in labels],
        ways=ways_of(shown, dealer),
        summary=shorten(" ".join(shown.paragraphs), SUMMARY),
        srcset=srcset,
        json_ld=Markup(script_json(car_json_ld(shown, site, dealer, file))),
        style=Markup(style_of(shop)),
        script=Markup(asset("gallery.js")),
        policy=advert_policy(shop),
    )


def advert_policy(shop: Shop | None) -> str:
    """The policy of an advert's page: its style and the gallery's script, and nothing else.

    On a site its own host may be asked: tools that judge pages fetch robots.txt as the page would.
    """
    rules = policy(style_of(shop), asset("gallery.js"))
    return f"{rules}; connect-src 'self'" if shop else rules


def frame(wording: Wording, shop: Shop | None, site: str | None, paths: Sequence[str]) -> dict[str, Any]:
    """What the head and the strip of every public page need. `paths`: this page in each of the shop's
    languages, from the folder of the index.
    """
    up = "../" if paths and "/" in paths[0] else ""
    codes = languages_of(shop)
    return {
        "shop": shop,
        "site": site,
        "up": up,
        "language": wording.language,
        "locale": wording.locale,
        "say": speaker(wording),
        "told_shop": lambda key, **values: wording.text("shop", key, **values),
        "others": [
            Language(code, load_wording(code).name, f"{up}{path}", f"{site}{path}" if site else "")
            for code, path in zip(codes, paths, strict=True)
        ],
    }


def languages_of(shop: Shop | None) -> tuple[str, ...]:
    """The languages that a page leads to."""
    return shop.languages if shop else ()


def written(told: Told, language: str) -> str:
    """The language of the dealer's own words, where it is another than the page's; else ""."""
    return told.written if told.written != language else ""


def style_of(shop: Shop | None) -> str:
    """The style of a public page: ours, and the dealer's colours over it."""
    return asset("style.css") + asset("advert.css") + (asset("shop.css") + shop.style if shop else "")


def srcset(picture: PublicPicture, up: str = "") -> str:
    """The sizes that a picture is there in, for a browser to choose from; `up` leads to its folder."""
    sizes = [(picture.small, width_at(picture))]
    sizes += [(picture.medium, width_at(picture, MEDIUM_SIDE))] if picture.medium else []
    sizes.append((picture.name, picture.width))
    return ", ".join(f"{up}{name} {width}w" for name, width in sizes)
