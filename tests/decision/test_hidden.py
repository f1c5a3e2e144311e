"""A mark whose plate has room for more is not accepted; one that fills its plate is."""

from __future__ import annotations

import pytest
from tests.decision.layouts import plate_of, track_of

from kilpi.decision.hidden import doubts_of_layout
from kilpi.decision.policy import DecisionPolicy
from kilpi.grammar import load_grammars
from kilpi.types import Plate

POLICY = DecisionPolicy(p=0.9)


def codes(*plates: Plate) -> list[str]:
    return [reason.code for reason in doubts_of_layout(track_of(*plates), load_grammars(), POLICY)]


@pytest.mark.parametrize("text", ["KBC-123", "KB-123", "KBC-12", "KB-12", "KBC-1"])
def test_a_whole_mark_in_the_middle_of_its_plate_has_no_doubt(text: str) -> None:
    assert codes(*(plate_of(photo, text) for photo in "abc")) == []


@pytest.mark.parametrize("at", range(6))
def test_any_character_that_is_not_seen_leaves_a_doubt(at: int) -> None:
    assert codes(*(plate_of(photo, "KBC-123", [at]) for photo in "abc")) == ["maybe_hidden"]


def test_a_plate_at_the_edge_of_every_photo_may_go_on() -> None:
    assert codes(*(plate_of(photo, "KBC-12", edge=-0.1) for photo in "abc")) == ["cut_off"]


def test_one_photo_with_the_whole_plate_outweighs_two_without_a_character() -> None:
    # The hole in the places of the two is not even needed.
    assert "longer_elsewhere" in codes(
        plate_of("a", "KBC-123", [5]), plate_of("b", "KBC-123", [5]), plate_of("c", "KBC-123")
    )


def test_a_remainder_of_a_letter_read_as_another_stands_oddly() -> None:
    shown = [plate_of(photo, "KBC-123") for photo in "abc"]
    moved = []
    for plate in shown:
        assert plate.layout is not None
        places = list(plate.layout.middles)
        places[1] += 0.045
        moved.append(_with_places(plate, places))
    assert codes(*moved) == ["spacing_odd"]


def test_nothing_is_said_where_nothing_was_measured() -> None:
    from dataclasses import replace

    assert codes(*(replace(plate_of(photo, "KBC-12", [4]), layout=None) for photo in "ab")) == []


def _with_places(plate: Plate, places: list[float]) -> Plate:
    from dataclasses import replace

    assert plate.layout is not None
    return replace(plate, layout=replace(plate.layout, middles=tuple(places)))
