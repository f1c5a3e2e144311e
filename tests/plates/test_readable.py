from __future__ import annotations

from dataclasses import replace

import pytest

from kilpi.geometry import quad_from_box
from kilpi.grammar import load_grammars
from kilpi.plates.readable import (
    is_writing,
    reads_as_mark,
    reads_clearly,
    without_weak_end,
    worth_reading,
    worth_reading_clearly,
)
from kilpi.types import Box, CountryGuess, Guess, Reading

GRAMMARS = load_grammars()
PLATE = quad_from_box(Box(100, 100, 300, 150))


def reading(text: str, country: str, weakest: float = 0.9) -> Reading:
    scores = [0.95] * (len(text) - 1) + [weakest]
    slots = tuple((Guess(char, score),) for char, score in zip(text, scores, strict=True))
    return Reading(slots, "test", country, 1, 0.0, (CountryGuess(country, 0.9),))


@pytest.mark.parametrize(
    ("text", "country", "weakest", "score", "marks"),
    [
        ("ABC123", "FI", 0.95, 0.8, True),
        ("ABC123", "FI", 0.2, 0.3, True),  # small and blurred, but it looks Finnish: fail closed
        ("ABC123", "XX", 0.9, 0.8, True),  # a country that we do not know
        ("ABC123", "XX", 0.3, 0.8, False),  # noise on a display
        ("MODENA90", "XX", 0.95, 0.75, False),  # a name with a number
        ("225CC", "XX", 0.5, 0.3, False),
        ("AIRBAG", "XX", 0.95, 0.6, False),
        ("AUTOTALO", "FR", 0.95, 0.7, False),  # France has no marks of letters alone
        ("KALLE", "SE", 0.95, 0.7, True),  # Sweden has
        ("67819729", "XX", 0.95, 0.6, False),  # a part's number
        ("LEE", "XX", 0.95, 0.7, True),  # what a hand leaves open of a mark
        ("12", "FI", 0.95, 0.9, False),
        ("", "XX", 0.0, 0.9, False),
    ],
)
def test_what_reads_as_a_mark(text: str, country: str, weakest: float, score: float, marks: bool) -> None:
    assert (
        reads_as_mark(
            reading(text, country, weakest) if text else Reading((), "test"), score, PLATE, GRAMMARS
        )
        is marks
    )


@pytest.mark.parametrize(("text", "marks"), [("OBTI150I", True), ("OBTIXYZI", False), ("A1B2C", False)])
def test_a_weak_character_at_an_end_does_not_speak_against_the_rest(text: str, marks: bool) -> None:
    """WOB-TI 150 without half of its W; a word; and so few that one less would be a part of a mark."""
    read = reading(text, "XX", 0.3)
    assert not reads_as_mark(read, 0.8, PLATE, GRAMMARS)
    assert reads_as_mark(without_weak_end(read), 0.8, PLATE, GRAMMARS) is marks


def test_the_weaker_end_is_left_out() -> None:
    assert without_weak_end(reading("ABC123", "FI", 0.5)).text == "ABC12"
    turned = reading("ABC123", "FI", 0.5)
    assert without_weak_end(replace(turned, slots=turned.slots[::-1])).text == "21CBA"


def test_nothing_taller_than_wide_is_a_plate() -> None:
    clock = quad_from_box(Box(0, 0, 100, 110))
    assert not reads_as_mark(reading("PJ33JT", "SE"), 0.9, clock, GRAMMARS)


def test_a_reader_that_tells_no_country_is_believed_too() -> None:
    slots = tuple((Guess(char, 0.9),) for char in "ABC123")
    assert reads_as_mark(Reading(slots, "other"), 0.2, PLATE, GRAMMARS)


@pytest.mark.parametrize("score", [0.1, 0.3, 0.6, 0.9])
@pytest.mark.parametrize("weakest", [0.0, 0.3, 0.95])
def test_what_reads_as_a_mark_is_worth_reading(score: float, weakest: float) -> None:
    seen = reading("ABC123", "FI", weakest)
    assert worth_reading(seen, score) or not reads_as_mark(seen, score, PLATE, GRAMMARS)


@pytest.mark.parametrize("text", ["ABC123", "AB12", "SALE", "12345", "AB1"])
@pytest.mark.parametrize("weakest", [0.0, 0.3, 0.95])
def test_what_reads_clearly_is_worth_reading_so(text: str, weakest: float) -> None:
    seen = reading(text, "FI", weakest)
    assert worth_reading_clearly(seen) or not reads_clearly(seen, fewest=4)


def test_what_more_looks_may_make_clear_is_read_again_and_no_word_is() -> None:
    """A first look says less, and may take a country's plate for none."""
    assert worth_reading_clearly(reading("ABC123", "XX", 0.0))
    assert not reads_clearly(reading("ABC123", "XX", 0.0))
    slots = tuple((Guess(char, 0.55),) for char in "ABC123")
    dim = Reading(slots, "test")
    assert not any(map(worth_reading_clearly, (dim, reading("PUHELIN", "FI"), reading("84200", "FI"))))


def test_what_no_look_saw_is_not_read_again() -> None:
    assert not worth_reading(Reading((), "test"), 0.9)
    assert not worth_reading(reading("AB", "FI"), 0.9)
    slots = tuple((Guess(char, 0.2),) for char in "8I1O01")
    assert not worth_reading(Reading(slots, "test"), 0.4)


@pytest.mark.parametrize(
    ("text", "country", "weakest", "writing"),
    [
        ("ABC123", "FI", 0.2, False),  # of a car behind the window, however dim
        ("KALLE", "SE", 0.9, False),
        ("AB123CD", "XX", 0.9, False),  # a country that we do not know
        ("AGUA", "XX", 0.9, True),  # a sill's JAGUAR
        ("2JS", "XX", 0.9, True),  # 22.5 on a display
        ("67819729", "XX", 0.95, True),
        ("1I1T", "XX", 0.1, True),
    ],
)
def test_inside_a_car_what_looks_like_no_countrys_is_mostly_writing(
    text: str, country: str, weakest: float, writing: bool
) -> None:
    assert is_writing(reading(text, country, weakest)) is writing


def test_what_hardly_looks_like_no_countrys_may_be_a_countrys() -> None:
    seen = replace(reading("AGUA", "XX"), countries=(CountryGuess("XX", 0.3), CountryGuess("EE", 0.28)))
    assert not is_writing(seen)


def test_a_reader_that_tells_no_country_finds_no_writing() -> None:
    assert not is_writing(Reading(tuple((Guess(char, 0.9),) for char in "AGUA"), "other"))
