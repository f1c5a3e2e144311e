"""Cuts a picture nearer to the shape that a consumer shows, without losing the car."""

from __future__ import annotations

from collections.abc import Sequence

from kilpi.types import Box, Quad

MOST_CUT = 0.2  # of a side: more might be the car. A picture that would need more is cut by so much only


def frame(width: int, height: int, aspect: tuple[float, float], plates: Sequence[Quad] = ()) -> Box:
    """The part of a photo of `width` x `height` pixels to show, in whole pixels of the photo.

    `aspect` is the narrowest and the widest width / height wanted. The middle stays the middle, unless the
    widest plate (same pixels) would come nearer to the edge than it is wide: then the window moves to it.
    """
    low, high = aspect
    ratio = width / height
    wide, tall = width, height
    if ratio > high:
        wide = max(round(height * high), round(width * (1 - MOST_CUT)))
    elif ratio < low:
        tall = max(round(width / low), round(height * (1 - MOST_CUT)))
    widest = max((quad.box for quad in plates), key=lambda box: box.x2 - box.x1, default=None)
    room = widest.x2 - widest.x1 if widest else 0.0
    x = place(width, wide, (widest.x1 - room, widest.x2 + room) if widest else None)
    y = place(height, tall, (widest.y1 - room, widest.y2 + room) if widest else None)
    return Box(x, y, x + wide, y + tall)


def place(whole: int, part: int, kept: tuple[float, float] | None) -> int:
    """Where a window of `part` pixels begins in `whole`: in the middle, moved to show `kept`."""
    start = (whole - part) / 2
    if kept is not None:
        start = max(min(start, kept[0]), kept[1] - part)
    return round(min(max(start, 0), whole - part))
