from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from tests.adverts_data import LEAF, MARK, OFFER, accepted

from kilpi.adverts.listing import mentions
from kilpi.adverts.public_advert import public_advert
from kilpi.publishing.files import Advertised, cell, write_feed, write_feeds
from kilpi.types import Dealer, PublicAdvert

DEALER = Dealer(
    name="Autotalo Malli Oy",
    store_code="Turku1",
    street="Esimerkkikatu 1",
    city="Turku",
    postal_code="20100",
    country="FI",
    site="https://cars.example/",
    feeds=("meta", "google_listings", "google_ads"),
)
VIN, VIN2 = str(LEAF.vin), "SJNFAAZE1U0000259"


def advert(identity: str = "leaf", count: int = 3) -> PublicAdvert:
    car = accepted(count=count)
    assert car.listing is not None
    return public_advert(car, car.listing, identity)


def rows(path: Path | None, delimiter: str = ",") -> list[dict[str, str]]:
    assert path is not None
    text = path.read_bytes().decode()
    return list(csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter))


def test_every_feed_of_a_complete_car_is_without_fault(tmp_path: Path) -> None:
    reports = write_feeds([Advertised(advert(), VIN)], tmp_path, DEALER)
    assert [report.name for report in reports] == ["plain", "meta", "google_listings", "google_ads"]
    assert all(report.faults == () and report.cars == 1 for report in reports), reports
    for path in tmp_path.iterdir():
        assert not mentions(path.read_text(), MARK)


def test_meta(tmp_path: Path) -> None:
    row = rows(write_feed([Advertised(advert(), VIN)], tmp_path, DEALER, "meta").path)[0]
    assert row["vehicle_id"] == "leaf"
    assert row["vin"] == VIN
    assert (row["mileage.value"], row["mileage.unit"]) == ("84500", "KM")
    assert row["price"] == "19900 EUR"
    assert (row["fuel_type"], row["body_style"], row["transmission"]) == (
        "ELECTRIC",
        "HATCHBACK",
        "AUTOMATIC",
    )
    assert row["image[2].url"] == "https://cars.example/leaf/03.jpg"
    assert json.loads(row["address"])["city"] == "Turku"
    assert row["url"] == "https://cars.example/leaf/advert.html"


def test_meta_takes_twenty_pictures_in_order(tmp_path: Path) -> None:
    car = advert()
    many = replace(car, pictures=tuple(replace(car.pictures[0], name=f"{n:02d}.jpg") for n in range(1, 26)))
    path = write_feed([Advertised(many, VIN)], tmp_path, DEALER, "meta").path
    assert path is not None
    header = path.read_text().splitlines()[0].split(",")
    urls = [name for name in header if name.endswith(".url")]
    assert urls == [f"image[{n}].url" for n in range(20)]


def test_google_ads_are_tab_delimited(tmp_path: Path) -> None:
    row = rows(write_feed([Advertised(advert(), VIN)], tmp_path, DEALER, "google_ads").path, "\t")[0]
    assert row["VIN"] == VIN
    assert row["link_template"] == "https://cars.example/leaf/advert.html?store={store_code}"
    assert row["vehicle_fulfillment"] == "in_store:Turku1"
    assert (row["brand"], row["model"], row["trim"], row["year"]) == ("Nissan", "Leaf", "Tekna", "2019")
    assert row["mileage"] == "84500 KM"
    assert row["additional_image_link"].count(",") == 1


def test_the_plain_feed_needs_nothing_and_holds_no_vin(tmp_path: Path) -> None:
    (report,) = write_feeds([Advertised(advert(), VIN)], tmp_path, Dealer())
    assert report.faults == ()
    assert VIN not in (tmp_path / "vehicles.csv").read_text()
    row = rows(report.path)[0]
    assert row["page"] == "../leaf/advert.html"
    assert json.loads((tmp_path / "vehicles.json").read_text()) == [row]


def test_a_car_with_a_fault_stays_out_and_is_named(tmp_path: Path) -> None:
    cars = [Advertised(advert("a"), VIN), Advertised(advert("b"), None)]
    report = write_feed(cars, tmp_path, DEALER, "meta")
    assert report.cars == 1
    assert [(fault.car, fault.column) for fault in report.faults] == [("b", "vin")]
    assert [row["vehicle_id"] for row in rows(report.path)] == ["a"]


def test_the_same_vin_twice_puts_out_both_and_is_not_told(tmp_path: Path) -> None:
    cars = [Advertised(advert("a"), VIN), Advertised(advert("b"), VIN)]
    report = write_feed(cars, tmp_path, DEALER, "meta")
    assert {fault.car for fault in report.faults} == {"a", "b"}
    assert VIN not in str(report.faults)


def test_a_feed_in_which_no_car_passes_does_not_replace_the_old_one(tmp_path: Path) -> None:
    good = write_feed([Advertised(advert("a"), VIN)], tmp_path, DEALER, "meta")
    before = rows(good.path)
    assert write_feed([Advertised(advert("a"), None)], tmp_path, DEALER, "meta").path is None
    assert rows(good.path) == before
    assert write_feed([], tmp_path, DEALER, "meta").path == good.path, "all are sold: the feed is empty"
    assert rows(good.path) == []


@pytest.mark.parametrize("feeds", [("meta", "google_ads"), ("google_ads",), ()])
def test_a_car_that_is_gone_leaves_every_feed_file(tmp_path: Path, feeds: tuple[str, ...]) -> None:
    """Also one in which no car passes, and one that the dealer's file names no more: it is still read."""
    dealer = replace(DEALER, feeds=("meta", "google_ads"))
    write_feeds([Advertised(advert("sold"), VIN), Advertised(advert("stays"), VIN2)], tmp_path, dealer)
    before = rows(tmp_path / "meta.csv")
    write_feeds([Advertised(advert("stays"), None)], tmp_path, replace(dealer, feeds=feeds))
    assert rows(tmp_path / "meta.csv") == [row for row in before if row["vehicle_id"] == "stays"]
    ads = (tmp_path / "google-vehicle-ads.tsv").read_text()
    assert "stays" in ads and "sold" not in ads
    assert [row["id"] for row in json.loads((tmp_path / "vehicles.json").read_text())] == ["stays"]


def test_without_a_site_feeds_that_need_one_are_not_written(tmp_path: Path) -> None:
    report = write_feed([Advertised(advert(), VIN)], tmp_path, replace(DEALER, site=None), "meta")
    assert (report.path, report.faults[0].column) == (None, "url")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "bad", ["=1+1", "+SUM(A1)", "-2+3+cmd|' /C calc'!A0", "@x", " =x", "\u00a0=x", "|x", "%x"]
)
def test_formulas_are_neutralised(tmp_path: Path, bad: str) -> None:
    assert cell(bad, ",").startswith("'")
    car = accepted(offer=replace(OFFER, dealer=bad, equipment=(bad,)))
    assert car.listing is not None
    made = public_advert(car, car.listing, "x")
    report = write_feed([Advertised(made, None)], tmp_path, Dealer(), "plain")
    assert all(not value.lstrip().startswith(("=", "@", "+S")) for value in rows(report.path)[0].values())


@pytest.mark.parametrize("good", ["+358 40 123 4567", "-5", "19900", "Nissan = hyvä", "", "3-ovinen"])
def test_harmless_values_stay(good: str) -> None:
    assert cell(good, ",") == good


def test_quotes_line_breaks_and_tabs_survive_or_go(tmp_path: Path) -> None:
    text = 'Says "hello", twice;\n\nand\tmore'
    made = replace(advert(), paragraphs=(text,))
    report = write_feed([Advertised(made, None)], tmp_path, Dealer(), "plain")
    assert rows(report.path)[0]["description"] == text
    assert cell(text, "\t") == 'Says "hello", twice; and more'
    assert cell("a\x00\x1bb", ",") == "ab"


@pytest.mark.parametrize(
    ("price", "said"), [("15900.0", "15900"), ("15900", "15900"), ("15900.5", "15900.50")]
)
def test_prices_in_feeds_have_no_decimals_or_two(tmp_path: Path, price: str, said: str) -> None:
    car = accepted(offer=replace(OFFER, price=Decimal(price)))
    assert car.listing is not None
    made = public_advert(car, car.listing, "x")
    reports = write_feeds([Advertised(made, LEAF.vin)], tmp_path, DEALER)
    assert {row["price"] for row in rows(reports[0].path)} == {said}
    assert rows(reports[0].path)[0]["power_kw"] == "110"
    assert rows(next(r.path for r in reports if r.name == "meta"))[0]["price"] == f"{said} EUR"
