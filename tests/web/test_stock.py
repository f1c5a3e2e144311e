"""The buyers' pages of a server: what is out, for everybody, and how long it may be kept."""

from __future__ import annotations

import re
import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient
from tests.stores import no_power_cuts
from tests.street import STAFF, Street, open_street
from tests.web.serving import cheap_passwords

from kilpi.cases import Desk
from kilpi.publishing import sitemap
from kilpi.publishing.offer_search import overview
from kilpi.publishing.shop import open_shop
from kilpi.types import Dealer
from kilpi.web import create_app

SHOP = open_shop(
    None, Dealer(name="Autotalo Malli", city="Turku", web="https://malli.example/", colour="#aa0011")
)


@pytest.fixture(scope="module")
def street(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Street]:
    yield from a_street(tmp_path_factory.mktemp("street"))


def a_street(folder: Path) -> Iterator[Street]:
    """A street, as long as it is looked at."""
    with pytest.MonkeyPatch.context() as patch:
        no_power_cuts(patch)
        cheap_passwords(patch)
        with open_street(folder, SHOP) as found:
            yield found


@pytest.fixture(scope="module")
def buyer(street: Street) -> TestClient:
    return buyer_of(street)


def buyer_of(street: Street) -> TestClient:
    """Somebody who has not signed in."""
    return TestClient(create_app(street.serving), "http://testserver", follow_redirects=False)


def titles(page: str) -> list[str]:
    return re.findall(r"<h2><a href=\"[^\"]*\">([^<]*)</a>", page)


def test_the_list_shows_what_is_out_in_the_dealers_look(buyer: TestClient) -> None:
    page = buyer.get("/stock/").text
    assert titles(page) == ["Nissan Leaf 2019", "Volkswagen Golf 2017"], "the Micra is a draft"
    assert '<html lang="fi">' in page and "Autotalo Malli" in page and "--brand:#aa0011" in page
    assert "15\u00a0900\u00a0€" in page and "84\u00a0500\u00a0km" in page
    english = buyer.get("/stock/index-en.html").text
    assert "€15,900" in english and "84,500\u00a0km" in english and 'lang="en"' in english


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("make=Nissan", ["Nissan Leaf 2019"]),
        ("q=GOLF", ["Volkswagen Golf 2017"]),
        ("q=tow+leaf", ["Nissan Leaf 2019"]),
        ("q=nothing", []),
        ("price_to=10+000", ["Volkswagen Golf 2017"]),
        ("price_from=9900&price_to=15900", ["Nissan Leaf 2019", "Volkswagen Golf 2017"]),
        ("year_from=2018", ["Nissan Leaf 2019"]),
        ("year_to=2018", ["Volkswagen Golf 2017"]),
        ("km_to=100000", ["Nissan Leaf 2019"]),
        ("fuel=petrol&gearbox=manual", ["Volkswagen Golf 2017"]),
        ("sort=price", ["Volkswagen Golf 2017", "Nissan Leaf 2019"]),
        ("sort=km", ["Nissan Leaf 2019", "Volkswagen Golf 2017"]),
        (
            "sort=wrong&page=-7&km_to=many&year_to=99999999999999",
            ["Nissan Leaf 2019", "Volkswagen Golf 2017"],
        ),
    ],
)
def test_a_search_is_an_address(buyer: TestClient, query: str, found: list[str]) -> None:
    answer = buyer.get(f"/stock/?{query}")
    assert answer.status_code == 200 and titles(answer.text) == found


def test_words_of_a_search_cannot_break_out(buyer: TestClient) -> None:
    page = buyer.get("/stock/", params={"q": '"><script>alert(1)</script>', "make": '"><b>'}).text
    assert "<script>alert" not in page and '"><b>' not in page
    assert 'content="noindex, follow"' in page, "a search is not for search engines"


def test_answers_may_be_kept_and_are_asked_for_again(buyer: TestClient, street: Street) -> None:
    leaf = street.public("leaf")
    for path in ("/stock/", f"/stock/{leaf}/advert.html", f"/stock/{leaf}/01.jpg", "/stock/sitemap.xml"):
        first = buyer.get(path)
        assert first.status_code == 200 and first.headers["cache-control"].startswith("public")
        assert "set-cookie" not in first.headers
        again = buyer.get(path, headers={"if-none-match": first.headers["etag"]})
        assert again.status_code == 304 and again.content == b""
        assert (
            buyer.get(path, headers={"if-modified-since": first.headers["last-modified"]}).status_code == 304
        )
        assert buyer.get(path, headers={"if-none-match": '"another"'}).status_code == 200
        no_time = {"if-modified-since": "Mon, 01 Jan 2024 00:00:00 +99999999999999"}
        assert buyer.get(path, headers=no_time).status_code == 200
        head = buyer.head(path)
        assert (head.status_code, head.headers["etag"]) == (200, first.headers["etag"])


def test_pages_are_packed_and_pictures_are_not(buyer: TestClient, street: Street) -> None:
    page = buyer.get("/stock/", headers={"accept-encoding": "gzip"})
    assert page.headers["content-encoding"] == "gzip" and page.headers["vary"] == "Accept-Encoding"
    plain = buyer.get("/stock/", headers={"accept-encoding": "identity"})
    assert "content-encoding" not in plain.headers and plain.text == page.text
    picture = buyer.get(f"/stock/{street.public('leaf')}/01.jpg", headers={"accept-encoding": "gzip"})
    assert "content-encoding" not in picture.headers and picture.content[:2] == b"\xff\xd8"


def test_a_pages_policy_lets_in_its_own_style_and_script_alone(buyer: TestClient, street: Street) -> None:
    for path in ("/stock/", f"/stock/{street.public('golf')}/advert.html"):
        rules = buyer.get(path).headers["content-security-policy"]
        assert "default-src 'none'" in rules and "unsafe" not in rules and "frame-ancestors 'none'" in rules
        assert "style-src 'sha256-" in rules


def test_only_the_buyers_pages_are_for_search_engines(buyer: TestClient) -> None:
    text = buyer.get("/robots.txt").text
    assert "Allow: /stock/\nDisallow: /\n" in text
    assert "Sitemap: http://127.0.0.1:8765/stock/sitemap.xml\n" in text


def test_a_long_sitemap_is_an_index_over_parts(buyer: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    assert buyer.get("/stock/sitemap-1.xml").status_code == 404
    monkeypatch.setattr(sitemap, "MOST_ADDRESSES", 2)
    index = buyer.get("/stock/sitemap.xml").text
    parts = re.findall(r"<loc>http://127.0.0.1:8765(/stock/sitemap-[0-9]+\.xml)</loc>", index)
    assert len(parts) > 1
    assert sum("/stock/index.html</loc>" in buyer.get(part).text for part in parts) == 1
    assert all(buyer.get(part).status_code == 200 for part in parts)


def test_addresses_that_almost_fit_lead_on(buyer: TestClient, street: Street) -> None:
    assert buyer.get("/stock").headers["location"] == "/stock/"
    leaf = street.public("leaf")
    assert buyer.get(f"/stock/{leaf}").headers["location"] == f"/stock/{leaf}/advert.html"
    assert buyer.get("/stock/index-de.html").status_code == 404


@pytest.fixture
def own_street(tmp_path: Path) -> Iterator[Street]:
    """One that a test may change: the others look at theirs in any order."""
    yield from a_street(tmp_path)


def test_what_another_program_changes_is_seen_by_looking(own_street: Street) -> None:
    street, buyer = own_street, buyer_of(own_street)
    shutil.move(street.site.to / street.public("golf"), street.site.to.parent / "aside")
    page = buyer.get("/stock/").text
    assert titles(page) == ["Nissan Leaf 2019"], "a row alone shows nothing"
    stop = threading.Event()
    stop.set()
    street.serving.stock.keep(stop)
    assert overview(street.serving.store, street.site.target).count == 2, "it was told to stop"
    looking = threading.Thread(target=street.serving.stock.keep, args=(stop,))
    stop.clear()
    looking.start()
    until = time.monotonic() + 20
    while overview(street.serving.store, street.site.target).count == 2:
        assert time.monotonic() < until
        time.sleep(0.02)
    stop.set()
    looking.join(5)
    assert not looking.is_alive()


def test_no_address_leads_out_of_the_site(buyer: TestClient, street: Street) -> None:
    for name in ("..%2Fdata", "%2e%2e%2fdata", "data%00", "x%2f..%2f" + street.public("leaf")):
        for path in (f"/stock/{name}", f"/stock/{name}/advert.html", f"/stock/{name}/01.jpg"):
            assert buyer.get(path).status_code in (400, 404), path


def test_a_car_that_is_sold_is_gone(own_street: Street) -> None:
    street, buyer = own_street, buyer_of(own_street)
    golf = street.public("golf")
    Desk(street.serving.store, street.serving.data).sold(street.case("golf").id, by=STAFF)
    street.work()
    assert titles(buyer.get("/stock/").text) == ["Nissan Leaf 2019"]
    assert golf not in buyer.get("/stock/sitemap.xml").text
    assert buyer.get(f"/stock/{golf}/01.jpg").status_code == 404
    for path, words in (("advert.html", "Tämä auto on myyty"), ("advert-sv.html", "Den här bilen är såld")):
        page = buyer.get(f"/stock/{golf}/{path}")
        assert page.status_code == 410 and words in page.text and 'content="noindex"' in page.text
        assert page.headers["cache-control"] == "public, no-cache" and "../index" in page.text
    assert buyer.get(f"/stock/{golf}").status_code == 410


def test_only_of_a_car_that_was_out_is_told_that_it_is_sold(own_street: Street) -> None:
    street, buyer = own_street, buyer_of(own_street)
    desk = Desk(street.serving.store, street.serving.data)
    leaf, golf = street.public("leaf"), street.case("golf")
    micra = street.public("micra")
    desk.sold(street.case("micra").id, by=STAFF)  # was never out
    desk.withdraw(street.case("leaf").id, by=STAFF)
    was = street.public("golf")
    desk.sold(golf.id, by=STAFF)
    street.work()
    told = {name: buyer.get(f"/stock/{name}/advert.html") for name in (micra, leaf, was, "x<y>")}
    assert [one.status_code for one in told.values()] == [404, 410, 410, 404]
    assert "ei ole enää myynnissä" in told[leaf].text and "<y>" not in told["x<y>"].text
    assert not any(case.id in one.text for one in told.values() for case in (golf,))
    desk.undo(golf.id, by=STAFF)
    street.work()
    assert buyer.get(f"/stock/{was}/advert.html").status_code == 404, "it may come back"
    desk.sold(golf.id, by=STAFF)
    desk.erase(golf.id, by=STAFF)
    street.work()
    assert buyer.get(f"/stock/{was}/advert.html").status_code == 404
    assert not (street.serving.data / ".gone" / golf.id).exists()


def test_what_may_be_withdrawn_is_asked_for_each_time(buyer: TestClient, street: Street) -> None:
    """A browser that keeps a picture for an hour shows it after its car was withdrawn or covered."""
    leaf = street.public("leaf")
    for path in ("/stock/", f"/stock/{leaf}/advert.html", f"/stock/{leaf}/01.jpg", "/stock/sitemap.xml"):
        assert buyer.get(path).headers["cache-control"] == "public, no-cache", path
