"""What is above a character: a plate's dark border leaves clear ground, a frame's lip over dots does not."""

from __future__ import annotations

import numpy as np
import pytest

from kilpi.plates.canvas import Canvas
from kilpi.plates.layout_above import above, clear_above
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
