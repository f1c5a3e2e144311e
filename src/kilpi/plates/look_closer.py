"""Looks closer at a plate that could hardly be read: its corners may be wrong.

On a curved bumper seen from the side, or beside a grille, the detector's rough corners can lie on half of a
plate or beside it, further off than the corner network looks. A window around the find, in which a plate is
about as large as the detector sees best, shows the plate again. It counts where it lies elsewhere than the
find and reads more surely as letters and digits; the same place read once more, by chance a little surer,
does not, nor does a name on a show plate. A find that it has nothing in common with stays beside it: that
may be the car's own plate, covered.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from kilpi.decision.places import is_written
from kilpi.geometry import quad_iou
from kilpi.grammar import Grammars
from kilpi.plates.corners import moved_far
from kilpi.plates.detector import PlateDetector
from kilpi.plates.look_on import is_new
from kilpi.plates.loose import sureness
from kilpi.plates.no_plate import SAID, Parted, part
from kilpi.plates.read_photo import ReadPlates
from kilpi.plates.readable import is_mixed
from kilpi.ports import Detector
from kilpi.types import Photo, Plate, Quad, Sighting, ViewGuess

# Chosen on the 93 finds of dev-market, dev-dealer and dev-parking that are read so badly (recipes/LOG.md, a
# closer look at what could hardly be read).
WINDOWS = ((4.0, 320), (2.5, 256))  # sides: times the find's longer one, and pixels
UNSURE = 0.8  # `sureness` below which a plate is looked at again
GUESSED = 0.3  # `sureness` below which what is seen there is nothing
APART = 0.05  # IoU below which it is another plate than the find


def look_closer(
    photo: Photo,
    found: Parted,
    detector: Detector,
    read: ReadPlates,
    view: Callable[[], ViewGuess | None],
    grammars: Grammars,
) -> Parted:
    """What was found, each plate that could hardly be read as a closer look shows it, if better.

    Another detector than ours is not asked; what a person marked, and what was not read, stays.
    """
    hard = [plate for plate in found.plates if is_hardly_read(plate)]
    if not hard or not isinstance(detector, PlateDetector):
        return found
    seen = found.plates
    for plate in hard:
        others = [one for one in seen if one is not plate]
        again = better(photo, plate, [*others, *found.aside], detector, read)
        if again is not None:
            apart = quad_iou(again.sighting.quad, plate.sighting.quad) < APART
            seen = [*others, again, *[plate] * apart]
    plates, aside = part(sorted(seen, key=lambda plate: -plate.sighting.score), view, grammars)
    return Parted(plates, [*found.aside, *aside])


def is_hardly_read(plate: Plate) -> bool:
    """Whether little was read of it, or unsurely, and no person said where it is."""
    if plate.reading is None or plate.sighting.score >= SAID:
        return False
    # Half a plate is read as surely as a whole one, so that few characters count as well.
    return not is_written(plate) or sureness(plate.reading) < UNSURE


def better(
    photo: Photo, plate: Plate, others: Sequence[Plate], detector: PlateDetector, read: ReadPlates
) -> Plate | None:
    """The surest of what windows around a plate show elsewhere, if it reads better and is no other plate."""
    seen = [
        one
        for one in windows(photo, plate.sighting.quad, detector)
        if moved_far(plate.sighting.quad, one.quad) and is_new(one, others)
    ]
    found = [one for one in read(photo, seen) if reads_better(one, plate)]
    return max(found, key=lambda one: sureness(one.reading), default=None)


def windows(photo: Photo, quad: Quad, detector: PlateDetector) -> Iterator[Sighting]:
    """What the detector sees where the find is, in each window, corners placed."""
    longest = max(quad.box.x2 - quad.box.x1, quad.box.y2 - quad.box.y1)
    for times, side in WINDOWS:
        near = detector.close_up(photo, quad, times * longest, side, detector.threshold)[:1]
        yield from detector.place_corners(photo, near)


def reads_better(found: Plate, plate: Plate) -> bool:
    """Whether a mark may be what is read, and it is surer than the find; of half a plate a whole one need
    only be sure.
    """
    reading = found.reading
    if reading is None or not is_mixed(reading):
        return False
    sure, before = sureness(reading), sureness(plate.reading)
    whole = not is_written(plate) and is_written(found) and sure >= UNSURE
    return whole or sure > max(before, GUESSED)
