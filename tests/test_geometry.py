"""Quads, homographies, overlap: hand-made cases and properties."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kilpi.geometry import (
    apply_homography,
    box_iou,
    clip_polygon,
    grow_quad,
    homography,
    is_convex,
    polygon_area,
    quad_from_array,
    quad_from_box,
    quad_iou,
    quad_size,
    quad_to_array,
    scale_quad,
    suppress,
)
from kilpi.types import Box, Quad

UNIT = quad_from_box(Box(0, 0, 1, 1))


@st.composite
def quads(draw: st.DrawFn) -> Quad:
    """A convex quad: a rectangle whose corners each move by less than a quarter of the shorter side."""
    w, h = draw(st.floats(20, 400)), draw(st.floats(20, 400))
    x, y = draw(st.floats(-100, 900)), draw(st.floats(-100, 900))
    reach = min(w, h) * 0.24
    moves = [draw(st.floats(-reach, reach)) for _ in range(8)]
    corners = np.array([[x, y], [x + w, y], [x + w, y + h], [x, y + h]]) + np.array(moves).reshape(4, 2)
    return quad_from_array(corners)


@given(quads(), quads())
def test_a_homography_and_its_inverse_give_the_points_back(a: Quad, b: Quad) -> None:
    there = homography(quad_to_array(a), quad_to_array(b))
    assert apply_homography(there, quad_to_array(a)) == pytest.approx(quad_to_array(b), abs=1e-5)
    back = homography(quad_to_array(b), quad_to_array(a))
    middle = quad_to_array(a).mean(axis=0)[None]
    assert apply_homography(back, apply_homography(there, middle)) == pytest.approx(middle, abs=1e-4)


def test_three_points_on_a_line_have_no_homography() -> None:
    line = np.array([[0, 0], [1, 0], [2, 0], [0, 1.0]])
    with pytest.raises(np.linalg.LinAlgError):
        homography(line, quad_to_array(UNIT))


@given(quads())
def test_overlap_with_itself_is_one(quad: Quad) -> None:
    assert is_convex(quad)
    assert quad_iou(quad, quad) == pytest.approx(1.0)


@given(quads(), quads())
def test_overlap_is_symmetric_and_bounded(a: Quad, b: Quad) -> None:
    assert quad_iou(a, b) == pytest.approx(quad_iou(b, a), abs=1e-6)
    assert 0 <= quad_iou(a, b) <= 1 + 1e-9


def test_overlap_of_known_shapes() -> None:
    assert box_iou(Box(0, 0, 2, 2), Box(1, 0, 3, 2)) == pytest.approx(1 / 3)
    assert box_iou(Box(0, 0, 1, 1), Box(1, 0, 2, 1)) == 0
    diamond = quad_from_array(np.array([[1, 0], [2, 1], [1, 2], [0, 1.0]]))
    assert quad_iou(diamond, quad_from_box(Box(0, 0, 2, 2))) == pytest.approx(0.5)
    assert quad_iou(UNIT, quad_from_box(Box(5, 5, 6, 6))) == 0


def test_clipping_by_a_distant_polygon_leaves_nothing() -> None:
    far = quad_to_array(quad_from_box(Box(5, 5, 6, 6)))
    assert len(clip_polygon(quad_to_array(UNIT), far)) == 0


def test_self_crossing_and_reversed_quads_are_not_convex() -> None:
    tl, tr, br, bl = UNIT
    assert not is_convex(Quad(tl, br, tr, bl))
    assert not is_convex(Quad(tl, bl, br, tr))


def test_growing_follows_the_perspective() -> None:
    grown = grow_quad(quad_from_box(Box(10, 10, 110, 30)), 0.1, 0.5)
    assert grown.box == pytest.approx((0, 0, 120, 40))
    slanted = quad_from_array(np.array([[0, 0], [100, 20], [100, 40], [0, 60.0]]))
    wider = grow_quad(slanted, 0.1)
    left = wider.bl.y - wider.tl.y
    right = wider.br.y - wider.tr.y
    assert left > 60 and right < 20 * 1.2 + 8  # the near side grows more than the far one


def test_sizes_and_areas() -> None:
    quad = quad_from_box(Box(2, 3, 12, 8))
    assert quad_size(quad) == pytest.approx((10, 5))
    assert polygon_area(quad_to_array(quad)) == pytest.approx(50)
    assert scale_quad(quad, 2, 4).box == Box(4, 12, 24, 32)


def test_suppression_keeps_the_best_of_each_heap() -> None:
    a, nearly_a, b = (quad_from_box(Box(x, 0, x + 100, 30)) for x in (0, 5, 300))
    assert suppress([a, nearly_a, b], [0.5, 0.9, 0.7]) == [1, 2]
    assert suppress([], []) == []
