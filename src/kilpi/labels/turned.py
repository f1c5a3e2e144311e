"""Labels that were drawn on a photo as it is stored, by a tool that does not obey the EXIF orientation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from kilpi.errors import LabelError
from kilpi.geometry import is_convex
from kilpi.labels.draft import DraftPhoto, order_corners
from kilpi.labels.record import LabelledPlate
from kilpi.types import Box, Point, Quad

TURNS = 5  # EXIF orientations from here on swap width and height
ROUNDING = 2  # pixels by which dlib's rounding outward may leave the photo

# EXIF orientation (TIFF tag 274) -> where a stored point (x, y) is shown; width and height as shown.
SHOWN: dict[int, Callable[[float, float, int, int], Point]] = {
    2: lambda x, y, w, h: Point(w - x, y),
    3: lambda x, y, w, h: Point(w - x, h - y),
    4: lambda x, y, w, h: Point(x, h - y),
    5: lambda x, y, w, h: Point(y, x),
    6: lambda x, y, w, h: Point(w - y, x),
    7: lambda x, y, w, h: Point(w - y, h - x),
    8: lambda x, y, w, h: Point(y, h - x),
}


def drawn_as_stored(draft: DraftPhoto, size: tuple[int, int], orientation: int) -> bool:
    """Whether the labels were drawn before turning: their size says it, or where they lie.

    `size`: (width, height) of the picture as shown.
    """
    if orientation < TURNS or size[0] == size[1]:
        return False
    said = (draft.photo.width, draft.photo.height)
    if None not in said:
        return said == (size[1], size[0])
    places = draft.places
    inside = all(fits(place, size) for place in places)
    return not inside and all(fits(place, (size[1], size[0])) for place in places)


def fits(place: Box, size: tuple[int, int]) -> bool:
    """Whether a place lies in a picture of that size."""
    x1, y1, x2, y2 = place
    return min(x1, y1) >= -ROUNDING and x2 <= size[0] + ROUNDING and y2 <= size[1] + ROUNDING


def turn(draft: DraftPhoto, size: tuple[int, int], orientation: int) -> DraftPhoto:
    """The labels of a photo as stored -> as shown, `size` (width, height) being the size as shown."""
    turned = draft.with_plates(lambda plate: turn_plate(plate, size, orientation, draft.photo.name))
    return replace(turned, photo=replace(turned.photo, width=size[0], height=size[1]))


def turn_plate(plate: LabelledPlate, size: tuple[int, int], orientation: int, where: str) -> LabelledPlate:
    """One plate. Corners are put in order again: on its side, a polygon's first corner is another one."""

    def move(x: float, y: float) -> Point:
        return SHOWN[orientation](x, y, *size)

    if plate.quad is not None:
        moved = [move(x, y) for x, y in plate.quad]
        try:
            return replace(plate, quad=order_corners(moved, where), box=None)
        except LabelError:
            quad = Quad(*moved)
            return replace(plate, quad=quad if is_convex(quad) else Quad(*reversed(moved)), box=None)
    if plate.box is not None:
        a, b = move(plate.box.x1, plate.box.y1), move(plate.box.x2, plate.box.y2)
        return replace(plate, box=Box(min(a.x, b.x), min(a.y, b.y), max(a.x, b.x), max(a.y, b.y)))
    return plate
