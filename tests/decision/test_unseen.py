"""What a network sees hidden on a plate is a doubt of the mark."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.decision.layouts import plate_of

from kilpi.decision.policy import USUAL
from kilpi.decision.unseen import doubts_of_unseen
from kilpi.types import Hidden, Plate


def seen(photo: str, *ink: float) -> Plate:
    plate = plate_of(photo, "KBC-123")
    assert plate.layout
    return replace(plate, layout=replace(plate.layout, hidden=Hidden(ink, (0.0,) * len(ink))))


CLEAN = (0.01, 0.02, 0.0, 0.03, 0.0, 0.01)
COVERED = (0.01, 0.02, 0.0, 0.9, 0.0, 0.01)


def test_a_whole_plate_is_no_doubt_and_one_that_nobody_looked_at_neither() -> None:
    assert doubts_of_unseen([seen(photo, *CLEAN) for photo in "abc"], USUAL) == []
    assert doubts_of_unseen([plate_of(photo, "KBC-123") for photo in "abc"], USUAL) == []
    assert doubts_of_unseen([], USUAL) == []


def test_what_hides_a_character_in_all_photos_is_a_doubt_with_its_place() -> None:
    doubts = doubts_of_unseen([seen(photo, *COVERED) for photo in "abc"], USUAL)
    assert [(doubt.code, doubt.values) for doubt in doubts] == [("maybe_covered", {"place": 4})]


def test_a_photo_that_shows_it_whole_settles_it_unless_most_say_otherwise() -> None:
    assert doubts_of_unseen([seen("a", *COVERED), seen("b", *CLEAN), seen("c", *CLEAN)], USUAL) == []
    assert doubts_of_unseen([seen("a", *COVERED), seen("b", *COVERED), seen("c", *CLEAN)], USUAL)


def test_a_photo_alone_must_be_surer() -> None:
    assert doubts_of_unseen([seen("a", *COVERED)], USUAL) == []
    assert doubts_of_unseen([seen("a", *CLEAN[:5], USUAL.unseen_alone)], USUAL)


@pytest.mark.parametrize("score", [USUAL.unseen, 1.0])
def test_a_little_in_every_photo_is_enough(score: float) -> None:
    assert doubts_of_unseen([seen(photo, *CLEAN[:5], score) for photo in "ab"], USUAL)
