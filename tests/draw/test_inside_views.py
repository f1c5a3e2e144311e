from __future__ import annotations

import numpy as np
import pytest

from kilpi.draw.insides.cabin import HALF_WIDTH, Stuff, make_cabin
from kilpi.draw.insides.papers import draw_papers
from kilpi.draw.insides.solids import Group, block, materials, melt, nearest, ring, rod
from kilpi.draw.insides.views import LONG, PAINTERS, draw_view


def at(*points: tuple[float, float, float]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    x, y, z = np.array(points, np.float32).T.copy()
    return x, y, z


def test_a_block_is_as_far_away_as_its_nearest_face() -> None:
    distance = block((1, 0, 0), (0.5, 0.2, 0.3), 0.05)(*at((2, 0, 0), (1, 0, 0), (1, 0.7, 0)))
    assert np.allclose(distance, (0.5, -0.2, 0.5), atol=1e-5)


def test_a_rod_and_a_ring_have_their_radius() -> None:
    assert np.allclose(rod((0, 0, 0), (1, 0, 0), 0.1)(*at((0.5, 0.4, 0), (1.5, 0, 0))), (0.3, 0.4), atol=1e-5)
    assert np.allclose(ring((0, 0, 0), 0.2, 0.02, 0.0)(*at((0, 0.2, 0), (0, 0, 0))), (-0.02, 0.18), atol=1e-5)


def test_melted_parts_are_nowhere_farther_than_either() -> None:
    parts = [block((0, 0, 0), (0.2, 0.2, 0.2), 0.02), rod((0, 0, 0), (0.6, 0, 0), 0.1)]
    x, y, z = np.random.default_rng(0).uniform(-1, 1, (3, 200)).astype(np.float32)
    least = np.minimum(parts[0](x, y, z), parts[1](x, y, z))
    assert np.all(melt(parts, 0.1)(x, y, z) <= least + 1e-6)


def test_a_group_far_away_never_claims_more_than_the_true_distance() -> None:
    solid = block((0, 0, 0), (0.3, 0.1, 0.1), 0.02)
    group = Group(3, solid, (0, 0, 0), 0.35)
    x, y, z = np.random.default_rng(1).uniform(-3, 3, (3, 300)).astype(np.float32)
    assert np.all(group.distance(x, y, z) <= solid(x, y, z) + 1e-5)
    assert materials([group], x, y, z).max() == 0
    assert nearest([group, group], x, y, z).shape == (300,)


@pytest.mark.parametrize("driver", [0.37, -0.37])
def test_the_steering_wheel_is_on_the_drivers_side(driver: float) -> None:
    cabin = make_cabin(np.random.default_rng(0), None, driver)
    grips = [group for group in cabin.groups if group.material == Stuff.GRIP and group.radius > 0.3]
    assert [np.sign(group.middle[1]) for group in grips] == [np.sign(driver)]


def test_an_opening_lets_a_ray_in_where_a_wall_was() -> None:
    for opening, closed in (("front door", None), (None, "wall")):
        cabin = make_cabin(np.random.default_rng(0), opening)
        shell = next(group for group in cabin.groups if group.material == Stuff.SHELL)
        x, y, z = at((0.2, HALF_WIDTH, 0.62))
        assert (float(shell.solid(x, y, z)[0]) > 0) == (closed is None)


@pytest.mark.parametrize("word", PAINTERS)
def test_every_word_is_drawn_in_a_photos_shape_and_repeats_with_its_seed(word: str) -> None:
    first, again, other = (draw_view(word, np.random.default_rng(seed)) for seed in (2, 2, 3))
    assert first.dtype == np.uint8
    assert max(first.shape[:2]) == LONG
    assert np.array_equal(first, again)
    assert first.shape != other.shape or not np.array_equal(first, other)
    assert first.std() > 3


def test_papers_are_brighter_than_what_they_lie_on() -> None:
    rng = np.random.default_rng(4)
    pages = [draw_papers(120, 160, rng) for _ in range(12)]
    assert np.mean([np.percentile(page, 95) - np.percentile(page, 5) for page in pages]) > 60
