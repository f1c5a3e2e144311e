"""Plates in crops: where they are looked for, and which reading counts."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from kilpi.geometry import grow_quad, quad_from_box, quad_to_array
from kilpi.plates.loose import AROUND, in_crop, on_canvas, sureness, surest, without_margin
from kilpi.plates.reader import MARGIN
from kilpi.types import Box, Guess, Photo, Plate, Reading, Sighting

CROP = Photo("0" * 64, "crop", 400, 100, np.full((50, 200, 3), 200, np.uint8), 2)


class Seeing:
    """Sees one plate around the bright pixels of a photo, native pixels."""

    def find(self, photos: Sequence[Photo]) -> list[list[Sighting]]:
        self.seen = photos[0]
        rows, columns = np.nonzero(photos[0].pixels[..., 0] == 200)
        scale = photos[0].width / photos[0].pixels.shape[1]
        box = Box(*(float(v) * scale for v in (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1)))
        return [[Sighting(quad_from_box(box), 0.8)]]


def reading(scores: list[float], left_out: float = 0.0) -> Reading:
    return Reading(tuple((Guess("A", score),) for score in scores), "fake", left_out=left_out)


def plate(read: Reading | None) -> Plate:
    return Plate("0", Sighting(quad_from_box(Box(0, 0, 1, 1)), 1.0), read)


def test_the_canvas_is_a_photo_with_the_crop_in_its_middle() -> None:
    canvas, shift = on_canvas(CROP)
    side = round(AROUND * 200)
    assert canvas.pixels.shape == (side, side, 3) and (canvas.width, canvas.height) == (2 * side, 2 * side)
    left, top = round(-shift[0] / 2), round(-shift[1] / 2)
    assert (canvas.pixels[top : top + 50, left : left + 200] == 200).all()
    assert (canvas.pixels[:top] != 200).all()


def test_what_the_detector_sees_is_told_in_the_crops_own_pixels() -> None:
    whole, found = in_crop(CROP, Seeing())
    assert found.quad.box == pytest.approx((0, 0, 400, 100)) and found.score == 0.8
    assert grow_quad(whole.quad, *MARGIN).box == pytest.approx((0, 0, 400, 100))


def test_growing_by_the_margin_undoes_what_was_left_out_for_it() -> None:
    quad = quad_from_box(Box(10, 20, 210, 70))
    assert np.allclose(quad_to_array(grow_quad(without_margin(quad), *MARGIN)), quad_to_array(quad))


def test_the_surest_reading_counts() -> None:
    sure, doubtful = plate(reading([0.9, 0.9, 0.9])), plate(reading([0.99, 0.6, 0.99]))
    assert surest([doubtful, sure]) == [sure] and surest([]) == []
    assert surest([sure, replace(sure, reading=reading([0.95] * 3, left_out=0.3))]) == [sure]


def test_a_character_or_two_are_no_mark_to_be_sure_of() -> None:
    assert sureness(reading([1.0, 1.0])) == sureness(None) == 0.0
