"""Sorts a heap, one folder, archive or mail with photos of several cars. What is not sure stays aside.

A dealer walks around a car, sits in, and goes to the next. So where the order of the photos says anything,
a car opens where it is seen from outside again, with its front and in two photos or more, and all up to the
next opening is its. One more photo from outside in between is the same car's where its plate or its colours
say so. Where the order says nothing, only photos with the same mark, surely read, belong together.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import combinations, groupby, pairwise

from kilpi.photos.heap import HeapCar, HeapPhoto, Placed, Sorting, Why, heads, in_order, order_tells, timed
from kilpi.photos.look import likeness

# `likeness` of photos from outside, set on dev-dealer (recipes/LOG.md): of one car's, each is at least 0.76
# like the most similar of the others; of two cars' of one dealer, the most similar pair is 0.85 alike at the
# median. So being alike proves little, and being unlike much.
UNLIKE = 0.6  # below it, photos are not of one car
TORN = 0.7  # below it, two halves of one walk around a car are not
VERY_ALIKE = 0.9  # from it, a mark that a whole opening shows once more is the same car's, and no show plate
ALIKE = 0.8  # from it, a single view of a front in between is the same car's
PERHAPS_OPENING = 0.2  # `HeapPhoto.p_opening` that a car's last photo may not have before the next car
FIRST = 0.5  # the same that the first photo of a walk around a car has
PAUSE = 4.0  # times the usual time between two photos, and
PAUSE_S = 120.0  # seconds: a pause in which another car may have come


def sort_heap(photos: Sequence[HeapPhoto]) -> Sorting:
    """The cars of a heap and what is left aside. Photos that could not be opened are not among `photos`."""
    ordered = in_order(photos)
    if not ordered:
        return Sorting(())
    named = heads(ordered)
    if any(named) and all_show_a_front(ordered, named):
        return by_names(ordered, named)
    return by_order(ordered) if order_tells(ordered) else by_marks(ordered)


# --- by names ---


def all_show_a_front(photos: Sequence[HeapPhoto], named: Sequence[str]) -> bool:
    """Whether each name has a car's front: else the names tell views (front_1, inside_1), not cars."""
    fronts = {head for photo, head in zip(photos, named, strict=True) if photo.front}
    return fronts == set(named)


def by_names(photos: Sequence[HeapPhoto], named: Sequence[str]) -> Sorting:
    """Names that tell cars: leaf_1, leaf_2, golf_1 ... One that shows two marks, or looks torn, is aside."""
    cars: list[HeapCar] = []
    aside: list[Placed] = []
    of: dict[str, list[HeapPhoto]] = {}
    for photo, head in zip(photos, named, strict=True):
        of.setdefault(head, []).append(photo)
    for own in of.values():
        marks = {mark for photo in own for mark in photo.marks}
        openings = [part for outside, part in stretches(own) if outside and opens(part)]
        doubt = len(marks) > 1 or len(openings) > 1 or any(torn(part) for part in openings)
        if doubt or len(own) < 2:
            aside += [placed(photo, Why.TWO_MARKS if len(marks) > 1 else Why.ANOTHER) for photo in own]
        else:
            cars.append(car_of([placed(photo, Why.NAMED) for photo in own], own))
    return Sorting(tuple(cars), tuple(aside))


# --- by marks alone ---


def by_marks(photos: Sequence[HeapPhoto]) -> Sorting:
    """Photos that show one and the same mark, two or more, and do not look unlike each other."""
    of: dict[str, list[HeapPhoto]] = {}
    for photo in photos:
        if len(photo.marks) == 1:
            of.setdefault(photo.marks[0], []).append(photo)
    cars = []
    for own in of.values():
        alike = [one for one in own if any(one is not two and like((one,), (two,)) >= UNLIKE for two in own)]
        if len(alike) > 1:
            cars.append(car_of([placed(photo, Why.SAME_MARK) for photo in alike], alike))
    taken = {one.photo for car in cars for one in car.photos}
    rest = [photo for photo in photos if photo.id not in taken]
    aside = [placed(photo, Why.TWO_MARKS if len(photo.marks) > 1 else Why.NO_ORDER) for photo in rest]
    return Sorting(tuple(cars), tuple(aside))


# --- by order ---


@dataclass
class Walk:
    """How far the photos were gone through: the cars so far, and whether the last one is still sure."""

    usual_s: float | None  # between two photos, where times are known
    shows: frozenset[str]  # what stands on the plates of several cars
    cars: list[list[tuple[HeapPhoto, Why]]] = field(default_factory=list)
    aside: list[Placed] = field(default_factory=list)
    open: bool = False  # what follows belongs to the last car
    last: HeapPhoto | None = None  # the photo before

    def begin(self, part: Sequence[HeapPhoto]) -> None:
        """The next car opens. Its first photo may stand before `part`, unrecognised: that one goes aside."""
        if self.open and self.cars[-1]:
            before = self.cars[-1][-1][0]
            if not before.outside and before.p_opening >= PERHAPS_OPENING:
                self.cars[-1].pop()
                self.aside.append(placed(before, Why.UNSURE_VIEW))
        self.cars.append([(photo, Why.OPENS) for photo in part])
        self.open = True

    def go_on(self, part: Sequence[HeapPhoto], why: Why) -> None:
        """More of the last car."""
        self.cars[-1] += [(photo, why) for photo in part]
        self.open = True

    def doubt(self, part: Sequence[HeapPhoto], why: Why) -> None:
        """Whose these are is not sure, nor what follows."""
        self.aside += [placed(photo, why) for photo in part]
        self.open = False

    @property
    def outside(self) -> list[HeapPhoto]:
        """The last car's photos from outside."""
        return [photo for photo, _ in self.cars[-1] if photo.outside] if self.cars else []

    @property
    def marks(self) -> set[str]:
        """The last car's marks."""
        return {mark for photo, _ in self.cars[-1] for mark in photo.marks} if self.cars else set()

    @property
    def plates(self) -> set[str]:
        """What is read surely on the last car's plates."""
        return {text for photo, _ in self.cars[-1] for text in photo.plates} if self.cars else set()

    def paused(self, photo: HeapPhoto) -> bool:
        """Whether much more time than usual went by before it."""
        if self.usual_s is None or self.last is None or self.last.taken is None or photo.taken is None:
            return False
        wait_s = (photo.taken - self.last.taken).total_seconds()
        return wait_s > max(PAUSE_S, PAUSE * self.usual_s)


def by_order(photos: Sequence[HeapPhoto]) -> Sorting:
    """The photos one after the other, as somebody took them."""
    walk = Walk(usual_s(photos), show_plates(photos))
    for outside, part in stretches(photos):
        if outside:
            for piece in cut_by_marks(part):
                judge(walk, piece)
                walk.last = piece[-1]
        else:
            for photo in part:
                inside(walk, photo)
                walk.last = photo
    cars = [car_of([placed(*one) for one in own], [photo for photo, _ in own]) for own in walk.cars if own]
    place = {photo.id: n for n, photo in enumerate(photos)}
    return Sorting(tuple(cars), tuple(sorted(walk.aside, key=lambda one: place[one.photo])))


def inside(walk: Walk, photo: HeapPhoto) -> None:
    """A photo from inside, a detail or a paper: the last car's, unless a long pause lies between."""
    if not walk.cars:
        walk.doubt([photo], Why.BEFORE)
    elif not walk.open or walk.paused(photo):
        walk.doubt([photo], Why.ANOTHER)
    else:
        walk.go_on([photo], Why.FOLLOWS)


def judge(walk: Walk, part: Sequence[HeapPhoto]) -> None:
    """Photos from outside, one after the other: the next car's, the last one's, or not sure whose."""
    own = [n for n, photo in enumerate(part) if set(photo.plates) & walk.plates - walk.shows]
    begins = part[0].p_opening >= FIRST and opens(part)  # whatever its plates say: it may be a show plate
    if own and not begins and not opens(part[: own[-1] + 1]):
        walk.go_on(part[: own[-1] + 1], Why.SAME_MARK)
        part = part[own[-1] + 1 :]
        if part and not (opens(part) and part[0].front):  # nothing from inside lies between
            walk.doubt(part, Why.ANOTHER)
            return
    if part:
        judge_opening(walk, part)


def judge_opening(walk: Walk, part: Sequence[HeapPhoto]) -> None:
    """As `judge`, where no plate of the last car is in these photos, or they open a car."""
    known, marks = walk.marks, {mark for photo in part for mark in photo.marks}
    if len(marks) > 1:
        walk.doubt(part, Why.TWO_MARKS)
    elif torn(part) or (marks & known and like(part, walk.outside) < VERY_ALIKE):
        walk.doubt(part, Why.ANOTHER)
    elif marks & known:
        walk.go_on(part, Why.SAME_MARK)
    elif not walk.cars:
        walk.begin(part)
    elif opens(part) or (marks and known and part[0].marks and part[0].sure):
        first = next((n for n, photo in enumerate(part) if photo.p_opening >= FIRST or photo.marks), 0)
        if first:  # a rear that comes before: perhaps the last look at the car before
            walk.doubt(part[:first], Why.ANOTHER)
        walk.begin(part[first:])
    elif marks or not walk.open or walk.paused(part[0]) or not goes_on(walk, part):
        walk.doubt(part, Why.ANOTHER)
    else:
        walk.go_on(part, Why.ALIKE)


def goes_on(walk: Walk, part: Sequence[HeapPhoto]) -> bool:
    """Whether photos that open no car are the last one's: it was opened whole, and they are not unlike it."""
    if not opens(walk.outside):
        return False
    return like(part, walk.outside) >= (ALIKE if any(photo.front for photo in part) else UNLIKE)


def opens(part: Sequence[HeapPhoto]) -> bool:
    """Whether photos from outside open a car: two or more, surely, and its front among them."""
    return sum(photo.sure for photo in part) > 1 and any(photo.front for photo in part)


def torn(part: Sequence[HeapPhoto]) -> bool:
    """Whether photos from outside look like two cars' one after the other, without an inside in between."""
    whole = {  # cuts that two photos, alike enough, lie on both sides of
        cut
        for (i, one), (j, two) in combinations(enumerate(part), 2)
        if likeness(one.look, two.look) >= TORN
        for cut in range(i + 1, j + 1)
    }
    return len(whole) < len(part) - 1


def like(some: Sequence[HeapPhoto], others: Sequence[HeapPhoto]) -> float:
    """How alike the most similar two are; 0 where there are none."""
    return max((likeness(one.look, two.look) for one in some for two in others), default=0.0)


# --- parts ---


def stretches(photos: Sequence[HeapPhoto]) -> Iterator[tuple[bool, list[HeapPhoto]]]:
    """Photos from outside that stand together, and the others that do: (from outside, photos)."""
    for outside, part in groupby(photos, key=lambda one: one.outside):
        yield outside, list(part)


def cut_by_marks(part: Sequence[HeapPhoto]) -> Iterator[list[HeapPhoto]]:
    """One walk's photos, cut where another mark begins, and where a front follows the last of a mark.

    A piece whose marks are two stays whole: a plate in the background must not cut a car in two.
    """
    marked = [(n, photo.marks[0]) for n, photo in enumerate(part) if len(photo.marks) == 1]
    cuts = [0]
    for (last, mark), (n, other) in pairwise(marked):
        if mark != other:
            fronts = [k for k in range(last + 1, n + 1) if part[k].front]
            cuts += fronts[:1]
    for first, end in zip(cuts, [*cuts[1:], len(part)], strict=True):
        yield list(part[first:end])


def show_plates(photos: Sequence[HeapPhoto]) -> frozenset[str]:
    """What is read on the fronts of more than one opening: a dealer's own plates, which tell no car."""
    openings = [part for outside, part in stretches(photos) if outside and opens(part)]
    fronts = [{text for photo in part if photo.front for text in photo.plates} for part in openings]
    counts = Counter(text for texts in fronts for text in texts)
    return frozenset(text for text, count in counts.items() if count > 1)


def usual_s(photos: Sequence[HeapPhoto]) -> float | None:
    """The median time between two photos, seconds; None where times are not known."""
    if not timed(photos) or len(photos) < 2:
        return None
    times = [photo.taken for photo in photos if photo.taken is not None]
    waits = sorted((b - a).total_seconds() for a, b in pairwise(times))
    return waits[len(waits) // 2]


def placed(photo: HeapPhoto, why: Why) -> Placed:
    """A photo and why it is there."""
    return Placed(photo.id, photo.name, why)


def car_of(own: Sequence[Placed], photos: Sequence[HeapPhoto]) -> HeapCar:
    """One car; its mark where two photos show it and none another."""
    marks = Counter(mark for photo in photos for mark in photo.marks)
    mark = next(iter(marks)) if len(marks) == 1 and max(marks.values()) > 1 else ""
    return HeapCar(tuple(own), mark)
