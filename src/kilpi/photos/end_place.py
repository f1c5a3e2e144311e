"""Where a plate is on the front or rear that its photo shows: on it, or beside it as a neighbour's is.

The view network says for each cell of a grid over the picture how much it looks like a car's front or rear. A
car's own plate is under that map's high places (recipes/LOG.md, neighbours, fourth try).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from kilpi.types import EndPlace, Plate, ViewGuess

ABOVE = 2  # cells above the plate in which the end is looked for as well: plates are at its lower edge
HIGH = 0.5  # of the map's highest, from which a cell counts for the middle of the end

Grid = Sequence[Sequence[float]]


def placed_on_end(plate: Plate, guess: ViewGuess | None) -> Plate:
    """The plate with its `on_end`; as it is where its photo's size, view or map is not known."""
    at = place_on_end(plate, guess)
    return plate if at is None else replace(plate, on_end=at)


def place_on_end(plate: Plate, guess: ViewGuess | None) -> EndPlace | None:
    """Where a plate is on the end of its photo; None where the photo's size, view or map is not known."""
    if guess is None or plate.frame is None or len(guess.end_map) < 2:
        return None
    x = sum(point.x for point in plate.sighting.quad) / 4 / plate.frame[0]
    y = sum(point.y for point in plate.sighting.quad) / 4 / plate.frame[1]
    grid, cell = guess.end_map, 1 / len(guess.end_map)
    height = max(value_at(grid, x, y - above * cell) for above in range(ABOVE + 1))
    return EndPlace(height, y - middle_of(grid))


def value_at(grid: Grid, x: float, y: float) -> float:
    """The map at a place (0..1 of the picture), straight lines between the cells' middles."""
    row, down = cell_of(y, len(grid))
    column, along = cell_of(x, len(grid[0]))
    upper, lower = (
        line[column] * (1 - along) + line[column + 1] * along for line in (grid[row], grid[row + 1])
    )
    return upper * (1 - down) + lower * down


def cell_of(place: float, cells: int) -> tuple[int, float]:
    """The cell whose middle is before a place (0..1), and the part of the way to the next one's."""
    at = min(max(place * cells - 0.5, 0.0), cells - 1.0)
    first = min(int(at), cells - 2)
    return first, at - first


def middle_of(grid: Grid) -> float:
    """How far down the middle of the map's high places is, 0..1 of the picture."""
    weights = [sum(max(0.0, value - HIGH) for value in line) for line in grid]
    total = sum(weights)
    if not total:
        return 0.5
    return sum(weight * (row + 0.5) for row, weight in enumerate(weights)) / total / len(grid)
