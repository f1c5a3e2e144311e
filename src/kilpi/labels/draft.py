"""What the readers of all formats share: the draft of an import, and what a label and a polygon mean."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from kilpi.errors import LabelError
from kilpi.geometry import is_convex, quad_from_array
from kilpi.labels.fields import MAX_PIXEL
from kilpi.labels.record import LabelledPhoto, LabelledPlate
from kilpi.text import compact_mark
from kilpi.types import Box, Point, Quad

# Names of classes in labelling tools, compared in lower case without separators. Any other label without a
# digit is taken as a class name too; this list only spares a note about it.
CLASS_NAMES = frozenset(
    """plate plates numberplate licenseplate licenceplate registrationplate lp anpr alpr car vehicle object
    unlabelled unlabeled undefined uncategorized uncategorised unknown none null label background
    kilpi rekisterikilpi auto registreringsskylt skylt bil kennzeichen nummernschild tablica""".split()  # noqa: SIM905
)
SEPARATORS = " -·.•"
FEWEST_DIGITS = 4  # of a mark without letters; shorter ones are class numbers
LONGEST = 10  # letters and digits of a mark
BELOW_PIXEL = 1e-6  # pixels: two coordinates this close are the same


@dataclass
class Draft:
    """What one file gave: photos, what was repaired in them, and what had to be left out and why."""

    photos: list[LabelledPhoto] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    refused: list[LabelError] = field(default_factory=list)

    def note(self, text: str) -> None:
        """Add a note once."""
        if text not in self.notes:
            self.notes.append(text)


@dataclass(frozen=True)
class Source:
    """A label file: its name for messages, and its bytes."""

    name: str
    data: bytes = field(repr=False)


def mark_of(label: str | None) -> str | None:
    """The label if it is a plate's text, None if it is a class name.

    A plate's text is capital letters and digits with separators, 2 to 10 of them, at least one a digit;
    without letters at least four digits. So `ABC-123` is one; `plate`, `abc-123`, `PLATE` and `1` are not.
    """
    text = " ".join((label or "").split())
    if any(not c.isalnum() and c not in SEPARATORS for c in text) or text != text.upper():
        return None
    compact = compact_mark(text)
    digits = sum(c in "0123456789" for c in compact)
    if not 2 <= len(compact) <= LONGEST or digits == 0 or text[0] in SEPARATORS or text[-1] in SEPARATORS:
        return None
    return text if digits < len(compact) or digits >= FEWEST_DIGITS else None


def read_label(label: str | None, draft: Draft, where: str) -> str | None:
    """`mark_of`, with a note where a label that no tool gives by itself is taken as a class name."""
    mark = mark_of(label)
    word = "".join(c for c in (label or "").lower() if c.isalpha())
    if mark is None and label and label.strip() and word not in CLASS_NAMES:
        draft.note(f"{where}: a label that is no plate text is taken as a class name")
    return mark


def plate(quad: Quad | None, box: Box | None, mark: str | None) -> LabelledPlate:
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
        found = float(value)
    except (TypeError, ValueError):
        return None
    return int(found) if math.isfinite(found) and found == int(found) and 0 < found < 1e6 else None


def box_of(x1: float, y1: float, x2: float, y2: float, where: str) -> Box:
    """A box that has an inside. Raises LabelError where it has none."""
    if x2 <= x1 or y2 <= y1:
        raise LabelError(f"{where}: the box is empty or inside out; draw it again")
    return Box(x1, y1, x2, y2)


def box_around(points: Sequence[Point], where: str) -> Box:
    """The upright rectangle around a polygon. Raises LabelError where it is a line or a point."""
    xs, ys = [p.x for p in points], [p.y for p in points]
    return box_of(min(xs), min(ys), max(xs), max(ys), where)


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
    corners = np.array(quad)
    sides = np.roll(corners, -1, axis=0) - corners
    first = int(np.argmax(sides[:, 0] / np.hypot(sides[:, 0], sides[:, 1])))
    return quad_from_array(np.roll(corners, -first, axis=0))


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
