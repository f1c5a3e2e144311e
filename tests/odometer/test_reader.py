"""Several looks at a line must agree; labels belong to the number beside them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from kilpi.geometry import quad_from_box
from kilpi.odometer.reader import OdometerReader, distances
from kilpi.types import Box, DistanceReading, DistanceUnit, Photo, TextLine, TextLook


def line(*texts: str, at: tuple[float, float] = (100, 100), score: float = 0.9) -> TextLine:
    x, y = at
    looks = tuple(TextLook(text, (score,) * len(text)) for text in texts)
    return TextLine(quad_from_box(Box(x, y, x + 100, y + 20)), looks)


def only(*lines: TextLine) -> DistanceReading:
    (reading,) = distances("a", lines)
    return reading


def test_what_one_look_alone_gives_does_not_count() -> None:
    assert only(line("160068", "160068", "180068", "160068", "160069")).value == 160068


def test_looks_that_are_divided_give_nothing() -> None:
    assert distances("a", [line("160068", "160068", "180068", "180068", "")]) == []
    assert distances("a", [line("18698", "18698", "118698", "118698", "")]) == []


def test_a_lost_first_digit_is_outvoted() -> None:
    assert only(line("18698", "118698", "118698", "18698", "118698")).value == 118698


def test_two_numbers_of_a_line_do_not_hinder_each_other() -> None:
    found = distances("a", [line(*["12345.6 km 243146 km"] * 5)])
    assert {reading.value for reading in found} == {12345, 243146}


def test_dials_clocks_and_trips_are_left_out_but_not_what_odo_stands_before() -> None:
    assert distances("a", [line("120"), line("65.3 km"), line("10:42")]) == []
    assert only(line("ODO 12 km")).value == 12


def test_what_the_looks_say_most() -> None:
    reading = only(line("160068 km", "160068km", "160068 k", "160068", "160068km", score=0.7))
    assert reading.unit is DistanceUnit.KM and reading.looks == 5 and reading.score == 0.7
    assert only(line("160068 km", "160068", "160068", "160068", "160068km")).unit is None


def test_labels_beside_a_number() -> None:
    number = line("160068")  # x 100..200, y 100..120
    behind, before, above = (210, 100), (-10, 100), (120, 75)
    assert only(number, line("km", at=behind)).unit is DistanceUnit.KM
    assert only(number, line("km", at=before)).unit is DistanceUnit.KM
    assert only(number, line("ODO", at=before)).total
    assert only(number, line("TOTAL km", at=above)).total
    assert not only(number, line("ODO", at=behind)).total
    assert only(number, line("km", at=(205, 90))).unit is DistanceUnit.KM  # raised
    assert not only(number, line("km", at=above)).labelled  # of the line above
    assert not only(number, line("ODO", at=(-10, 115))).labelled  # of the line below
    assert not only(number, line("km", at=(400, 100))).labelled
    assert not only(number, line("km", at=(120, 160))).labelled


def test_where_a_service_is_announced_round_kilometres_are_not_the_mileage() -> None:
    found = distances("a", [line("SERVICE"), line("15000 km"), line("243146 km")])
    assert {r.value: r.labelled for r in found} == {15000: False, 243146: True}


def test_a_paper_tells_no_mileage_and_a_menu_does_not_hide_it() -> None:
    total, words = line("151266 km"), line("Next to all this", at=(0, 500))
    assert distances("a", [total, *[words] * 12]) == []
    assert only(total, *[words] * 11).value == 151266


def test_the_best_comes_first() -> None:
    lines = [line("12345"), line(*["54321", "54321", ""]), line("99999 km", score=0.2)]
    assert [r.value for r in distances("a", lines)] == [99999, 54321, 12345]


def test_each_photo_has_its_own_readings() -> None:
    class Written:
        def read_text(self, photos: Sequence[Photo]) -> list[list[TextLine]]:
            return [[line(photo.path)] for photo in photos]

    photos = [Photo(n, n, 10, 10, np.zeros((10, 10, 3), np.uint8)) for n in ("111222", "", "333444")]
    found = OdometerReader(Written()).read(photos)
    assert [[(r.photo_id, r.value) for r in rs] for rs in found] == [
        [("111222", 111222)],
        [],
        [("333444", 333444)],
    ]
