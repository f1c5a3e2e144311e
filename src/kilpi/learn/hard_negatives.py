"""What is not a plate but may look like one, laid into photos away from plates, or a picture of its own.

So the detector learns to leave displays, papers, signs, badges and vents alone; `kilpi.draw.clutter` draws
them.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from kilpi.draw.clutter import clutter_piece
from kilpi.draw.clutter.lettering import Piece
from kilpi.draw.clutter.placing import place_piece
from kilpi.draw.clutter.scenes import draw_clutter_scene
from kilpi.labels.warps import Floats
from kilpi.learn.stock import Stock
from kilpi.types import Pixels

Rng = np.random.Generator

PIECES, RENEWED = 600, 0.15  # things kept at hand, and the chance that a use draws one anew
SCENES, SCENES_RENEWED = 60, 0.08  # whole pictures: each takes a tenth of a second
SIZE = (640, 480)  # pixels of a whole picture, width and height


def add_decoys(
    pixels: Pixels, taken: Floats, rng: Rng, most: int = 3, draw: Callable[[Rng], Piece] = clutter_piece
) -> Pixels:
    """A copy with up to `most` decoys, none of them touching the quads `taken` (k, 4, 2)."""
    canvas = pixels.copy()
    for _ in range(int(rng.integers(1, most + 1))):
        place_piece(canvas, draw(rng), taken, rng)
    return canvas


class Clutter:
    """Decoys and plateless pictures, mostly from a stock."""

    def __init__(self) -> None:
        self.piece = Stock(clutter_piece, PIECES, RENEWED)
        self.scene = Stock(lambda rng: draw_clutter_scene(*SIZE, rng, self.piece), SCENES, SCENES_RENEWED)
