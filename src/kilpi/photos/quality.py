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
from kilpi.types import Photo, Pixels, Quad, Sighting, View, ViewGuess

WORK_SIDE = 1000  # pixels, longer side on which everything is measured; smaller photos stay as they are
# Sharpness below this counts as blurred. Of 74 training photos at 400 px all but the weakest 5 % had more
# than 29; after a Gaussian blur of 2 px half were below 5.8, after one of 3 px 95 % below 4.6.
MIN_SHARPNESS = 5.0
DARK = 60.0  # 95th percentile of luminance, 0..255; below it even the brightest parts are hard to see
# A photo told a document is lost for the advert. Of dev-dealer's nine papers eight have 0.99 and more, the
# ninth is told "seats"; no other of its 335 photos, nor of dev-market, dev-press, dev-odometer, dev-parking.
PAPER_P = 0.9
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
    best: View | None = None  # the view network's likeliest, unsure or not; None: not asked

    @property
    def quality(self) -> float:
        """For choosing among photos of the same thing: sharpness times detail."""
        return self.sharpness * math.sqrt(self.width * self.height)


def look_at(photo: Photo, sightings: Sequence[Sighting], guess: ViewGuess | None = None) -> Look:
    """Measure one photo; `sightings` are the plates in it, in native pixels.

    What it shows is the view network's `guess`; without one the plate's place says what it can.
    """
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
        view=view_of(pixels, quads[0] if quads else None, guess),
        fingerprint=fingerprint_grey(grey),
        best=guess.best if guess else None,
    )


def view_of(pixels: Pixels, plate: Quad | None, guess: ViewGuess | None) -> View:
    """What (h, w, 3) RGB shows, given its widest plate in the same pixels, and the network's word."""
    told = guess.view if guess else View.UNSURE
    if told is View.DOCUMENT and guess and guess.p < PAPER_P:
        told = View.UNSURE
    if told is not View.UNSURE and guess and guess.p >= PAPER_P:
        return told
    seen = guess_view(pixels, plate)
    return seen if told is View.UNSURE or seen is View.DOCUMENT else told
