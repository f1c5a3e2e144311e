"""Looks on where a search ended early: with what is no plate, or with a glance.

A search stops at the first look that surely sees something (`plates/detector.py`). Where none of that reads
as a mark, a sign or a grille may have ended it before the plate was seen: closer looks follow. Where a glance
saw a mark, the first look follows: it sees the smaller plates of cars beside and behind. Of what is seen then
only what is surely read counts: the other looks also see more of the sign.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from kilpi.geometry import quad_iou
from kilpi.grammar import Grammars
from kilpi.plates.detector import OVERLAP, PlateDetector, best_of, glance_is_enough
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
    """What was found, and the marks that further looks at the photo see beside it."""
    known = sorted((*found.plates, *found.aside), key=lambda plate: -plate.sighting.score)
    if not known or not isinstance(detector, PlateDetector):
        return found
    fresh = [one for one in further(photo, known, detector, view, grammars) if is_new(one, known)]
    sharp = detector.place_corners(photo, fresh)
    more = read(photo, [one for one in sharp if is_new(one, known)])  # once placed, it may be a known one
    plates = [*found.plates, *(plate for plate in more if is_clear(plate, grammars))]
    return Parted(sorted(plates, key=lambda plate: -plate.sighting.score), found.aside)


def further(
    photo: Photo,
    known: Sequence[Plate],
    detector: PlateDetector,
    view: Callable[[], ViewGuess | None],
    grammars: Grammars,
) -> list[Sighting]:
    """What the detector sees in further looks; nothing where nothing is missing. `known`: best first."""
    # By what is known now: where the first look saw the wide plate itself, it is kept and shows nothing more.
    glanced = glance_is_enough([one.sighting for one in known], photo.width)
    if any(is_mark(one, grammars) for one in known):
        return detector.first(photo) if glanced else []
    if not detector.looks_closer(photo) or is_plateless(view()):
        return []
    return best_of([*(detector.first(photo) if glanced else ()), *detector.look_again(photo)])


def is_new(sighting: Sighting, known: Sequence[Plate]) -> bool:
    """Whether a sighting is none of the plates that are known."""
    return all(quad_iou(sighting.quad, plate.sighting.quad) < OVERLAP for plate in known)
