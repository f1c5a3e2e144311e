"""What of a find counts as readable, and which pictures are looked at again the other way round."""

from __future__ import annotations

from dataclasses import replace

from tests.fakes import reading_of

from kilpi.geometry import quad_from_box
from kilpi.grammar import ANY
from kilpi.pictures.search import clear_ways
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
    word = replace(
        reading_of("SETTINGS", 0.7), countries=strange
    )  # is none, so its own head is looked no further
    figures = replace(reading_of("120140", 0.7), countries=strange)
    assert clear_ways(ways, [on_its_head, plate]) == [True, True]
    assert clear_ways(ways, [word, plate]) == clear_ways(ways, [figures, plate]) == [True, False]


def sighting_at(x: float) -> Sighting:
    return Sighting(quad_from_box(Box(x, 0, x + 40, 10)), 0.9)
