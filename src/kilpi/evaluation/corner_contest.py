"""Two corner networks on plates whose corners a person placed: which comes nearer, plate by plate."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from kilpi.errors import LabelError, PhotoError
from kilpi.evaluation.detector import corner_error
from kilpi.evaluation.gate import Paired
from kilpi.geometry import grow_quad, quad_from_array, quad_size, quad_to_array
from kilpi.images import open_photo
from kilpi.labels.locate import located
from kilpi.plates.corners import CornerFinder
from kilpi.types import Photo, Quad, Sighting

ROUGH = 0.04  # of the plate's width: how far the corners lie that both start from, as after the detector
EVEN = 0.002  # of the plate's width: nearer by less is no difference


def corner_contest(name: str, labels: Path, before: Path, after: Path) -> Paired | None:
    """Plates that one of two folders' corner networks places nearer; None where no plate has corners.

    Both start from the same places, by chance `ROUGH` off; `before` and `after` of the result count the
    plates that each placed nearer.
    """
    finders = [CornerFinder.load(folder, threads=1) for folder in (before, after)]
    rng, gains = np.random.default_rng(0), list[float]()
    try:
        pairs = located(labels, [])
    except LabelError:
        return None
    for record, path in pairs:
        quads = [plate.quad for plate in record.plates if plate.quad is not None]
        if not quads:
            continue
        try:
            photo = open_photo(path)
        except PhotoError:
            continue  # damaged, or erased meanwhile; `kilpi labels check` names it
        rough = [Sighting(shaken(quad, rng), 1.0) for quad in quads]
        old, new = [errors(finder, photo, rough, quads) for finder in finders]
        gains += [a - b for a, b in zip(old, new, strict=True)]
    if not gains:
        return None
    lost, won = sum(gain < -EVEN for gain in gains), sum(gain > EVEN for gain in gains)
    return Paired(f"{name}, corners nearer", len(gains), lost, won, lost, won)


def errors(finder: CornerFinder, photo: Photo, rough: list[Sighting], truth: list[Quad]) -> list[float]:
    """Mean corner distance of each plate, as a part of its width."""
    return [corner_error(s.quad, t) for s, t in zip(finder.sharpen(photo, rough), truth, strict=True)]


def shaken(quad: Quad, rng: np.random.Generator) -> Quad:
    """A quad whose corners are a little off, and its size too."""
    grown = quad_to_array(grow_quad(quad, *rng.uniform(-ROUGH, ROUGH, 2)))
    return quad_from_array(grown + rng.normal(0, ROUGH / 2, (4, 2)) * quad_size(quad)[0])
