from __future__ import annotations

import cv2
import numpy as np
import pytest

from kilpi.draw.composite import fit_quad, paste_plate, random_quad, swap_plate
from kilpi.draw.light import guess_light, measure_light
from kilpi.draw.plates import RenderedPlate, render_plate
from kilpi.geometry import (
    homography,
    is_convex,
    quad_from_array,
    quad_from_box,
    quad_iou,
    quad_size,
    quad_to_array,
)
from kilpi.grammar import PlateStyle, SampledMark
from kilpi.types import Box, Mark, Pixels, Point, Quad

LONG = PlateStyle(
    "long", "FI", (442, 118), 1, "#151515", "#f5f5f2", band="eu", band_text="FIN", separator="dash"
)
TWO = PlateStyle("two", "FI", (256, 200), 2, "#151515", "#f5f5f2", separator="none")
OLD = quad_from_array(np.array([[150, 120], [290, 126], [291, 165], [151, 157]], dtype=float))


def plate(style: PlateStyle = LONG, seed: int = 0) -> RenderedPlate:
    rows = (("ABC", "123"),) if style.rows == 1 else (("ABC",), ("123",))
    return render_plate(SampledMark(Mark("ABC-123", "FI"), style, rows), np.random.default_rng(seed), 96)


def photo(level: int = 200, ink: int = 20) -> Pixels:
    """A grey-blue car with a plate of plain bars at OLD."""
    image = np.full((300, 440, 3), (70, 80, 95), np.uint8)
    flat = np.full((60, 220, 3), level, np.uint8)
    for x in range(20, 200, 24):
        flat[15:45, x : x + 8] = ink
    matrix = homography(np.array([[0, 0], [220, 0], [220, 60], [0, 60]]), quad_to_array(OLD))
    mask = cv2.warpPerspective(np.full((60, 220), 255, np.uint8), matrix, (440, 300))
    warped = cv2.warpPerspective(flat, matrix, (440, 300))
    image[mask > 0] = warped[mask > 0]
    return image


def seen(pixels: Pixels, quad: Quad) -> Pixels:
    matrix = homography(quad_to_array(quad), np.array([[0, 0], [220, 0], [220, 60], [0, 60]]))
    return np.asarray(cv2.warpPerspective(pixels, matrix, (220, 60)), dtype=np.uint8)


def test_a_swap_keeps_the_photo_and_changes_only_the_plates_surroundings() -> None:
    image = photo()
    before = image.copy()
    out = swap_plate(image, OLD, plate(), np.random.default_rng(0))
    assert np.array_equal(image, before)
    assert out.pixels.shape == image.shape
    changed = np.argwhere(np.abs(out.pixels.astype(int) - image).max(axis=2) > 12)
    ys, xs = changed[:, 0], changed[:, 1]
    assert xs.min() > 130
    assert xs.max() < 311
    assert ys.min() > 95
    assert ys.max() < 190


@pytest.mark.parametrize("level", [90, 150, 220])
def test_the_new_plate_is_as_bright_as_the_old(level: int) -> None:
    got = []
    for seed in range(8):
        out = swap_plate(photo(level, level // 8), OLD, plate(seed=seed), np.random.default_rng(seed))
        got.append(np.percentile(seen(out.pixels, out.quad).mean(axis=2), 80))
    assert abs(np.median(got) - level) < 0.2 * level


def test_the_corners_are_those_of_what_was_drawn() -> None:
    out = swap_plate(photo(), OLD, plate(), np.random.default_rng(3))
    flat = seen(out.pixels, out.quad).astype(float)
    band = flat[8:52, 4:12].reshape(-1, 3).mean(axis=0)
    assert band[2] > band[0] + 30, "the blue strip is at the left end of the straightened plate"


def test_a_plate_of_other_proportions_gets_its_own_corners_and_hides_the_old() -> None:
    out = swap_plate(photo(240, 0), OLD, plate(TWO), np.random.default_rng(1))
    assert quad_iou(out.quad, OLD) < 0.9
    width, height = quad_size(out.quad)
    assert width / height < 2.4
    left_over = out.pixels[135:150, 152:160].astype(float)
    assert abs(left_over.mean() - 82) < 60, "the old plate's end is painted over"


def test_blur_and_noise_are_measured() -> None:
    sharp = photo()
    soft = np.asarray(cv2.GaussianBlur(sharp, (0, 0), 2.5), dtype=np.uint8)
    noise = np.random.default_rng(0).normal(0, 9, sharp.shape)
    noisy = np.clip(sharp + noise, 0, 255).astype(np.uint8)
    assert measure_light(soft, OLD).blur > measure_light(sharp, OLD).blur + 1.0
    assert 3 < measure_light(noisy, OLD).noise < 12
    assert measure_light(sharp, OLD).noise < 1


def test_a_shadow_over_the_old_plate_falls_on_the_new() -> None:
    image = photo()
    image[:, 220:] //= 3
    light = measure_light(image, OLD)
    assert light.shade[:, -2:].mean() < 0.7 * light.shade[:, :2].mean()


@pytest.mark.parametrize("seed", range(10))
def test_a_pasted_plate_is_inside_and_avoids_others(seed: int) -> None:
    rng = np.random.default_rng(seed)
    out = paste_plate(photo(), plate(), rng, [OLD])
    if out is None:
        return
    box = out.quad.box
    assert box.x1 >= 0
    assert box.y1 >= 0
    assert box.x2 <= 440
    assert box.y2 <= 300
    assert quad_iou(out.quad, OLD) == 0
    assert is_convex(out.quad)


def test_no_room_gives_none() -> None:
    everywhere = quad_from_box(Box(0, 0, 440, 300))
    assert paste_plate(photo(), plate(), np.random.default_rng(0), [everywhere]) is None


def test_a_random_quad_straight_on_has_the_asked_size() -> None:
    quad = random_quad(Point(100, 50), 80, 4.0, np.random.default_rng(0), max_angle=0.0)
    assert np.allclose(quad_size(quad), (80, 20))
    assert np.allclose(quad_to_array(quad).mean(axis=0), (100, 50))


def test_random_quads_reach_steep_angles_and_stay_convex() -> None:
    rng = np.random.default_rng(0)
    ratios = []
    for _ in range(500):
        quad = random_quad(Point(0, 0), 100, 4.0, rng)
        assert is_convex(quad)
        width, height = quad_size(quad)
        ratios.append(width / height)
    assert min(ratios) < 2.6
    assert max(ratios) > 3.9


def test_similar_proportions_keep_the_old_corners() -> None:
    assert fit_quad(OLD, (442, 118), np.random.default_rng(0)) == OLD


def test_a_guessed_white_is_brighter_than_its_black() -> None:
    light = guess_light(photo(), np.random.default_rng(0))
    assert light.white.mean() > light.black.mean() + 20
