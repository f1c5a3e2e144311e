"""Stands a picture upright by the plates that were read in it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from kilpi.geometry import quarter_turned
from kilpi.images import shrink_fast_to, turned_left
from kilpi.plates.no_plate import INSIDES, is_inside, is_plateless
from kilpi.ports import Viewer
from kilpi.types import Photo, Pixels, Quad, ViewGuess

# Degrees that a plate's sides lean in a photo that is upright: seen from aside its edges slope by up to 38,
# and its sides hang down as ever. Of 455 photos of dev-dealer, dev-market and dev-parking with a plate that
# reads as a mark four have only such as lean more; by the slope of their edges (25) it was 27.
LEANING = 18.0
STRAIGHT = 25.0  # degrees by which a plate's edge may be off a quarter turn
# Share of a car's front or rear that a quarter turn shows where a car's photo lies turned: all of 130 such of
# dev-market that look like insides as they are (0.08 at least), and two of 90 insides of dev-dealer.
END = 0.05
# The same, and the picture's own share of what it is told as, where it surely is no car's that lies turned by
# any angle: of 2,486 photos of cars turned by 30 to 330 degrees 10 come through (88 without), of 366 insides
# and other pictures without a plate 292 (recipes/LOG.md, turned plates: how sides lean).
SURE_END, SURE = 0.02, 0.9
# The same of insides together, where it is not told which: of 2,200 photos of cars turned so (dev-market) two
# more come through than by the word alone (8 and 6), of dev-dealer's and dev-odometer's 435 as they are 21.
SURE_TOGETHER = 0.985
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


class Upright(NamedTuple):
    """What an upright picture shows that has no plate, and whether that is sure."""

    guess: ViewGuess
    sure: bool


def upright_inside(photo: Photo, viewer: Viewer | None, known: ViewGuess | None = None) -> Upright | None:
    """What a picture surely shows that has no plate, an inside for one; None of every other, of one that may
    be a quarter turned one of a car, and where the viewer fails. Where the picture is sure to be upright,
    what is written on screens and trims needs no second look the other way round. `known` is what the viewer
    said of this very picture.
    """
    if viewer is None:
        return None
    try:
        guess = known or viewer.read([photo])[0]
        sure = guess.p >= SURE or guess.share(INSIDES) >= SURE_TOGETHER
        if not is_plateless(guess) or not (sure or is_inside(guess)):
            return None  # of what is told no more surely nothing is spared
        small = replace(photo, pixels=shrink_fast_to(photo.pixels, TURNED_SIDE))
        ends = [other.end for other in viewer.read([quarter(small, turns) for turns in (1, 2, 3)])]
    except Exception:  # a view only saves work and covers
        return None
    return Upright(guess, sure and max(ends) < SURE_END) if max(ends) < END else None


def quarter(photo: Photo, turns: int) -> Photo:
    """The picture turned by quarter turns to the left."""
    pixels = turned_left(photo.pixels, turns)
    wide, tall = (photo.height, photo.width) if turns % 2 else (photo.width, photo.height)
    return replace(photo, width=wide, height=tall, pixels=pixels)
