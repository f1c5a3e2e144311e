"""Looks closer at a plate that could hardly be read: its corners may be wrong.

On a curved bumper seen from the side, or beside a grille, the detector's rough corners can lie on half of a
plate or beside it, further off than the corner network looks. A window around the find, in which a plate is
about as large as the detector sees best, shows the plate again. It counts where it lies elsewhere than the
find and reads more surely as letters and digits; the same place read once more, by chance a little surer,
does not, nor does a name on a show plate.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from kilpi.geometry import quad_iou, quad_size
from kilpi.plates.detector import OVERLAP, PlateDetector, cut_out
from kilpi.plates.loose import sureness
from kilpi.plates.no_plate import SAID
from kilpi.plates.readable import is_mixed
from kilpi.ports import Detector
from kilpi.types import Photo, Plate, Quad, Sighting

# Chosen on the 93 finds of dev-market, dev-dealer and dev-parking that are read so badly (recipes/LOG.md, a
# closer look at what could hardly be read).
WINDOWS = ((4.0, 320), (2.5, 256))  # sides: times the find's longer one, and pixels
UNSURE = 0.8  # `sureness` below which a plate is looked at again
FEWEST = 5  # characters below which it is as well: half a plate is read as surely as a whole one
GUESSED = 0.3  # `sureness` below which it stays as it was
ELSEWHERE = 0.9  # IoU below which the plate lies elsewhere than was thought

Read = Callable[[Photo, Sequence[Sighting]], list[Plate]]


def look_closer(photo: Photo, plates: Sequence[Plate], detector: Detector, read: Read) -> list[Plate]:
    """One photo's plates, best first, each that could hardly be read as a closer look shows it, if better.

    Another detector than ours is not asked; what a person marked, and what was not read, stays.
    """
    if not isinstance(detector, PlateDetector):
        return list(plates)
    seen = list(plates)
    for at, plate in enumerate(plates):
        if is_hardly_read(plate):
            others = [one for one in seen if one is not plate]
            seen[at] = better(photo, plate, others, detector, read)
    return sorted(seen, key=lambda plate: -plate.sighting.score)


def is_hardly_read(plate: Plate) -> bool:
    """Whether little was read of it, or unsurely, and no person said where it is."""
    reading = plate.reading
    if reading is None or plate.sighting.score >= SAID:
        return False
    return len(reading.slots) < FEWEST or sureness(reading) < UNSURE


def better(photo: Photo, plate: Plate, others: Sequence[Plate], detector: PlateDetector, read: Read) -> Plate:
    """The plate, or what a window around it shows elsewhere and what is read more surely there."""
    taken = [one.sighting.quad for one in others]
    found = [
        one
        for one in windows(photo, plate.sighting.quad, detector)
        if quad_iou(one.quad, plate.sighting.quad) < ELSEWHERE
        and all(quad_iou(one.quad, quad) < OVERLAP for quad in taken)
    ]
    marks = [one for one in read(photo, found) if is_guessed_well(one)]
    return max([plate, *marks], key=how_well)


def is_guessed_well(plate: Plate) -> bool:
    """Whether a mark may be what is read: of a wheel's spokes next to nothing is."""
    reading = plate.reading
    return reading is not None and is_mixed(reading) and sureness(reading) >= GUESSED


def windows(photo: Photo, quad: Quad, detector: PlateDetector) -> Iterator[Sighting]:
    """What the detector sees where the find is, in each window, corners placed."""
    longest = max(quad.box.x2 - quad.box.x1, quad.box.y2 - quad.box.y1)
    reach = max(quad_size(quad)[0], 16.0)
    for times, side in WINDOWS:
        region = (times * longest, times * longest)
        seen = detector.see(cut_out(photo, quad, region, (side, side)), detector.threshold)
        near = [s for s in seen if np.abs(np.mean(s.quad, axis=0) - np.mean(quad, axis=0)).max() < reach]
        yield from detector.corners.sharpen(photo, near[:1]) if detector.corners else near[:1]


def how_well(plate: Plate) -> tuple[bool, float]:
    """What is read of a plate, for comparing: a mark's length first, then how sure it is."""
    few = plate.reading is None or len(plate.reading.slots) < FEWEST
    return not few, sureness(plate.reading)
