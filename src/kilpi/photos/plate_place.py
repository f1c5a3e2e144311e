"""Where cars wear their plates in a photo: the peaks of the view network's map of such places.

The network was shown plates, places whose plate is painted over or covered, and the same arts where no plate
belongs (`kilpi.learn.view.place_examples`), so that it goes by the car around the place, not by the plate.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from kilpi.types import PlatePlace

LEAST = 0.2  # of a score that is kept: decisions ask for more
MOST = 5  # places of one photo


def places_of(scores: NDArray[np.float32], widths: NDArray[np.float32]) -> tuple[PlatePlace, ...]:
    """(g, g) scores and plate widths, parts of the picture's width, of a grid over it -> its places."""
    peaks = (scores >= cv2.dilate(scores, np.ones((3, 3), np.uint8))) & (scores >= LEAST)
    rows, columns = np.nonzero(peaks)
    found = [
        PlatePlace(
            (column + 0.5) / scores.shape[1],
            (row + 0.5) / scores.shape[0],
            round(float(widths[row, column]), 4),
            round(float(scores[row, column]), 4),
        )
        for row, column in zip(rows.tolist(), columns.tolist(), strict=True)
    ]
    return tuple(sorted(found, key=lambda place: -place.score)[:MOST])
