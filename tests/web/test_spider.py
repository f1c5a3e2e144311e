"""What anybody may see, on a live server and as files, byte by byte: nothing of it gives a car away."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from recipes.spider import crawl, folder, leaks, over_http
from tests.stores import no_power_cuts
from tests.street import MARKS, STAFF, VINS, Street, open_street, served
from tests.web.serving import cheap_passwords

from kilpi.publishing.publish import publish
from kilpi.web import create_app
from kilpi.web.app import ruled


@pytest.fixture(scope="module")
def street(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Street]:
    with pytest.MonkeyPatch.context() as patch:
        no_power_cuts(patch)
        cheap_passwords(patch)
        with open_street(tmp_path_factory.mktemp("street")) as found:
            yield found


@pytest.fixture(scope="module")
def address(street: Street) -> Iterator[str]:
    with served(street) as found:
        yield found


def test_a_live_server_shows_no_stranger_what_is_not_theirs(street: Street, address: str) -> None:
    ways_in = ("/stock/", "/", "/robots.txt", "/sign-in", "/v1/openapi.json", "/readyz")
    pages = crawl(over_http, [address + path for path in ways_in])
    reached = {url.removeprefix(address) for url in pages}
    leaf, golf, micra = (street.public(car) for car in ("leaf", "golf", "micra"))
    assert {f"/stock/{leaf}/advert.html", f"/stock/{golf}/advert-sv.html", "/stock/sitemap.xml"} <= reached
    assert {f"/stock/{leaf}/01.jpg", f"/stock/{golf}/02-small.jpg"} <= reached
    assert not any(micra in one for one in reached), "a draft is for nobody"
    assert leaks(pages, street.needles) == []


def test_files_of_kilpi_publish_give_nothing_away(street: Street, tmp_path: Path) -> None:
    publish(street.serving.data, str(tmp_path / "www"))
    pages, leaf = folder(tmp_path / "www"), street.public("leaf")
    assert {"index.html", "cars-fi.json", "feeds/vehicles.csv", "robots.txt"} <= set(pages)
    assert {f"{leaf}/{name}" for name in ("advert.html", "advert-sv.html", "listing.json", "01.jpg")} <= set(
        pages
    )
    assert leaks(pages, street.needles) == []


def planted() -> list[tuple[str, bytes]]:
    """The ways in which a mark, a VIN or an address may hide."""
    jpeg = b"\xff\xd8\xff\xe1\x00\x10Exif\0\0" + b"X.R.T 4-1-7" + b"\xff\xd9"
    png = b"\x89PNG\r\n\x1a\n" + b"....zTXtComment\0\0" + zlib.compress(b"plate xrt417") + b"...."
    return [
        ("mark", b"<p>XRT-417</p>"),
        ("mark", b"<p>x r t &#52;1 7</p>"),
        ("mark", b"/photos/Xrt%20417.jpg"),
        ("mark", json.dumps({"t": "Xrt\u00a0417"}).encode()),
        ("mark", rb'{"t": "\u0058RT\u002d417"}'),
        ("mark", "xrt 417".encode("utf-16-le")),
        ("mark", b"HTTP headers" + gzip.compress(b"<p>xrt-417</p>", mtime=0)),
        ("mark", jpeg),
        ("mark", png),
        ("VIN", VINS[1].lower().encode()),
        ("staff", STAFF.replace("@", "&#64;").encode()),
    ]


@pytest.mark.parametrize(("kind", "content"), planted())
def test_the_spider_finds_what_is_planted(street: Street, kind: str, content: bytes) -> None:
    found = leaks({"clean": b"<p>Nissan Leaf 2019, 84 500 km</p>", "page": content}, street.needles)
    assert [(one.kind, one.where) for one in found] == [(kind, "page")]


def test_the_spider_follows_links_to_what_is_planted(street: Street, address: str) -> None:
    """A page of the live site that holds a mark is reached from the index, and found."""
    listing = street.site.to / street.public("leaf") / "listing.json"
    before = listing.read_text()
    listing.write_text(before.replace("Tow bar", f"Tow bar of {MARKS[1].replace('-', ' ')}"))
    street.look()
    try:
        found = leaks(crawl(over_http, [f"{address}/stock/"]), street.needles)
        assert {one.kind for one in found} == {"mark"}
        assert f"{address}/stock/{street.public('leaf')}/advert.html" in {one.where for one in found}
    finally:
        listing.write_text(before)
        street.look()


def test_a_short_mark_is_found_as_people_write_it() -> None:
    needles = {"mark": {"ÖÅ-7"}}
    for text in ("ÖÅ-7", "öå 7"):
        assert leaks({"page": f"<p>{text}</p>".encode()}, needles)
    assert leaks({"page": "<p>Töölö, Åland, 7 km</p>".encode()}, needles) == []


OPEN = {"/sign-in", "/healthz", "/readyz", "/favicon.ico", "/v1/openapi.json", "/robots.txt", "/language"}


def test_every_other_route_turns_strangers_away(street: Street, address: str) -> None:
    """By hand as well as by rule: each address of the department, with a real case's id."""
    case = street.case("leaf")
    asked = 0
    for route in ruled(create_app(street.serving)):
        path = route.path.replace("{case_id}", case.id)
        for part in ("{sha256}", "{name}", "{corners}", "{secret}", "{user_id}", "{token_id}", "{car}"):
            path = path.replace(part, "x")
        if path in OPEN or path.startswith("/stock"):
            continue
        for method in route.methods or ():
            status = httpx2.request(method, address + path, timeout=30).status_code
            assert status in (303, 401, 403, 404, 422), (method, path, status)
            asked += 1
    assert asked > 50
    leaf, micra = street.public("leaf"), street.public("micra")
    inside = [
        f"{leaf}/{name}" for name in ("decision.json", "plate-01.jpg", "listing.json", "..%2flisting.json")
    ]
    beside = [
        "kilpi.db",
        "decision.json",
        "..%2f..%2fdata%2fkilpi.db",
        f"{micra}/advert.html",
        f"{case.id}/01.jpg",
    ]
    for path in (*inside, *beside):
        assert httpx2.get(f"{address}/stock/{path}").status_code == 404
    assert httpx2.get(f"{address}/stock/{leaf}/01.jpg").status_code == 200
