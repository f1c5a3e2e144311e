from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from kilpi.adverts.dealer_stock import load_offer, read_car_file, read_stock_list
from kilpi.errors import LabelError
from kilpi.types import Mark, Offer


def car_file(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "leaf" / "car.toml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def stock(tmp_path: Path, text: str, encoding: str = "utf-8") -> Path:
    path = tmp_path / "stock.csv"
    path.write_bytes(text.encode(encoding))
    return path


def test_car_file(tmp_path: Path) -> None:
    text = 'hinta = 19900\nkm = 84500\nequipment = ["Koukku", " Navi "]\nplace = "Turku"\n'
    assert read_car_file(car_file(tmp_path, text)) == Offer(
        "leaf", Decimal(19900), "EUR", 84500, ("Koukku", "Navi"), place="Turku"
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("km = 1\nprise = 5\n", r"car\.toml:2: unknown key 'prise'"),
        ('\n\nprice = "19.900"\n', r"car\.toml:3: price: '19\.900' is not clear"),
        ("price = -5", r"car\.toml:1: price"),
        ("price = 0", r"car\.toml:1: price: zero"),
        ("price = true", "price: a number"),
        ("km = 1.5", "whole kilometres"),
        ("km = 9000000", "more than"),
        ('currency = "euro"', "ISO 4217"),
        ("equipment = [1]", "list of texts"),
        ("description = 3", "description: a text"),
        ("price = 1\nhinta = 2", "second time"),
        ("price = \nkm = 1", r"car\.toml: .*line 1"),
    ],
)
def test_bad_car_files_are_named_by_line(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(LabelError, match=message):
        read_car_file(car_file(tmp_path, text))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_stock_list_as_spreadsheets_write_it(tmp_path: Path, encoding: str) -> None:
    text = (
        'Viite;Rek.nro;Hinta;Mittarilukema;Varusteet\r\nleaf;ABC-123;"19 900,00 €";84 500 km;Koukku, Navi\r\n'
    )
    offers = read_stock_list(stock(tmp_path, text, encoding))
    assert offers.problems == ()
    offer = offers.find("Leaf")
    assert offer is not None
    assert (offer.price, offer.currency, offer.odometer_km) == (Decimal("19900.00"), "EUR", 84500)
    assert offer.equipment == ("Koukku", "Navi")


def test_a_row_is_found_by_mark_too_but_never_by_a_similar_one(tmp_path: Path) -> None:
    offers = read_stock_list(stock(tmp_path, "registration,price\nabc 123,100\n"))
    found = offers.find("car-7", Mark("ABC-123", "FI"))
    assert found is not None
    assert (found.reference, found.price) == ("car-7", Decimal(100))
    assert offers.find("car-7", Mark("ABC-128", "FI")) is None
    assert offers.find("car-7") is None


def test_bad_rows_are_reported_by_line_and_not_used(tmp_path: Path) -> None:
    text = "reference,price,km\na,100,1\n\nb,1.000,2\n,5,5\nc,5,5,5\nd,7,8\n"
    offers = read_stock_list(stock(tmp_path, text))
    assert [line.offer.reference for line in offers.lines] == ["a", "d"]
    assert [problem.where.rpartition(":")[2] for problem in offers.problems] == ["4", "5", "6"]


def test_two_rows_for_one_car_are_both_left_out(tmp_path: Path) -> None:
    offers = read_stock_list(stock(tmp_path, "reference,price\na,100\nA,200\nb,300\n"))
    assert offers.find("a") is None
    assert offers.find("b") is not None
    assert len(offers.problems) == 1


@pytest.mark.parametrize("text", ["", "price\n5\n", "reference,hinta,price\na,1,2\n"])
def test_a_list_of_no_use_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(LabelError, match=":1:"):
        read_stock_list(stock(tmp_path, text))


def test_car_file_goes_before_the_list(tmp_path: Path) -> None:
    listed = read_stock_list(stock(tmp_path, "reference,price\nleaf,100\nother,200\n"))
    path = car_file(tmp_path, "price = 300")
    assert load_offer(path.parent, listed).price == Decimal(300)
    path.unlink()
    assert load_offer(path.parent, listed).price == Decimal(100)
    assert load_offer(tmp_path / "unknown", listed) == Offer(reference="unknown")
