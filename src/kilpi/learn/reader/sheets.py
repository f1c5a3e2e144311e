"""Contact sheets of the reader's work: what it learns from, and what it got wrong."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from kilpi.learn.reader.crops import Wear
from kilpi.learn.reader.marks import Marks
from kilpi.learn.reader.pool import Recipe, Sources, draw
from kilpi.learn.reader.tables import Read
from kilpi.learn.warps import View, plain_view
from kilpi.sheets import Tile, contact_sheet
from kilpi.types import Pixels

TILE = (192, 64)


def look_synth(
    n: int = 96,
    seed: int = 0,
    labels: Sequence[Path] = (),
    images: Sequence[Path] = (),
    wear: Wear | None = None,
) -> Pixels:
    """`n` training crops with their truth under each, as one picture (h, w, 3) uint8 RGB.

    Without `labels` the plates are put on a drawn ground instead of into photos.
    """
    from kilpi.learn.reader.train import load_all

    rng, marks = np.random.default_rng(seed), Marks()
    views = tuple(scene.view for scene in load_all(labels, images)[0]) if labels else (drawn_ground(rng),)
    recipe, sources = Recipe(wear=wear or Wear()), Sources(views)
    tiles = []
    for _ in range(n):
        crop = draw(marks, sources, recipe, rng)
        tiles.append(
            Tile(crop.pixels, f"{crop.text}  {crop.country}\n{crop.width:.0f} px, wear {crop.strength:.2f}")
        )
    return contact_sheet(tiles, 8, TILE)


def drawn_ground(rng: np.random.Generator) -> View:
    """A soft grey picture, 640 x 480, that stands in for a photo."""
    slope = np.linspace(90, 160, 480)[:, None, None] + rng.normal(0, 6, (480, 640, 3))
    return plain_view(np.clip(slope, 0, 255).astype(np.uint8))


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
