"""What of a find counts as readable, and which pictures are looked at again the other way round."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.fakes import reading_of

from kilpi.geometry import quad_from_box
from kilpi.grammar import ANY, load_grammars
from kilpi.pictures.lie import UPRIGHT, Lie
from kilpi.pictures.search import clear_marks, clear_ways, head_up, is_told_apart, may_be_mark
from kilpi.plates.any_angle import upside_down
from kilpi.types import Box, CountryGuess, Sighting


def test_a_way_round_counts_only_where_no_other_reads_far_more_clearly() -> None:
    ways = [[sighting_at(0), sighting_at(1)], [sighting_at(2), sighting_at(3)], [sighting_at(4)]]
    clear, dim, near = (reading_of("ABC123", score) for score in (0.98, 0.79, 0.93))
    assert clear_ways(ways, [clear, dim, near, clear, dim]) == [True, False, True, True, True]


def test_a_plate_on_its_head_does_not_rule_out_the_plate() -> None:
    ways = [[sighting_at(0), sighting_at(1)]]
    plate = reading_of("HH64368", 0.5)
    strange = (CountryGuess(ANY, 0.9),)
    on_its_head = replace(reading_of("89E79HH", 0.7), countries=strange)
    # A word or a figure is none, so what it reads as on its head is looked at no further.
    word = replace(reading_of("SETTINGS", 0.7), countries=strange)
    figures = replace(reading_of("120140", 0.7), countries=strange)
    assert clear_ways(ways, [on_its_head, plate]) == [True, True]
    assert clear_ways(ways, [word, plate]) == clear_ways(ways, [figures, plate]) == [True, False]


@pytest.mark.parametrize(
    ("text", "weakest", "country", "share", "score", "marks"),
    [
        ("KQD7811", 0.42, "DE", 0.92, 0.5, True),  # hardly read and hardly seen, but surely a German plate
        ("KQD7811", 0.42, "DE", 0.8, 0.5, False),
        ("JE361", 0.93, ANY, 0.6, 0.45, True),  # clear, whatever it is
        ("JE361", 0.8, ANY, 0.6, 0.45, False),
        ("SERVICE", 0.42, "DE", 0.92, 0.5, False),  # a word
    ],
)
def test_how_it_reads_vouches_for_what_was_hardly_seen(
    text: str, weakest: float, country: str, share: float, score: float, marks: bool
) -> None:
    read = replace(reading_of(text, weakest), countries=(CountryGuess(country, share),))
    assert may_be_mark(replace(sighting_at(0), score=score), read, load_grammars()) is marks


def test_of_one_place_the_clearest_way_round_counts_and_only_as_a_countrys_mark() -> None:
    strange = (CountryGuess(ANY, 0.9),)
    display = replace(reading_of("84200KM", 0.98), countries=strange)
    on_its_head = replace(reading_of("WX00278", 0.86), countries=(CountryGuess("NO", 0.7),))
    plate = replace(reading_of("XJU344", 0.9), countries=(CountryGuess("SE", 0.9),))
    dim = replace(plate, slots=reading_of("XJU344", 0.7).slots)
    short = replace(reading_of("J344", 0.95), countries=(CountryGuess("SE", 0.9),))
    here, there = sighting_at(0), sighting_at(100)
    read = [(here, display), (here, on_its_head), (there, plate)]
    assert [(s, round(sure, 6)) for s, sure in clear_marks(read)] == [(there, 0.9)]
    assert clear_marks([(here, on_its_head)]) != [] and clear_marks([(here, dim), (there, short)]) == []


def sighting_at(x: float) -> Sighting:
    return Sighting(quad_from_box(Box(x, 0, x + 40, 10)), 0.9)


def test_on_its_head_a_sign_is_read_as_a_mark_only_where_it_is_clear() -> None:
    """A dealer's name on a wall, CARS, reads as SWVN0 on its head, dimly; the car beside it stands."""
    plate, finnish = sighting_at(0), (CountryGuess("FI", 0.9),)
    on_head = replace(plate, quad=upside_down(plate.quad))
    dim, clear = (replace(reading_of("SWV10", score), countries=finnish) for score in (0.6, 0.9))
    stands = Lie(stands=True)
    assert not is_told_apart(plate, dim, stands)
    assert is_told_apart(on_head, dim, stands) and not is_told_apart(on_head, clear, stands)
    assert not is_told_apart(on_head, dim, UPRIGHT), "by a find alone, which may be one on its head"
    assert not is_told_apart(on_head, dim, Lie(closely=True, stands=True))
    assert head_up(on_head.quad) == plate.quad == head_up(plate.quad)


def test_writing_is_told_apart_in_insides_alone() -> None:
    writing = replace(reading_of("AGUA", 0.9), countries=(CountryGuess(ANY, 0.9),))
    assert is_told_apart(sighting_at(0), writing, Lie(inside=True))
    assert not is_told_apart(sighting_at(0), writing, UPRIGHT)
