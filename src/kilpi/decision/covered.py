"""Whether a part of a character may be covered: half a 5 under a sticker is read as a 1, and reads surely.

Two things tell, each in all photos. What is left of a character stands too far from the one beside it, or
from the dash: plates have either even cells or even gaps, and a rest has neither. And it looks less like what
it was read as than like a part of another character (`kilpi.plates.layout_shapes`). Of a narrow character a
little of both is enough: half a 6 reads as 1, and the mark is off the plate's middle.
"""

from __future__ import annotations

from collections.abc import Sequence, Set
from itertools import pairwise
from statistics import median, median_low

from kilpi.decision.policy import DecisionPolicy
from kilpi.decision.spacing import spaces_of
from kilpi.types import Ink, Mark, Plate, PlateLayout, Reason

OTHERS = 2  # pairs of neighbours that say how far apart characters stand on a plate
NARROW = "IJ1"  # what a stroke of another character is read as


def doubts_of_covers(mark: Mark, plates: Sequence[Plate], policy: DecisionPolicy) -> list[Reason]:
    """A reason where a part of a character may be covered. `plates` are those that read the mark and show it
    whole.
    """
    layouts = [plate.layout for plate in plates if plate.layout]
    at = unlike(layouts, policy)
    if at is None:
        at = apart(layouts, spaces_of(mark.text), policy)
    if at is None:
        at = off_dash(layouts, dashes_of(mark.text), policy)
    if at is None:
        at = rest_aside(layouts, mark.compact, dashes_of(mark.text), policy)
    return [] if at is None else [Reason("maybe_covered", {"place": at + 1})]


def doubts_of_feet(plates: Sequence[Plate], policy: DecisionPolicy) -> list[Reason]:
    """A reason where the characters' feet may be under snow or a frame's lip. `plates` as above."""
    feet = [plate.layout.feet for plate in plates if plate.layout and plate.layout.feet is not None]
    if not feet or median(feet) > policy.no_feet:
        return []
    return [Reason("feet_hidden", {"feet": round(median(feet), 2), "least": policy.no_feet})]


def unlike(layouts: Sequence[PlateLayout], policy: DecisionPolicy) -> int | None:
    """The place of a character that looks more like a covered part of another one in half of the photos
    or more, and in all together; of several the one that does most.
    """
    found = []
    for at, values in places_in([layout.covered for layout in layouts]):
        most = policy.unlike if len(values) > 1 else policy.unlike_alone
        if sum(values) >= most and median_low(values) >= policy.unlike_often:
            found.append((sum(values), at))
    return max(found)[1] if found else None


def places_in(rows: Sequence[Sequence[float | None]]) -> list[tuple[int, list[float]]]:
    """For each place what the photos say of it, those left out that say nothing."""
    columns = zip(*(row for row in rows if row), strict=False)
    seen = [(at, [v for v in column if v is not None]) for at, column in enumerate(columns)]
    return [(at, values) for at, values in seen if values]


def apart(layouts: Sequence[PlateLayout], spaces: Sequence[int], policy: DecisionPolicy) -> int | None:
    """The place of the narrower one of two neighbours that stand too far apart, in the median photo."""
    photos = [distances(layout, spaces) for layout in layouts]
    found = []
    for at in sorted(set().union(*photos)):
        beyond = [photo[at] for photo in photos if at in photo]
        if median(far for far, _ in beyond) >= policy.apart:
            found.append((median(far for far, _ in beyond), beyond[0][1]))
    return max(found)[1] if found else None


def distances(layout: PlateLayout, spaces: Sequence[int]) -> dict[int, tuple[float, int]]:
    """By the second one of two neighbours: by how many heights of a character they are further apart than
    both even cells and even gaps would have them, and the narrower one's place.
    """
    inks = layout.own_inks
    pairs = {
        at: (before, ink)
        for at, (before, ink) in enumerate(pairwise(inks), 1)
        if before and ink and at not in spaces and layout.rows[at] == layout.rows[at - 1]
    }
    if len(pairs) <= OTHERS:
        return {}
    tall = tall_of(layout)
    found = {}
    for at, (before, ink) in pairs.items():
        others = [pair for other, pair in pairs.items() if other != at]
        cell = median(middle(b) - middle(a) for a, b in others)
        gap = median(b.left - a.right for a, b in others)
        half = (wide(before) + wide(ink)) / 2
        beyond = middle(ink) - middle(before) - max(cell, half + gap)
        found[at] = beyond / tall, at if wide(ink) < wide(before) else at - 1
    return found


def dashes_of(text: str) -> set[int]:
    """The characters of a spelling that a dash stands before, as `spaces_of` counts them."""
    return {sum(map(str.isalnum, text[:at])) for at, char in enumerate(text) if char == "-"}


def off_dash(layouts: Sequence[PlateLayout], dashes: Set[int], policy: DecisionPolicy) -> int | None:
    """The place of the character that stands too far from the dash, in the median photo; the other one beside
    the dash says how far it should be. Where the spelling has no dash, what looks like one is a bolt.
    """
    photos = [about_dashes(layout) for layout in layouts]
    for at in sorted(set().union(*photos) & dashes):
        skew = median(photo[at] for photo in photos if at in photo)
        if abs(skew) >= policy.off_dash:
            return at - 1 if skew > 0 else at
    return None


def about_dashes(layout: PlateLayout) -> dict[int, float]:
    """By the character after a dash: how many heights of a character the one before it is further from it
    than that one, by their middles and by the gaps, whichever is less; negative where the one after is.
    """
    found = {}
    for at in range(1, len(layout.dashes) + 1):
        if (beside := beside_dash(layout, at)) is None:
            continue
        before, (begin, end), after = beside
        cells = (begin + end) / 2 - middle(before) - (middle(after) - (begin + end) / 2)
        gaps = begin - before.right - (after.left - end)
        alike = cells * gaps > 0
        found[at] = min(cells, gaps, key=abs) / tall_of(layout) if alike else 0.0
    return found


def rest_aside(
    layouts: Sequence[PlateLayout], chars: str, dashes: Set[int], policy: DecisionPolicy
) -> int | None:
    """The place of a narrow character that may be the rest of a wider one: a part of another explains it
    about as well, and it has more room than its counterpart, at an end of an only row or beside a dash.
    """
    like = dict(places_in([layout.covered for layout in layouts]))
    limits = [(at, room, policy.lopsided) for at, room in ends_aside(layouts, len(chars))]
    limits += [(at, room, policy.off_dash) for at, room in dashes_aside(layouts, dashes)]
    for at, room, most in limits:
        if chars[at] in NARROW and room >= most and at in like and median(like[at]) >= policy.as_well:
            return at
    return None


def ends_aside(layouts: Sequence[PlateLayout], count: int) -> list[tuple[int, float]]:
    """The first and the last character, and how many heights of a character more room there is at their end
    of the plate than at the other, in the median photo.
    """
    rooms = [(margin_at(one, 0), margin_at(one, count)) for one in layouts if len(one.grounds) == 1]
    more = [begin - end for begin, end in rooms if begin is not None and end is not None]
    return [(0, median(more)), (count - 1, -median(more))] if more else []


def dashes_aside(layouts: Sequence[PlateLayout], dashes: Set[int]) -> list[tuple[int, float]]:
    """The characters before and after each dash, and how many heights of a character further their ink is
    from it than the other's, in the median photo.
    """
    found = []
    for at in sorted(dashes):
        more = [gaps_beside(layout, at) for layout in layouts]
        if seen := [one for one in more if one is not None]:
            found += [(at - 1, median(seen)), (at, -median(seen))]
    return found


def gaps_beside(layout: PlateLayout, at: int) -> float | None:
    """How many heights of a character further from the dash before character `at` the ink before it is than
    that of the character; None where not all of that is seen.
    """
    if (beside := beside_dash(layout, at)) is None:
        return None
    before, (begin, end), after = beside
    tall = tall_of(layout)
    return (begin - before.right) / tall - (after.left - end) / tall


def beside_dash(layout: PlateLayout, at: int) -> tuple[Ink, tuple[float, float], Ink] | None:
    """The ink before the dash before character `at`, where the dash begins and ends, and the character's ink;
    None where not all of that is seen.
    """
    dash = layout.dashes[at - 1] if len(layout.dashes) >= at else None
    inks = layout.own_inks
    before, after = inks[at - 1], inks[at]
    return None if dash is None or before is None or after is None else (before, dash, after)


def gap_at(layout: PlateLayout, at: int) -> float | None:
    """How far the ink of character `at` is from the one before it, heights of a character; None where that is
    not seen, or the row begins there.
    """
    if not 0 < at < len(layout.rows) or layout.rows[at] != layout.rows[at - 1]:
        return None
    inks = layout.own_inks
    before, ink = inks[at - 1], inks[at]
    if before is None or ink is None:
        return None
    return (ink.left - before.right) / tall_of(layout)


def margin_at(layout: PlateLayout, at: int) -> float | None:
    """How far the ink of a row's first (`at` 0) or last character is from the end of its ground, heights of a
    character; None for a place between characters, and where that is not seen.
    """
    inks = layout.own_inks
    ink = inks[0] if at == 0 else inks[-1] if at == len(inks) else None
    if ink is None:
        return None
    begin, end = layout.grounds[0]
    return (ink.left - begin if at == 0 else end - ink.right) / tall_of(layout)


def cell_of(layout: PlateLayout, spaces: Sequence[int]) -> float | None:
    """From a character to the next, part of the ground's width, in the median; None of single ones."""
    begin, end = layout.grounds[0]
    steps = [b - a for at, (a, b) in enumerate(pairwise(layout.middles), 1) if at not in spaces]
    return median(steps) / max(end - begin, 1e-6) if steps else None


def tall_of(layout: PlateLayout) -> float:
    """The height of a character whose ink is seen, plate widths. There must be one."""
    return median(ink.bottom - ink.top for ink in layout.own_inks if ink is not None) / layout.aspect


def middle(ink: Ink) -> float:
    """Plate widths."""
    return (ink.left + ink.right) / 2


def wide(ink: Ink) -> float:
    """Plate widths."""
    return ink.right - ink.left
