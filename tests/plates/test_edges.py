import cv2
import numpy as np
import pytest

from kilpi.geometry import (
    apply_homography,
    homography,
    quad_from_array,
    quad_from_box,
    quad_size,
    quad_to_array,
)
from kilpi.plates.crop import straighten
from kilpi.plates.edges import in_order, rectify
from kilpi.types import Box, Photo, Pixels, Quad, Sighting


def photo_of(pixels: Pixels) -> Photo:
    height, width = pixels.shape[:2]
    return Photo("0" * 64, "drawn", width, height, pixels)


def drawn(quad: Quad, seed: int = 0) -> Photo:
    """A bright plate with dark bars for characters, at `quad`, on a dark ground with some noise."""
    flat = np.full((110, 520, 3), 235, np.uint8)
    for x in range(60, 470, 60):
        flat[25:85, x : x + 22] = 20
    source = np.array([[0, 0], [520, 0], [520, 110], [0, 110]], np.float64)
    matrix = homography(source - 0.5, quad_to_array(quad) * 4 - 0.5)
    size = (640 * 4, 400 * 4)
    plate = cv2.warpPerspective(flat, matrix, size, flags=cv2.INTER_LINEAR)
    cover = cv2.warpPerspective(np.full(flat.shape[:2], 255, np.uint8), matrix, size)[..., None] / 255.0
    scene = plate * cover + np.array([60, 50, 45]) * (1 - cover)
    small = cv2.resize(scene, (640, 400), interpolation=cv2.INTER_AREA)
    noise = np.random.default_rng(seed).normal(0, 3, small.shape)
    return photo_of(np.clip(small + noise, 0, 255).astype(np.uint8))


TILTED = quad_from_array(np.array([[201.3, 150.2], [402.8, 171.6], [398.4, 219.9], [197.7, 190.1]]))


def error(quad: Quad, truth: Quad) -> float:
    return float(np.linalg.norm(quad_to_array(quad) - quad_to_array(truth), axis=1).mean())


@pytest.mark.parametrize("shift", [(3.0, -2.0), (-4.0, 2.5), (2.0, 3.0)])
def test_corners_move_onto_the_plate(shift: tuple[float, float]) -> None:
    photo = drawn(TILTED)
    wrong = quad_from_array(quad_to_array(TILTED) + shift + np.array([[1, 0], [0, 1], [-1, 1], [0, -1]]))
    better = rectify(photo, Sighting(wrong, 0.9))
    assert error(better, TILTED) < 0.6 < error(wrong, TILTED)


def test_corners_that_fit_already_stay_near() -> None:
    assert error(rectify(drawn(TILTED), Sighting(TILTED, 0.9)), TILTED) < 0.6


def test_where_no_edge_is_seen_the_network_is_believed() -> None:
    blank = photo_of(np.full((400, 640, 3), 127, np.uint8))
    assert rectify(blank, Sighting(TILTED, 0.9)) == TILTED


def test_a_small_plate_is_left_alone() -> None:
    small = quad_from_box(Box(100, 100, 130, 108))
    assert rectify(drawn(TILTED), Sighting(small, 0.9)) == small


def test_a_plate_half_outside_the_photo_does_no_harm() -> None:
    outside = quad_from_box(Box(-60, 150, 140, 200))
    assert quad_size(rectify(drawn(TILTED), Sighting(outside, 0.5)))[0] > 100


def test_straight_plate_has_the_plates_shape() -> None:
    crop = straighten(drawn(TILTED), TILTED)
    width, height = quad_size(TILTED)
    assert crop.dtype == np.uint8 and crop.shape[0] == 64
    assert crop.shape[1] == pytest.approx(64 * width / height, abs=1)
    assert crop[32, 10].mean() > 200  # inside, on the ground colour


def test_margin_shows_what_is_around() -> None:
    crop = straighten(drawn(TILTED), TILTED, margin=(0.2, 0.2))
    assert crop[3, 3].mean() < 100


def test_order_of_corners() -> None:
    corners = quad_to_array(TILTED)
    for turn in range(4):
        assert np.allclose(in_order(np.roll(corners, turn, axis=0)), corners)


def test_patch_map_is_the_photos() -> None:
    from kilpi.plates.edges import cut_patch

    patch = cut_patch(drawn(TILTED), TILTED)
    assert np.allclose(apply_homography(patch.to_photo, patch.start), quad_to_array(TILTED), atol=1e-6)
