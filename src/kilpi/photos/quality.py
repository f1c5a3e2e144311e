"""How good a photo is, and whether two show the same thing: measured on what is at hand."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np

from kilpi.geometry import quad_size, scale_quad
from kilpi.hashing import fingerprint_grey
from kilpi.images import shrink_to
from kilpi.photos.plate_view import guess_view
from kilpi.sharpness import photo_sharpness
from kilpi.types import FRONTS, REARS, Photo, Pixels, Sighting, View, ViewGuess

WORK_SIDE = 1000  # pixels, longer side on which everything is measured; smaller photos stay as they are
# Sharpness below this counts as blurred. Of 74 training photos at 400 px all but the weakest 5 % had more
# than 29; after a Gaussian blur of 2 px half were below 5.8, after one of 3 px 95 % below 4.6.
MIN_SHARPNESS = 5.0
DARK = 60.0  # 95th percentile of luminance, 0..255; below it even the brightest parts are hard to see
# A photo told a document is lost for the advert. Of dev-dealer's nine papers eight have 0.99 and more, the
# ninth is told "seats"; no other of its 335 photos, nor of dev-market, dev-press, dev-odometer, dev-parking.
PAPER_P = 0.9
# Share of front and rear below which a photo shows none: of 116 photos of dev-dealer, dev-market, dev-press,
# every third of dev-parking and every fourth of dev-odometer in which a first look found nothing 41 have
# less, and none of the 13 in which a second one then found a labelled plate (the least: 0.02).
NO_END = 0.01


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


def measure(photo: Photo, guess: ViewGuess | None = None) -> Look:
    """Measure one photo, without its plates: the view is only the network's, where that is sure."""
    grey = shrink_to(np.asarray(cv2.cvtColor(photo.pixels, cv2.COLOR_RGB2GRAY), np.uint8), WORK_SIDE)
    return Look(
        photo_id=photo.id,
        path=photo.path,
        width=photo.width,
        height=photo.height,
        sharpness=photo_sharpness(grey),
        bright=brightest(grey, 0.95),
        view=told(guess) or View.UNSURE,
        fingerprint=fingerprint_grey(grey.astype(np.float32)),
        best=guess.best if guess else None,
    )


def brightest(grey: Pixels, part: float) -> float:
    """The value below which `part` of (h, w) uint8 lies, between two in proportion (numpy's percentile)."""
    until = np.cumsum(cv2.calcHist([grey], [0], None, [256], [0, 256]).ravel().astype(np.int64))
    at = part * (grey.size - 1)
    low, high = (int(np.searchsorted(until, place, side="right")) for place in (int(at), math.ceil(at)))
    return low + (at - int(at)) * (high - low)


def told(guess: ViewGuess | None) -> View | None:
    """What the network is so sure of that nothing else is asked; None where it is not."""
    if guess is None or guess.view is View.UNSURE or guess.p < PAPER_P:
        return None
    return guess.view


def may_show_end(guess: ViewGuess | None) -> bool:
    """Whether a photo may show a car's front or rear: nothing else is told of it so surely, and the view
    network sees a little of one.
    """
    return guess is None or (guess.end >= NO_END and told(guess) in {None, *FRONTS, *REARS})


def view_in(photo: Photo, sightings: Sequence[Sighting], guess: ViewGuess | None) -> View:
    """What a photo of which the network is not sure (`told`) shows, by the widest of its plates too.

    `sightings` are the plates in it, in native pixels.
    """
    pixels = shrink_to(photo.pixels, WORK_SIDE)
    scale = pixels.shape[1] / photo.width
    quads = (scale_quad(s.quad, scale) for s in sightings)
    seen = guess_view(pixels, max(quads, key=lambda quad: quad_size(quad)[0], default=None))
    likely = guess.view if guess and guess.view is not View.DOCUMENT else View.UNSURE
    return seen if likely is View.UNSURE or seen is View.DOCUMENT else likely
