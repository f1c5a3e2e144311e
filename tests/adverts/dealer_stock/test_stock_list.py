"""Stock lists as spreadsheets and people write them."""

from __future__ import annotations

import unicodedata
from decimal import Decimal
from pathlib import Path

import pytest
from tests.adverts.stock_files import MARK, find, problems_of, stock, words
from tests.workbooks import xlsx

from kilpi.errors import LabelError, NotUsed


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le", "mac_roman", "cp850"]
)
def test_stock_list_as_spreadsheets_write_it(tmp_path: Path, encoding: str) -> None:
    text = (
        "Viite;Rek.nro;Hinta;Mittarilukema;Varusteet;Kuvaus\r\n"
        'leaf;ABC-123;"19 900,00";84 500 km;Koukku, Navi;Käytetty, siisti\r\n'
    )
    offers = stock(tmp_path, text, encoding)
    assert offers.problems == ()
    offer = find(offers, "Leaf")
    assert offer is not None
    assert (offer.price, offer.currency, offer.odometer_km) == (Decimal(19900), "EUR", 84500)
    assert (offer.equipment, offer.description) == (("Koukku", "Navi"), "Käytetty, siisti")


def test_a_workbook_with_title_rows_is_read_as_the_same_list(tmp_path: Path) -> None:
    rows: list[list[object]] = [
        ["Autotalo Esimerkki Oy", None, None, None],
        ["Hinnat 1.3.", None, None, None],
        [],
        ["Kohdenro", "Hinta (€)", "Ajettu", "Kuvaus"],
        [117, 15900, 84200.0, "Siisti"],
        [118, ("formula",), 120000, None],
    ]
    listed = stock(tmp_path, xlsx([["nothing here"]], rows))
    first, second = find(listed, "0117"), find(listed, "118")
    assert first is not None and second is not None
    assert (first.price, first.odometer_km, first.description) == (Decimal(15900), 84200, "Siisti")
    assert (second.price, second.odometer_km) == (None, 120000)


def test_the_sep_line_and_the_guards_of_exports_are_understood(tmp_path: Path) -> None:
    offer = find(stock(tmp_path, 'sep=;\nviite;puh;hinta\n="0117";\'+358 40;15900\n'), "0117")
    assert offer is not None
    assert (offer.contact, offer.price) == ("+358 40", Decimal(15900))


def test_a_lone_quote_loses_its_own_row_only(tmp_path: Path) -> None:
    text = (
        "reference;mark;price;km;description\n"
        'golf;KLT-482;15900;84200;"Hieno auto\nleaf;NVE-390;22900;38900;Nice.\n'
        'yaris;RTK-264;9900;120000;"Hieno "uusi" auto"\nsaab;XAB-1;5000;300000;"Kaksi\n\nkappaletta; kyllä"\n'
    )
    listed = stock(tmp_path, text)
    assert [line.offer.reference for line in listed.lines] == ["leaf", "yaris", "saab"]
    assert words(listed.problems).endswith("stock.csv:2: has a quote that does not close; row left out")
    assert listed.lines[1].offer.description == 'Hieno "uusi" auto'
    assert listed.lines[2].offer.description == "Kaksi\n\nkappaletta; kyllä"
    assert "stock.csv:2" in words(problems_of(listed, "golf", MARK)), "said in the car's own record too"
    assert problems_of(listed, "leaf") == ()


def test_a_quote_that_closes_in_another_row_does_not_swallow_it(tmp_path: Path) -> None:
    text = 'viite;hinta;km;kuvaus\na;15900;84200;"alku\nb;9900;1200;loppu"\nc;100;1;x\n'
    listed = stock(tmp_path, text)
    assert "c" in [line.offer.reference for line in listed.lines]
    assert all("9900" not in str(line.offer.description) for line in listed.lines)
    assert "stock.csv:2" in words(listed.problems)


def test_a_cell_over_the_limit_is_named_and_the_rest_of_its_row_used(tmp_path: Path) -> None:
    listed = stock(tmp_path, f"viite;hinta;kuvaus\na;15900;{'x' * 140_000}\nb;9900;y\n")
    offer = find(listed, "a")
    assert offer is not None
    assert (offer.price, offer.description) == (Decimal(15900), None)
    assert "stock.csv:2: column 'kuvaus' has 140,000 characters" in words(listed.problems)
    assert find(listed, "b") is not None


def test_columns_that_are_not_read_are_named_once_and_with_their_values_for_each_car(tmp_path: Path) -> None:
    listed = stock(tmp_path, "viite;rek;Moottori;hinta alv 0;huom\na;KLT-482;1.5;12000;WVWZZZAUZJW000417\n")
    assert "stock.csv:1: columns that are not read: 'Moottori', 'hinta alv 0', 'huom'" in words(
        listed.problems
    )
    (problem,) = problems_of(listed, "a")
    assert isinstance(problem.error, NotUsed)
    assert "'Moottori' '1.5', 'hinta alv 0' '12000'" in str(problem.error)
    assert "WVWZZZ" not in str(problem.error) and "KLT" not in str(problem.error)


def test_a_name_from_a_mac_is_the_same_name(tmp_path: Path) -> None:
    listed = stock(tmp_path, "reference;price\nkäytetty-golf;15900\n")
    assert find(listed, unicodedata.normalize("NFD", "käytetty-golf")) is not None


def test_two_columns_may_name_a_car_and_two_may_tell_its_mileage(tmp_path: Path) -> None:
    text = "Id;Varastonumero;Ajettu;Mittarilukema;Hinta\n1;117;84200;84 200 km;9900\n2;118;5;6;100\n"
    text += "117;3;1;1;5\n"
    listed = stock(tmp_path, text)
    first, other = find(listed, "1"), find(listed, "118")
    assert first is not None and other is not None
    assert (first.odometer_km, other.odometer_km) == (84200, None)
    assert "Mittarilukema: '6' says odometer_km a second time" in words(listed.problems)
    assert find(listed, "117") is None, "two rows have it, in two columns"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"price\n5\n", ":1: no column says which car a row is"),
        (b"reference,rek,plate\na,ABC-1,ABC-2\n", ":1: two columns for mark"),
        (b"%PDF-1.7\n...", "is a PDF, not a list"),
        (b"<html><table><tr><td>viite</td></tr></table></html>", "is a web page, not a list"),
        (b"PK\x03\x04 and no more", "workbook, and damaged"),
        (xlsx([["hinta"], [5]]), "is an Excel workbook in which no column says which car"),
    ],
)
def test_a_list_of_no_use_is_refused(tmp_path: Path, content: bytes, message: str) -> None:
    with pytest.raises(LabelError) as error:
        stock(tmp_path, content)
    assert message in str(error.value)


NAMES = ["Viite", "Rek", "Hinta", "Km"]


def test_a_workbook_with_a_sheet_a_yard_is_one_list(tmp_path: Path) -> None:
    """Only the first of them was read: the other yard's cars had no price."""
    book = xlsx(
        [NAMES, ["a", "ABC-1", 9900, 84200]],
        [["Huolto"], ["Rek", "Km"], ["ABC-1", 5]],
        [NAMES, ["b", "ABC-2", 7900, 1]],
    )
    listed = stock(tmp_path, book)
    assert [line.offer.price for line in listed.lines] == [9900, 7900]
    assert "sheet 2 is another list, and not read" in words(listed.problems)


def test_of_a_sheet_a_month_no_price_holds_that_the_other_contradicts(tmp_path: Path) -> None:
    old: list[list[object]] = [
        [*NAMES, "Sijainti"],
        ["a", "ABC-1", 10900, 84200, "Turku"],
        ["b", "ABC-2", 7900, 1000, None],
    ]
    listed = stock(tmp_path, xlsx(old, [NAMES, ["a", "ABC-1", 9900, 84200], ["b", "ABC-2", 7900, 1000]]))
    assert listed.line("a") is None and (b := listed.line("b")) is not None and b.offer.price == 7900
    assert "has the same reference as line 2 of stock.csv [2]; which is right is unknown" in words(
        listed.problems
    )


def test_a_hidden_sheet_is_not_there(tmp_path: Path) -> None:
    old: list[list[object]] = [[*NAMES], ["a", "ABC-1", 10900, 84200]]
    new: list[list[object]] = [[*NAMES], ["a", "ABC-1", 9900, 84200]]
    listed = stock(tmp_path, xlsx(old, new, hidden=(1,)))
    assert [line.offer.price for line in listed.lines] == [9900] and not listed.problems
