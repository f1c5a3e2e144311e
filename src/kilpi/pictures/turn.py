"""Turns pictures by quarters, and tells by the plates that were read in one how it lies."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from kilpi.geometry import quarter_turned
from kilpi.images import shrink_fast_to, turned_left
from kilpi.types import Photo, Pixels, Quad

# Degrees that a plate's sides lean in a photo that is upright: seen from aside its edges slope by up to 38,
# and its sides hang down as ever. Of 455 photos of dev-dealer, dev-market and dev-parking with a plate that
# reads as a mark four have only such as lean more; by the slope of their edges (25) it was 27.
LEANING = 18.0
STRAIGHT = 25.0  # degrees by which a plate's edge may be off a quarter turn
TURNED_SIDE = 448  # pixels, longer side of what is turned to be looked at: twice what the view network sees


def tilt(plate: Quad) -> float:
    """By how many degrees, -180 to 180, a plate is turned to the right, by its upper edge."""
    return math.degrees(math.atan2(plate.tr.y - plate.tl.y, plate.tr.x - plate.tl.x))


def lean(plate: Quad) -> float:
    """By how many degrees, -180 to 180, a plate's sides lean to the right from where they would hang down."""
    across = plate.tl.x + plate.tr.x - plate.bl.x - plate.br.x
    down = plate.bl.y + plate.br.y - plate.tl.y - plate.tr.y
    return math.degrees(math.atan2(across, down))


def may_be_turned(plates: Sequence[Quad]) -> bool:
    """Whether a picture may lie turned, by the plates that were found in it: none of them is upright."""
    return all(abs(lean(plate)) > LEANING for plate in plates)


def quarter_turns(plates: Sequence[Quad]) -> int:
    """How many quarter turns to the left stand a picture upright, by plates read in it; 0 in doubt."""
    ways = set()
    for angle in map(tilt, plates):
        quarter = round(angle / 90)
        ways.add(quarter % 4 if abs(angle - 90 * quarter) <= STRAIGHT else 0)
    return ways.pop() if len(ways) == 1 else 0


def turned(pixels: Pixels, quads: Sequence[Quad], turns: int) -> tuple[Pixels, list[Quad]]:
    """A picture turned by quarter turns to the left, with the quads in it."""
    height, width = pixels.shape[:2]
    return turned_left(pixels, turns), [quarter_turned(quad, width, height, turns) for quad in quads]


def turned_back(quads: Sequence[Quad], width: int, height: int, turns: int) -> list[Quad]:
    """Quads of a turned picture of `width` x `height` pixels, as they were before it was turned."""
    return [quarter_turned(quad, width, height, -turns) for quad in quads]


def small(photo: Photo) -> Photo:
    """The picture as small as it is turned to be looked at."""
    return replace(photo, pixels=shrink_fast_to(photo.pixels, TURNED_SIDE))


def quarter(photo: Photo, turns: int) -> Photo:
    """The picture turned by quarter turns to the left."""
    pixels = turned_left(photo.pixels, turns)
    wide, tall = (photo.height, photo.width) if turns % 2 else (photo.width, photo.height)
    return replace(photo, width=wide, height=tall, pixels=pixels)
