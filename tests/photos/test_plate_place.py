"""Places of plates are the peaks of a map of scores, each with the width that is told there."""

from __future__ import annotations

import numpy as np
import pytest

from kilpi.photos.plate_place import LEAST, MOST, places_of

GRID = 14


def maps(**scores: float) -> tuple[np.ndarray, np.ndarray]:
    """Scores at cells named r<row>c<column>, the width a hundredth of the row's number."""
    heat = np.full((GRID, GRID), 0.01, np.float32)
    for name, score in scores.items():
        row, column = (int(part) for part in name[1:].split("c"))
        heat[row, column] = score
    widths = np.repeat(np.arange(GRID, dtype=np.float32)[:, None] / 100, GRID, axis=1)
    return heat, widths


def test_each_peak_is_a_place_the_surest_first() -> None:
    found = places_of(*maps(r9c3=0.6, r9c4=0.5, r10c11=0.9))
    assert [(place.x, place.y) for place in found] == [
        (11.5 / GRID, 10.5 / GRID),
        (3.5 / GRID, 9.5 / GRID),
    ], "what is beside a higher cell is the same place"
    assert [value for place in found for value in place[2:]] == pytest.approx([0.1, 0.9, 0.09, 0.6])


def test_what_hardly_scores_is_no_place_and_few_are_kept() -> None:
    assert places_of(*maps(r5c5=LEAST - 0.01)) == ()
    many = {f"r{row}c{column}": 0.3 + 0.01 * row for row in (1, 4, 7, 10) for column in (2, 6, 10)}
    assert len(places_of(*maps(**many))) == MOST
