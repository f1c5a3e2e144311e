"""PlateDetector: finds every number plate of a photo and its four corners, with the network that Kilpi
trained.

A glance at the photo at 224 pixels is enough where it surely sees a wide plate. Else the first look is at 416
pixels. Where that sees nothing for certain, a second look follows at up to 1600 pixels, and around what that
only suspects, a third at native pixels: a plate 30 pixels wide in a photo of 12 megapixels is 4 pixels wide
in the first.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from copy import copy
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from kilpi.geometry import is_convex, quad_from_array, quad_size, suppress
from kilpi.images import native, shrink_fast
from kilpi.plates.corners import CornerFinder
from kilpi.plates.last_look import LastLook
from kilpi.types import Photo, Pixels, Point, Quad, Sighting
from kilpi.weights import Network, find_any, open_network

GLANCE_SIDE = 224  # pixels of the photo's longer side
# A glance is enough from this score, and this part of the photo's width: then it misses no other plate that
# might be the front car's (recipes/LOG.md).
GLANCE_SCORE, GLANCE_WIDTH = 0.6, 0.1
FIRST_SIDE = 416  # pixels of the photo's longer side; recipes/LOG.md has recall and time at others
SECOND_SIDE = 1600
ALL = (0.0, 1.0)
LINE_SIDE = 832
# Of a photo's height: all 370 labelled plates of dev-dealer, dev-market and dev-press lie within.
LINE_BAND = (0.25, 0.9)
MULTIPLE = 32  # the network's input sides are multiples of this
EMPTY = 114  # grey that fills the rest
SUSPECT = 0.02  # a score from which the second look's finding is worth a third look
MOST_SUSPECTS = 16  # third looks a photo
CLOSE_UP = 320  # pixels, side of a third look
MOST_ENLARGED = 2.0  # a small photo is not blown up further than this
# Numbers of an input from which only one thread at a time runs a network: 832 x 640 pixels take 100 MB.
LARGE = 3 * 512 * 416
ONE_AT_A_TIME = threading.Lock()
OVERLAP = 0.3  # IoU from which two sightings are one plate

Shrink = Callable[[Pixels, int, int], Pixels]
"""Pixels, width, height -> the picture at that smaller size."""


class Look(NamedTuple):
    """A picture to look at and how its pixels lie in the photo: native = pixel / scale + origin."""

    pixels: Pixels
    scale: tuple[float, float]
    origin: Point


def fit_side(
    pixels: Pixels, longest: int, native_width: float, native_height: float, shrink: Shrink = shrink_fast
) -> Look:
    """The whole photo with its longer side `longest` pixels (or enlarged by `MOST_ENLARGED`, if less)."""
    height, width = pixels.shape[:2]
    factor = min(longest / max(height, width), MOST_ENLARGED)
    size = max(1, round(width * factor)), max(1, round(height * factor))
    if size != (width, height):
        if factor < 1:
            pixels = shrink(pixels, *size)
        else:
            pixels = np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_LINEAR), np.uint8)
    return Look(pixels, (size[0] / native_width, size[1] / native_height), Point(0.0, 0.0))


def cut_out(photo: Photo, quad: Quad, region: tuple[float, float], size: tuple[int, int]) -> Look:
    """The region of (width, height) native pixels around a quad's middle, as a picture of `size` (w, h)."""
    middle = np.mean(quad, axis=0)
    scale = photo.pixels.shape[1] / photo.width, photo.pixels.shape[0] / photo.height
    corner = middle - np.array(region) / 2
    # OpenCV's pixel centres are at integers, ours at halves.
    per = np.array(region) / size * scale
    start = corner * scale + per / 2 - 0.5
    matrix = np.array([[per[0], 0, start[0]], [0, per[1], start[1]]])
    pixels = photo.pixels
    if per[0] > 1.5:  # picking single pixels would alias
        x1, y1 = np.maximum(np.floor(corner * scale).astype(int), 0)
        x2, y2 = np.ceil((corner + region) * scale).astype(int) + 1
        piece = pixels[y1:y2, x1:x2]
        small = max(1, round(piece.shape[1] / per[0])), max(1, round(piece.shape[0] / per[1]))
        shrunk = np.array(small) / (piece.shape[1], piece.shape[0])
        pixels = np.asarray(cv2.resize(piece, small, interpolation=cv2.INTER_AREA), np.uint8)
        per = per * shrunk
        start = (corner * scale - (x1, y1)) * shrunk + per / 2 - 0.5
        matrix = np.array([[per[0], 0, start[0]], [0, per[1], start[1]]])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    cut = cv2.warpAffine(pixels, matrix, size, flags=flags, borderValue=(EMPTY,) * 3)
    factor = size[0] / region[0], size[1] / region[1]
    return Look(np.asarray(cut, np.uint8), factor, Point(float(corner[0]), float(corner[1])))


def pad(pixels: Pixels) -> Pixels:
    """Grey added at the right and the bottom, up to multiples of 32; (1, h, w, 3) for the network."""
    height, width = pixels.shape[:2]
    canvas = np.full(
        (1, -(-height // MULTIPLE) * MULTIPLE, -(-width // MULTIPLE) * MULTIPLE, 3), EMPTY, np.uint8
    )
    canvas[0, :height, :width] = pixels
    return canvas


def decode(
    scores: NDArray[np.float32], corners: NDArray[np.float32], threshold: float, most: int = 50
) -> list[tuple[Quad, float]]:
    """Peaks of a network output -> quads in its input's pixels and scores, best first, doubles removed.

    `scores` (h, w) is zero but at peaks, `corners` (h, w, 8) are input pixels.
    """
    rows, columns = np.nonzero(scores >= threshold)
    best = np.argsort(-scores[rows, columns], kind="stable")[:most]
    rows, columns = rows[best], columns[best]
    quads = [quad_from_array(corners[r, c].reshape(4, 2)) for r, c in zip(rows, columns, strict=True)]
    found = [(q, float(scores[r, c])) for q, r, c in zip(quads, rows, columns, strict=True) if is_convex(q)]
    kept = suppress([q for q, _ in found], [s for _, s in found], OVERLAP)
    return [found[i] for i in kept]


def glance_is_enough(seen: Sequence[Sighting], photo_width: float) -> bool:
    """Whether what a glance saw, best first, needs no further look."""
    if not seen or seen[0].score < GLANCE_SCORE:
        return False
    return quad_size(seen[0].quad)[0] >= GLANCE_WIDTH * photo_width


def best_of(sightings: Sequence[Sighting]) -> list[Sighting]:
    """The sightings without doubles, best first."""
    kept = suppress([s.quad for s in sightings], [s.score for s in sightings], OVERLAP)
    return [sightings[i] for i in kept]


class PlateDetector:
    """Kilpi's own detector; a `ports.Detector`."""

    def __init__(
        self,
        network: Network,
        corners: CornerFinder | None = None,
        threshold: float | None = None,
        looks: int = 3,
    ) -> None:
        """`network` is an opened detector.onnx; `corners` places the corners of what it finds.

        `threshold` is the least score that counts; default the card's. `looks` 1 to 3 limits how closely a
        photo is searched.
        """
        self.network, card = network, network.card
        self.threshold = card.thresholds.get("score", 0.5) if threshold is None else threshold
        self.close_threshold = max(self.threshold, card.thresholds.get("close", self.threshold))
        self.looks = looks
        self.second_side, self.second_band = SECOND_SIDE, ALL
        self.looks_on = False  # closer looks also where plates were found, and no glance
        self.corners = corners
        self.shrink: Shrink = shrink_fast
        self.last = LastLook()  # shared by all that is made of this detector

    @classmethod
    def load(
        cls,
        weights: Path | None = None,
        threads: int = 0,
        threshold: float | None = None,
        looks: int = 3,
        sharpens: bool = True,
    ) -> PlateDetector:
        """Opens detector.onnx of a folder (default as in `kilpi.weights`), and corners.onnx if it `sharpens`.

        A folder without the second network takes the one in use, for the detector's own corners are rough.
        Raises WeightsError.
        """
        found = find_any("corners", weights) if sharpens else None
        corners = CornerFinder.load(found.parent, threads) if found else None
        return cls(open_network("detector", weights, threads), corners, threshold, looks)

    def for_line(self, closely: bool) -> PlateDetector:
        """The same detector, its networks shared, for many photos of one car.

        Where nothing is sure at first it looks again at LINE_SIDE only, a quarter of the work: both find 46
        of dev-dealer's 47 legible plates. Not `closely`: it does not look again, for photos of no end
        of a car.
        """
        other = copy(self)
        other.second_side, other.second_band = min(self.second_side, LINE_SIDE), LINE_BAND
        other.looks = self.looks if closely else 1
        return other

    def for_hiding(self, threshold: float) -> PlateDetector:
        """The same detector, its networks shared, with another least score, and closer looks at every photo.

        Reading may stop at the first plate that is sure; hiding must find the small ones beside it, too. What
        only a closer look sees counts from twice the score: dashboards are full of small print.
        """
        other = copy(self)
        other.threshold, other.close_threshold = threshold, min(2 * threshold, self.close_threshold)
        other.looks_on, other.looks = True, min(self.looks, 2)  # a published picture is too small for a third
        return other

    def find(self, photos: Sequence[Photo]) -> list[list[Sighting]]:
        """Per photo its plates in native pixels, best score first."""
        return [self.find_one(photo) for photo in photos]

    def find_one(self, photo: Photo) -> list[Sighting]:
        """The plates of one photo, their corners placed."""
        return self.place_corners(photo, self.find_rough(photo))

    def place_corners(self, photo: Photo, seen: Sequence[Sighting]) -> list[Sighting]:
        """The sightings with their corners placed by the corner network, where there is one."""
        return self.corners.sharpen(photo, seen) if self.corners else list(seen)

    def find_rough(self, photo: Photo) -> list[Sighting]:
        """As the detector sees them; closer looks where the ones before saw none, or always if asked for."""
        seen = [] if self.looks_on else self.whole(photo, GLANCE_SIDE, self.threshold)
        if not glance_is_enough(seen, photo.width):
            seen = self.first(photo)
            if self.looks_closer(photo) and (self.looks_on or not seen):
                seen = best_of(seen + self.look_again(photo))
        return seen

    def looks_closer(self, photo: Photo) -> bool:
        """Whether there are closer looks at this photo."""
        return self.looks >= 2 and max(photo.width, photo.height) > FIRST_SIDE

    def first(self, photo: Photo) -> list[Sighting]:
        """The first look; corners are rough."""
        return self.whole(photo, FIRST_SIDE, self.threshold)

    def whole(
        self, photo: Photo, side: int, threshold: float, band: tuple[float, float] = ALL
    ) -> list[Sighting]:
        """What a look at the whole photo sees, its longer side `side` pixels; or at a band of its height.

        Where that was the thread's last look it is not made again.
        """
        known = self.last.of(photo, side, band, threshold)
        if known is None:
            known = self.last.keep(photo, side, band, threshold, self.see_whole(photo, side, threshold, band))
        return [one for one in known if one.score >= threshold]

    def see_whole(
        self, photo: Photo, side: int, threshold: float, band: tuple[float, float]
    ) -> list[Sighting]:
        """`whole`, made."""
        tall = photo.pixels.shape[0]
        top, bottom = round(band[0] * tall), round(band[1] * tall)
        pixels, scale = photo.pixels[top:bottom], photo.height / tall
        longest = round(side * max(pixels.shape[:2]) / max(photo.pixels.shape[:2]))
        look = fit_side(pixels, longest, photo.width, (bottom - top) * scale, self.shrink)
        return self.see(look._replace(origin=Point(0.0, top * scale)), threshold)

    def look_again(self, photo: Photo) -> list[Sighting]:
        """The second look, and the third at what the second only suspects; corners are rough."""
        suspects = self.whole(photo, self.second_side, SUSPECT, self.second_band)
        if self.looks >= 3 and max(photo.width, photo.height) > SECOND_SIDE:
            suspects = [self.at_native_pixels(photo, s) for s in suspects[:MOST_SUSPECTS]]
        return best_of([s for s in suspects if s.score >= self.close_threshold])

    def at_native_pixels(self, photo: Photo, suspect: Sighting) -> Sighting:
        """The suspect as native pixels show it, or as it was where they show nothing better there."""
        side = max(4 * quad_size(suspect.quad)[0], CLOSE_UP)
        near = self.close_up(native(photo), suspect.quad, side, CLOSE_UP, SUSPECT)
        return max([suspect, *near], key=lambda s: s.score)

    def close_up(
        self, photo: Photo, quad: Quad, region: float, side: int, threshold: float
    ) -> list[Sighting]:
        """What a window around a quad shows near its middle, best first; arguments as of `window`."""
        middle, reach = np.mean(quad, axis=0), max(quad_size(quad)[0], 16.0)
        found = self.window(photo, quad, region, side, threshold)
        return [s for s in found if np.abs(np.mean(s.quad, axis=0) - middle).max() < reach]

    def window(self, photo: Photo, quad: Quad, region: float, side: int, threshold: float) -> list[Sighting]:
        """What a window around a quad shows, best first: `region` native pixels of the photo as a square
        picture of `side` pixels.
        """
        return self.see(cut_out(photo, quad, (region, region), (side, side)), threshold)

    def see(self, look: Look, threshold: float) -> list[Sighting]:
        """One run of the network -> sightings in native pixels, best first."""
        padded = pad(look.pixels)
        with ONE_AT_A_TIME if padded.size > LARGE else nullcontext():
            outputs = self.network.session.run(None, {"pixels": padded})
        height, width = look.pixels.shape[:2]
        sightings = []
        for quad, score in decode(outputs[0][0], outputs[1][0], threshold):
            middle = np.mean(quad, axis=0)
            if middle[0] < width and middle[1] < height:  # not in the padding
                corners = np.array(quad) / look.scale + look.origin
                sightings.append(Sighting(quad_from_array(corners), score))
        return sightings
