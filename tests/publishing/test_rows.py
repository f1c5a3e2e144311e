from __future__ import annotations

from dataclasses import replace
from string import Formatter

import pytest
from tests.publishing.test_files import DEALER, VIN, advert

from kilpi.publishing.rows import Source, filled, row_of, values_of
from kilpi.publishing.schema import Column, Schema, feed_names, load_schema
from kilpi.types import Dealer

SCHEMA = Schema("x", "x.csv", ",", False, ())


@pytest.mark.parametrize("name", feed_names())
def test_every_template_asks_for_what_there_is(name: str) -> None:
    schema = load_schema(name)
    known = values_of(Source(advert(), VIN, DEALER, schema))
    for column in schema.columns:
        asked = {field for _, field, _, _ in Formatter().parse(column.value) if field is not None}
        assert asked <= set(known), column.name
        assert column.value or column.name.startswith("image["), f"{column.name} would always be empty"


def test_a_template_of_which_a_part_is_not_known_is_empty() -> None:
    known = {"amount": "19900", "currency": "EUR", "km": ""}
    assert filled("{amount} {currency}", known) == "19900 EUR"
    assert filled("{km} km", known) == ""
    assert filled("used", known) == "used"
    assert filled("{amount}?store={{code}}", known) == "19900?store={code}"


def test_braces_in_a_dealers_text_are_text() -> None:
    schema = replace(SCHEMA, columns=(Column("title", "{title}"),))
    car = replace(advert(), title="{vin} {0}")
    assert row_of(Source(car, VIN, DEALER, schema)) == {"title": "{vin} {0}"}


def test_words_are_the_consumers_or_ours_where_it_has_none() -> None:
    vehicle = replace(advert().vehicle, body="mpv", fuels=("petrol", "electricity"), gearbox="stepless")
    car = replace(advert(), vehicle=vehicle)
    theirs = replace(SCHEMA, body={"suv": "SUV"}, fuel={"hybrid": "H"}, gearbox={"stepless": "A"})
    known = values_of(Source(car, None, DEALER, theirs))
    assert (known["body"], known["fuel"], known["gearbox"]) == ("", "H", "A")
    known = values_of(Source(car, None, DEALER, replace(theirs, body={"suv": "SUV", "else": "OTHER"})))
    assert known["body"] == "OTHER"
    known = values_of(Source(car, None, DEALER, SCHEMA))
    assert (known["body"], known["fuel"], known["gearbox"]) == ("mpv", "petrol+electricity", "stepless")
    unknown = replace(car, vehicle=replace(vehicle, body=None))
    assert values_of(Source(unknown, None, DEALER, replace(theirs, body={"else": "OTHER"})))["body"] == ""


def test_an_address_is_whole_or_not_said() -> None:
    assert values_of(Source(advert(), None, DEALER, SCHEMA))["address"] == "Esimerkkikatu 1, 20100 Turku, FI"
    half = replace(DEALER, city="")
    known = values_of(Source(advert(), None, half, SCHEMA))
    assert (known["address"], known["address_json"]) == ("", "")


def test_without_a_site_addresses_are_below_the_feeds_own_folder() -> None:
    known = values_of(Source(advert(count=2), None, Dealer(), SCHEMA))
    assert known["page"] == "../leaf/advert.html"
    assert known["pictures"] == "../leaf/01.jpg ../leaf/02.jpg"
