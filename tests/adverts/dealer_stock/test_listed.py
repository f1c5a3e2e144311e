"""What a list says over another, and a row that is kept as a list of its own."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from kilpi.adverts.dealer_stock import StockLine, StockList, read_stock_list
from kilpi.types import Mark


def listed(tmp_path: Path, text: str | bytes) -> StockList:
    path = tmp_path / "list.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_stock_list(path)


def line_of(stock: StockList, reference: str = "a", mark: Mark | None = None) -> StockLine:
    line = stock.line(reference, mark)
    assert line is not None
    return line


@pytest.mark.parametrize(
    "text",
    [
        "viite;Rek.nro;Hinta (€);Ajettu (tkm);Varusteet\na;KLT-482;15 900,-;84;Koukku | Navi\n",
        'viite;Pris (SEK);kuvaus\na;249 000;"Siisti\n\nja ""hyvä""; huollettu"\n',
        "id,stock no,make and model,year\na,0042,Land Rover Defender,2018\n",
        "viite;kuvaus;hinta\na;'=2+2 on neljä;19.900\n",
        "sep=;\nviite;malli;valuutta;hinta;vin\n00a;9-3;SEK;9900;WVWZZZ1KZAW123456\n",
    ],
)
def test_a_row_reads_the_same_as_a_list_of_its_own(tmp_path: Path, text: str) -> None:
    stock = listed(tmp_path, text)
    (line,) = stock.lines
    (again,) = listed(tmp_path, line.as_list()).lines
    assert (again.told.values, again.mark, again.names) == (line.told.values, line.mark, line.names)
    assert [one[0] for one in again.told.unclear] == [one[0] for one in line.told.unclear]


def test_a_list_holds_for_its_columns_and_the_one_beneath_for_the_others(tmp_path: Path) -> None:
    older = listed(
        tmp_path,
        "viite;hinta;valuutta;km;merkki;malli;vm\na;249000;SEK;9000;VW;Golf;2015\nb;1000;SEK;2;VW;Up;2016\n",
    )
    stock = listed(tmp_path, "viite;hinta;malli;paikkakunta\na;15900;;Turku\n").above(older)
    offer = line_of(stock).offer
    assert (offer.price, offer.currency, offer.odometer_km, offer.place) == (
        Decimal(15900),
        "EUR",
        9000,
        "Turku",
    )
    assert (offer.make, offer.model, offer.year) == (None, None, None), "they go together"
    assert line_of(stock, "b").offer.price == 1000
    assert stock.line("c") is None
    assert listed(tmp_path, "viite;hinta\na;\n").above(older).lines[0].offer.price is None


def test_an_older_row_of_another_mark_and_rows_that_differ_give_nothing(tmp_path: Path) -> None:
    older = listed(tmp_path, "viite;rek;hinta\na;KLT-482;100\n")
    other = listed(tmp_path, "viite;rek;km\na;XYZ-987;5\n").above(older)
    assert line_of(other).offer.price is None
    doubled = listed(tmp_path, "viite;hinta\na;1\na;2\n").above(older)
    assert doubled.line("a") is None and len(list(doubled.lost("a"))) == 2


def test_a_newer_row_found_by_its_mark_goes_before_an_older_one_found_by_its_name(tmp_path: Path) -> None:
    older = listed(tmp_path, "viite;hinta\na;100\n")
    stock = listed(tmp_path, "rek;hinta\nKLT-482;200\n").above(older)
    assert line_of(stock, "a", Mark("KLT-482", "FI")).offer.price == 200
    assert line_of(stock, "a").offer.price == 100, "before its mark is known"


def test_zeros_in_front_of_a_number_make_no_other_car(tmp_path: Path) -> None:
    stock = listed(tmp_path, "viite;hinta\n7;100\n000;500\n")
    assert line_of(stock, "007").offer.price == 100
    assert line_of(stock, "0").offer.price == 500
    assert stock.line("") is None and stock.line("70") is None
