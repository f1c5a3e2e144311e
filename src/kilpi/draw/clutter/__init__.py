"""What stands in dealers' photos and is no plate, drawn: displays, keys, papers, boards, vents, wheels.

A detector that has only seen plates takes any block of writing for one. Each function here draws one thing as
a `Piece`; `clutter_piece` draws any of them.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from kilpi.draw.clutter import body, displays, papers
from kilpi.draw.clutter.lettering import Piece

MAKERS: tuple[tuple[Callable[[np.random.Generator], Piece], float], ...] = (
    (displays.display, 3.0), (displays.screen, 1.5), (displays.buttons, 2.0), (displays.dial, 1.5),
    (displays.label, 1.5), (papers.paper, 1.5), (papers.sticker, 1.5), (papers.board, 2.0),
    (papers.bare_letters, 2.0), (papers.overlay, 1.5), (body.badge, 1.2), (body.plaque, 1.5),
    (body.vent, 2.5), (body.grille, 0.7), (body.blank, 1.0), (body.lamp, 0.6), (body.wheel, 0.8),
    (body.embossed, 1.2), (body.handle, 1.5), (body.ribbed, 0.7), (body.blocks, 1.5),
)  # fmt: skip
"""Each kind and how often it is drawn, relative to the others."""


def clutter_piece(rng: np.random.Generator) -> Piece:
    """One thing of any kind."""
    shares = np.array([share for _, share in MAKERS])
    return MAKERS[int(rng.choice(len(MAKERS), p=shares / shares.sum()))][0](rng)
