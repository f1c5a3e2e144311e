"""German marks by their spaces."""

from __future__ import annotations

import pytest
from tests.decision.layouts import plate_of, track_of

from kilpi.decision.hidden import doubts_of_layout
from kilpi.decision.policy import DecisionPolicy
from kilpi.decision.spelling import settle_spelling
from kilpi.grammar import load_grammars

POLICY = DecisionPolicy(p=0.9)


@pytest.mark.parametrize("text", ["B-NO 1234", "BN-O 1234"])
def test_the_spaces_settle_which_of_two_marks_it_is(text: str) -> None:
    track = track_of(*(plate_of(photo, text, country="DE") for photo in "abc"))
    settled = settle_spelling(track, load_grammars(), POLICY.at_edge)
    assert settled.candidates[0].mark.text == text
    codes = [reason.code for reason in doubts_of_layout(settled, load_grammars(), POLICY)]
    assert "split_unsure" not in codes


def test_a_space_in_neither_place_goes_to_a_person() -> None:
    plates = [plate_of(photo, "BNO1-234", country="DE", read="BNO1234") for photo in "abc"]
    settled = settle_spelling(track_of(*plates), load_grammars(), POLICY.at_edge)
    codes = [reason.code for reason in doubts_of_layout(settled, load_grammars(), POLICY)]
    assert "split_unsure" in codes or "maybe_hidden" in codes


def test_a_swedish_word_of_its_owner_is_not_an_ordinary_mark() -> None:
    plates = [plate_of(photo, "MABI 76", country="SE", read="MAB176") for photo in "abc"]
    codes = [reason.code for reason in doubts_of_layout(track_of(*plates), load_grammars(), POLICY)]
    assert "split_unsure" in codes
