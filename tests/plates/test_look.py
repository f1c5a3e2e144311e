from __future__ import annotations

import numpy as np

from kilpi.geometry import quad_from_box
from kilpi.plates.detector import PlateDetector
from kilpi.plates.look import look_rectify, outlined
from kilpi.types import Box, Photo, Sighting

GREY = Photo("0" * 64, "drawn", 800, 600, np.full((600, 800, 3), 120, np.uint8))


class Twice(PlateDetector):
    """Sees the same two plates in every photo; no network."""

    def __init__(self) -> None:
        self.corners = None

    def find_rough(self, photo: Photo) -> list[Sighting]:
        boxes = Box(100, 200, 300, 250), Box(500, 300, 560, 315)
        return [Sighting(quad_from_box(box), 0.9) for box in boxes]


def test_a_plate_has_a_row_of_its_own() -> None:
    sheet = look_rectify(GREY, Twice())
    assert sheet.ndim == 3 and sheet.shape[1] >= 4 * 300 and sheet.shape[0] >= 2 * 110


def test_the_outline_stands_around_the_plate() -> None:
    shown = outlined(GREY, Sighting(quad_from_box(Box(100, 200, 300, 250)), 0.9))
    drawn = (shown != 120).any(axis=2)
    rows, columns = np.flatnonzero(drawn.any(axis=1)), np.flatnonzero(drawn.any(axis=0))
    height, width = drawn.shape
    assert columns[0] == np.clip(columns[0], 0.12 * width, 0.25 * width)
    assert rows[-1] == np.clip(rows[-1], 0.6 * height, 0.8 * height)
