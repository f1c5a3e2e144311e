from __future__ import annotations

import numpy as np
import pytest

from kilpi.draw.cars.car import VIEWS, Drawing, DrawnPhoto, draw_car
from kilpi.draw.cars.interior import draw_interior
from kilpi.draw.cars.shade import Finish
from kilpi.draw.cars.shape import BODIES, HATCH, body_distance, wheel_distance
from kilpi.draw.cars.trace import Camera, normals, trace
from kilpi.draw.plates import RenderedPlate, render_plate
from kilpi.geometry import homography, is_convex, quad_to_array
from kilpi.grammar import PlateStyle, SampledMark
from kilpi.types import Mark

LONG = PlateStyle(
    "long", "FI", (442, 118), 1, "#151515", "#f5f5f2", band="eu", band_text="FIN", separator="dash"
)
SMALL = Drawing("hatch", Finish((150, 20, 26), 0.4, 0, 0, 0.1), width=240, height=180)


def plate() -> RenderedPlate:
    return render_plate(
        SampledMark(Mark("KLT-482", "FI"), LONG, (("KLT", "482"),)), np.random.default_rng(2), 128
    )


def drawn(view: str, seed: int = 0) -> DrawnPhoto:
    return draw_car(view, SMALL, plate(), np.random.default_rng(seed))


@pytest.mark.parametrize("name", BODIES)
def test_a_body_is_hollow_outside_and_solid_inside(name: str) -> None:
    body = BODIES[name]
    inside = np.array([[0, 0, 0.6], [1.7, 0, 0.5], [-0.5, 0, 1.2]], np.float32)
    outside = np.array([[0, 0, 2.0], [3, 0, 0.5], [0, 1.5, 0.6], [0, 0, -0.3]], np.float32)
    assert np.all(body_distance(body, inside) < 0)
    assert np.all(body_distance(body, outside) > 0)


def test_wheels_stand_on_the_ground() -> None:
    under = np.array([[x, 0.77, 0.01] for x in HATCH.axle_x], np.float32)
    assert np.all(wheel_distance(HATCH, under) < 0.01)


def test_normals_point_outwards() -> None:
    camera = Camera((5.0, 3.0, 1.4), (0.0, 0.0, 0.6), 45.0, 96, 72)
    hits = trace(HATCH, camera)
    assert len(hits.points) > 300
    assert np.mean(np.sum(hits.normals * hits.rays, axis=1) < 0.1) > 0.95
    assert np.allclose(np.linalg.norm(normals(HATCH, hits.points), axis=1), 1, atol=1e-3)


def test_projection_is_the_inverse_of_rays() -> None:
    camera = Camera((5.0, 3.0, 1.4), (0.0, 0.0, 0.6), 45.0, 96, 72, roll_deg=2.0)
    rays = camera.rays()
    points = np.array(camera.place) + rays[[10, 40], [20, 80]] * 3.0
    assert np.allclose(camera.project(points), [[20.5, 10.5], [80.5, 40.5]], atol=1e-2)


def test_views_show_the_plate_that_is_there() -> None:
    for view in VIEWS:
        photo = drawn(view)
        assert photo.pixels.shape == (180, 240, 3)
        assert photo.pixels.dtype == np.uint8
        assert photo.marks == (() if view == "side" else ("KLT482",))
        for quad in photo.quads:
            assert is_convex(quad)
            box = quad.box
            assert box.x1 > 0
            assert box.y1 > 0
            assert box.x2 < 240
            assert box.y2 < 180


@pytest.mark.parametrize("view", ["front", "rear"])
def test_the_corners_lie_on_the_plate_with_the_band_at_the_first(view: str) -> None:
    import cv2

    photo = drawn(view)
    target = np.array([[0, 0], [440, 0], [440, 118], [0, 118]])
    flat = cv2.warpPerspective(photo.pixels, homography(quad_to_array(photo.quads[0]), target), (440, 118))
    band, ground = (
        flat[20:98, 6:30].reshape(-1, 3).mean(axis=0),
        flat[8:16, 120:400].reshape(-1, 3).mean(axis=0),
    )
    assert band[2] > band[0] + 25
    assert ground.mean() > band.mean() + 30


def test_the_same_seed_draws_the_same_photo() -> None:
    assert np.array_equal(drawn("front", 3).pixels, drawn("front", 3).pixels)


def test_a_red_car_is_red() -> None:
    pixels = drawn("side").pixels[70:140, 60:180].reshape(-1, 3).astype(int)
    assert np.mean(pixels[:, 0] > pixels[:, 2] + 50) > 0.3


def test_an_interior_is_a_picture_of_the_asked_size() -> None:
    pixels = draw_interior(160, 120, (200, 60, 50), 1000, np.random.default_rng(0))
    assert pixels.shape == (120, 160, 3)
    assert pixels.std() > 20
