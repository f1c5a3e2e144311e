"""Plates of the drawn samples, turned: seen, placed, read, covered; a photo on its side is stood upright."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from kilpi.images import decode_photo, encode_png, open_photo
from kilpi.pictures.hide import finish
from kilpi.pipeline import Kilpi
from kilpi.plates.any_angle import level_angle, side_of, upside_down
from kilpi.types import Photo, Pixels, Point, Quad

SAMPLE = "samples/golf/rear.jpg"


@pytest.fixture(scope="module")
def line() -> Kilpi:
    return Kilpi()


def turned(degrees: float) -> Photo:
    """The sample, smaller, on a square grey ground."""
    pixels = cv2.resize(open_photo(SAMPLE).pixels, (800, 600), interpolation=cv2.INTER_AREA)
    ground = np.full((1000, 1000, 3), 114, np.uint8)
    ground[200:800, 100:900] = pixels
    matrix = cv2.getRotationMatrix2D((500, 500), degrees, 1)
    made = cv2.warpAffine(ground, matrix, (1000, 1000), borderValue=(114,) * 3)
    return decode_photo(encode_png(np.asarray(made, np.uint8)), "turned")


@pytest.mark.parametrize("degrees", [0, 60, 90, 135, 180, 270])
def test_a_plate_at_any_angle_is_covered(line: Kilpi, degrees: int) -> None:
    picture = finish(turned(degrees), [], line.search)
    assert picture.covered >= 1
    assert picture.turns == {90: 3, 180: 2, 270: 1}.get(degrees, 0), "on its side: stood upright"


def lines(degrees: float) -> Pixels:
    """White bars on black, turned."""
    pixels = np.zeros((64, 64, 3), np.uint8)
    pixels[16:24] = pixels[36:44] = 255
    matrix = cv2.getRotationMatrix2D((32, 32), -degrees, 1)
    return np.asarray(cv2.warpAffine(pixels, matrix, (64, 64)), np.uint8)


@pytest.mark.parametrize("degrees", [-40, -15, 0, 10, 30])
def test_edges_tell_by_how_much_a_patch_is_turned(degrees: int) -> None:
    assert level_angle(lines(degrees)) == pytest.approx(degrees, abs=4)


def test_a_picture_is_looked_at_by_its_size() -> None:
    def sized(width: int) -> Photo:
        return Photo("x", "x", width, 600, np.zeros((1, 1, 3), np.uint8))

    assert [side_of(sized(width)) for width in (500, 1100, 1600, 4000)] == [416, 416, 605, 832]


def test_upside_down_twice_is_as_before() -> None:
    quad = Quad(Point(0, 0), Point(4, 0), Point(4, 1), Point(0, 1))
    assert upside_down(quad)[0] == Point(4, 1)
    assert upside_down(upside_down(quad)) == quad
