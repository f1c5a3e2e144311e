from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kilpi.figures import both_readings, read_date, read_number


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("15900", "15900"),
        ("15 900", "15900"),
        ("15\u00a0900,50", "15900.50"),
        ("15'900", "15900"),
        ("9.900,00", "9900.00"),
        ("9,900.00", "9900.00"),
        ("1.234.567", "1234567"),
        ("0,125", "0.125"),
        ("1598,512", "1598.512"),
        ("-5", "-5"),
        ("１２３", "123"),
    ],
)
def test_numbers_that_mean_one_thing(text: str, number: str) -> None:
    assert read_number(text) == Decimal(number)


@pytest.mark.parametrize("text", ["19.900", "201,000"])
def test_numbers_that_mean_two_things(text: str) -> None:
    with pytest.raises(ValueError, match="is not clear"):
        read_number(text)
    assert both_readings(text) is not None


@pytest.mark.parametrize("text", ["", "x", "1e5", "15 90", "1,2,3", "nan", "٥", "9" * 60, "1.2.2020"])
def test_what_is_no_number(text: str) -> None:
    with pytest.raises(ValueError, match="is not a number"):
        read_number(text)
    assert both_readings(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "2018-05-14 00:00:00",
        "2018-05-14T00:00:00.000Z",
        "14.5.2018 0:00",
        "14.05.2018 0.00.00",
        "14.5.2018 klo 12.30",
        "14. 5. 2018",
        "20180514",
        "14/5/2018",
        "5/14/2018 12:00:00 AM",
        "14-05-2018",
        "2018/05/14",
        "2018-05-14+02:00",
    ],
)
def test_one_day_however_it_is_written(text: str) -> None:
    assert read_date(text) == date(2018, 5, 14)


@pytest.mark.parametrize(
    "text", ["5/4/2018", "14.5.18", "2018", "31.2.2018", "2018-05-14T", "0.5.2018", "43234"]
)
def test_what_is_no_clear_day(text: str) -> None:
    with pytest.raises(ValueError, match="is not a date"):
        read_date(text)


@given(st.text(max_size=60))
def test_any_text_is_a_figure_or_a_value_error(text: str) -> None:
    for read in (read_number, read_date):
        try:
            read(text)
        except ValueError as error:
            assert text not in str(error) or len(text) < 30
