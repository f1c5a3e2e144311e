"""Looks closer where a car wears its plate and nothing was found: small, oblique and dim plates.

The view network says where plates belong, from the car around them (`types.PlatePlace`). A window there shows
the detector a plate about as large as it sees best, so that less certainty is asked than of a whole photo.
"""

from __future__ import annotations

from collections.abc import Callable

from kilpi.decision.places import is_at
from kilpi.decision.policy import USUAL
from kilpi.geometry import quad_from_box, quad_iou
from kilpi.grammar import Grammars
from kilpi.plates.detector import OVERLAP, PlateDetector
from kilpi.plates.look_on import is_new
from kilpi.plates.no_plate import Parted, part
from kilpi.plates.read_photo import ReadPlates
from kilpi.ports import Detector
from kilpi.types import Box, Photo, Plate, PlatePlace, Sighting, ViewGuess

# Chosen on dev-market's 17 missed plates (recipes/LOG.md, looking where a plate belongs).
LEAST = 0.2  # of a place's score
SEEN = 0.25  # of the detector's in the window
BOTH = 0.67  # of the two together: a place that is doubtful asks for a surer find
# A window's side: times the plate's width that the place tells, plus a part of the photo's; and in pixels.
WINDOW = (2.0, 0.1, 256)
TALL = 0.35  # of a plate's width: about what one seen from the side has


def look_at_places(
    photo: Photo,
    found: Parted,
    detector: Detector,
    read: ReadPlates,
    view: Callable[[], ViewGuess | None],
    grammars: Grammars,
) -> Parted:
    """What was found, and the plates seen at places where nothing was.

    Another detector than ours is not asked.
    """
    guess = view()
    if guess is None or guess.end < USUAL.led_end or not isinstance(detector, PlateDetector):
        return found  # a display looks a little like a place, too
    known = [*found.plates, *found.aside]
    seen: list[Sighting] = []
    for place in guess.worn_at:
        if place.score >= LEAST and not any(is_at(place, plate) for plate in known):
            new = (one for one in near(photo, place, detector) if is_new(one, known))
            # Places beside each other show one plate.
            seen += [one for one in new if all(quad_iou(one.quad, s.quad) < OVERLAP for s in seen)][:1]
    if not seen:
        return found
    plates, aside = part(read(photo, seen), view, grammars)
    every = sorted([*found.plates, *plates], key=lambda plate: -plate.sighting.score)
    return Parted(every, [*found.aside, *aside])


def near(photo: Photo, place: PlatePlace, detector: PlateDetector) -> list[Sighting]:
    """What the detector sees at a place, the surest first, corners placed."""
    x, y, wide = place.x * photo.width, place.y * photo.height, place.width * photo.width
    there = quad_from_box(Box(x - wide / 2, y - TALL * wide / 2, x + wide / 2, y + TALL * wide / 2))
    times, more, side = WINDOW
    seen = detector.window(photo, there, times * wide + more * photo.width, side, SEEN)
    frame = photo.width, photo.height
    seen = [
        one
        for one in seen
        if one.score + place.score >= BOTH and is_at(place, Plate(photo.id, one, frame=frame))
    ]
    return detector.place_corners(photo, seen)
