"""Prices, mileages, years and VINs as people write them; what is not clear is named."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from tests.adverts.stock_files import find, stock, words

from kilpi.adverts.dealer_stock import StockList, load_offer, read_stock_list
from kilpi.adverts.dealer_stock.values import in_own_money
from kilpi.types import Mark


@pytest.mark.parametrize(
    ("written", "price", "currency"),
    [
        ("15900", "15900", "EUR"),
        ("15 900,-", "15900", "EUR"),
        ("15.900,-", "15900", "EUR"),
        ("15 900:-", "15900", "EUR"),
        ("15'900.-", "15900", "EUR"),
        ("22900 EUR", "22900", "EUR"),
        ("9.900,00 €", "9900", "EUR"),
        ("9,900.50 €", "9900.50", "EUR"),
        ("15 900,00 e", "15900", "EUR"),
        ("15\u00a0900 euroa", "15900", "EUR"),
        ("€ 15\u202f900", "15900", "EUR"),
        ("１５９００", "15900", "EUR"),
        ("15900 € (sis. ALV 25,5 %)", "15900", "EUR"),
        ("249 000 SEK", "249000", "SEK"),
        ("£9500", "9500", "GBP"),
        ("15900.0", "15900", "EUR"),
    ],
)
def test_prices_as_people_write_them(tmp_path: Path, written: str, price: str, currency: str) -> None:
    offer = find(stock(tmp_path, f'viite;hinta\na;"{written}"\n'), "a")
    assert offer is not None
    assert (str(offer.price), offer.currency) == (price, currency)


@pytest.mark.parametrize(
    "written",
    [
        "19.900",
        "19,900 €",
        "249 000 kr",
        "alk. 9900",
        "9900 + alv",
        "tarjous",
        "15 90",
        "n. 9900",
        "9-10 000",
        "0",
        "1",  # what a stock system wants where nobody knows
        "15,9",  # thousands
        "999999",
    ],
)
def test_prices_that_are_not_clear_are_named_with_column_and_value(tmp_path: Path, written: str) -> None:
    listed = stock(tmp_path, f"viite;Hinta (€);km\na;{written};84200\n")
    offer = find(listed, "a")
    assert offer is not None
    assert (offer.price, offer.odometer_km) == (None, 84200), "the rest of the row is used"
    assert f"stock.csv:2: Hinta (€): '{written}' " in words(listed.problems)
    assert f"'{written}'" in dict(offer.unclear)["price"]


@pytest.mark.parametrize(
    ("header", "written", "km"),
    [
        ("km", "84 200 km", 84200),
        ("Ajettu (tkm)", "84,2", 84200),
        ("Ajettu", "84 tkm", 84000),
        ("Körsträcka (mil)", "8 420", 84200),
        ("Miltal", "8420", 84200),
        ("Mätarställning", "8420 mil", 84200),
        ("Mittarilukema [km]", "84200.0", 84200),
    ],
)
def test_mileages_as_people_write_them(tmp_path: Path, header: str, written: str, km: int) -> None:
    offer = find(stock(tmp_path, f'viite;{header}\na;"{written}"\n'), "a")
    assert offer is not None
    assert offer.odometer_km == km


@pytest.mark.parametrize("written", ["0", "00", "0,0 tkm", "999999", "999 999 km"])
def test_a_mileage_that_is_none_is_named(tmp_path: Path, written: str) -> None:
    offer = find(stock(tmp_path, f'viite;km\na;"{written}"\n'), "a")
    assert offer is not None
    assert offer.odometer_km is None and f"'{written}'" in dict(offer.unclear)["odometer_km"]


@pytest.mark.parametrize(
    ("row", "lost"),
    [
        ("84200;84200;2018", {"price", "odometer_km"}),
        ("15900;2018;2018", {"odometer_km"}),
        ("2018;84200;2018", {"price"}),
        ("15900;84200;2018", set()),
        ("2018;84200;", set()),
    ],
)
def test_a_figure_that_is_another_columns_is_not_used(tmp_path: Path, row: str, lost: set[str]) -> None:
    listed = stock(tmp_path, f"viite;hinta;km;vm\na;{row}\n")
    offer = find(listed, "a")
    assert offer is not None
    assert {name for name in ("price", "odometer_km") if getattr(offer, name) is None} == lost
    assert set(dict(offer.unclear)) == lost and bool(listed.problems) == bool(lost)


def km_of(listed: StockList) -> int | None:
    line = listed.line("a")
    assert line is not None
    return line.offer.odometer_km


@pytest.mark.parametrize("header", ["Mätarställning", "Körsträcka"])
def test_a_figure_that_may_be_mil_is_not_taken_for_kilometres(tmp_path: Path, header: str) -> None:
    """Swedish dealers write mil there: 8 420 km would be a tenth of what the car has driven."""
    offer = find(stock(tmp_path, f"viite;{header}\na;8 420\n"), "a")
    assert offer is not None
    assert offer.odometer_km is None and "'8 420'" in dict(offer.unclear)["odometer_km"]
    for written, km in (("84 200", 84200), ("8 420 km", 8420), ("8420 mil", 84200)):
        assert km_of(stock(tmp_path, f"viite;{header}\na;{written}\n")) == km
    for name, km in ((f"{header} (km)", 8420), (f"{header} (mil)", 84200), (f"{header} km", 8420)):
        assert km_of(stock(tmp_path, f"viite;{name}\na;8420\n")) == km


def test_a_column_whose_figures_are_too_many_mil_counts_kilometres(tmp_path: Path) -> None:
    rows = ["a;45 000", "b;84 200", "c;123000", "d;90 100"]
    listed = stock(tmp_path, "\n".join(["viite;Mätarställning", *rows, ""]))
    assert km_of(listed) == 45000
    line = listed.line("a")
    assert line is not None
    (tmp_path / "row.csv").write_bytes(line.as_list())
    assert km_of(read_stock_list(tmp_path / "row.csv")) == 45000, "as a case keeps its row"
    few = stock(tmp_path, "\n".join(["viite;Mätarställning", *rows[:3], ""]))
    assert km_of(few) is None, "two slips of the fingers are no column of kilometres"


def test_more_mil_than_a_car_drives_are_named(tmp_path: Path) -> None:
    offer = find(stock(tmp_path, "viite;Miltal\na;84200\n"), "a")
    assert offer is not None
    assert offer.odometer_km is None and "odometer_km" in dict(offer.unclear)


@pytest.mark.parametrize(
    ("country", "listed", "told"),
    [
        ("SE", "price;249000", None),
        ("SE", "Pris;249000", None),
        ("NO", "Pris;249000", None),
        ("FI", "Pris;24900", "EUR"),
        ("SE", "Hinta;24900", "EUR"),  # a Finnish dealer's, of an import
        ("SE", "Pris (€);24900", "EUR"),
        ("SE", "Pris (SEK);249000", "SEK"),
        ("SE", "Pris;249000 SEK", "SEK"),
        ("SE", "Hinta;249000 SEK", "SEK"),
    ],
)
def test_a_price_without_a_currency_is_in_euros_only_where_cars_are_priced_in_them(
    tmp_path: Path, country: str, listed: str, told: str | None
) -> None:
    name, value = listed.split(";")
    offer = find(stock(tmp_path, f"viite;{name}\na;{value}\n"), "a")
    assert offer is not None
    made = in_own_money(offer, Mark("ABC 123", country))
    if told is None:
        own = {"SE": "SEK", "NO": "NOK"}[country]
        assert made.price is None and dict(made.unclear)["price"] == f"'249000' (EUR, {own}?)"
    else:
        assert (made.price, made.currency) == (offer.price, told) and not made.unclear


@pytest.mark.parametrize(
    ("country", "home", "told"),
    [
        ("SE", ["SE"], "SEK"),
        ("FI", ["SE"], "SEK"),  # an import
        ("SE", ["FI"], "EUR"),
        ("SE", ["FI", "EE", "AX"], "EUR"),
        ("NO", ["NO"], "NOK"),
        ("SE", ["FI", "SE"], None),
        ("FI", ["FI", "SE"], "EUR"),
    ],
)
def test_a_price_without_a_currency_is_in_the_money_of_where_cars_are_at_home(
    tmp_path: Path, country: str, home: list[str], told: str | None
) -> None:
    offer = find(stock(tmp_path, "viite;Pris\na;249000\n"), "a")
    assert offer is not None
    made = in_own_money(offer, Mark("ABC 123", country), home)
    assert (made.price, made.currency) == ((249000, told) if told else (None, "EUR"))


def test_a_currency_column_a_note_and_a_car_file_tell_it_too(tmp_path: Path) -> None:
    mark = Mark("ABC 123", "SE")
    columns = find(stock(tmp_path, "viite;hinta;valuutta\na;249000;SEK\n"), "a")
    assert columns is not None and in_own_money(columns, mark).currency == "SEK"
    note = tmp_path / "note.txt"
    for text, price in (("Hinta 24 900", 24900), ("Pris 249 000", None), ("Pris 249 000 SEK", 249000)):
        note.write_text(text)
        assert in_own_money(load_offer("a", notes=[note])[0], mark).price == price
    (tmp_path / "car.toml").write_text("price = 249000")
    assert in_own_money(load_offer("a", tmp_path / "car.toml")[0], mark).price is None


NEVER = str(date.today().year + 2)
"""A year that no car of today is sold as."""


@pytest.mark.parametrize(
    "value",
    ["18", "2015 tai 2018", "", "20180", "2099", pytest.param(NEVER, id="to come"), "1905-07-10"],
)
def test_a_year_that_is_none_is_named(value: str, tmp_path: Path) -> None:
    listed = stock(tmp_path, f"viite;vuosimalli;hinta\na;{value};100\n")
    offer, problems = load_offer("a", stock=listed)
    assert offer.year is None and len(problems) == bool(value)


@pytest.mark.parametrize("value", ["WVWZZZAUZJW00041", "WVWZZZAUZJW00O417", "later"])
def test_a_vin_that_is_not_whole_is_not_used(value: str, tmp_path: Path) -> None:
    listed = stock(tmp_path, f"viite;vin;hinta\na;{value};100\n")
    offer, problems = load_offer("a", stock=listed)
    assert offer.vin is None and len(problems) == 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Hinta 12 500 € tai hinta 13 900 €", "'12 500 €', '13 900 €'"),
        ("Hinta 12", "'12'"),
        ("Hinta noin 12 000 €", "'12 000 €'"),
    ],
)
def test_what_is_not_clear_is_told_without_words_of_ours(tmp_path: Path, text: str, said: str) -> None:
    """It stands in answers to dealers, of any language, who have no car.toml."""
    note = tmp_path / "newer-999-mail-0123456789ab.txt"
    note.write_text(text)
    assert load_offer("golf", notes=[note])[0].unclear == (("price", said),)


def test_what_is_not_clear_in_a_list_names_the_row_of_a_list_that_dealers_know(tmp_path: Path) -> None:
    for name, ending in (("stock.csv", " (stock.csv:2)"), ("0123456789abcdef", "")):
        (tmp_path / name).write_text("viite;hinta\ngolf;19.900\n")
        offer, _ = load_offer("golf", stock=read_stock_list(tmp_path / name))
        assert offer.unclear == (("price", f"'19.900'{ending}"),)


@pytest.mark.parametrize(
    ("country", "home", "listed", "told"),
    [
        ("GB", [], "Mileage;54000", None),
        ("GB", ["FI"], "Odometer;54000", None),  # an import, whose instruments count miles
        ("FI", ["GB"], "Mileage;54000", None),
        ("GB", [], "Mileage;54000 km", 54_000),
        ("GB", [], "Mileage (km);54000", 54_000),
        ("GB", [], "Kilometres;54000", 54_000),
        ("GB", [], "Ajettu;54000", 54_000),
        ("FI", [], "Mileage;54000", 54_000),
        ("SE", ["SE"], "Mileage;54000", 54_000),
    ],
)
def test_a_mileage_without_a_unit_is_asked_about_where_people_drive_miles(
    tmp_path: Path, country: str, home: list[str], listed: str, told: int | None
) -> None:
    name, value = listed.split(";")
    offer = find(stock(tmp_path, f"reference;{name}\na;{value}\n"), "a")
    assert offer is not None
    made = in_own_money(offer, Mark("AB12 CDE", country), home)
    assert made.odometer_km == told
    if told is None:
        assert dict(made.unclear)["odometer_km"] == "'54000' (km, miles?)"


def test_so_is_one_of_a_note(tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("Price 9 900 EUR, mileage 54 000")
    offer, _ = load_offer("a", notes=[tmp_path / "note.txt"])
    assert (offer.odometer_km, in_own_money(offer, Mark("AB12 CDE", "GB")).odometer_km) == (54_000, None)
    (tmp_path / "note.txt").write_text("Price 9 900 EUR, mileage 54 000 km")
    offer, _ = load_offer("a", notes=[tmp_path / "note.txt"])
    assert in_own_money(offer, Mark("AB12 CDE", "GB")).odometer_km == 54_000


def test_a_newer_list_with_the_unit_leaves_nothing_of_a_mileage_without(tmp_path: Path) -> None:
    older = stock(tmp_path, "reference;Mileage;price\na;54000;9900\n").line("a")
    newer = stock(tmp_path, "reference;Mileage (km);price\na;86900;9900\n").line("a")
    assert older is not None and newer is not None and older.left_by(newer) is None
    assert in_own_money(newer.offer, Mark("AB12 CDE", "GB")).odometer_km == 86_900
