from collections.abc import Callable

import numpy as np
import pytest

from kilpi.draw.clutter import MAKERS, clutter_piece
from kilpi.draw.clutter.lettering import Piece, dots, segments, typeset
from kilpi.draw.clutter.placing import place_piece
from kilpi.draw.clutter.scenes import draw_clutter_scene

PLATE = np.array([[[100.0, 120], [180, 124], [180, 144], [100, 140]]])


@pytest.mark.parametrize("maker", [maker for maker, _ in MAKERS])
def test_each_thing_is_drawn_with_its_cover(maker: Callable[[np.random.Generator], Piece]) -> None:
    rng = np.random.default_rng(0)
    for _ in range(8):
        pixels, cover = maker(rng)
        assert pixels.dtype == np.uint8 and cover.dtype == np.float32
        assert pixels.shape == (*cover.shape, 3)
        assert cover.min() >= 0 and 0.2 < cover.max() <= 1.0001


@pytest.mark.parametrize("write", [typeset, dots])
def test_writing_leaves_ink(write: Callable[[str, np.random.Generator], np.ndarray]) -> None:
    rng = np.random.default_rng(1)
    assert all(write("Ab 12", rng).sum() > 20 for _ in range(20))


def test_an_eight_lights_more_segments_than_a_one() -> None:
    eight, one = (segments(text, np.random.default_rng(2)).sum() for text in ("8", "1"))
    assert eight > 2 * one


def test_nothing_is_laid_over_a_plate() -> None:
    rng = np.random.default_rng(3)
    before = rng.integers(40, 80, (240, 320, 3)).astype(np.uint8)
    canvas = before.copy()
    laid = sum(place_piece(canvas, clutter_piece(rng), PLATE, rng) for _ in range(60))
    assert laid > 20
    assert np.array_equal(canvas[120:144, 100:180], before[120:144, 100:180])


def test_pieces_stand_right_beside_a_plate_now_and_then() -> None:
    rng = np.random.default_rng(4)
    near = 0
    for _ in range(60):
        canvas = np.zeros((240, 320, 3), np.uint8)
        piece = np.full((20, 60, 3), 255, np.uint8), np.ones((20, 60), np.float32)
        if place_piece(canvas, piece, PLATE, rng):
            near += bool(canvas[105:160, 85:195].any())
    assert near > 5


def test_scenes_without_plates_differ_and_repeat_with_their_seed() -> None:
    first, second, other = (draw_clutter_scene(160, 120, np.random.default_rng(s)) for s in (5, 5, 6))
    assert first.shape == (120, 160, 3) and first.dtype == np.uint8
    assert np.array_equal(first, second) and not np.array_equal(first, other)
