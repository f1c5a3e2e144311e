"""Looks for a plate that something parts: an extra lamp, a tow bar or a post before its middle.

The detector sees no plate then, only halves, and those weakly; the reader would still read it, and so would
whoever sees the picture. So where a photo shows an end of a car and no plate of its size was read, what lies
beside each half, and between two, is read. What reads clearly as a country's mark is covered in pictures, and
no more: it is set aside, for what a lamp leaves of a character may be read as another one, and no decision
may rest on it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import permutations

import numpy as np

from kilpi.decision.places import is_written
from kilpi.decision.policy import USUAL
from kilpi.geometry import is_convex, quad_from_array, quad_size, quad_to_array, suppress
from kilpi.plates.crop import straighten
from kilpi.plates.detector import LINE_BAND, LINE_SIDE, OVERLAP, PlateDetector
from kilpi.plates.look_on import is_new
from kilpi.plates.no_plate import Parted, width_of
from kilpi.plates.read_photo import ReadPlates
from kilpi.plates.readable import clarity, reads_clearly
from kilpi.plates.reader import MARGIN, PlateReader, fit_crop
from kilpi.ports import Detector, Reader
from kilpi.types import Photo, Plate, Quad, Sighting, ViewGuess

HALF = 0.12  # the detector's score
SLACK = 0.2  # mean character, by which a single look may say less
MOST = 2  # halves of a photo, likeliest first
OWN = 0.04  # part of the photo's width from which what was read is no plate of a car far behind
WIDE = (0.03, 0.3)  # parts of the photo's width that a half has
BESIDE = (-0.3, 0.8)  # of the wider half's width: the space between two of one plate
ALIKE, LEVEL = 1.7, 0.7  # times the height of one that the other has; heights that one stands lower


def look_at_halves(
    photo: Photo,
    found: Parted,
    detector: Detector,
    reader: Reader,
    read: ReadPlates,
    view: Callable[[], ViewGuess | None],
) -> Parted:
    """What was found, and aside of it a plate of which the detector saw halves.

    Another detector than ours is not asked.
    """
    own = any(is_written(plate) and width_of(plate, photo.width) >= OWN for plate in found.plates)
    if own or not isinstance(detector, PlateDetector):
        return found
    guess = view()
    if guess is None or guess.end < USUAL.likely_end:
        return found
    whole = [Sighting(quad, score) for quad, score in wholes(halves(photo, detector)) if is_convex(quad)]
    sharp = detector.place_corners(photo, whole)
    written = [plate for plate in (*found.plates, *found.aside) if is_written(plate)]
    likely = [one for one in likely_marks(photo, sharp, reader) if is_new(one, written)]
    clear = [plate for plate in read(photo, likely) if plate.reading and reads_clearly(plate.reading)]
    sure = [clarity(plate.reading) for plate in clear if plate.reading]
    best = suppress([plate.sighting.quad for plate in clear], sure, OVERLAP)
    return Parted(found.plates, [*found.aside, *(as_sure_as_read(clear[at]) for at in best)])


def as_sure_as_read(plate: Plate) -> Plate:
    """The plate with how clearly it reads as its score: of a whole the detector saw nothing, and a half's
    score would leave open what is read clearly.
    """
    sure = clarity(plate.reading) if plate.reading else plate.sighting.score
    return replace(plate, sighting=replace(plate.sighting, score=sure))


def likely_marks(photo: Photo, seen: Sequence[Sighting], reader: Reader) -> list[Sighting]:
    """Those of which a single look tells nearly as much: most are read in vain."""
    crops = [straighten(photo, one.quad, margin=MARGIN) for one in seen]
    if not crops:
        return []
    if isinstance(reader, PlateReader):
        once = reader.told(reader.look_once(list(map(fit_crop, crops))))
    else:
        once = reader.read(crops)
    return [one for one, reading in zip(seen, once, strict=True) if reads_clearly(reading, SLACK)]


def halves(photo: Photo, detector: PlateDetector) -> list[Sighting]:
    """What the detector sees a little, as wide as a half of the car's own plate and where plates are."""
    seen = detector.whole(photo, LINE_SIDE, HALF, LINE_BAND)
    least, most = (part * photo.width for part in WIDE)
    return [one for one in seen if least <= quad_size(one.quad)[0] <= most][:MOST]


def wholes(seen: Sequence[Sighting]) -> Iterator[tuple[Quad, float]]:
    """Where a whole plate would be: twice as wide as a half, to either side of it and about it, and from one
    half to another beside it.
    """
    for half in seen:
        for left, right in ((0.0, 1.0), (1.0, 0.0), (0.5, 0.5)):
            yield widened(half.quad, left, right), half.score
    for one, other in permutations(seen, 2):
        if are_beside(one.quad, other.quad):
            (tl, _, _, bl), (_, tr, br, _) = one.quad, other.quad
            yield Quad(tl, tr, br, bl), min(one.score, other.score)


def widened(quad: Quad, left: float, right: float) -> Quad:
    """The quad longer along its edges by parts of them."""
    tl, tr, br, bl = quad_to_array(quad)
    upper, lower = tr - tl, br - bl
    return quad_from_array(
        np.array([tl - left * upper, tr + right * upper, br + right * lower, bl - left * lower])
    )


def are_beside(left: Quad, right: Quad) -> bool:
    """Whether two halves may be of one plate, in this order."""
    (wide, tall), (other_wide, other_tall) = quad_size(left), quad_size(right)
    (x, y), (other_x, other_y) = (np.mean(quad, axis=0) for quad in (left, right))
    least, most = (part * max(wide, other_wide) for part in BESIDE)
    tallest = max(tall, other_tall)
    beside = other_x > x and least <= right.box.x1 - left.box.x2 <= most
    slope = (left.tr.y - left.tl.y) / max(left.tr.x - left.tl.x, 1.0)
    level = abs(other_y - y - slope * (other_x - x)) <= LEVEL * tallest
    return bool(beside and level and tallest <= ALIKE * min(tall, other_tall))
