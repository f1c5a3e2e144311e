from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kilpi.registers.values import (
    PARSERS,
    build_vehicle,
    clean_text,
    parse_date,
    parse_number,
    parse_vin,
    repair,
)
from kilpi.text import compact_mark
from kilpi.types import Mark


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("85", 85),
        ("85,5", 85.5),
        ("1 598", 1598),
        ("1\u00a0598,5", 1598.5),
        ("1,598.5", 1598.5),
        ("1.598,5", 1598.5),
    ],
)
def test_numbers(text: str, number: float) -> None:
    assert parse_number(text) == number


@pytest.mark.parametrize("text", ["", "nan", "inf", "1e9", "many", "1,2,3", "85 kW", "--1"])
def test_no_numbers(text: str) -> None:
    with pytest.raises(ValueError, match="not a number"):
        parse_number(text)


@pytest.mark.parametrize(
    "text", ["2005-12-05", "20051205", "5.12.2005", "2005-12-05T00:00:00.000", "2005-12-05T00:00:00+02:00"]
)
def test_dates(text: str) -> None:
    assert parse_date(text) == date(2005, 12, 5)


def test_a_month_is_kept_as_its_first_day() -> None:
    assert parse_date("2019-03") == date(2019, 3, 1)


@pytest.mark.parametrize("text", ["", "2005", "20050000", "2005-13-01", "31.2.2005", "12/05/2005", "soon"])
def test_no_dates(text: str) -> None:
    with pytest.raises(ValueError, match="is not a date"):
        parse_date(text)


@given(st.dates(min_value=date(1900, 1, 1), max_value=date(2100, 1, 1)))
def test_dates_survive_every_spelling(day: date) -> None:
    spellings = (day.isoformat(), day.strftime("%Y%m%d"), f"{day.day}.{day.month}.{day.year:04}")
    assert {parse_date(text) for text in spellings} == {day}


@given(st.text(alphabet="ÅÄÖåäöÆØæøÉéÜüŠšABCxyz0123456789- ", min_size=1, max_size=12))
def test_repair_undoes_a_wrong_decoding_and_leaves_the_rest(text: str) -> None:
    assert repair(text) == text
    assert repair(text.encode("utf-8").decode("latin-1")) == text


def test_repair_of_the_windows_variant() -> None:
    assert repair("ÄÖÅ-2".encode().decode("cp1252")) == "ÄÖÅ-2"


def test_compact_keeps_the_dots_over_letters() -> None:
    assert compact_mark(" äöå-2 ") == "ÄÖÅ2"
    assert compact_mark("A\u0308-1") == "Ä1"


@pytest.mark.parametrize(
    ("field", "text"),
    [("doors", "0"), ("displacement_cc", "0"), ("power_kw", "20000"), ("seats", "2.5"), ("co2_cycle", "EPA")],
)
def test_unbelievable_values_are_refused(field: str, text: str) -> None:
    with pytest.raises(ValueError, match="is n"):
        PARSERS[field](text)


def test_vin_is_checked_in_shape_only() -> None:
    assert parse_vin(" wvwzzz1jz3w386752 ") == "WVWZZZ1JZ3W386752"
    with pytest.raises(ValueError, match="chassis"):
        parse_vin("Åbc")


def test_clean_text() -> None:
    assert clean_text("  A\u0308  b\n c ") == "Ä b c"


def test_build_vehicle_refuses_fields_that_it_does_not_know() -> None:
    with pytest.raises(KeyError, match="owner"):
        build_vehicle(Mark("A-1"), "x", datetime.now(UTC), {"owner": "someone"}, {})


@pytest.mark.parametrize("name", ["litres_per_100km", "kwh_per_100km"])
def test_no_car_consumes_nothing(name: str) -> None:
    with pytest.raises(ValueError, match="is not between"):
        PARSERS[name]("0.0")
    assert PARSERS[name]("12.7") == 12.7
