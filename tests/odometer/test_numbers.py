"""Which numbers of a line may be a distance."""

from __future__ import annotations

import pytest

from kilpi.odometer.numbers import Label, label, numbers
from kilpi.types import DistanceUnit, TextLook

KM, MI = DistanceUnit.KM, DistanceUnit.MILES


def look(text: str, score: float = 0.9) -> TextLook:
    return TextLook(text, (score,) * len(text))


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("160068km", 160068, KM),
        ("160 068 KM", 160068, KM),
        ("160.068 km", 160068, KM),
        ("160,068 mi", 160068, MI),
        ("160'068 miles", 160068, MI),
        ("160068.7 km", 160068, KM),  # tenths
        ("1.234,5 km", 1234, KM),
        ("1 6 0 0 6 8", 160068, None),  # segments far apart
        ("024567", 24567, None),
        ("km 120653", 120653, KM),
        ("10:42 160068", 160068, None),
        ("160068 10:42", 160068, None),
        ("9℃ 160068km", 160068, KM),
        ("12345 mil", 12345, None),  # Swedish tens of kilometres: no unit of ours
        ("1 18698", 118698, None),  # no 18698
    ],
)
def test_one_distance(text: str, value: int, unit: DistanceUnit | None) -> None:
    assert [(n.value, n.unit, n.cut) for n in numbers(look(text))] == [(value, unit, False)]


@pytest.mark.parametrize(
    "text",
    [
        "20.12.2020",
        "2020/11/20 12:18",
        "10:42",
        "120 km/h",
        "120km / h",
        "RPMx1000",
        "45 %",
        "21,5 °C",
        "9℃",
        "Sal",
    ],
)
def test_no_distance(text: str) -> None:
    assert numbers(look(text)) == []


def test_a_dial_is_no_distance_though_it_looks_like_thousands() -> None:
    assert numbers(look("100 120")) == numbers(look("160 180 200")) == []
    assert [n.value for n in numbers(look("120 100"))] == [120100]


def test_a_trip_and_a_total_on_one_line() -> None:
    assert [(n.value, n.unit) for n in numbers(look("65.3 km 243146 km"))] == [(65, KM), (243146, KM)]
    assert [(n.value, n.unit) for n in numbers(look("40 km 243146"))] == [(40, KM), (243146, None)]


def test_a_symbol_read_as_digits_is_cut_off_and_said() -> None:
    (number,) = numbers(look("30 24 1649km"))
    assert (number.value, number.unit, number.cut) == (241649, KM, True)


def test_a_group_of_a_spaced_run_stands_for_itself_but_is_no_whole_run() -> None:
    found = {n.value: n.cut for n in numbers(look("160068 12"))}
    assert found[160068] is True


def test_odo_and_total_also_misread() -> None:
    assert [n.total for n in numbers(look("ODO 12 km"))] == [True]
    assert [(n.value, n.total) for n in numbers(look("0D0 123456"))] == [(123456, True)]
    assert [n.total for n in numbers(look("123456 TOTAL"))] == [False]


@pytest.mark.parametrize(
    "text", ["Service in 15000 km", "HUOLTO 15000 km", "TRIP A 15000 km", "Range 15000 km"]
)
def test_another_distance_has_no_label(text: str) -> None:
    assert [(n.value, n.unit) for n in numbers(look(text))] == [(15000, None)]


def test_a_number_is_as_sure_as_its_weakest_digit() -> None:
    (number,) = numbers(TextLook("12 345km", (0.9, 0.8, 0.1, 0.7, 0.9, 0.9, 0.2, 0.2)))
    assert number.score == 0.7


def test_labels() -> None:
    assert label("km") == Label(KM, False)
    assert label(" TOTAL km ") == Label(KM, True)
    assert label("0D0") == Label(None, True)
    assert label("km/h") is None and label("") is None and label("12 km") is None
