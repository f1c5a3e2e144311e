"""Where a plate is on the end that its photo shows."""

from __future__ import annotations

import pytest

from kilpi.geometry import quad_from_box
from kilpi.photos.end_place import middle_of, placed_on_end, value_at
from kilpi.types import VIEWS, Box, EndPlace, Plate, Sighting, View, ViewGuess

# A car's rear in the left half of the picture: high from the second to the fifth row.
REAR = ((0.1,) * 7, *((0.2, 0.9, 1.0, 0.6, 0.2, 0.0, 0.0),) * 4, (0.1,) * 7, (0.0,) * 7)


def guess(grid: tuple[tuple[float, ...], ...]) -> ViewGuess:
    return ViewGuess(View.REAR, 1.0, 1.0, View.REAR, (1 / len(VIEWS),) * len(VIEWS), grid)


def plate_at(x: float, y: float, frame: tuple[int, int] | None = (700, 700)) -> Plate:
    box = Box(700 * x - 50, 700 * y - 10, 700 * x + 50, 700 * y + 10)
    return Plate("photo", Sighting(quad_from_box(box), 0.9), frame=frame)


def place(x: float, y: float) -> EndPlace:
    found = placed_on_end(plate_at(x, y), guess(REAR)).on_end
    assert found is not None
    return found


def test_a_plate_below_the_high_places_is_on_the_end() -> None:
    own = place(0.32, 0.75)  # in the row below them, where the map itself is low
    assert own.height > 0.9 and own.below == pytest.approx(0.75 - 3 / 7)


def test_a_plate_beside_them_is_low_and_one_in_the_sky_is_above_their_middle() -> None:
    assert place(0.85, 0.7).height < 0.1
    assert place(0.32, 0.1).below < -0.3


def test_between_the_cells_middles_lie_straight_lines_and_beyond_them_the_last_value() -> None:
    grid = ((0.0, 1.0), (0.0, 1.0))
    assert value_at(grid, 0.5, 0.5) == pytest.approx(0.5)
    assert value_at(grid, 0.25, 0.1) == 0.0 and value_at(grid, 1.0, 1.0) == 1.0


def test_a_map_without_high_places_has_its_middle_in_the_picture() -> None:
    assert middle_of(((0.0, 0.0), (0.0, 0.0))) == 0.5


def test_nothing_is_said_without_a_map_a_view_or_the_photos_size() -> None:
    plate = plate_at(0.3, 0.7)
    assert placed_on_end(plate, None) == plate == placed_on_end(plate, guess(()))
    unmeasured = plate_at(0.3, 0.7, frame=None)
    assert placed_on_end(unmeasured, guess(REAR)) == unmeasured
