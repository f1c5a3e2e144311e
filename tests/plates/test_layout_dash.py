"""The dash between two characters: a flat piece of ink half-way up, and nothing else."""

from __future__ import annotations

import numpy as np
import pytest

from kilpi.plates.canvas import Canvas
from kilpi.plates.layout_dash import dashes
from kilpi.types import Ink

BEFORE, AFTER = Ink(0.3, 0.15, 0.4, 0.85), Ink(0.6, 0.15, 0.7, 0.85)


def plate(top: float = 0.46, tall: float = 0.1, left: float = 0.47, wide: float = 0.06) -> Canvas:
    """Two characters' room with a piece of ink between, plate units."""
    canvas = Canvas(np.zeros((64, 220), np.float32), 0.6, (200.0, 54.0), (10.0, 5.0))
    y1, y2, x1, x2 = (
        canvas.line(top), canvas.line(top + tall), canvas.column(left), canvas.column(left + wide),
    )  # fmt: skip
    canvas.light[y1:y2, x1:x2] = 1
    return canvas


def test_a_flat_piece_half_way_up_is_the_dash() -> None:
    (found,) = dashes(plate(), (BEFORE, AFTER), (0, 0))
    assert found == pytest.approx((0.47, 0.53), abs=0.011)


@pytest.mark.parametrize("canvas", [plate(tall=0.5), plate(top=0.16), plate(wide=0.01), plate(wide=0.0)])
def test_a_character_a_spot_or_nothing_is_none(canvas: Canvas) -> None:
    assert dashes(canvas, (BEFORE, AFTER), (0, 0)) == (None,)


def test_where_a_neighbour_is_not_seen_or_in_another_row_nothing_is_said() -> None:
    assert dashes(plate(), (BEFORE, None), (0, 0)) == (None,)
    assert dashes(plate(), (BEFORE, AFTER), (0, 1)) == (None,)
    assert dashes(plate(), (BEFORE,), (0,)) == ()
