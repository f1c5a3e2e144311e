from __future__ import annotations

import numpy as np
import pytest

from kilpi.geometry import quad_from_array, quad_from_box
from kilpi.pictures.turn import lean, may_be_turned, quarter_turns, tilt, turned
from kilpi.types import Box, Quad

PLATE = quad_from_box(Box(10, 60, 50, 70))  # of a picture 80 x 100


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_a_picture_on_its_side_is_stood_upright_by_its_plate(turns: int) -> None:
    pixels = np.zeros((100, 80, 3), np.uint8)
    pixels[60:70, 10:50] = 255
    lying, (plate,) = turned(pixels, [PLATE], turns)
    back = (4 - turns) % 4
    assert quarter_turns([plate]) == back
    upright, (again,) = turned(lying, [plate], back)
    assert np.array_equal(upright, pixels)
    assert again == PLATE


def test_in_doubt_nothing_is_turned() -> None:
    tl, tr, br, bl = PLATE
    lying = Quad(bl, tl, tr, br)
    assert quarter_turns([]) == 0
    assert quarter_turns([PLATE, lying]) == 0, "a loose plate lies on the floor"
    slanted = Quad(tl, tr._replace(y=tr.y + 40), br._replace(y=br.y + 40), bl)
    assert quarter_turns([slanted]) == 0, "45 degrees are neither"


def test_a_picture_with_an_upright_plate_is_not_turned() -> None:
    tl, tr, br, bl = PLATE
    assert may_be_turned([]), "nothing says that it is upright"
    assert may_be_turned([Quad(bl, tl, tr, br)])
    assert not may_be_turned([Quad(bl, tl, tr, br), PLATE]), "one upright plate is enough"


@pytest.mark.parametrize("way", [1, -1])
def test_a_plate_seen_from_aside_is_upright_and_a_turned_one_is_not(way: int) -> None:
    """Its edges slope, and its sides hang down as ever."""
    slope = quad_from_array(
        np.array([(0, 0), (90, 50 * way), (90, 50 * way + 24), (0, 24)], np.float64) + 100
    )
    assert abs(tilt(slope)) > 25 and abs(lean(slope)) < 1
    assert not may_be_turned([slope])
    turn = np.radians(25 * way)
    matrix = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    across = quad_from_array(np.array([(0, 0), (90, 0), (90, 24), (0, 24)], np.float64) @ matrix.T + 100)
    assert lean(across) == pytest.approx(25 * way) == pytest.approx(tilt(across))
    assert may_be_turned([across]) and not may_be_turned([across, slope])
