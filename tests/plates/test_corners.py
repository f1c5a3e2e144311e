"""The corner finder's own logic, with a network that answers as told."""

from typing import Any, cast

import numpy as np
import pytest

from kilpi.geometry import quad_from_array, quad_to_array
from kilpi.plates.corners import MARGIN_X, MARGIN_Y, VIEW, CornerFinder
from kilpi.types import Photo, Point, Quad, Sighting
from kilpi.weights import Card, Network

PHOTO = Photo("0" * 64, "drawn", 1600, 1200, np.zeros((600, 800, 3), np.uint8), 2)
TILTED = Quad(Point(400, 300), Point(700, 330), Point(695, 400), Point(398, 365))


def finder(corners: np.ndarray) -> tuple[CornerFinder, list[tuple[int, ...]]]:
    shapes: list[tuple[int, ...]] = []

    class Scripted:
        def run(self, _names: object, feed: dict[str, Any]) -> list[np.ndarray]:
            shapes.append(feed["pixels"].shape)
            return [np.repeat(corners.reshape(1, 8), len(feed["pixels"]), axis=0).astype(np.float32)]

    return CornerFinder(Network(Card("corners", "", 0, {}), cast(Any, Scripted()))), shapes


def inner() -> np.ndarray:
    """Where the plate's corners lie in the crop when the detector was right."""
    width, height = VIEW
    x, y = MARGIN_X / (1 + 2 * MARGIN_X) * width, MARGIN_Y / (1 + 2 * MARGIN_Y) * height
    return np.array([[x, y], [width - x, y], [width - x, height - y], [x, height - y]])


def test_a_detector_that_was_right_is_confirmed() -> None:
    made, shapes = finder(inner())
    found = made.sharpen(PHOTO, [Sighting(TILTED, 0.7), Sighting(TILTED, 0.6)])
    assert set(shapes) == {(2, 96, 192, 3)}
    assert [s.score for s in found] == [0.7, 0.6]
    assert np.allclose(quad_to_array(found[0].quad), quad_to_array(TILTED), atol=1e-3)


def test_corners_move_in_the_plates_own_plane() -> None:
    made, _ = finder(inner() + (6, 0))
    (found,) = made.sharpen(PHOTO, [Sighting(TILTED, 0.7)])
    shift = quad_to_array(found.quad) - quad_to_array(TILTED)
    assert (shift[:, 0] > 5).all() and (shift[:2, 1] > 0.3).all()  # along the tilted upper side


@pytest.mark.parametrize("answer", [np.zeros((4, 2)), inner()[[1, 0, 3, 2]], inner() / 4, inner() * np.nan])
def test_an_answer_that_makes_no_sense_changes_nothing(answer: np.ndarray) -> None:
    made, _ = finder(answer)
    assert made.sharpen(PHOTO, [Sighting(TILTED, 0.7)]) == [Sighting(TILTED, 0.7)]


def test_a_quad_that_is_none_is_left_alone() -> None:
    crossed = quad_from_array(quad_to_array(TILTED)[[0, 2, 1, 3]])
    made, shapes = finder(inner())
    assert made.sharpen(PHOTO, [Sighting(crossed, 0.7)]) == [Sighting(crossed, 0.7)]
    assert made.sharpen(PHOTO, []) == [] and not shapes


@pytest.mark.parametrize(("pixels", "looks"), [(4, 1), (14, 2)])
def test_a_second_look_follows_where_the_first_moved_far(pixels: int, looks: int) -> None:
    made, shapes = finder(inner() + (pixels, 0))
    made.sharpen(PHOTO, [Sighting(TILTED, 0.7)])
    assert len(shapes) == looks, "a plate is 120 pixels wide in the view, far is 7 % of that"
