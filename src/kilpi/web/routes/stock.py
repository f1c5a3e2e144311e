"""The buyers' pages: the adverts that are out, for everybody, without signing in.

Below /stock/, the trade's word for what stands in the yard, and one address for all languages; /cars is the
department's own list. Names and pages are those of the files that `kilpi publish` writes.
"""

from __future__ import annotations

import re
from contextlib import suppress
from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from kilpi.adverts.public_pages import advert_page, advert_policy
from kilpi.adverts.shop_names import (
    ADVERT_PAGE,
    DEALERS_FILE,
    SITEMAP,
    SITEMAP_FILE,
    advert_file,
    index_file,
)
from kilpi.adverts.shop_pages import Asked, Listed, gone_page, index_policy, shop_page
from kilpi.adverts.shop_search import Wanted
from kilpi.cases import State, read_case
from kilpi.errors import CaseMissing
from kilpi.publishing.offers import Out
from kilpi.publishing.site import robots
from kilpi.publishing.sitemap import sitemap
from kilpi.web.problems import Problem
from kilpi.web.public import NAMED_BY_CONTENT, public
from kilpi.web.serving import Served, Serving
from kilpi.web.stock import Shelf
from kilpi.web.visitor import Anyone

router = APIRouter(include_in_schema=False)
READ = ["GET", "HEAD"]
HTML = "text/html; charset=utf-8"
KINDS = {"png": "image/png", "jpg": "image/jpeg", "svg": "image/svg+xml"}


@router.api_route("/robots.txt", methods=READ)
def robots_file(request: Request, visitor: Anyone, serving: Served) -> Response:
    """Search engines may read the buyers' pages and nothing else."""
    text = robots(f"{serving.stock.site}{SITEMAP}", only="/stock/")
    return public(request, text.encode(), "text/plain; charset=utf-8", modified=0)


@router.api_route("/stock", methods=READ)
def without_slash(visitor: Anyone) -> Response:
    """With the slash, so that the pages' links lead to the right place."""
    return RedirectResponse("/stock/", 308)


@router.api_route("/stock/", methods=READ)
def index(request: Request, visitor: Anyone, serving: Served) -> Response:
    """The list in the site's first language."""
    return listed(request, serving, serving.stock.shelf(), 0)


@router.api_route("/stock/{name}", methods=READ)
def beside(request: Request, name: str, visitor: Anyone, serving: Served) -> Response:
    """The list in another language, the sitemap, the dealer's pictures; a car's name leads to its page."""
    shelf = serving.stock.shelf()
    names = [index_file(code, shelf.shop.languages) for code in shelf.shop.languages]
    if name in names:
        return listed(request, serving, shelf, names.index(name))
    if SITEMAP_FILE.fullmatch(name):
        text = sitemap(serving.stock.every(), shelf.shop, serving.stock.site, name)
        if text is None:
            raise Problem(404, "no_page")
        return public(request, text.encode(), "application/xml", modified=shelf.modified)
    if DEALERS_FILE.fullmatch(name) and name in shelf.shop.files:
        kind = KINDS[name.rpartition(".")[2]]
        return public(request, shelf.shop.files[name], kind, modified=0, keep=NAMED_BY_CONTENT)
    if serving.stock.car(name) is not None:
        return RedirectResponse(f"/stock/{quote(name)}/{advert_file('', ())}", 308)
    if serving.stock.case_of(name):
        return gone(request, serving, shelf, name)
    raise Problem(404, "no_page")


@router.api_route("/stock/{car}/{name}", methods=READ)
def of_a_car(request: Request, car: str, name: str, visitor: Anyone, serving: Served) -> Response:
    """An advert's page in one of the site's languages, or one of its pictures."""
    found = serving.stock.car(car)
    if found is None and not ADVERT_PAGE.fullmatch(name):
        raise Problem(404, "no_page")
    if found is not None and name.endswith(".jpg"):
        return picture(request, serving, found, name)
    shelf = serving.stock.shelf()
    shop = shelf.shop
    pages = {advert_file(code, shop.languages): code for code in shop.languages}
    if found is None:
        language = "" if name == advert_file("", ()) else pages.get(name, "")
        return gone(request, serving, shelf, car, language)
    if name not in pages:
        raise Problem(404, "no_page")
    html = advert_page(found.advert, serving.stock.site, shop, pages[name])
    return of_the_shop(request, html, advert_policy(shop), found.mtime_ns / 1e9)


def gone(request: Request, serving: Serving, shelf: Shelf, car: str, language: str = "") -> Response:
    """The page of a car that is out no more: 410 where it was out once and its car is gone, else 404.

    Of the case nothing is told but whether its car is sold.
    """
    case_id, state = serving.stock.case_of(car), None
    if case_id:
        with suppress(CaseMissing):
            state = read_case(serving.store, case_id).state
    codes = shelf.shop.languages
    own = serving.settings.language if not shelf.seen.count else ""  # nothing out tells it
    language = language or (own if own in codes else codes[0])
    key = {State.SOLD: "gone_sold", State.WITHDRAWN: "gone_away"}.get(state or State.ERASED, "gone_unknown")
    html = gone_page(shelf.shop, language, key, car)
    policy = advert_policy(shelf.shop)
    status = 404 if key == "gone_unknown" else 410
    return of_the_shop(request, html, policy, shelf.modified, status=status)


def picture(request: Request, serving: Serving, found: Out, name: str) -> Response:
    """A picture that the advert names, and no other file of its folder."""
    named = {part for one in found.advert.pictures for part in (one.name, one.small, one.medium)} - {""}
    if name not in named or serving.stock.root is None or not re.fullmatch(r"[0-9a-z-]+\.jpg", name):
        raise Problem(404, "no_page")
    path = serving.stock.root / found.advert.id / name
    try:
        content, modified = path.read_bytes(), path.stat().st_mtime
    except OSError:
        raise Problem(404, "no_page") from None
    return public(request, content, KINDS["jpg"], modified=modified)


def listed(request: Request, serving: Serving, shelf: Shelf, place: int) -> Response:
    """A page of the cars that were asked for, in the shop's language at this place."""
    language = shelf.shop.languages[place]
    wanted = Wanted.read(request.query_params)
    number = int(re.sub(r"[^0-9]", "", request.query_params.get("page", ""))[:6] or 1)
    found = serving.stock.found(wanted, language, number, shelf.seen.count)
    outs = (serving.stock.car(identity) for identity in found.ids)
    cars = [out.advert for out in outs if out is not None]  # one may have gone since
    here = Listed(cars, found.count, found.number)
    html = shop_page(shelf.shop, language, here, shelf.seen.facets, serving.stock.site, Asked(wanted))
    return of_the_shop(request, html, index_policy(shelf.shop, live=True), shelf.modified)


def of_the_shop(request: Request, html: str, policy: str, modified: float, *, status: int = 200) -> Response:
    """A page, with its own policy as a header too."""
    headers = {"content-security-policy": f"{policy}; frame-ancestors 'none'"}
    return public(request, html.encode(), HTML, modified=modified, headers=headers, status=status)
