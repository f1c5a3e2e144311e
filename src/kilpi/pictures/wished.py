"""A person's wishes for pictures, applied: order, what is left out, crops, covers. Plates stay covered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from kilpi.geometry import clip_polygon, polygon_area, quad_iou, quad_to_array
from kilpi.photos.quality import Look
from kilpi.types import Box, Picture, Quad, Reason, Sighting, Wishes

SAME = 0.25  # least shared part of two quads that mean one place: a person draws loosely around a plate
MOST = 0.5  # part of a cover that lies in the place that is to be opened: the cover is that place's
LEAST_SIDE = 200  # pixels of a crop: less shows nothing of a car


def same_place(one: Quad, other: Quad) -> bool:
    """Whether two quads mean one place: they share enough, or one's middle lies within the other's box."""
    if quad_iou(one, other) >= SAME:
        return True
    return _middle_in(one, other) and _middle_in(other, one)


def _middle_in(quad: Quad, other: Quad) -> bool:
    box, around = quad.box, other.box
    x, y = (box.x1 + box.x2) / 2, (box.y1 + box.y2) / 2
    return around.x1 <= x <= around.x2 and around.y1 <= y <= around.y2


def covered_as_wished(
    hidden: Mapping[str, Sequence[Sighting]],
    own: Mapping[str, Sequence[Sighting]] | None,
    wishes: Wishes,
) -> dict[str, list[Sighting]]:
    """What no picture may show, without the covers that a person took away, with those that one added.

    What reads as the car's own mark stays covered, whatever was said.
    """
    found = {}
    for key, sightings in hidden.items():
        sure = (own or {}).get(key, ())
        away = wishes.uncovered.get(key, ())
        kept = [one for one in sightings if one in sure or not any(same_place(one.quad, q) for q in away)]
        found[key] = [*kept, *(Sighting(quad, 1.0) for quad in wishes.covers.get(key, ()))]
    return found


def in_wished_order(looks: Sequence[Look], wishes: Wishes) -> list[Look]:
    """Photos in a person's order; those that were not named follow as they are."""
    place = {key: n for n, key in enumerate(wishes.order)}
    return sorted(looks, key=lambda look: place.get(look.photo_id, len(place)))


def crop_of(photo_id: str, width: int, height: int, wishes: Wishes) -> Box | None:
    """The part of a photo to show, whole pixels within it; None: nobody chose one that is large enough."""
    wish = wishes.crops.get(photo_id)
    if wish is None:
        return None
    x1, x2 = (round(min(max(x, 0), width)) for x in (wish.x1, wish.x2))
    y1, y2 = (round(min(max(y, 0), height)) for y in (wish.y1, wish.y2))
    return Box(x1, y1, x2, y2) if min(x2 - x1, y2 - y1) >= LEAST_SIDE else None


def stays_covered(pictures: Sequence[Picture], wishes: Wishes) -> tuple[Reason, ...]:
    """What a person took a cover away from and is covered all the same, for it could be read."""
    kept = [
        picture.name
        for picture in pictures
        for quad in wishes.uncovered.get(picture.photo_id, ())
        if any(same_place(quad, cover) for cover in picture.covers)
    ]
    return (Reason("stays_covered", {"pictures": len(set(kept))}),) if kept else ()


def without(kept: Mapping[str, tuple[Quad, ...]], photo: str, quad: Quad) -> dict[str, tuple[Quad, ...]]:
    """Places by photo, without those that mean this one."""
    left = tuple(one for one in kept.get(photo, ()) if not same_place(one, quad))
    return _with_left(kept, photo, left)


def with_added(kept: Mapping[str, tuple[Quad, ...]], photo: str, quad: Quad) -> dict[str, tuple[Quad, ...]]:
    """Places by photo, this one instead of those that mean it."""
    left = without(kept, photo, quad)
    return {**left, photo: (*left.get(photo, ()), quad)}


def with_one_more(
    kept: Mapping[str, tuple[Quad, ...]], photo: str, quad: Quad
) -> dict[str, tuple[Quad, ...]]:
    """Covers by photo, this one beside all others: a cover that is added never opens what another hides."""
    there = kept.get(photo, ())
    return {**kept, photo: there if quad in there else (*there, quad)}


def opened(kept: Mapping[str, tuple[Quad, ...]], photo: str, quad: Quad) -> dict[str, tuple[Quad, ...]]:
    """Covers by photo, without those at this place that reach little beyond it."""
    left = tuple(
        one for one in kept.get(photo, ()) if not (same_place(one, quad) and _part_in(one, quad) >= MOST)
    )
    return _with_left(kept, photo, left)


def _with_left(
    kept: Mapping[str, tuple[Quad, ...]], photo: str, left: tuple[Quad, ...]
) -> dict[str, tuple[Quad, ...]]:
    """`kept` with only these of one photo; without the photo where none are left."""
    others = {key: quads for key, quads in kept.items() if key != photo}
    return {**others, photo: left} if left else others


def _part_in(quad: Quad, other: Quad) -> float:
    mine, theirs = quad_to_array(quad), quad_to_array(other)
    shared = clip_polygon(mine, theirs)
    return polygon_area(shared) / polygon_area(mine) if len(shared) >= 3 else 0.0


def cropped(wishes: Wishes, photo: str, box: Box | None) -> Wishes:
    """With another crop of one photo; None: the usual one."""
    others = {key: crop for key, crop in wishes.crops.items() if key != photo}
    return replace(wishes, crops=others if box is None else {**others, photo: box})
