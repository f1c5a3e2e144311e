"""Which row of a list is a car's, and what of it is held against plate and register."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from tests.adverts.stock_files import GOLF, MARK, OCTAVIA, find, problems_of, stock, words

from kilpi.adverts.dealer_stock import load_offer, read_stock_list
from kilpi.types import Mark, Offer


def test_a_row_is_found_by_mark_too_but_never_by_a_similar_one(tmp_path: Path) -> None:
    offers = stock(tmp_path, "registration,price\nabc 123,100\n")
    found = find(offers, "car-7", Mark("ABC-123", "FI"))
    assert found is not None
    assert (found.reference, found.price) == ("car-7", Decimal(100))
    assert find(offers, "car-7", Mark("ABC-128", "FI")) is None
    assert find(offers, "car-7") is None
    assert find(offers, "abc-123") is not None, "a folder named like the mark"


def test_rows_that_no_car_can_be_told_from_are_named_by_line(tmp_path: Path) -> None:
    listed = stock(tmp_path, "reference,price,km\na,100,1\n\n,500,5\nc,500,5,5\nd,700,8\n")
    assert [line.offer.reference for line in listed.lines] == ["a", "d"]
    assert [problem.where.rpartition(":")[2] for problem in listed.problems] == ["4", "5"]


@pytest.mark.parametrize(
    "text", ["reference,price\na,100\nA,200\nb,300\n", "mark,price\nKLT-482,100\nklt482,200\nX-1,300\n"]
)
def test_two_rows_for_one_car_are_both_left_out_and_named(tmp_path: Path, text: str) -> None:
    listed = stock(tmp_path, text)
    assert find(listed, "a", MARK) is None
    assert [problem.where.rpartition(":")[2] for problem in listed.problems] == ["2", "3"]
    assert "KLT" not in words(listed.problems).upper()
    assert len(problems_of(listed, "a", MARK)) == 2
    assert len(listed.lines) == 1


def test_a_row_that_is_there_twice_is_one_row(tmp_path: Path) -> None:
    listed = stock(tmp_path, "reference,price\na,100\na,100\n")
    assert find(listed, "a") is not None
    assert "repeats line 2" in words(problems_of(listed, "a") + listed.left_out[0].problems)


def test_a_row_of_another_mark_than_was_given_tells_nothing_else(tmp_path: Path) -> None:
    listed = stock(tmp_path, "reference,mark,price,km,make\n17,XGB-915,4800,213000,Skoda\n")
    mark = Mark("KLT-482", "FI")
    offer, problems = load_offer("17", None, listed, mark=mark, given=True)
    assert offer == Offer(reference="17", mark="XGB915")
    assert "stock.csv:2: has another mark than was given" in words(problems)
    assert not any("XGB" in one or "KLT" in one for one in words(problems))
    # What was only read may be the mistake, and so may be a person's that is the row's.
    assert load_offer("17", None, listed, mark=mark)[0].price == Decimal(4800)
    assert load_offer("17", None, listed, mark=Mark("XGB-915", "FI"), given=True)[0].price == Decimal(4800)


def test_the_rows_mark_year_and_vin_are_there_to_be_held_against_plate_and_register(tmp_path: Path) -> None:
    listed = stock(
        tmp_path, "viite;rek;vuosimalli;valmistenumero;hinta\na;KLT-482;vm. 2018;wvwzzzauzjw000417;100\n"
    )
    offer, problems = load_offer("a", stock=listed)
    assert (offer.mark, offer.year, offer.vin) == ("KLT482", 2018, "WVWZZZAUZJW000417")
    assert not problems and "KLT" not in repr(offer) and "WVWZZZ" not in repr(offer)


def test_a_row_found_by_the_mark_that_was_read_does_not_bear_that_mark_out(tmp_path: Path) -> None:
    listed = stock(tmp_path, "viite;rek;hinta\nb;KLT-482;100\n")
    offer, _ = load_offer("a", stock=listed, mark=Mark("KLT-482", "FI"))
    assert offer.price == 100 and offer.mark is None


@pytest.mark.parametrize(
    "text",
    [
        f"viite;vin;valmistenumero;hinta\na;{GOLF};{OCTAVIA};100\n",
        f"viite;rek;vin;hinta\na;KLT-482;{GOLF};100\nb;ABC-123;{GOLF};200\n",  # filled down
    ],
)
def test_a_vin_of_which_the_list_is_not_sure_ties_nothing(text: str, tmp_path: Path) -> None:
    offer, problems = load_offer("a", stock=stock(tmp_path, text))
    assert offer.vin is None and offer.price == 100 and len(problems) == 1
    assert GOLF not in str(problems[0].error) and OCTAVIA not in str(problems[0].error)


def test_two_vins_of_one_car_tie_nothing(tmp_path: Path) -> None:
    (tmp_path / "car.toml").write_text(f'vin = "{GOLF}"\n')
    for other, vin in ((OCTAVIA, None), (GOLF, GOLF)):
        listed = stock(tmp_path, f"viite;vin;hinta\na;{other};100\n")
        offer, problems = load_offer("a", tmp_path / "car.toml", listed)
        assert offer.vin == vin and len(problems) == (vin is None)


def test_a_row_named_by_zeros_is_no_cars_without_a_reference(tmp_path: Path) -> None:
    listed = stock(tmp_path, "viite;rek;hinta\n0;ABC-123;15000\n")
    assert load_offer("", stock=listed)[0].price is None
    assert load_offer("000", stock=listed)[0].price == 15000


@pytest.mark.parametrize(
    ("row", "price"),
    [("12661;15700", None), ("15700;15700", 15700), ("15700;€", 15700), ("15700;", 15700), (";15700", None)],
)
def test_a_price_under_a_header_that_was_merged_over_two_columns_is_used_only_where_both_agree(
    tmp_path: Path, row: str, price: int | None
) -> None:
    """The line below says which of them is without tax, and no list's second line is read."""
    listed = stock(tmp_path, f"viite;Hinta;;km\n;alv 0;sis. alv;\na;{row};84200\n")
    offer = find(listed, "a")
    assert offer is not None
    assert (offer.price, offer.odometer_km) == (price, 84200)
    assert ("price" in dict(offer.unclear)) == (price is None)


def test_a_cell_under_no_name_is_named(tmp_path: Path) -> None:
    _, problems = load_offer("a", stock=stock(tmp_path, "viite;merkki;;km\na;VW;siisti;84200\n"))
    assert "not read: 'column 3' 'siisti'" in words(problems)


def test_of_two_columns_of_prices_none_is_used_where_they_differ(tmp_path: Path) -> None:
    listed = stock(
        tmp_path, "viite;Hinta;Myyntihinta;km\na;15900;15900;84200\nb;16900;15900;84200\nc;;9900;84200\n"
    )
    prices = {name: find(listed, name) for name in "abc"}
    assert [offer and offer.price for offer in prices.values()] == [15900, None, 9900]
    assert prices["b"] is not None and "price" in dict(prices["b"].unclear)


@pytest.mark.parametrize("state", ["Myyty", "SÅLD!", "sold"])
def test_a_car_that_its_row_calls_sold_has_no_price(tmp_path: Path, state: str) -> None:
    listed = stock(tmp_path, f"viite;hinta;km;tila\na;15900;84200;{state}\nb;9900;1000;Myynnissä\n")
    line = listed.line("a")
    assert line is not None and line.offer.price is None
    assert dict(line.offer.unclear)["price"] == f"'{state}' (stock.csv:2)"
    (tmp_path / "row.csv").write_bytes(line.as_list())
    kept = find(read_stock_list(tmp_path / "row.csv"), "a")
    assert kept is not None and kept.price is None, "as a case keeps its row"
    assert (other := find(listed, "b")) is not None and other.price == 9900


@pytest.mark.parametrize(
    ("row", "gone"),
    [("15900;Myyty", "sold"), ("Såld;", "sold"), (";Ei myynnissä", "withdrawn"), ("15900;Myynnissä", "")],
)
def test_what_became_of_a_car_stands_in_its_state_or_its_price(tmp_path: Path, row: str, gone: str) -> None:
    line = stock(tmp_path, f"viite;hinta;tila\na;{row}\n").line("a")
    assert line is not None and line.offer.gone == gone


def test_a_case_keeps_that_its_row_called_it_sold(tmp_path: Path) -> None:
    line = stock(tmp_path, "viite;hinta;tila\na;15900;Myyty\n").line("a")
    assert line is not None
    (tmp_path / "row.csv").write_bytes(line.as_list())
    kept = find(read_stock_list(tmp_path / "row.csv"), "a")
    assert kept is not None and kept.gone == "sold"


def test_what_an_older_list_said_of_a_sale_goes_with_its_price(tmp_path: Path) -> None:
    older = stock(tmp_path, "viite;hinta;tila\na;15900;Myyty\n")
    for text, gone in (("viite;hinta\na;14900\n", ""), ("viite;km\na;9000\n", "sold")):
        line = stock(tmp_path, text).above(older).line("a")
        assert line is not None and line.offer.gone == gone


def test_a_former_cars_row_that_is_sold_says_no_more_than_it_did(tmp_path: Path) -> None:
    before = stock(tmp_path, "viite;km\na;84200\n").line("a")
    now = stock(tmp_path, "viite;km;tila\na;84200;Myyty\n").line("a")
    assert before is not None and now is not None and now.says_no_more(before)
