"""What is above a character: a plate's dark border leaves clear ground, a frame's lip over dots does not."""

from __future__ import annotations

import numpy as np
import pytest

from kilpi.plates.canvas import Canvas
from kilpi.plates.layout_above import above, clear_above, room_above
from kilpi.types import Ink, Place

LETTER = Ink(0.2, 0.2, 0.3, 0.85)
TALL = 54.0  # pixels of the plate's height


def dark_down_to(y: float) -> Canvas:
    """A plate of 200 x 54 pixels with one letter; its upper edge is dark down to `y` plate heights."""
    canvas = Canvas(np.zeros((64, 220), np.float32), 0.6, (200.0, TALL), (10.0, 5.0))
    canvas.light[: canvas.line(y)] = 1
    canvas.light[
        canvas.line(LETTER.top) : canvas.line(LETTER.bottom), canvas.column(0.2) : canvas.column(0.3)
    ] = 1
    return canvas


@pytest.mark.parametrize(("y", "clear"), [(0.0, 0.17), (0.1, 0.07), (0.17, 0.0), (0.2, 0.0)])
def test_clear_ground_ends_where_the_dark_begins(y: float, clear: float) -> None:
    assert clear_above(dark_down_to(y), [LETTER, None]) == pytest.approx((clear, 0.0), abs=1.5 / TALL)


def test_a_border_and_a_lip_differ_in_clear_ground_only() -> None:
    place = [Place(0.25, 0)]
    border, lip = dark_down_to(0.1), dark_down_to(0.17)
    assert above(border, [LETTER], place)[0] > 0.34 and above(lip, [LETTER], place)[0] > 0.34
    assert clear_above(border, [LETTER])[0] >= 0.036 > clear_above(lip, [LETTER])[0]


def written(grey: float, down_to: float) -> tuple[Canvas, tuple[Ink, ...]]:
    """A plate with four letters; something lies all along it, as dark as `grey`, down to a height."""
    canvas = Canvas(np.zeros((64, 220), np.float32), 0.6, (200.0, TALL), (10.0, 5.0))
    canvas.light[: canvas.line(down_to)] = grey
    inks = tuple(Ink(x, 0.2, x + 0.08, 0.85) for x in (0.2, 0.35, 0.5, 0.65))
    for ink in inks:
        rows, columns = (canvas.line(ink.top), canvas.line(ink.bottom)), canvas.column(ink.left)
        canvas.light[rows[0] : rows[1], columns : canvas.column(ink.right)] = 1
    return canvas, inks


@pytest.mark.parametrize(
    ("grey", "down_to", "room"), [(0.2, 0.18, 0.0), (0.2, 0.06, 0.1), (0.05, 0.18, 0.26), (0.9, 0.1, 0.06)]
)
def test_what_lies_all_along_the_plate_ends_the_room_above_however_pale(
    grey: float, down_to: float, room: float
) -> None:
    canvas, inks = written(grey, down_to)
    assert room_above(canvas, inks, (0,) * 4) == pytest.approx(room, abs=2.5 / TALL)


def test_two_rows_or_few_characters_say_nothing_of_the_room() -> None:
    canvas, inks = written(0.2, 0.18)
    assert room_above(canvas, inks, (0, 0, 1, 1)) is None
    assert room_above(canvas, (inks[0], None, inks[1], None), (0,) * 4) is None
