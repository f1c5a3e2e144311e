"""Corners as COCO's keypoints, by the names that tools give them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kilpi.labels.draft import Draft, corners, number
from kilpi.types import Point, Quad

CORNERS = ["tl", "tr", "br", "bl"]
# What tools may call them, lower case, letters and digits only.
CORNER_NAMES = {
    name: corner
    for corner, names in {
        "tl": ("tl", "topleft", "lefttop", "lt", "upperleft"),
        "tr": ("tr", "topright", "righttop", "rt", "upperright"),
        "br": ("br", "bottomright", "rightbottom", "rb", "lowerright"),
        "bl": ("bl", "bottomleft", "leftbottom", "lb", "lowerleft"),
    }.items()
    for name in names
}


def read_keypoints(
    annotation: Mapping[str, Any], category: Mapping[str, Any], draft: Draft, where: str
) -> Quad | None:
    """Corners from four named keypoints, with or without visibility; None where there are none, or not all
    four are visible.
    """
    points = annotation.get("keypoints")
    if not isinstance(points, list) or not points:
        return None
    order = corner_order(category.get("keypoints"))
    if order is None or len(points) not in {8, 12}:
        draft.note(f"{where}: its keypoints are not four named tl, tr, br, bl; not used")
        return None
    step = len(points) // 4
    values = [number(v, where, "a keypoint") for v in points]
    if step == 3 and any(values[i] <= 0 for i in (2, 5, 8, 11)):
        return None
    found = [Point(x, y) for x, y in zip(values[::step], values[1::step], strict=True)]
    return corners([found[i] for i in order], draft, where)


def corner_order(names: Any) -> list[int] | None:
    """Where tl, tr, br, bl are among a category's keypoints; None where they are not named so."""
    if not isinstance(names, list) or len(names) != 4:
        return None
    words = ["".join(c for c in str(name).lower() if c.isalnum()) for name in names]
    if len(set(words)) == 4 and all(word.isdecimal() for word in words):
        return sorted(range(4), key=lambda i: int(words[i]))
    places = [CORNER_NAMES.get(word) for word in words]
    return [places.index(corner) for corner in CORNERS] if set(places) == set(CORNERS) else None
