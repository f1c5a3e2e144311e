"""A heap: photos of several cars together. What is known of each, and how they were sorted, with reasons."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import pairwise

import numpy as np

from kilpi.decision.tracks import size_of
from kilpi.photos.intake import cars_in_names, head_of
from kilpi.photos.look import Look, look_of
from kilpi.photos.view import group_shares
from kilpi.text import natural_key, shown
from kilpi.types import FRONTS, Group, Photo, Plate, View, ViewGuess

SURE = 0.9  # p of a view's group from which a photo may open a car
FRONT = 0.8  # `ViewGuess.p_front` from which it is the car's front
FOUND, WIDE = 0.5, 0.06  # the detector's score, and the part of the photo's width, of a plate that counts
READ = 0.93  # score of the weakest character from which a mark is read surely, as `DecisionPolicy.weakest`
TOLD, TOLD_LENGTH = 0.4, 6  # so many characters, read alike in two photos, are one plate at a lower score
SHUFFLES = 20_000
BY_CHANCE = 1 / 5000  # of shuffled orders may be as smooth as one that tells something
BY_CHANCE_TIMED = 1 / 20  # the same for a clock's: it is an order, unless two people's photos run through it
# Weight of colours against outside or inside: 98 % of dev-dealer's heaps in order are told so, at 1 95 %.
COLOURS = 3.0
TIMED_S = 2.0  # photos of a heap must be spread over more than this for their times to say anything


class Why(StrEnum):
    """Why a photo is where it is; words of [heap] in adverts/data."""

    # of a car
    OPENS = "opens"  # the car is seen from outside, after another car's inside
    FOLLOWS = "follows"  # between the photos that open its car and those that open the next
    SAME_MARK = "same_mark"
    ALIKE = "alike"  # seen from outside once more, of the same colours
    NAMED = "named"  # its name says which car it is of
    # left aside
    BEFORE = "before"  # nothing from outside comes before it
    ANOTHER = "another"  # the photos that it stands among may begin another car
    UNSURE_VIEW = "unsure_view"  # perhaps the first of the next car
    NO_ORDER = "no_order"  # the order says nothing, and no mark that others show is read in it
    TWO_MARKS = "two_marks"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class HeapPhoto:
    """What sorting knows of one photo."""

    id: str  # sha256
    name: str  # as sent
    view: ViewGuess
    look: Look
    marks: tuple[str, ...] = ()  # compact, of plates that are read surely and stand in front
    plates: tuple[str, ...] = ()  # what such plates say, also where it is no mark: a dealer's show plate
    taken: datetime | None = None  # by the camera's clock

    @property
    def outside(self) -> bool:
        """Whether the car is told to be seen from outside."""
        return self.view.group is Group.OUTSIDE

    @property
    def sure(self) -> bool:
        """Whether that is told surely enough to open a car."""
        return self.outside and self.view.p >= SURE

    @property
    def front(self) -> bool:
        """Whether it surely shows the car's front."""
        return self.sure and self.view.p_front >= FRONT and self.view.view in FRONTS

    @property
    def p_outside(self) -> float:
        """The share of the views from outside."""
        return group_shares(np.asarray(self.view.shares))[Group.OUTSIDE]

    @property
    def p_opening(self) -> float:
        """The share of the views that a walk around a car begins with: front or side."""
        return self.view.share((*FRONTS, View.SIDE))


def heap_photo(photo: Photo, name: str, view: ViewGuess, plates: Sequence[Plate]) -> HeapPhoto:
    """What sorting knows of an opened photo, what it shows, and the plates that were read in it."""
    front = [plate for plate in plates if plate.candidates and plate.reading and stands_in_front(plate)]
    best = [(plate.candidates[0].mark, plate.reading.score if plate.reading else 0.0) for plate in front]
    known = [mark.compact for mark, score in best if score >= READ and mark.series and mark.identifies_car]
    told = [mark.compact for mark, score in best if score >= TOLD and len(mark.compact) >= TOLD_LENGTH]
    return HeapPhoto(
        id=photo.id,
        name=name,
        view=view,
        look=look_of(photo.pixels),
        marks=tuple(dict.fromkeys(known)),
        plates=tuple(dict.fromkeys([*known, *told])),
        taken=photo.taken,
    )


def stands_in_front(plate: Plate) -> bool:
    """Whether a plate is found surely and is no narrower than the car's own usually is."""
    wide = plate.frame is not None and size_of(plate)[0] >= WIDE * plate.frame[0]
    return wide and plate.sighting.score >= FOUND


@dataclass(frozen=True, slots=True)
class Placed:
    """A photo (sha256) and why it is where it is."""

    photo: str
    name: str
    why: Why


@dataclass(frozen=True, slots=True)
class HeapCar:
    """One car's photos in order. `mark` is the one read surely in several of them, compact; "": none."""

    photos: tuple[Placed, ...]
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Sorting:
    """The cars of a heap, in order, and the photos that fit none surely."""

    cars: tuple[HeapCar, ...]
    aside: tuple[Placed, ...] = ()

    @property
    def sure(self) -> bool:
        """Whether every photo is placed: only then no person need look."""
        return bool(self.cars) and not self.aside


def in_order(photos: Sequence[HeapPhoto]) -> list[HeapPhoto]:
    """By the camera's clock where all photos have a time that says something, else by name, 2 before 10."""
    if timed(photos):
        return sorted(photos, key=lambda one: (one.taken, natural_key(one.name)))
    return sorted(photos, key=lambda one: natural_key(one.name))


def timed(photos: Sequence[HeapPhoto]) -> bool:
    """Whether every photo has a time, and not all the same."""
    times = [one.taken for one in photos if one.taken is not None]
    return len(times) == len(photos) > 0 and (max(times) - min(times)).total_seconds() > TIMED_S


def heads(photos: Sequence[HeapPhoto]) -> list[str]:
    """Per photo what its name begins with, where the names tell of several cars; "" for all where not."""
    stems = [shown(one.name).rpartition(".")[0] or shown(one.name) for one in photos]
    if cars_in_names(stems) < 2:
        return [""] * len(stems)
    return [head_of(stem) for stem in stems]


def order_tells(photos: Sequence[HeapPhoto]) -> bool:
    """Whether the order of these photos says which belong together.

    It does where neighbours are more alike (colours; outside or inside) than in all but BY_CHANCE of shuffled
    orders: names that a chat or a web page gave are no order at all. A camera's clock is believed sooner, but
    not where two cars were photographed at a time.
    """
    if len(photos) < 3:
        return timed(photos)
    looks = np.stack([one.look for one in photos])
    sides = np.array([one.p_outside for one in photos])
    alike = COLOURS * (looks @ looks.T) - np.abs(sides[:, None] - sides[None, :])
    shuffles = np.random.default_rng(0).permuted(np.tile(np.arange(len(photos)), (SHUFFLES, 1)), axis=1)
    smooth = alike[shuffles[:, :-1], shuffles[:, 1:]].sum(1)
    ours = sum(float(alike[i, j]) for i, j in pairwise(range(len(photos))))
    chance = (1 + np.sum(smooth >= ours - 1e-6)) / (1 + SHUFFLES)
    return bool(chance <= (BY_CHANCE_TIMED if timed(photos) else BY_CHANCE))
