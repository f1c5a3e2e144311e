"""What a plate's colour says of its mark, and what a plate's words do."""

from __future__ import annotations

import pytest
from tests.decision.layouts import plate_of

from kilpi.decision.ground import doubts_of_ground
from kilpi.decision.showing import says_a_name
from kilpi.grammar import load_grammars
from kilpi.tint import tint_of_hex, tint_word
from kilpi.types import Mark


def codes(country: str, text: str, *tints: str) -> list[str]:
    plates = [plate_of(str(i), text, country=country, tint=tint) for i, tint in enumerate(tints)]
    mark = plates[0].candidates[0].mark
    return [reason.code for reason in doubts_of_ground(mark, plates, load_grammars())]


def test_a_green_swedish_plate_is_the_trades() -> None:
    assert codes("SE", "KBC 123", "green", "green", "yellow") == ["trade_plate"]


def test_green_in_one_photo_is_enough_for_lamps_make_it_white() -> None:
    assert codes("SE", "KBC 123", "white", "white", "green") == ["trade_plate"]
    assert codes("SE", "KBC 123", "white", "white", "yellow") == []


def test_a_colour_that_no_such_plate_has_is_a_doubt_only_where_most_photos_show_it() -> None:
    assert codes("FI", "KBC-123", "red", "red", "white") == ["plate_colour"]
    assert codes("FI", "KBC-123", "red", "white", "white") == []
    assert codes("FI", "KBC-123", "yellow", "yellow", "yellow") == []  # a lamp's light


@pytest.mark.parametrize(
    ("hex_colour", "word"),
    [("#f5f5f2", "white"), ("#6aa84f", "green"), ("#c01818", "red"), ("#1f5fb0", "blue")],
)
def test_colours_of_the_grammars_have_words(hex_colour: str, word: str) -> None:
    assert tint_of_hex(hex_colour) == word


def test_shade_is_not_blue() -> None:
    assert tint_word(145, 195, 224) == "white"


@pytest.mark.parametrize("text", ["KIA-1", "BMW-320", "RAV-4", "XC-60"])
def test_a_make_or_model_is_a_name(text: str) -> None:
    assert says_a_name(Mark(text, "FI", "ordinary"))


@pytest.mark.parametrize("text", ["KIB-1", "XC-61", "ABC-123"])
def test_other_marks_are_none(text: str) -> None:
    assert not says_a_name(Mark(text, "FI", "ordinary"))


@pytest.mark.parametrize(
    ("text", "says"), [("OY-1", True), ("OY-23", True), ("OYX-1", False), ("AUT-5", True), ("AUT-6", False)]
)
def test_the_dealers_own_words_alone_or_with_any_number(text: str, says: bool) -> None:
    assert says_a_name(Mark(text, "FI", "ordinary"), {"OY", "AUT5"}) is says
