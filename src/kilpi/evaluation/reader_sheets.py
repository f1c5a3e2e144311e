"""A contact sheet of the plates that a reader got wrong."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from kilpi.contact_sheet import Tile, contact_sheet
from kilpi.evaluation.reader_tables import Read
from kilpi.types import Pixels

TILE = (192, 64)


def look_errors(results: Sequence[Read], most: int = 120, ranked: bool = False) -> Pixels:
    """The plates that were misread, least sure last, with what was expected and what was read."""
    wrong = [r for r in results if (r.ranked if ranked else r.raw) != r.expected]
    wrong.sort(key=lambda r: -r.score)
    tiles = [
        Tile(
            r.pixels,
            f"{Path(r.path).stem[-12:]} {r.score:.2f}\n{r.expected}\n{r.raw or '(nothing)'} / {r.ranked}",
        )
        for r in wrong[:most]
    ]
    return contact_sheet(tiles or [Tile(np.full((64, 192, 3), 250, np.uint8), "no errors")], 8, TILE)
