"""What no picture may show: marks, and every plate once a person has said which car it is."""

from __future__ import annotations

import pytest

from kilpi.geometry import quad_from_box
from kilpi.grammar import load_grammars
from kilpi.pictures.to_cover import all_to_cover
from kilpi.types import Box, CountryGuess, Decision, Guess, Plate, Reading, Sighting, Verdict

ACCEPTED = Decision(Verdict.ACCEPTED, None, None, ())
PLACE = quad_from_box(Box(900, 580, 1150, 640))


def found(text: str, score: float, country: str = "XX") -> Plate:
    slots = tuple((Guess(c, score),) for c in text)
    reading = Reading(slots, "fake", countries=(CountryGuess(country, 0.8),))
    return Plate("a", Sighting(PLACE, 0.55), reading, (), (1600, 1200))


MARK, BLURRED = found("ABC123", 0.9, "FI"), found("ABC12", 0.3)


def covers(plates: list[Plate], aside: list[Plate], confirmed: bool, own: bool = False) -> int:
    mine = {"a": [plate.sighting for plate in plates]} if own else None
    hidden = all_to_cover({"a": plates}, {"a": aside}, mine, ACCEPTED, load_grammars(), confirmed=confirmed)
    return len(hidden["a"])


@pytest.mark.parametrize(
    ("plate", "confirmed", "covered"),
    [(MARK, False, 1), (MARK, True, 1), (BLURRED, False, 0), (BLURRED, True, 1)],
)
def test_marks_are_covered_and_after_an_answer_every_plate(
    plate: Plate, confirmed: bool, covered: int
) -> None:
    assert covers([plate], [], confirmed) == covered


@pytest.mark.parametrize("confirmed", [False, True])
def test_what_was_taken_for_no_plate_is_covered_where_it_reads_as_a_mark(confirmed: bool) -> None:
    assert covers([], [MARK], confirmed) == 1
    assert covers([], [BLURRED], confirmed) == 0


def test_the_cars_own_plate_is_covered_however_it_was_read() -> None:
    assert covers([BLURRED], [], False, own=True) == 1


def test_inside_a_car_writing_is_no_mark_but_a_countrys_is() -> None:
    sill = found("AGUA", 0.9)
    for insides, kept in (((), 2), (("a",), 1)):
        hidden = all_to_cover(
            {"a": []}, {"a": [sill, MARK]}, None, ACCEPTED, load_grammars(), confirmed=False, insides=insides
        )
        assert len(hidden["a"]) == kept and MARK.sighting in hidden["a"]
