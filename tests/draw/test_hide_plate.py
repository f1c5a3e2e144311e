"""What is at a place is gone, and what is around it stays."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from kilpi.draw.hide_plate import blurred, cloned, covered, grown, hide, painted_over
from kilpi.types import Pixels

PLACE = np.array([[60.0, 50.0], [140.0, 52.0], [140.0, 76.0], [60.0, 74.0]])


def photo() -> Pixels:
    """A plate's stripes on a plain ground that gets brighter downwards."""
    pixels = np.repeat(np.linspace(60, 120, 120, dtype=np.uint8)[:, None, None], 200, axis=1).repeat(
        3, axis=2
    )
    pixels = np.ascontiguousarray(pixels)
    pixels[54:72, 64:136:4] = 255
    return pixels


@pytest.mark.parametrize("art", [painted_over, cloned, covered, blurred])
def test_each_way_hides_the_place_and_nothing_else(
    art: Callable[[Pixels, np.ndarray, np.random.Generator], Pixels],
) -> None:
    before = photo()
    for seed in range(6):
        after = art(before, PLACE, np.random.default_rng(seed))
        assert after.shape == before.shape and after.dtype == np.uint8
        stripes = after[58:68, 70:130].astype(float)
        assert np.ptp(stripes.mean(axis=(0, 2))) < 90, "no stripe is seen any more"
        assert np.abs(after[:40].astype(int) - before[:40]).max() <= 1
        assert np.array_equal(before, photo()), "the photo that was given stays"


def test_at_the_photos_edge_where_nothing_can_be_cloned_it_is_painted_over() -> None:
    tall = np.array([[0.0, 5.0], [200.0, 5.0], [200.0, 115.0], [0.0, 115.0]])
    after = cloned(photo(), tall, np.random.default_rng(0))
    assert np.ptp(after[58:68, 70:130].astype(float).mean(axis=(0, 2))) < 90


def test_a_place_grows_by_parts_of_its_sides() -> None:
    square = np.array([[0.0, 0.0], [10.0, 0.0], [10.0, 4.0], [0.0, 4.0]])
    assert grown(square, 0.1, 0.5).tolist() == [[-1, -2], [11, -2], [11, 6], [-1, 6]]


def test_the_same_number_hides_alike() -> None:
    one, other = (hide(photo(), PLACE, np.random.default_rng(5)) for _ in range(2))
    assert np.array_equal(one, other)
