import pytest

from kilpi.geometry import quad_from_box
from kilpi.pictures.frame import frame
from kilpi.types import Box

ASPECT = (1.2, 1.8)


@pytest.mark.parametrize("size", [(1600, 1200), (1200, 1000), (1800, 1000)])
def test_a_picture_of_the_right_shape_stays_whole(size: tuple[int, int]) -> None:
    assert frame(*size, ASPECT) == Box(0, 0, *size)


def test_a_wide_picture_loses_both_sides_alike() -> None:
    assert frame(2000, 1000, ASPECT) == Box(100, 0, 1900, 1000)


def test_a_tall_picture_loses_a_fifth_at_most() -> None:
    assert frame(900, 1600, ASPECT) == Box(0, 160, 900, 1440)


@pytest.mark.parametrize(("x", "start"), [(20, 0), (1000, 100), (1880, 200)])
def test_the_window_moves_to_the_plate(x: float, start: int) -> None:
    plate = quad_from_box(Box(x, 700, x + 100, 725))
    assert frame(2000, 1000, ASPECT, [plate]) == Box(start, 0, start + 1800, 1000)
