"""How good a photo is, and whether two show the same thing: measured on what is at hand."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from kilpi.geometry import quad_size, scale_quad
from kilpi.hashing import fingerprint_grey
from kilpi.images import shrink_to
from kilpi.photos.plate_view import guess_view
from kilpi.sharpness import photo_sharpness
from kilpi.types import Photo, Sighting, View

WORK_SIDE = 1000  # pixels, longer side on which everything is measured; smaller photos stay as they are
# Sharpness below this counts as blurred. Of 74 training photos at 400 px all but the weakest 5 % had more
# than 29; after a Gaussian blur of 2 px half were below 5.8, after one of 3 px 95 % below 4.6.
MIN_SHARPNESS = 5.0
DARK = 60.0  # 95th percentile of luminance, 0..255; below it even the brightest parts are hard to see
Grey = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Look:
    """One photo as measured. `sharpness` and `bright` are in grey levels, sizes in native pixels."""

    photo_id: str
    path: str
    width: int
    height: int
    sharpness: float
    bright: float  # 95th percentile of luminance
    view: View
    fingerprint: int = field(repr=False)  # 64 bits

    @property
    def quality(self) -> float:
        """For choosing among photos of the same thing: sharpness times detail."""
        return self.sharpness * math.sqrt(self.width * self.height)


def look_at(photo: Photo, sightings: Sequence[Sighting]) -> Look:
    """Measure one photo and guess what it shows; `sightings` are the plates in it, in native pixels."""
    pixels = shrink_to(photo.pixels, WORK_SIDE)
    grey = np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), dtype=np.float32)
    scale = pixels.shape[1] / photo.width
    quads = sorted((scale_quad(s.quad, scale) for s in sightings), key=lambda quad: -quad_size(quad)[0])
    return Look(
        photo_id=photo.id,
        path=photo.path,
        width=photo.width,
        height=photo.height,
        sharpness=photo_sharpness(grey),
        bright=float(np.percentile(grey, 95)),
        view=guess_view(pixels, quads[0] if quads else None),
        fingerprint=fingerprint_grey(grey),
    )
