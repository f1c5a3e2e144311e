from __future__ import annotations

import base64
import hashlib
import html
import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from tests.adverts_data import LEAF, MARK, OFFER, accepted, doubtful, pictures

from kilpi.adverts.contact import contact_link
from kilpi.adverts.listing import TemplateWriter, mentions
from kilpi.adverts.next_commands import next_commands, set_command
from kilpi.adverts.page_parts import shorten
from kilpi.adverts.pages import Row, index_page, review_page
from kilpi.adverts.public_advert import public_advert
from kilpi.adverts.public_pages import advert_page
from kilpi.adverts.records import record
from kilpi.adverts.wording import LANGUAGES, load_wording
from kilpi.types import Car, PublicAdvert

VOID = {"meta", "link", "img", "input", "br"}


class Checker(HTMLParser):
    """Notes unbalanced elements, images without alt, addresses, and heading order."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.faults: list[str] = []
        self.addresses: list[str] = []
        self.ids: list[str] = []
        self.headings: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag not in VOID:
            self.open.append(tag)
        if tag == "img" and "alt" not in values:
            self.faults.append("img without alt")
        if tag == "button" and not values.get("aria-label"):
            self.faults.append("button without a name")
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(tag)
        self.addresses += [v for k, v in values.items() if k in {"src", "href", "srcset"} and v]
        if values.get("id"):
            self.ids.append(str(values["id"]))

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.faults.append(f"unbalanced {tag}")


def check(page: str) -> Checker:
    checker = Checker()
    checker.feed(page)
    assert checker.faults == []
    assert checker.open == []
    assert len(checker.ids) == len(set(checker.ids))
    assert checker.headings[0] == "h1"
    assert checker.headings.count("h1") == 1
    return checker


def advert(car: Car) -> PublicAdvert:
    assert car.listing is not None
    return public_advert(car, car.listing, "leaf")


def json_ld(page: str) -> dict[str, object]:
    found = re.search(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    assert found
    values: dict[str, object] = json.loads(found[1])
    return values


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_advert_is_sound_html_without_outside_addresses(language: str) -> None:
    page = advert_page(advert(accepted(language=language, count=3)))
    checker = check(page)
    assert f'<html lang="{language}">' in page
    assert not [a for a in checker.addresses if "//" in a]
    assert not mentions(page, MARK)
    assert str(LEAF.vin) not in page
    assert 'class="banner"' not in page
    assert "noindex" not in page


def test_a_draft_says_so_and_names_what_is_missing() -> None:
    page = advert_page(advert(accepted(offer=replace(OFFER, price=None))))
    check(page)
    assert "Draft" in page
    assert "<li>price</li>" in page
    assert "Price missing" in page
    assert "noindex" in page
    assert "offers" not in json_ld(page)


def test_an_advert_without_pictures_still_works() -> None:
    page = advert_page(advert(accepted(count=0)))
    check(page)
    assert "<img" not in page
    assert "gallery.js" not in page


def test_texts_cannot_break_out() -> None:
    nasty = "</script><script>alert(1)</script>\"'><img src=x onerror=alert(1)>"
    offer = replace(OFFER, description=nasty, dealer=nasty, place=nasty, contact=nasty, equipment=(nasty,))
    page = advert_page(advert(accepted(offer=offer)))
    check(page)
    assert page.count("<script") == 2
    assert "onerror=alert(1)>" not in page
    assert nasty in str(json_ld(page)["description"])


def test_json_ld_says_only_what_is_known() -> None:
    values = json_ld(advert_page(advert(accepted())))
    assert values["@type"] == "Car"
    assert values["brand"] == {"@type": "Brand", "name": "Nissan"}
    assert values["dateVehicleFirstRegistered"] == "2019-05-03"
    assert values["mileageFromOdometer"] == {"@type": "QuantitativeValue", "value": 84500, "unitCode": "KMT"}
    assert "vehicleModelDate" not in values
    assert "vehicleIdentificationNumber" not in values
    offer = values["offers"]
    assert isinstance(offer, dict)
    assert (offer["price"], offer["priceCurrency"]) == ("19900", "EUR")


def test_a_site_makes_addresses_whole() -> None:
    page = advert_page(advert(accepted()), "https://cars.example/")
    assert '<meta property="og:image" content="https://cars.example/leaf/01.jpg">' in page
    assert json_ld(page)["image"] == ["https://cars.example/leaf/01.jpg", "https://cars.example/leaf/02.jpg"]


def test_a_review_page_says_why() -> None:
    car = doubtful()
    page = review_page(record(car, "x", None, {}), pictures(1), "en")
    check(page)
    assert "The least certain character was not read surely (score 0.4, threshold 0.8)." in page
    assert "do not publish" in page


def test_the_index_lists_what_needs_a_person_first() -> None:
    ready, draft, review = accepted("a"), accepted("b", offer=replace(OFFER, price=None)), doubtful("c")
    rows = [Row("a", record(ready, "a", advert(ready), {}))]
    rows.append(Row("b", record(draft, "b", advert(draft), {})))
    rows.append(Row("c #1", record(review, "c", None, {})))
    page = index_page(rows, "en")
    check(page)
    assert page.index("c%20%231/review.html") < page.index("b/advert.html") < page.index("a/advert.html")
    assert "1 ready, 1 draft, 1 to be checked" in page
    assert "Still missing: price" in page


def test_the_index_gives_the_command_that_a_draft_needs(tmp_path: Path) -> None:
    def told(missing: tuple[str, ...], mark: str | None = "ABC-123") -> str | None:
        car = replace(record(accepted("b"), "b", advert(accepted("b")), {}), mark=mark, missing=missing)
        return set_command(tmp_path / "x" / ".." / "my out" / "b", car)

    where = f"-o '{tmp_path.resolve()}/my out'"
    assert told(("price",)) == f"kilpi set b price=PRICE {where}"
    texts = load_wording("fi").tables["missing"]
    lacks = (texts["odometer"], texts["vehicle_unasked"])
    assert told(lacks) == f"kilpi set b km=KM make=MAKE model=MODEL year=YEAR {where}"
    assert told((texts["vehicle"],), mark=None) == f"kilpi set b make=MAKE model=MODEL year=YEAR {where}"
    assert told((texts["pictures"],)) is None
    draft = accepted("b", offer=replace(OFFER, price=None))
    rows = [Row("b", record(draft, "b", advert(draft), {}))]
    page = index_page(rows, "en", tmp_path)
    check(page)
    assert "kilpi set b price=PRICE -o" in page and "Give what is missing" in page
    assert "kilpi set" not in index_page(rows, "en") + advert_page(advert(draft))


def test_a_review_pages_commands_name_a_folder_without_detours(tmp_path: Path) -> None:
    (told, *_) = next_commands(tmp_path / "x" / ".." / "out" / "leaf", None, ())
    assert told[1] == f"kilpi answer leaf MARK -o {tmp_path.resolve()}/out"


def test_an_empty_index() -> None:
    check(index_page([], "fi"))


@pytest.mark.parametrize(
    ("contact", "link"),
    [
        ("+358 40 123 4567", "tel:+358401234567"),
        ("(09) 123 456", None),
        ("myynti@malli.example", "mailto:myynti@malli.example"),
        ("javascript:alert(1)", None),
        ("Soita Matille", None),
        (None, None),
    ],
)
def test_contact_links(contact: str | None, link: str | None) -> None:
    assert contact_link(contact) == link


def test_shorten() -> None:
    assert shorten("short", 10) == "short"
    assert shorten("one two, three four", 12) == "one two…"


def test_every_page_has_a_policy_that_lets_nothing_in_but_its_own_style_and_script() -> None:
    ready = accepted()
    pages = [
        advert_page(advert(ready)),
        review_page(record(doubtful(), "x", None, {}), pictures(1), "en"),
        index_page([], "en"),
    ]
    for page in pages:
        policy = re.search(r'<meta http-equiv="Content-Security-Policy" content="([^"]*)">', page)
        assert policy and page.index(policy[0]) < page.index("<style>")
        rules = html.unescape(policy[1])
        assert rules.startswith("default-src 'none'; img-src 'self'; style-src 'sha256-")
        assert "unsafe" not in rules and "*" not in rules and "http" not in rules
        for kind, text in re.findall(r"<(style|script)>(.*?)</\1>", page, re.DOTALL):
            digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
            assert f"{kind}-src 'sha256-{digest}'" in rules
        assert not re.search(r"<[^>]* (?:style|on[a-z]+)=", page)


def test_a_draft_says_what_the_dealer_wrote_and_why_it_is_not_used() -> None:
    offer = replace(OFFER, price=None, unclear=(("price", "Hinta: '19.900' is not clear (stock.csv:4)"),))
    page = advert_page(advert(accepted(offer=offer)))
    assert "price – given, but not clear: Hinta: &#39;19.900&#39; is not clear (stock.csv:4)" in page


def test_what_of_the_register_was_not_clear_stands_in_the_record_and_holds_the_advert() -> None:
    raw = {"odometer_km": {"from": "km", "value": "201.000", "problem": "is not clear (line 2)"}}
    vehicle = replace(LEAF, odometer_km=None, raw=raw)
    car = replace(accepted(), vehicle=vehicle, listing=TemplateWriter("en").write(vehicle, OFFER))
    assert car.listing is not None and car.listing.missing == (
        "a check of the mileage: the register has '201.000', which is not clear",
    )
    (trouble,) = record(car, "leaf", None, {}).problems
    assert trouble.message == "stock: km: '201.000' is not clear (line 2)"
