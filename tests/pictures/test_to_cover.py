"""What no picture may show once a person has said which car it is: all but signs on walls."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kilpi.geometry import quad_from_box
from kilpi.grammar import load_grammars
from kilpi.pictures.to_cover import all_to_cover
from kilpi.types import Box, CountryGuess, Decision, Guess, Plate, Reading, Sighting, Verdict

SAID = Decision(Verdict.ACCEPTED, None, None, ())


def lettering(text: str, score: float = 0.4, country: str = "XX") -> Reading:
    return Reading(tuple((Guess(c, score),) for c in text), "fake", countries=(CountryGuess(country, 0.8),))


SIGN = Plate(
    "a", Sighting(quad_from_box(Box(900, 180, 1150, 240)), 0.55), lettering("AUTOTALO"), (), (1600, 1200)
)


def covered(plate: Plate, confirmed: bool = True) -> bool:
    found = all_to_cover({"a": [plate]}, None, SAID, load_grammars(), confirmed=confirmed)
    return bool(found["a"])


def lower(plate: Plate) -> Plate:
    return replace(plate, sighting=Sighting(quad_from_box(Box(900, 580, 1150, 640)), 0.55))


def test_a_sign_stays_open_after_an_answer() -> None:
    assert not covered(SIGN)


@pytest.mark.parametrize(
    "plate",
    [
        lower(SIGN),  # where cars have their plates
        replace(SIGN, reading=Reading((), "fake")),  # nothing can be read on it
        replace(SIGN, reading=None),  # nobody tried
        replace(SIGN, reading=lettering("ABC12")),  # as short as a mark
        replace(SIGN, reading=lettering("AUTOTALO", country="FI")),  # looks like a country's plate
        replace(SIGN, reading=lettering("AU101AL", 0.9, "FR")),  # reads as a mark
        replace(SIGN, frame=None),
        replace(SIGN, frame=(600, 1200)),  # a close-up
    ],
)
def test_all_else_is_covered_after_an_answer_where_the_own_plate_cannot_be_read(plate: Plate) -> None:
    assert covered(plate)
