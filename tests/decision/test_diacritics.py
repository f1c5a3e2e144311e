"""An A is an A only where there is no room for dots and its ground is seen."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.decision.layouts import plate_of

from kilpi.decision.diacritics import doubts_of_diacritics
from kilpi.decision.policy import USUAL
from kilpi.grammar import load_grammars
from kilpi.types import Guess, Hidden, Plate, PlateLayout


def open_letters(*plates: Plate) -> list[str]:
    mark = plates[0].candidates[0].mark
    doubts = doubts_of_diacritics(mark, plates, load_grammars(), USUAL)
    return [letter for reason in doubts for letter in reason.values["letters"]]


def test_a_letter_as_tall_as_its_neighbours_and_high_on_the_plate_has_no_dots() -> None:
    assert open_letters(*(plate_of(photo, "KAB-123") for photo in "abc")) == []


def test_a_dotted_letter_may_be_another_dotted_one() -> None:
    dirty = [guessing(plate_of(photo, "KÄB-123", above=0.9), 1, "Å", 0.08) for photo in "abc"]
    assert open_letters(*dirty) == ["Ä"]


def test_a_layout_kept_by_an_earlier_version_shows_no_clear_ground() -> None:
    kept = [plate_of(photo, "KAB-123", above=0.6) for photo in "abc"]
    old = [replace(plate, layout=replace(plate.layout, clear=())) for plate in kept if plate.layout]
    assert open_letters(*old) == ["A"]


def test_letters_with_room_above_them_may_have_had_dots() -> None:
    assert open_letters(*(plate_of(photo, "KAB-123", top=0.27) for photo in "abc")) == ["K", "A", "B"]
    assert open_letters(*(plate_of(photo, "KAÖ-123", top=0.27, above=0.9) for photo in "abc")) == ["A"]


@pytest.mark.parametrize(("top", "found"), [(0.11, []), (0.2, ["W", "N", "H"])])
def test_a_low_upper_row_may_have_lost_its_dots(top: float, found: list[str]) -> None:
    plates = []
    for photo in "abc":
        plate = plate_of(photo, "WNH-792", top=top)
        assert plate.layout is not None
        layout = replace(plate.layout, rows=(0, 0, 0, 1, 1, 1), grounds=((0.0, 1.0), (0.0, 1.0)))
        plates.append(replace(plate, layout=layout))
    assert open_letters(*plates) == found


def with_bottoms(layout: PlateLayout, bottom: float) -> PlateLayout:
    """Characters that end higher or lower."""
    return replace(layout, inks=tuple(ink and ink._replace(bottom=bottom) for ink in layout.inks))


def test_low_characters_are_low_in_the_median_photo_and_by_both_edges() -> None:
    def low(*tops: float) -> bool:
        return bool(open_letters(*(plate_of(str(i), "WNH-792", top=top) for i, top in enumerate(tops))))

    assert low(0.27, 0.27, 0.17) and not low(0.27, 0.17, 0.17)
    plates = [plate_of(photo, "WNH-792", top=0.27) for photo in "abc"]
    small = [replace(plate, layout=with_bottoms(plate.layout, 0.72)) for plate in plates if plate.layout]
    assert open_letters(*small) == [], "small letters in the middle of their plate"


def test_under_snow_on_the_upper_edge_a_dotted_letter_is_read_as_another() -> None:
    assert open_letters(*(plate_of(photo, "WNH-792", top=0.27) for photo in "abc")) == ["W", "N", "H"]
    swedish = [plate_of(photo, "WNH 792", top=0.27, country="SE") for photo in "abc"]
    assert open_letters(*swedish) == [], "no ordinary Swedish mark has dots"


def test_a_letter_lower_than_its_neighbours_makes_room_for_dots() -> None:
    assert open_letters(*(plate_of(photo, "KAB-123", small=1) for photo in "abc")) == ["A"]


def test_a_lip_over_the_upper_edge_hides_what_is_above() -> None:
    assert open_letters(*(plate_of(photo, "KOB-123", top=0.05) for photo in "abc")) == ["O"]


def test_a_plates_dark_border_is_no_lip_where_ground_is_clear_above_the_letter() -> None:
    def bordered(*clear: float) -> list[str]:
        return open_letters(
            *(plate_of(str(i), "KAB-123", above=0.6, clear=one) for i, one in enumerate(clear))
        )

    assert bordered(0.0, 0.037, 0.056) == []
    assert bordered(0.0, 0.018, 0.056) == ["A"], "a lip begins right above the letter"


@pytest.mark.parametrize(("text", "letter"), [("KAB-123", "A"), ("KÄB-123", "Ä")])
def test_where_something_lies_all_along_the_tops_no_photo_tells_dots(text: str, letter: str) -> None:
    """A frame's lip as grey as the plate: above each letter alone it differs too little to be seen."""

    def under(room: float, photo: str) -> Plate:
        plate = plate_of(photo, text, above=0.05 if letter == "A" else 0.9)
        assert plate.layout is not None
        return replace(plate, layout=replace(plate.layout, room=room))

    assert open_letters(*(under(0.0, photo) for photo in "abc")) == [letter]
    assert open_letters(*(under(0.1, photo) for photo in "abc")) == []
    assert open_letters(under(0.0, "a"), under(0.1, "b"), under(0.1, "c")) == []


def test_dots_that_are_seen_settle_the_letter() -> None:
    assert open_letters(*(plate_of(photo, "KÄB-123", top=0.27, above=0.9) for photo in "abc")) == []


def test_a_letter_that_is_too_short_may_have_its_top_and_dots_under_snow() -> None:
    """HYW for ÄYW: the rest of an Ä is an H."""
    assert open_letters(*(plate_of(photo, "HYW-240", small=0) for photo in "abc")) == ["H"]
    assert open_letters(plate_of("a", "HYW-240", small=0), *(plate_of(p, "HYW-240") for p in "bc")) == []


def test_letters_without_dotted_sisters_are_not_asked_for() -> None:
    assert open_letters(*(plate_of(photo, "KBC 123", small=1, country="SE") for photo in "abc")) == []


def test_where_no_photo_shows_the_letter_it_stays_open() -> None:
    mark = plate_of("a", "KAB-123").candidates[0].mark
    assert doubts_of_diacritics(mark, [], load_grammars(), USUAL)


def guessing(plate: Plate, at: int, char: str, score: float) -> Plate:
    """A plate whose reader saw a little of another character in one place."""
    assert plate.reading is not None
    slots = list(plate.reading.slots)
    first = slots[at][0]
    slots[at] = (Guess(first.char, first.score - score), Guess(char, score))
    return replace(plate, reading=replace(plate.reading, slots=tuple(slots)))


def test_a_dotted_letter_seen_a_little_in_half_of_the_photos_is_open() -> None:
    seen = [plate_of(photo, "XTB-985") for photo in "abc"]
    dirty = [guessing(seen[0], 0, "Ä", 0.08), guessing(seen[1], 0, "Å", 0.05), seen[2]]
    assert open_letters(*dirty) == ["X"]
    assert open_letters(dirty[0], *seen[1:]) == [], "one photo of three is a chance"
    assert open_letters(*(guessing(plate, 0, "Ä", 0.01) for plate in seen)) == []
    assert open_letters(*(guessing(plate, 3, "Ä", 0.08) for plate in seen)) == [], "no letter there"


def roofed(plate: Plate, *room: float, ink: float = 0.0) -> Plate:
    """A plate of which a network says how surely the room above each character is hidden, and it."""
    assert plate.layout
    hidden = Hidden((ink,) * len(room), room)
    return replace(plate, layout=replace(plate.layout, hidden=hidden))


def test_where_the_network_sees_the_room_above_a_letter_it_is_settled() -> None:
    dim = [plate_of(photo, "KAB-123", above=0.6) for photo in "abc"]
    assert open_letters(*dim) == ["A"], "what is above it is not clean"
    assert open_letters(*(roofed(plate, *(0.001,) * 6) for plate in dim)) == []
    assert open_letters(*(roofed(plate, 0, 0.4, 0, 0, 0, 0) for plate in dim)) == ["A"]
    assert open_letters(*(roofed(plate, *(0.001,) * 6, ink=0.9) for plate in dim)) == ["A"]


def test_where_the_network_sees_nothing_hidden_a_mark_may_be_set_low() -> None:
    """Of 314 drawn marks that had lost a letter's dots none stood low by this alone."""
    low = [plate_of(photo, "WNH-792", top=0.27) for photo in "abc"]
    assert open_letters(*low) == ["W", "N", "H"]
    assert open_letters(*(roofed(plate, *(0.001,) * 6) for plate in low)) == []
    assert open_letters(*(roofed(plate, 0, 0, 0.1, 0, 0, 0) for plate in low)) == ["H"]


@pytest.mark.parametrize(("top", "found"), [(0.2, []), (0.23, ["A"])])
def test_where_it_sees_nothing_hidden_only_where_dots_would_stand_opens_a_letter(
    top: float, found: list[str]
) -> None:
    plates = [plate_of(photo, "KAB-123", top=top) for photo in "abc"]
    low = [replace(plate, layout=with_bottoms(plate.layout, 0.9)) for plate in plates if plate.layout]
    assert "A" in open_letters(*low), "less room below than above"
    assert open_letters(*(roofed(plate, *(0.001,) * 6) for plate in low)) == found


@pytest.mark.parametrize(("top", "found"), [(0.17, []), (0.27, ["O"])])
def test_a_letter_whose_ink_melts_into_another_is_settled_by_the_network_alone(
    top: float, found: list[str]
) -> None:
    melted = []
    for plate in (plate_of(photo, "KOB-123", top=top) for photo in "abc"):
        assert plate.layout is not None
        inks = tuple(None if at == 1 else ink for at, ink in enumerate(plate.layout.inks))
        melted.append(replace(plate, layout=replace(plate.layout, inks=inks)))
    assert "O" in open_letters(*melted)
    assert open_letters(*(roofed(plate, *(0.001,) * 6) for plate in melted)) == found


def test_where_the_network_sees_no_room_above_a_letter_it_is_open() -> None:
    clean = [plate_of(photo, "KAB-123") for photo in "abc"]
    assert open_letters(*(roofed(plate, 0, 0.9, 0, 0, 0, 0) for plate in clean)) == ["A"]
    assert open_letters(*(roofed(plate, 0.9, 0, 0.9, 0.9, 0, 0) for plate in clean)) == []


def test_what_the_network_sees_settles_no_letter_that_the_reader_took_for_a_dotted_one_a_little() -> None:
    dirty = [roofed(guessing(plate_of(p, "KAB-123"), 1, "Å", 0.2), *(0.001,) * 6) for p in "abc"]
    assert open_letters(*dirty) == ["A"]
