"""How a picture lies that is to be published, by what it shows: upright, on its side, turned somehow."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import NamedTuple

import numpy as np

from kilpi.pictures.stand import stood
from kilpi.pictures.turn import may_be_turned, quarter, small
from kilpi.plates.no_plate import INSIDES, is_inside, is_plateless
from kilpi.ports import Viewer
from kilpi.types import FRONTS, REARS, SURELY_LIES, Group, Photo, Quad, View, ViewGuess

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
WAYS = 2  # likeliest ways that a picture may lie, which are tried
# Least shares of a picture once it stands: that it is upright, and that it shows a car from outside. Of 275
# photos of dev-market turned by 30 to 330 degrees all stand rightly then, by the likeliest way 264.
STANDS, OUTSIDE = 0.3, 0.5


class Lie(NamedTuple):
    """How a picture lies: how many quarter turns to the left stand it upright, 0 in doubt; whether it must be
    searched `closely`, more than one way round, for it may lie turned; whether it shows a car's `inside`,
    upright, where writing is no mark; by how many degrees to the right it may lie turned once that was done,
    where the line should look at it as it would stand; and whether it `stands`, in all likelihood and for
    sure where it need not be searched closely: then a sign that reads as a mark on its head is none.
    """

    turns: int = 0
    closely: bool = False
    inside: bool = False
    ways: tuple[int, ...] = ()
    stands: bool = False

    def stood(self, turns: int) -> Lie:
        """The same picture after that many quarter turns to the left."""
        return self._replace(turns=turns, ways=tuple((way - 90 * turns) % 360 for way in self.ways))


UPRIGHT = Lie()
"""A picture in which an upright plate was found: nothing else needs to be known of it."""


def lie_of(
    photo: Photo, plates: Sequence[Quad], viewer: Viewer | None, known: ViewGuess | None, maybe_inside: bool
) -> Lie:
    """How a picture lies by the plates that were found in it and by what it shows. `known` is what the viewer
    said of this very picture, `maybe_inside` whether the photo that it was made of shows an inside.
    """
    turnable = may_be_turned(plates)
    if not turnable and not maybe_inside:
        return UPRIGHT
    guess = known or next(iter(looked_at([photo], viewer)), None)
    upright = upright_of(photo, viewer, guess)
    inside = upright is not None and is_inside(upright.guess)
    closely = turnable and not (upright and upright.sure)
    turns = turns_to_stand(photo, viewer, guess) if closely else 0
    ways = ways_it_lies(photo, viewer, guess) if closely and not turns else ()
    stands = bool(turns) or (guess is not None and guess.lies == 0) or (upright is not None and upright.sure)
    return Lie(turns, closely, inside and maybe_inside, (0,) if turns else ways, stands)


class Upright(NamedTuple):
    """What an upright picture shows, and whether that is sure."""

    guess: ViewGuess
    sure: bool


def upright_of(photo: Photo, viewer: Viewer | None, guess: ViewGuess | None) -> Upright | None:
    """What a picture shows that stands upright: a car from outside, or what surely has no plate, an inside
    for one; None of every other, of one that may be a quarter turned one of a car, and where the viewer
    fails. Where the picture is sure to be upright, nothing in it needs a second look the other way round.
    `guess` is what the viewer said of this very picture.
    """
    if viewer is None or guess is None:
        return None
    if is_upright_outside(guess):
        return Upright(guess, True)
    sure = guess.p >= SURE or guess.share(INSIDES) >= SURE_TOGETHER
    if not is_plateless(guess) or not (sure or is_inside(guess)):
        return None  # of what is told no more surely nothing is spared
    copy = small(photo)
    others = looked_at([quarter(copy, turns) for turns in (1, 2, 3)], viewer)
    end = max((other.end for other in others), default=1.0)
    return Upright(guess, sure and end < SURE_END) if end < END else None


def turns_to_stand(photo: Photo, viewer: Viewer | None, guess: ViewGuess | None) -> int:
    """How many quarter turns to the left stand a picture upright in which a car seen from outside surely lies
    on its side or its roof; 0 in doubt. `guess` is what the viewer said of it: it is asked once more, of the
    picture as it would stand.
    """
    if guess is None or (lies := guess.lies) is None:
        return 0
    quarters = len(guess.orientation) // 4
    if lies % quarters or guess.orientation[lies] < SURELY_LIES:
        return 0
    turns = lies // quarters
    looks = looked_at([quarter(small(photo), turns)], viewer) if turns else []
    return turns if any(map(is_upright_outside, looks)) else 0


def is_upright_outside(guess: ViewGuess) -> bool:
    """Whether a picture surely shows a car from outside, standing upright."""
    return guess.upright and guess.group is Group.OUTSIDE


def looked_at(photos: Sequence[Photo], viewer: Viewer | None) -> list[ViewGuess]:
    """What the viewer says of pictures; nothing where it fails or there is none."""
    if viewer is not None:
        with suppress(Exception):  # a view only saves work and covers
            return viewer.read(photos)
    return []


def ways_it_lies(photo: Photo, viewer: Viewer | None, guess: ViewGuess | None) -> tuple[int, ...]:
    """By how many degrees to the right a picture of a car from outside may lie turned, likeliest first; none
    where it stands, or nothing tells. `guess` is what the viewer said of it; once stood it is asked again.
    """
    if guess is None or not guess.orientation:
        return ()
    step = 360 // len(guess.orientation)
    likeliest = np.argsort(guess.orientation)[::-1][:WAYS]
    ways = [int(way) * step for way in likeliest if way]
    copies = [stood(small(photo), degrees)[0] for degrees in ways]
    looks = looked_at(copies, viewer) if copies else []
    return tuple(way for way, look in zip(ways, looks, strict=False) if stands_outside(look))


def stands_outside(guess: ViewGuess) -> bool:
    """Whether a picture may show a car from outside that stands upright."""
    outside = guess.share((*FRONTS, *REARS, View.SIDE))
    return bool(guess.orientation) and guess.orientation[0] >= STANDS and outside >= OUTSIDE
