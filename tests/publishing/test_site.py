"""The index as files: what stands there, what goes with a car, and what is never touched."""

from __future__ import annotations

import json
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import pytest
from defusedxml import ElementTree
from tests.adverts_data import LEAF, OFFER, accepted, doubtful

from kilpi.adverts.folders import write_car
from kilpi.adverts.listing import TemplateWriter
from kilpi.publishing import sitemap
from kilpi.publishing.publish import publish
from kilpi.publishing.shop import open_shop
from kilpi.types import Dealer

SITE = "https://cars.example/yard/"
DEALER = Dealer(name="Auto Oy", city="Turku", site=SITE, email="myynti@auto.example", languages=("fi", "sv"))
ROOT = {"index.html", "index-sv.html", "cars-fi.json", "cars-sv.json", "sitemap.xml", "robots.txt"}


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """Two cars for sale and one that a person is asked about."""
    folder = tmp_path / "out"
    write_car(accepted("leaf", language="fi"), folder)
    offer = replace(OFFER, contact=None, dealer=None)
    write_car(accepted("other", offer, count=1, language="fi"), folder)
    write_car(doubtful(), folder)
    return folder


def put(out: Path, to: Path, dealer: Dealer = DEALER) -> None:
    publish(out, str(to), shop=open_shop(None, dealer))


class Page(HTMLParser):
    """Every address of a page, and its words for other programs."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.meta: dict[str, str] = {}
        self.alternates: dict[str, str] = {}
        self.canonical = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.links += [given[name] for name in ("href", "src") if name in given]
        self.links += [part.split()[0] for part in given.get("srcset", "").split(",") if part.strip()]
        if tag == "meta" and "content" in given:
            self.meta[given.get("property") or given.get("name") or ""] = given["content"]
        if given.get("rel") == "alternate":
            self.alternates[given["hreflang"]] = given["href"]
        if given.get("rel") == "canonical":
            self.canonical = given["href"]


def pages(to: Path) -> dict[str, Page]:
    return {str(path.relative_to(to)): Page(path.read_text()) for path in to.rglob("*.html")}


def test_every_link_leads_to_a_file_that_is_there(out: Path, tmp_path: Path) -> None:
    to = tmp_path / "www"
    put(out, to)
    assert {path.name for path in to.iterdir()} >= ROOT
    found = pages(to)
    assert len(found) == 2 + 2 * 2
    for name, page in found.items():
        for link in page.links:
            if not urlsplit(link).scheme and not link.startswith("#"):
                target = urlsplit(urljoin(f"http://x/{name}", link)).path.lstrip("/")
                assert (to / target).is_file(), (name, link)


def test_pages_name_themselves_and_each_other_in_every_language(out: Path, tmp_path: Path) -> None:
    put(out, tmp_path / "www")
    for name, page in pages(tmp_path / "www").items():
        assert page.canonical == SITE + name
        assert page.alternates[page.canonical.partition("-sv")[1].strip("-") or "fi"] == page.canonical
        assert set(page.alternates) == {"fi", "sv", "x-default"}
        assert page.meta["og:url"] == page.canonical and page.meta["og:image"].startswith(SITE)
        assert page.meta["twitter:card"] == "summary_large_image" and page.meta["description"]
        outside = [link for link in page.links if "//" in link and not link.startswith(SITE)]
        assert outside == []


def test_the_sitemap_has_every_page(out: Path, tmp_path: Path) -> None:
    put(out, tmp_path / "www")
    tree = ElementTree.parse(tmp_path / "www" / "sitemap.xml")
    locs = {one.text for one in tree.iter("{http://www.sitemaps.org/schemas/sitemap/0.9}loc")}
    assert locs == {SITE + name for name in pages(tmp_path / "www")}
    assert f"Sitemap: {SITE}sitemap.xml" in (tmp_path / "www" / "robots.txt").read_text()


def locs_in(path: Path) -> list[str]:
    tree = ElementTree.parse(path)
    return [one.text or "" for one in tree.iter("{http://www.sitemaps.org/schemas/sitemap/0.9}loc")]


def test_a_sitemap_that_is_too_long_is_an_index_over_parts(
    out: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    www = tmp_path / "www"
    monkeypatch.setattr(sitemap, "MOST_ADDRESSES", 5)  # two pages of two languages
    put(out, www)
    parts = [f"sitemap-{n}.xml" for n in (1, 2)]
    assert locs_in(www / "sitemap.xml") == [SITE + name for name in parts]
    found = [locs_in(www / name) for name in parts]
    assert [len(one) for one in found] == [4, 2]
    assert {*found[0], *found[1]} == {SITE + name for name in pages(www)}
    monkeypatch.undo()
    put(out, www)
    assert not any((www / name).exists() for name in parts), "what is not needed any more goes"
    assert len(locs_in(www / "sitemap.xml")) == 6


def test_contact_is_the_cars_own_else_the_dealers_and_says_which_car(out: Path, tmp_path: Path) -> None:
    put(out, tmp_path / "www")
    own = pages(tmp_path / "www")["leaf/advert.html"].links
    assert "tel:+358401234567" in own and any(one.startswith("mailto:myynti@auto.example?") for one in own)
    (mail,) = {one for one in pages(tmp_path / "www")["other/advert.html"].links if "subject" in one}
    assert mail == "mailto:myynti@auto.example?subject=Nissan%20Leaf%20Tekna%202019%20%28other%29"


def test_what_is_gone_leaves_every_file(out: Path, tmp_path: Path) -> None:
    to = tmp_path / "www"
    put(out, to)
    write_car(doubtful("leaf"), out)
    put(out, to)
    assert not (to / "leaf").exists()
    for path in to.rglob("*"):
        assert not path.is_file() or b"leaf/" not in path.read_bytes(), path
    assert [car["words"][:11] for car in json.loads((to / "cars-fi.json").read_text())["cars"]] == [
        "nissan leaf"
    ]


def test_a_second_run_writes_nothing_and_another_language_goes(out: Path, tmp_path: Path) -> None:
    to = tmp_path / "www"
    put(out, to)
    again = publish(out, str(to), shop=open_shop(None, DEALER))
    assert again.site and (again.site.written, again.site.removed) == ((), ())
    fewer = publish(out, str(to), shop=open_shop(None, replace(DEALER, languages=("fi",))))
    assert fewer.site and set(fewer.site.removed) == {"index-sv.html", "cars-sv.json"}
    assert not (to / "leaf" / "advert-sv.html").exists()


def test_what_is_not_kilpis_stays_and_is_told(out: Path, tmp_path: Path) -> None:
    to = tmp_path / "www"
    to.mkdir()
    (to / "index.html").write_text("<!doctype html><title>The dealer's own</title>")
    (to / "robots.txt").write_text("User-agent: *\n")
    (to / "logo-0123456789ab.png").write_bytes(b"theirs")
    report = publish(out, str(to), shop=open_shop(None, DEALER))
    assert {held.folder for held in report.held} >= {"index.html", "robots.txt"} and not report.failed
    assert "own" in (to / "index.html").read_text() and (to / "logo-0123456789ab.png").exists()
    assert (to / "index-sv.html").is_file()


def test_many_cars_are_paged_and_all_are_in_the_data(tmp_path: Path) -> None:
    out, to = tmp_path / "out", tmp_path / "www"
    for n in range(30):
        vehicle = replace(LEAF, first_registered=LEAF.first_registered.replace(year=1990 + n))  # type: ignore[union-attr]
        car = accepted(f"car {chr(97 + n // 10)}{'abcdefghij'[n % 10]}", count=1)
        car = replace(car, vehicle=vehicle, listing=TemplateWriter("en").write(vehicle, OFFER))
        write_car(car, out)
    publish(out, str(to))
    first, second = (Page((to / name).read_text()) for name in ("index.html", "index-2.html"))
    cars = [{link for link in page.links if link.endswith("advert.html")} for page in (first, second)]
    assert [len(one) for one in cars] == [24, 6] and not cars[0] & cars[1]
    assert "index-2.html" in first.links and "index.html" in second.links
    listed = json.loads((to / "cars-en.json").read_text())["cars"]
    assert [car["year"] for car in listed] == list(range(2019, 1989, -1)), "the newest first"
