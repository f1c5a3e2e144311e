"""car.toml, and what goes before what."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from tests.adverts.stock_files import MARK, car_file, problems_of, stock, words

from kilpi.adverts.dealer_stock import load_offer, read_car_file
from kilpi.errors import LabelError
from kilpi.types import Mark, Offer


def test_car_file(tmp_path: Path) -> None:
    text = 'hinta = 19900\nkm = 84500\nequipment = ["Koukku", " Navi "]\nplace = "Turku"\nmärke = "Nissan"\n'
    offer, problems = load_offer("leaf", car_file(tmp_path, text))
    assert offer == Offer(
        "leaf", Decimal(19900), "EUR", 84500, ("Koukku", "Navi"), place="Turku", make="Nissan"
    )
    assert problems == ()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('\n\nprice = "19.900"\n', "car.toml:3: price: '19.900' is not clear"),
        ("price = 19.900\n", "car.toml:1: price: '19.900' is not clear"),
        ("price = -5", "car.toml:1: price: '-5' is not clear"),
        ("price = 0", "car.toml:1: price: '0' is no price"),
        ("price = true", "price: 'True' is not a number"),
        ("km = 1.5", "whole kilometres"),
        ("km = 9000000", "more than"),
        ('km = "52 000 miles"', "in miles"),
        ('currency = "euro money"', "ISO 4217"),
        ("equipment = [1]", "list of texts"),
        ("description = [3]", "description: '[3]' is not a text"),
        ("price = 1000\nhinta = 2000", "a second time"),
        ("price = 1000\nkm = ", "car.toml:2: 'km =' is not understood"),
        ('price = 1000\ncolour = "red"', "car.toml:2: unknown key 'colour' ('red') is not used"),
    ],
)
def test_what_is_not_used_of_a_car_file_is_named_by_line_and_value(
    tmp_path: Path, text: str, message: str
) -> None:
    offer, problems = load_offer("leaf", car_file(tmp_path, text))
    assert message in words(problems)
    assert offer.reference == "leaf"


def test_one_bad_line_does_not_throw_a_car_file_away(tmp_path: Path) -> None:
    text = 'price = 15 900 €\nkm = 84 tkm\nprise = 5\nplace = "Turku"\n???\n'
    offer, problems = load_offer("leaf", car_file(tmp_path, text))
    assert (offer.price, offer.odometer_km, offer.place) == (Decimal(15900), 84000, "Turku")
    assert "car.toml:3: unknown key 'prise' ('5')" in words(problems)
    assert "car.toml:5: '???' is not understood" in words(problems)


def test_car_file_goes_before_the_list_and_the_list_before_a_note(tmp_path: Path) -> None:
    listed = stock(tmp_path, "reference,price,km\nleaf,100,5000\nother,200,1\n")
    path = car_file(tmp_path, "price = 300")
    note = tmp_path / "info.txt"
    note.write_text("Hinta 15 900 €, ajettu 84 tkm, puh. 040 123")
    offer, problems = load_offer("leaf", path, listed, [note])
    assert (offer.price, offer.odometer_km) == (Decimal(300), 5000)
    assert "stock.csv:2: price 100 is not used" in words(problems)
    assert "info.txt:1: price 15,900 is not used" in words(problems)
    assert load_offer("leaf", None, listed)[0].price == Decimal(100)
    assert load_offer("leaf", None, None, [note])[0].price == Decimal(15900)
    assert load_offer("unknown", None, listed) == (Offer(reference="unknown"), ())


def test_no_message_holds_the_cars_mark(tmp_path: Path) -> None:
    listed = stock(tmp_path, "mark;price;muuta;km\nKLT-482;KLT 482;k l t 4 8 2;klt482 km\n")
    said = words(listed.problems + problems_of(listed, "x", MARK)).upper()
    assert "482" not in said


def test_read_car_file_raises_only_where_it_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(LabelError, match=r"car\.toml"):
        read_car_file(tmp_path / "car.toml")


def test_a_folder_named_by_its_mark_is_the_dealers_own_word(tmp_path: Path) -> None:
    listed = stock(tmp_path, "rek;hinta\nKLT-482;100\n")
    assert load_offer("klt 482", stock=listed, mark=Mark("KLT-482", "FI"))[0].mark == "KLT482"


def test_a_car_file_may_hold_vin_and_year(tmp_path: Path) -> None:
    (tmp_path / "car.toml").write_text('vin = "WVWZZZAUZJW000417"\nyear = 2018\n')
    offer, problems = load_offer("a", tmp_path / "car.toml")
    assert (offer.vin, offer.year, problems) == ("WVWZZZAUZJW000417", 2018, ())
