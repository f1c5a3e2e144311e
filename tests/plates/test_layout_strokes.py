"""Characters without their feet: the lowest strokes have less ink than the highest."""

from __future__ import annotations

import numpy as np
import pytest

from kilpi.plates.canvas import Canvas
from kilpi.plates.layout_strokes import feet_of
from kilpi.types import Ink

LETTER = Ink(0.2, 0.15, 0.3, 0.85)


def stroked(head: float, foot: float, middle: float = 1.0) -> Canvas:
    """A plate with one E: an upright stroke, and three across with so much ink."""
    canvas = Canvas(np.zeros((64, 220), np.float32), 0.6, (200.0, 54.0), (10.0, 5.0))
    x1, x2 = canvas.column(LETTER.left), canvas.column(LETTER.right)
    y1, y2 = canvas.line(LETTER.top), canvas.line(LETTER.bottom)
    canvas.light[y1:y2, x1 : x1 + 4] = 1
    for y, ink in ((y1, head), ((y1 + y2) // 2 - 3, middle), (y2 - 6, foot)):
        canvas.light[y : y + 6, x1:x2] = np.maximum(canvas.light[y : y + 6, x1:x2], ink)
    return canvas


@pytest.mark.parametrize(("head", "foot", "feet"), [(1, 1, 0.0), (1, 0, -1.0), (0, 1, 1.0), (1, 0.5, -1 / 3)])
def test_feet_are_held_against_heads(head: float, foot: float, feet: float) -> None:
    assert feet_of(stroked(head, foot), [LETTER], "E") == pytest.approx(feet, abs=0.05)


def test_characters_without_both_strokes_say_nothing() -> None:
    canvas = stroked(1, 0)
    assert feet_of(canvas, [LETTER], "F") is None and feet_of(canvas, [None], "E") is None
    assert feet_of(stroked(0, 0, 0), [LETTER], "E") is None
    tiny = Ink(0.2, 0.15, 0.21, 0.85)
    assert feet_of(canvas, [tiny], "E") is None


def test_the_median_character_tells() -> None:
    canvas = stroked(1, 0)
    assert feet_of(canvas, [LETTER, None, LETTER], "EEE") == pytest.approx(-1, abs=0.05)
