"""Letters that differ by a ring or dots, and characters that plates draw alike."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.grammar.marks_read import GRAMMARS, reading

from kilpi.types import CountryGuess


@pytest.mark.parametrize(
    ("seen", "sister"),
    [("ÅBC123", "ABC-123"), ("ABC123", "ÅBC-123"), ("ÄBC123", "ABC-123"), ("BÖC12", "BOC-12")],
)
def test_a_sister_letter_is_in_sight_and_behind(seen: str, sister: str) -> None:
    named = replace(reading(seen, country="FI"), countries=(CountryGuess("FI", 1.0),))
    ranked = GRAMMARS.rank(named, keep=5)
    texts = [candidate.mark.text for candidate in ranked]
    assert ranked[0].mark.compact == seen
    assert sister in texts
    assert ranked[texts.index(sister)].score < 0.01


def test_sisters_are_letters_that_the_series_has() -> None:
    finnish, swedish = GRAMMARS.parse("ABC-123", "FI")[0], GRAMMARS.parse("ABC 123", "SE")[0]
    assert set(GRAMMARS.diacritic_variants(finnish, 0)) == {"Å", "Ä"}
    assert GRAMMARS.diacritic_variants(finnish, 1) == () == GRAMMARS.diacritic_variants(swedish, 0)


def test_a_place_settles_what_plates_draw_alike() -> None:
    finnish, polish = GRAMMARS.parse("MOI-101", "FI")[0], GRAMMARS.parse("SYO RL78", "PL")[0]
    assert [GRAMMARS.impossible_confusables(finnish, at) for at in (1, 2, 3, 4)] == [
        ("0",),
        ("1",),
        ("I",),
        ("O",),
    ]
    assert GRAMMARS.impossible_confusables(finnish, 0) == ()
    assert GRAMMARS.impossible_confusables(polish, 2) == ()  # SY 0RL78 is a mark as well


def test_a_series_that_hardly_a_car_wears_leaves_a_place_settled() -> None:
    ordinary, personal = GRAMMARS.parse("WBG 011", "SE")[0], GRAMMARS.parse("WVPIR", "DK")[0]
    assert GRAMMARS.parse("WBGO11", "SE") and GRAMMARS.impossible_confusables(ordinary, 3) == ("O",)
    assert GRAMMARS.impossible_confusables(personal, 3) == ()  # WVP1R is as likely
    assert GRAMMARS.impossible_confusables(GRAMMARS.mark("O0O0O0O0"), 0) == ()
