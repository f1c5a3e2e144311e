"""Contact sheets of the reader's work: what it learns from, and what it got wrong."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from kilpi.contact_sheet import Tile, contact_sheet
from kilpi.labels.warps import View, plain_view
from kilpi.learn.reader.crop_pool import Recipe, Sources, draw
from kilpi.learn.reader.crops import Wear
from kilpi.learn.reader.marks import Marks
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
    from kilpi.learn.reader.train import load_photos

    rng, marks = np.random.default_rng(seed), Marks()
    views = tuple(scene.view for scene in load_photos(labels, images)[0]) if labels else (drawn_ground(rng),)
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
