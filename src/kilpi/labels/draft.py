"""What the readers of all formats share: the draft of an import, and what numbers and polygons mean.

What a reader gives is not judged yet: which class of a set is the plates is only known when all its files
are read (classes.py), and the box of a car must not refuse a photo.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from kilpi.errors import LabelError
from kilpi.geometry import is_convex, quad_from_array
from kilpi.labels.fields import MAX_PIXEL
from kilpi.labels.record import LabelledPhoto, LabelledPlate
from kilpi.types import Box, Point, Quad

BELOW_PIXEL = 1e-6  # pixels: two coordinates this close are the same


@dataclass(frozen=True, slots=True)
class Drawn:
    """One thing that was drawn in a photo, a plate or not: its label says.

    `plate` is None where it could not be understood; then `problem` says why.
    """

    label: str | None
    where: str  # file and element
    plate: LabelledPlate | None
    problem: LabelError | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DraftPhoto:
    """One photo of a label file. `photo.plates` are plates for sure, `drawn` is to be judged."""

    photo: LabelledPhoto
    drawn: tuple[Drawn, ...] = ()
    picture: Path | None = None  # its file, where the reader knows it
    problem: LabelError | None = None  # why it and its picture do not agree
    inside: bytes = field(default=b"", repr=False)  # its file's bytes, where the label file holds them

    def with_plates(self, change: Callable[[LabelledPlate], LabelledPlate]) -> DraftPhoto:
        """The same with every plate changed."""
        drawn = tuple(d if d.plate is None else replace(d, plate=change(d.plate)) for d in self.drawn)
        plates = tuple(change(plate) for plate in self.photo.plates)
        return replace(self, photo=replace(self.photo, plates=plates), drawn=drawn)

    @property
    def places(self) -> list[Box]:
        """Where its plates and other things are."""
        plates = [*self.photo.plates, *(d.plate for d in self.drawn if d.plate is not None)]
        return [plate.place for plate in plates if plate.place is not None]


@dataclass
class Draft:
    """What one file gave: photos, what was repaired in them, and what had to be left out and why."""

    photos: list[DraftPhoto] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    refused: list[LabelError] = field(default_factory=list)

    def note(self, text: str) -> None:
        """Add a note once."""
        if text not in self.notes:
            self.notes.append(text)


@dataclass(frozen=True)
class Source:
    """A label file: its name for messages, its bytes, and the folder that it is in, if any."""

    name: str
    data: bytes = field(repr=False)
    folder: Path | None = None


def drawn(label: str | None, where: str, read: Callable[[Draft], LabelledPlate]) -> Drawn:
    """What `read` makes of one element; its LabelError and its notes are kept with it."""
    own = Draft()
    try:
        made = read(own)
    except LabelError as error:
        return Drawn(label, where, None, error)
    return Drawn(label, where, made, None, tuple(own.notes))


def plate(quad: Quad | None, box: Box | None, mark: str | None = None) -> LabelledPlate:
    """A plate as a label file gives it. Corners make the box superfluous; a text says that it is legible."""
    return LabelledPlate(
        quad=quad, box=None if quad is not None else box, mark=mark, legible=True if mark else None
    )


def number(value: Any, where: str, what: str) -> float:
    """A finite number, or a string that is one. Raises LabelError: `where`: `what` is not a number."""
    try:
        found = float(value) if not isinstance(value, bool) else math.nan
    except (TypeError, ValueError, OverflowError):
        found = math.nan
    if not math.isfinite(found) or abs(found) > MAX_PIXEL:
        raise LabelError(f"{where}: {what} is not a number of pixels")
    return found


def whole(value: Any) -> int | None:
    """A picture's width or height; None where it is missing or makes no sense ("undefined", 0)."""
    try:
        found = float(value) if not isinstance(value, bool) else math.nan
    except (TypeError, ValueError, OverflowError):
        return None
    return int(found) if math.isfinite(found) and found == int(found) and 0 < found < 1e6 else None


def box_of(x1: float, y1: float, x2: float, y2: float, where: str) -> Box:
    """A box in pixels that has an inside. Raises LabelError where it has none, or is in shares."""
    if x2 <= x1 or y2 <= y1:
        raise LabelError(f"{where}: the box is empty or inside out; draw it again")
    if x2 <= 1 and y2 <= 1:
        raise LabelError(
            f"{where}: all numbers are between 0 and 1: these are shares of the photo's size; export pixels"
        )
    return Box(x1, y1, x2, y2)


def box_around(points: Sequence[Point], where: str) -> Box:
    """The upright rectangle around a polygon. Raises LabelError where it is a line or a point."""
    xs, ys = [p.x for p in points], [p.y for p in points]
    return box_of(min(xs), min(ys), max(xs), max(ys), where)


def corners(points: Sequence[Point], draft: Draft, where: str) -> Quad:
    """Four points that stand for tl, tr, br, bl. Put in order, with a note, where they run another way."""
    quad = Quad(*points)
    box_around(points, where)
    if is_convex(quad):
        return quad
    ordered = order_corners(points, where)
    draft.note(f"{where}: its corners do not run clockwise from top left; put in order")
    return ordered


def turned_box(box: Box, degrees: float) -> Quad:
    """The corners of a rectangle that a tool has turned clockwise about its middle."""
    middle = np.array([(box.x1 + box.x2) / 2, (box.y1 + box.y2) / 2])
    angle = math.radians(degrees)
    turn = np.array([[math.cos(angle), math.sin(angle)], [-math.sin(angle), math.cos(angle)]])
    flat = np.array([[box.x1, box.y1], [box.x2, box.y1], [box.x2, box.y2], [box.x1, box.y2]])
    return quad_from_array((flat - middle) @ turn + middle)


def pairs(values: Sequence[float]) -> list[Point]:
    """x, y, x, y ... -> points."""
    return [Point(x, y) for x, y in zip(values[::2], values[1::2], strict=True)]


def order_corners(points: Sequence[Point], where: str) -> Quad:
    """Four points of a polygon, drawn in any direction from any corner, as a Quad.

    A plate's text is never mirrored, so they run clockwise; the upper side is the one that points most
    to the right, which holds for plates turned by less than 45 degrees. Raises LabelError where the sides
    cross or three points lie on a line.
    """
    quad = Quad(*points)
    if not is_convex(quad):
        quad = Quad(*reversed(points))
    if not is_convex(quad):
        raise LabelError(f"{where}: the four corners do not make a plate (sides cross or lie on a line)")
    array = np.array(quad)
    sides = np.roll(array, -1, axis=0) - array
    first = int(np.argmax(sides[:, 0] / np.hypot(sides[:, 0], sides[:, 1])))
    return quad_from_array(np.roll(array, -first, axis=0))


def polygon(points: Sequence[Point], draft: Draft, where: str) -> tuple[Quad | None, Box | None]:
    """Four points -> corners, or a box where they are upright; any other number -> the box around, noted."""
    points = points[:-1] if len(points) > 4 and points[0] == points[-1] else points  # a closed ring
    if len(points) < 3:
        raise LabelError(f"{where}: a circle or a line is no plate; draw a rectangle or four corners")
    around = box_around(points, where)
    if len(points) != 4:
        draft.note(f"{where}: a polygon of {len(points)} points gives a box only; four points give corners")
        return None, around
    quad = order_corners(points, where)
    upright = Quad(
        Point(around.x1, around.y1),
        Point(around.x2, around.y1),
        Point(around.x2, around.y2),
        Point(around.x1, around.y2),
    )
    same = np.allclose(np.array(quad), np.array(upright), rtol=0, atol=BELOW_PIXEL)
    return (None, around) if same else (quad, None)
