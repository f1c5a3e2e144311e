from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from kilpi.geometry import quad_from_box, quad_to_array
from kilpi.images import open_photo
from kilpi.pictures.stand import laid, seen_standing, stood
from kilpi.pipeline import Kilpi
from kilpi.types import Box, Photo

GOLF = Path(__file__).parents[2] / "samples" / "golf"


def test_a_quarter_turn_keeps_every_pixel() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (40, 60, 3), dtype=np.uint8)
    copy, back = stood(Photo("x", "x", 80, 120, np.rot90(pixels, -1).copy()), 90)
    assert np.array_equal(copy.pixels, pixels) and (copy.width, copy.height) == (60, 40)
    corner = quad_to_array(laid(quad_from_box(Box(0, 0, 10, 10)), back))
    assert np.allclose(corner[0], (80, 0)), "what is at the top left when it stands lies at the top right"
    assert np.allclose(corner[2], (60, 20)), "in native pixels, here twice as fine"


@pytest.mark.parametrize("degrees", [30, 180, 270])
def test_a_plate_is_seen_as_the_picture_would_stand_and_told_as_it_lies(degrees: int) -> None:
    line, front = Kilpi(), open_photo(GOLF / "front.jpg")
    seen = line.parted(front, line.sightings(front))
    height, width = front.pixels.shape[:2]
    across = int(np.hypot(width, height))
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), -degrees, 1)
    matrix[:, 2] += ((across - width) / 2, (across - height) / 2)
    pixels = cv2.warpAffine(front.pixels, matrix, (across, across), borderValue=(114,) * 3)
    lying = replace(front, width=across, height=across, pixels=np.asarray(pixels, np.uint8))
    asked = line.search.line
    assert asked is not None
    ((found, sure),) = seen_standing(lying, [degrees], asked, line.grammars)
    scale = front.pixels.shape[1] / front.width
    expected = quad_to_array(seen.plates[0].sighting.quad) * scale @ matrix[:, :2].T + matrix[:, 2]
    assert np.abs(quad_to_array(found.quad) - expected).max() < 6 and sure > 0.8


def test_where_no_way_is_told_the_line_is_not_asked() -> None:
    def line(_: Photo) -> list[object]:
        raise AssertionError

    photo = Photo("x", "x", 9, 9, np.zeros((9, 9, 3), np.uint8))
    assert seen_standing(photo, (), line, Kilpi().grammars) == []  # type: ignore[arg-type]
