from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from kilpi.geometry import quad_from_box
from kilpi.images import open_photo
from kilpi.photos.view import default_viewer
from kilpi.pictures.turn import may_be_turned, quarter, quarter_turns, turned, upright_inside
from kilpi.plates.no_plate import is_inside
from kilpi.types import Box, Photo, Quad, ViewGuess

GOLF = Path(__file__).parents[2] / "samples" / "golf"
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


def test_an_upright_inside_is_told_from_a_car_that_lies_turned() -> None:
    viewer = default_viewer(1)  # the shipped network
    inside, front = open_photo(GOLF / "inside.jpg"), open_photo(GOLF / "front.jpg")
    assert is_inside(upright_inside(inside, viewer))
    assert [upright_inside(quarter(front, turns), viewer) for turns in range(4)] == [None] * 4
    assert upright_inside(inside, None) is None


def test_a_viewer_that_fails_tells_nothing() -> None:
    class Broken:
        def read(self, photos: Sequence[Photo]) -> list[ViewGuess]:
            raise RuntimeError

    assert upright_inside(open_photo(GOLF / "inside.jpg"), Broken()) is None
