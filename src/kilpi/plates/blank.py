"""Finds what looks like a plate without a mark: a covered one, an empty holder.

Where a car wears its own (`kilpi.photos.end_place`), the plate that was read beside it may be another car's.
The detector is less sure of such things than of plates, so its first look is taken anew with a lower least
score; only in photos that probably show an end.
"""

from __future__ import annotations

from collections.abc import Sequence

from kilpi.decision.policy import USUAL
from kilpi.geometry import quad_iou
from kilpi.plates.detector import PlateDetector
from kilpi.plates.read_photo import ReadPlates
from kilpi.ports import Detector
from kilpi.types import Photo, Plate, ViewGuess

SEEN = 0.25  # the detector's score; at 0.15 badges of dev-market count (recipes/LOG.md, blank plates)
FEWEST = 5  # characters that the reader must see, or nothing is written there
TOUCHES = 0.1  # IoU from which it is a plate that is known


def find_blanks(
    photo: Photo,
    plates: Sequence[Plate],
    guess: ViewGuess | None,
    detector: Detector,
    read: ReadPlates,
) -> list[Plate] | None:
    """Such things in a photo, also those that were found as plates. None where nobody looks: without a plate
    or an end in the photo, and with another detector than ours, whose scores say something else.
    """
    if not plates or guess is None or guess.end < USUAL.likely_end or len(guess.end_map) < 2:
        return None
    if not isinstance(detector, PlateDetector):
        return None
    known = [plate.sighting.quad for plate in plates]
    seen = detector.first_look(SEEN).find([photo])[0]
    new = [one for one in seen if all(quad_iou(one.quad, quad) <= TOUCHES for quad in known)]
    return [one for one in (*plates, *read(photo, new)) if is_blank(one)]


def is_blank(plate: Plate) -> bool:
    """Whether hardly anything is written on it."""
    return plate.reading is None or len(plate.reading.slots) < FEWEST
