"""A rest of a character, read as another one, is not accepted; a narrow letter is."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.decision.layouts import plate_of, track_of

from kilpi.decision.covered import doubts_of_covers, doubts_of_feet
from kilpi.decision.hidden import doubts_of_layout
from kilpi.decision.policy import DecisionPolicy
from kilpi.grammar import load_grammars
from kilpi.types import Ink, Plate

POLICY = DecisionPolicy(p=0.9)
MARK = load_grammars().mark("KBC123", "FI")


def places(*plates: Plate) -> list[object]:
    return [reason.values["place"] for reason in doubts_of_covers(MARK, plates, POLICY)]


def with_ink(plate: Plate, at: int, left: float, right: float) -> Plate:
    """`left` and `right` are where the ink of character `at` ends, from its middle, plate widths."""
    assert plate.layout is not None
    x = plate.layout.middles[at]
    inks = list(plate.layout.inks)
    inks[at] = Ink(x + left, 0.17, x + right, 0.83)
    return replace(plate, layout=replace(plate.layout, inks=tuple(inks)))


def unlike(photo: str, at: int, value: float | None) -> Plate:
    plate = plate_of(photo, "KBC-123")
    assert plate.layout is not None
    covered = tuple(value if i == at else 0.0 for i in range(6))
    return replace(plate, layout=replace(plate.layout, covered=covered))


def test_even_cells_leave_no_doubt() -> None:
    assert places(*(plate_of(photo, "KBC-123") for photo in "abc")) == []


@pytest.mark.parametrize("rest", [(-0.045, -0.02), (0.02, 0.045)])
def test_a_rest_stands_too_far_from_its_neighbour(rest: tuple[float, float]) -> None:
    assert places(*(with_ink(plate_of(photo, "KBC-123"), 1, *rest) for photo in "abc")) == [2]


def test_a_narrow_letter_in_the_middle_of_its_cell_is_whole() -> None:
    assert places(*(with_ink(plate_of(photo, "KBC-123"), 1, -0.0125, 0.0125) for photo in "abc")) == []


def about_dash(photo: str, left: float, right: float) -> Plate:
    """The C's ink and the 1's end so far from the dash, plate widths; no other ink is seen."""
    plate = plate_of(photo, "KBC-123")
    assert plate.layout is not None
    inks: list[Ink | None] = [None] * 6
    middle = (plate.layout.middles[2] + plate.layout.middles[3]) / 2
    inks[2] = Ink(middle - 0.015 - left - 0.03, 0.17, middle - 0.015 - left, 0.83)
    inks[3] = Ink(middle + 0.015 + right, 0.17, middle + 0.015 + right + 0.03, 0.83)
    dashes = (None, None, (middle - 0.015, middle + 0.015), None, None)
    return replace(plate, layout=replace(plate.layout, inks=tuple(inks), dashes=dashes))


@pytest.mark.parametrize(
    ("left", "right", "place"), [(0.03, 0.03, []), (0.04, 0.03, []), (0.07, 0.02, [3]), (0.02, 0.07, [4])]
)
def test_a_rest_stands_further_from_the_dash_than_what_is_beyond_it(
    left: float, right: float, place: list[int]
) -> None:
    plates = [about_dash(photo, left, right) for photo in "abc"]
    assert places(*plates) == place


def rest(photo: str, shown: str, at: int, ink: tuple[float, float], as_well: float | None) -> Plate:
    """A plate with a dash; of character `at` this ink is seen, which another's part explains so well."""
    plate = with_ink(plate_of(photo, shown), at, *ink)
    assert plate.layout is not None
    middle = (plate.layout.middles[2] + plate.layout.middles[3]) / 2
    covered = tuple(as_well if i == at else -1.0 for i in range(6))
    dashes = (None, None, (middle - 0.015, middle + 0.015), None, None)
    return replace(plate, layout=replace(plate.layout, covered=covered, dashes=dashes))


def places_of(shown: str, *plates: Plate) -> list[object]:
    mark = load_grammars().mark("".join(filter(str.isalnum, shown)), "FI")
    return [reason.values["place"] for reason in doubts_of_covers(mark, plates, POLICY)]


INNER = (0.02, 0.045)  # ink of a rest on the right of its cell
WHOLE = (-0.0125, 0.0125)  # and of an I in the middle of it


@pytest.mark.parametrize(
    ("shown", "at", "ink", "as_well", "found"),
    [
        ("IBC-123", 0, INNER, -0.05, [1]),  # N's right stroke: the mark is off the plate's middle
        ("IBC-123", 0, INNER, -0.5, []),  # it looks like an I
        ("IBC-123", 0, INNER, None, []),
        ("IBC-123", 0, WHOLE, -0.05, []),
        ("KBC-121", 5, (-0.045, -0.02), 0.0, [6]),  # a 6 under snow
        ("KBC-127", 5, (-0.045, -0.02), 0.0, []),  # no narrow character
        ("KBI-123", 2, WHOLE, 0.0, [3]),  # further from the dash than the 1 beyond it
        ("KBI-123", 2, WHOLE, -0.6, []),
    ],
)
def test_a_narrow_character_aside_that_a_part_of_another_explains_as_well_may_be_one(
    shown: str, at: int, ink: tuple[float, float], as_well: float | None, found: list[int]
) -> None:
    assert places_of(shown, *(rest(photo, shown, at, ink, as_well) for photo in "abc")) == found


def test_what_looks_like_a_dash_where_the_spelling_has_none_says_nothing() -> None:
    swedish = load_grammars().mark("KBC123", "SE")
    plates = [about_dash(photo, 0.07, 0.02) for photo in "abc"]
    assert doubts_of_covers(MARK, plates, POLICY) and not doubts_of_covers(swedish, plates, POLICY)


def test_one_photo_of_three_whose_dash_is_seen_askew_says_nothing() -> None:
    assert places(about_dash("a", 0.07, 0.02), about_dash("b", 0.03, 0.03), about_dash("c", 0.03, 0.03)) == []


def test_inks_that_melt_together_say_nothing() -> None:
    plate = with_ink(plate_of("a", "KBC-123"), 1, -0.045, -0.02)
    assert plate.layout is not None
    inks = list(plate.layout.inks)
    inks[0] = inks[1]
    assert places(replace(plate, layout=replace(plate.layout, inks=tuple(inks)))) == []


@pytest.mark.parametrize(
    ("values", "found"),
    [
        ((0.5, 0.2, 0.3), [4]),
        ((0.2, 0.1, None), []),  # too little in all
        ((0.0, 0.0, 1.5), []),  # two photos show it whole
        ((1.5, 0.0), []),
        ((0.5, None, 0.4), [4]),
        ((0.5,), []),  # by one photo a strange typeface looks so
        ((0.9,), [4]),
    ],
)
def test_a_character_must_look_like_a_part_of_another_in_half_of_the_photos(
    values: tuple[float | None, ...], found: list[int]
) -> None:
    plates = [unlike(photo, 3, value) for photo, value in zip("abc", values, strict=False)]
    assert places(*plates) == found


def test_nothing_is_said_where_no_photo_was_looked_at_closely() -> None:
    assert places(*(replace(plate_of(photo, "KBC-123"), layout=None) for photo in "ab")) == []


@pytest.mark.parametrize(
    ("feet", "doubted"),
    [((-0.4, -0.35, -0.1), True), ((-0.4, -0.1, -0.1), False), ((0.4, 0.5, 0.4), False), ((None, -0.4), True),
     ((None, None), False)],
)  # fmt: skip
def test_characters_whose_feet_have_less_ink_may_have_lost_them(
    feet: tuple[float | None, ...], doubted: bool
) -> None:
    plates = []
    for at, value in enumerate(feet):
        plate = plate_of(str(at), "KBC-123")
        assert plate.layout is not None
        plates.append(replace(plate, layout=replace(plate.layout, feet=value)))
    assert bool(doubts_of_feet(plates, POLICY)) is doubted
    found = [reason.code for reason in doubts_of_layout(track_of(*plates), load_grammars(), POLICY)]
    assert found == ["feet_hidden"] * doubted
