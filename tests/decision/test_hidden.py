"""A mark whose plate has room for more is not accepted; one that fills its plate is."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.decision.layouts import plate_of, track_of

from kilpi.decision.covered import gap_at
from kilpi.decision.hidden import Places, doubts_of_layout
from kilpi.decision.policy import DecisionPolicy
from kilpi.decision.spacing import CELLS, NARROW_HIDDEN, Line, Seen, lines_of, seen_places
from kilpi.grammar import load_grammars
from kilpi.types import Hidden, Ink, Plate

POLICY = DecisionPolicy(p=0.9)


def codes(*plates: Plate) -> list[str]:
    return [reason.code for reason in doubts_of_layout(track_of(*plates), load_grammars(), POLICY)]


@pytest.mark.parametrize("text", ["KBC-123", "KB-123", "KBC-12", "KB-12", "KBC-1"])
def test_a_whole_mark_in_the_middle_of_its_plate_has_no_doubt(text: str) -> None:
    assert codes(*(plate_of(photo, text) for photo in "abc")) == []


def test_a_mark_of_a_rare_series_may_be_a_common_one_that_lost_a_letter() -> None:
    """L-72 is an export plate's; far more plates are XL-72 with a sticker on the X."""
    assert codes(*(plate_of(photo, "L-72") for photo in "abc")) == ["maybe_hidden"]


@pytest.mark.parametrize("at", range(6))
def test_any_character_that_is_not_seen_leaves_a_doubt(at: int) -> None:
    assert codes(*(plate_of(photo, "KBC-123", [at]) for photo in "abc")) == ["maybe_hidden"]


@pytest.mark.parametrize(("ends", "found"), [((0.91, 1.0, 0.88), ["maybe_hidden"]), ((0.91, 1.0, 0.99), [])])
def test_a_bar_where_the_ground_should_end_may_cover_a_last_character(
    ends: tuple[float, ...], found: list[str]
) -> None:
    """What is left stands in the middle of what is left of the ground, and explains it well."""
    plates = []
    for photo, end in zip("abc", ends, strict=True):
        plate = plate_of(photo, "KBC-12")
        assert plate.layout is not None
        layout = replace(plate.layout, grounds=((0.0, end),))
        plates.append(_with_places(replace(plate, layout=layout), [x * end for x in plate.layout.middles]))
    assert codes(*plates) == found


def cut_short(plate: Plate, end: float) -> Plate:
    """The plate whose ground ends there, all that is seen of it stretched to what the detector then sees."""
    assert plate.layout is not None
    inks = tuple(
        ink and Ink(ink.left / end, ink.top, ink.right / end, ink.bottom) for ink in plate.layout.inks
    )
    layout = replace(plate.layout, middles=tuple(x / end for x in plate.layout.middles), inks=inks)
    return replace(plate, layout=layout)


def test_a_plate_that_goes_on_behind_a_post_may_have_one_character_more() -> None:
    """KBC-12 of KBC-123: the post stands right after the 2, which is where the plate then seems to end."""
    whole = [plate_of(photo, "KBC-123", [5]) for photo in "abc"]
    assert whole[0].layout is not None and whole[0].layout.inks[-1] is not None
    end = whole[0].layout.inks[-1].right + 0.02
    shown = [cut_short(plate, end) for plate in whole]
    assert codes(*shown) == ["maybe_hidden"]
    assert places_of(shown).goes_on(5) and not places_of(shown).goes_on(2)
    assert not places_of([plate_of(photo, "KBC-12") for photo in "abc"]).goes_on(5)


def test_a_bar_at_the_end_of_the_upper_row_opens_that_place_alone() -> None:
    rows = [in_two_rows(plate_of(photo, "KB-123"), 2, 0.9) for photo in "abc"]
    found = places_of(rows)
    assert found.ends_early(2) and not found.ends_early(1) and not found.ends_early(5)


@pytest.mark.parametrize(("over", "found"), [(None, []), (0, ["maybe_hidden"]), (4, [])])
def test_something_over_the_character_beside_it_may_hide_another(over: int | None, found: list[str]) -> None:
    """Two letters a little right of the middle: a third before them explains that hardly worse."""
    plates = []
    for photo in "abc":
        plate = plate_of(photo, "KB-123")
        assert plate.layout is not None
        ink = tuple(0.4 * (photo == "b" and at == over) for at in range(5))
        layout = replace(plate.layout, hidden=Hidden(ink, (0.0,) * 5))
        plates.append(_with_places(replace(plate, layout=layout), [x + 0.02 for x in plate.layout.middles]))
    assert codes(*plates) == found


def test_two_rows_are_set_less_exactly() -> None:
    """A digit before a row of two that is a little right of the middle: in one row that would be none."""
    plates = []
    for photo in "abc":
        plate = in_two_rows(plate_of(photo, "KBC-12"), 3, 1.0)
        cell, right = CELLS[2][0], 0.03
        upper, lower = ([0.5 + cell * (i - (n - 1) / 2) for i in range(n)] for n in (3, 2))
        plates.append(_with_places(plate, [*upper, *(x + right for x in lower)]))
    places = places_of(plates)
    gap = min(places.fit((3,), 3, narrow).cost + NARROW_HIDDEN * narrow for narrow in (False, True))
    gap -= places.fit((3,)).cost
    assert POLICY.clearer < gap < POLICY.clearer + POLICY.vague
    assert places.hidden(places.fit((3,))) == 3


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
    assert codes(*(replace(plate_of(photo, "KBC-12", [4]), layout=None) for photo in "ab")) == []


def places_of(plates: list[Plate]) -> Places:
    """What the rules see of plates that all read one mark."""
    mark = plates[0].candidates[0].mark
    seen = seen_places(mark, plates, POLICY.at_edge)
    assert seen is not None
    layouts = tuple(plate.layout for plate in plates if plate.layout)
    return Places(mark, seen, track_of(*plates), load_grammars(), POLICY, layouts)


def in_two_rows(plate: Plate, cut: int, end: float) -> Plate:
    """The first `cut` characters in an upper row, whose ground ends at `end`."""
    assert plate.layout is not None
    rows = tuple(int(at >= cut) for at in range(len(plate.layout.middles)))
    grounds, margins = ((0.0, end), (0.0, 1.0)), ((0.0, 0.0), (0.0, 0.0))
    return replace(plate, layout=replace(plate.layout, rows=rows, grounds=grounds, margins=margins))


def _with_places(plate: Plate, places: list[float]) -> Plate:
    assert plate.layout is not None
    return replace(plate, layout=replace(plate.layout, middles=tuple(places)))


def test_between_two_inks_that_are_close_no_character_is_hidden() -> None:
    whole, holed = plate_of("a", "KBC-123").layout, plate_of("a", "KBC-123", [1]).layout
    assert whole is not None and holed is not None
    close, wide = gap_at(whole, 1), gap_at(holed, 1)
    assert close is not None and close < POLICY.no_room
    assert wide is not None and wide > 2 * POLICY.no_room
    assert gap_at(whole, 0) is None and gap_at(whole, 6) is None


def test_the_upper_row_may_have_lost_its_last_letter() -> None:
    mark = load_grammars().mark("KB123", "FI")
    assert lines_of(mark, 2, False, (3,), (2, 3)) == [Line("KB?", ()), Line("123", ())]
    assert lines_of(mark, 1, False, (3,), (2, 3)) == [Line("K?B", ()), Line("123", ())]
    assert lines_of(mark, 3, False, (2,), (2, 3)) == [Line("KB", ()), Line("1?23", ())]


def test_what_stands_at_the_end_of_a_row_is_seen() -> None:
    shown = plate_of("a", "KB-123")
    assert shown.layout is not None
    layout = replace(
        shown.layout, rows=(0, 0, 1, 1, 1), grounds=((0.0, 1.0),) * 2, margins=((0.0, 1.0), (0.0, 0.0))
    )
    plate = replace(shown, layout=layout)
    mark = shown.candidates[0].mark
    seen = Seen(((0.3, 0.5), (0.2, 0.4, 0.6)), 1)
    places = Places(mark, seen, track_of(plate), load_grammars(), POLICY)
    assert places.something_at(2)
    assert not places.something_at(1)
