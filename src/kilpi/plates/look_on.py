"""Looks on where a search ended with what is no plate.

A search stops at the first look that surely sees something (`plates/detector.py`). Where none of that reads
as a mark, a sign or a grille may have ended it before the plate was seen. Of what the other looks then see
only what is surely read counts: they also see more of the sign.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from kilpi.geometry import quad_iou
from kilpi.grammar import Grammars
from kilpi.plates.detector import OVERLAP, PlateDetector
from kilpi.plates.no_plate import Parted, is_clear, is_mark, is_plateless
from kilpi.plates.read_photo import ReadPlates
from kilpi.ports import Detector
from kilpi.types import Photo, Plate, Sighting, ViewGuess


def look_on(
    photo: Photo,
    found: Parted,
    detector: Detector,
    read: ReadPlates,
    view: Callable[[], ViewGuess | None],
    grammars: Grammars,
) -> Parted:
    """What was found, and the marks that all looks at the photo see beside it."""
    known = [*found.plates, *found.aside]
    if not known or not isinstance(detector, PlateDetector) or any(is_mark(one, grammars) for one in known):
        return found
    if is_plateless(view()):
        return found
    seen = detector.looking_on().find([photo])[0]
    more = read(photo, [one for one in seen if is_new(one, known)])
    plates = [*found.plates, *(plate for plate in more if is_clear(plate, grammars))]
    return Parted(sorted(plates, key=lambda plate: -plate.sighting.score), found.aside)


def is_new(sighting: Sighting, known: Sequence[Plate]) -> bool:
    """Whether a sighting is none of the plates that are known."""
    return all(quad_iou(sighting.quad, plate.sighting.quad) < OVERLAP for plate in known)
