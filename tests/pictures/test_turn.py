from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from kilpi.geometry import quad_from_array, quad_from_box
from kilpi.images import open_photo
from kilpi.photos.view import default_viewer
from kilpi.pictures.turn import lean, may_be_turned, quarter, quarter_turns, tilt, turned, upright_inside
from kilpi.plates.no_plate import is_inside
from kilpi.types import VIEWS, Box, Photo, Quad, View, ViewGuess

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


def test_an_upright_inside_is_told_from_a_car_that_lies_turned() -> None:
    viewer = default_viewer(1)  # the shipped network
    inside, front = open_photo(GOLF / "inside.jpg"), open_photo(GOLF / "front.jpg")
    told = upright_inside(inside, viewer)
    assert told and is_inside(told.guess)
    assert [upright_inside(quarter(front, turns), viewer) for turns in range(4)] == [None] * 4
    assert upright_inside(inside, None) is None


@pytest.mark.parametrize(
    ("own", "ends", "sure"),
    [
        (0.01, (0.0, 0.0, 0.0), True),
        (0.01, (0.0, 0.03, 0.0), False),
        (0.2, (0.0, 0.0, 0.0), None),
        (0.01, (0.0, 0.1, 0.0), None),
    ],
)
def test_small_copies_turned_by_each_quarter_are_asked(
    own: float, ends: tuple[float, ...], sure: bool | None
) -> None:
    seen: list[Photo] = []

    class Fake:
        """Takes the picture for an inside, and its copies for ends of a car by so much."""

        def read(self, photos: Sequence[Photo]) -> list[ViewGuess]:
            seen.extend(photos)
            shares = (own,) if len(seen) == 1 else ends
            return [shows(View.COCKPIT, end) for _, end in zip(photos, shares, strict=True)]

    pixels = np.zeros((600, 900, 3), np.uint8)
    photo = Photo("x", "x", 1800, 1200, pixels)
    told = upright_inside(photo, Fake())
    assert (told and told.sure) is sure
    whole, *copies = seen
    if own > 0.1:
        assert not copies, "of what is told no more surely nothing is spared"
        return
    assert whole.pixels is pixels and whole.pixels.shape[0] == 600
    assert [copy.pixels.shape[:2] for copy in copies] == [(448, 299), (299, 448), (448, 299)]
    assert [(copy.width, copy.height) for copy in copies] == [(1200, 1800), (1800, 1200), (1200, 1800)]


def shows(view: View, end: float) -> ViewGuess:
    """A photo of that view, and of a car's front by a share."""
    shares = tuple(1 - end if one is view else end if one is View.FRONT else 0.0 for one in VIEWS)
    return ViewGuess(view, 1 - end, 1 - end, view, shares)


def test_a_viewer_that_fails_tells_nothing() -> None:
    class Broken:
        def read(self, photos: Sequence[Photo]) -> list[ViewGuess]:
            raise RuntimeError

    assert upright_inside(open_photo(GOLF / "inside.jpg"), Broken()) is None
