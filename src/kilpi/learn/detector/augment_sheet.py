"""What the detector is trained on, as one picture: `kilpi look augment`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from kilpi.contact_sheet import Tile, contact_sheet, draw_quad
from kilpi.errors import LabelError
from kilpi.geometry import quad_from_array
from kilpi.labels.dataset import load_scenes
from kilpi.learn.detector.photometric import PlateSwapper
from kilpi.learn.detector.pictures import Mix, make_picture
from kilpi.learn.hard_negatives import Clutter
from kilpi.types import Pixels


def look_augment(
    labels: Sequence[Path], images: Sequence[Path] = (), count: int = 40, seed: int = 0
) -> Pixels:
    """`count` training pictures with their true corners. Raises LabelError where no photo is found."""
    scenes = [scene for path in labels for scene in load_scenes(path, images)]
    if not scenes:
        raise LabelError("none of the labelled photos was found; say where they are with --images FOLDER")
    rng, chances = np.random.default_rng(seed), np.full(len(scenes), 1 / len(scenes))
    tiles, swapper, clutter = [], PlateSwapper(), Clutter()
    for _ in range(count):
        view = make_picture(scenes, chances, Mix(), rng, swapper, clutter)
        pixels = view.pixels
        for quad in view.quads:
            pixels = draw_quad(pixels, quad_from_array(quad), thickness=1)
        tiles.append(Tile(pixels, f"{len(view.quads)} plates"))
    return contact_sheet(tiles, columns=8, tile=(220, 220))
