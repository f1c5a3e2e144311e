"""Where a car wears its plate (`types.PlatePlace`, by the view network), held against what was found.

A place without a plate is one that is covered, painted over or taken off: a plate that was read beside it,
or in another photo, may be a neighbour's. A plate at the widest place of its photo is that car's own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from kilpi.decision.policy import DecisionPolicy
from kilpi.types import Box, Plate, PlatePlace, Reason


class Reach(NamedTuple):
    """How far a find may be from a place: parts of its own sides, and of the photo's width and height. `wide`
    is the part of the place's width that it has at least.
    """

    sides: float
    across: float
    down: float
    wide: float


# The network's grid has 14 cells, and a large plate's place may be off by as much as a cell and a half: what
# is so near fills a place. Of 325 real plates with a mark 99 in 100 are within the nearer reach; the
# narrowest has 0.57 of its place's width, 99 in 100 have 0.66 (recipes/LOG.md, where a car wears its plate).
FILLS, WORN = Reach(0.9, 0.086, 0.107, 0.5), Reach(0.4, 0.07, 0.06, 0.7)
FEWEST = 5  # characters that a find must show to fill a place, if it is not the plate that was read


@dataclass(frozen=True, slots=True)
class CarPlaces:
    """Of one car: `plates` are the sightings of the plate that was read, `finds` all of its photos',
    `places` as in `types.Shown`.
    """

    plates: Sequence[Plate]
    finds: Sequence[Plate]
    places: Mapping[str, Sequence[PlatePlace]]
    policy: DecisionPolicy

    def doubts(self) -> list[Reason]:
        """A reason where photos show the plate and an empty place: half of them one about as wide as the
        plate, or any of them a narrower one, while the plate itself is where no car wears one; or where the
        plate is off the place in every photo that shows one so wide.
        """
        placed = [plate for plate in self.plates if self.shows_place_of(plate)]
        if placed and not any(map(self.fits, placed)):
            return [Reason("blank_plate", {"photos": len(placed)})]
        shown = {plate.photo_id for plate in self.plates}
        wide = {
            plate.photo_id for plate in self.plates if self.is_beside_empty(plate, self.policy.empty_wide)
        }
        aside = [plate for plate in self.plates if not self.is_worn(plate)]
        narrow = {one.photo_id for one in aside if self.is_beside_empty(one, self.policy.empty_beside)}
        if not narrow and (not wide or 2 * len(wide) < len(shown)):
            return []
        return [Reason("blank_plate", {"photos": len(wide | narrow)})]

    def leads(self, ends: Mapping[str, float]) -> bool:
        """Whether the plate is where the largest car of its photo wears one: in half of the photos or more
        that may show a front or rear, and nowhere beside an empty place. `ends` as in `types.Shown`.
        """
        if any(self.is_beside_empty(plate, self.policy.empty_beside) for plate in self.plates):
            return False
        likely = [one for one in self.plates if ends.get(one.photo_id, 0.0) >= self.policy.led_end]
        at_widest = sum(self.is_at_widest(plate) for plate in likely)
        return at_widest > 0 and 2 * at_widest >= len(likely)

    def fits(self, plate: Plate) -> bool:
        """Whether a sighting is at a sure place of its size, or its photo has none: it may be the own one."""
        here = self.sure(plate.photo_id)
        return not here or any(is_at(place, plate, WORN) for place in here)

    def is_at_widest(self, plate: Plate) -> bool:
        """Whether a sighting surely is at a place, and no other one, however unsure, is nearly as wide."""
        own = [place for place in self.sure(plate.photo_id) if is_at(place, plate, WORN)]
        widest = max((place.width for place in own), default=0.0)
        others = (one for one in self.places.get(plate.photo_id, ()) if not is_at(one, plate))
        return (
            bool(own) and max((one.width for one in others), default=0.0) < self.policy.empty_beside * widest
        )

    def is_worn(self, plate: Plate) -> bool:
        """Whether a sighting is at a place."""
        return any(is_at(place, plate) for place in self.sure(plate.photo_id))

    def shows_place_of(self, plate: Plate) -> bool:
        """Whether a sighting's photo surely has a place for such a wide plate, wherever it is."""
        return any_as_wide(self.sure(plate.photo_id), plate, self.policy.empty_beside)

    def is_beside_empty(self, plate: Plate, wide: float) -> bool:
        """Whether a sighting's photo has an empty place, at least so many times as wide as the plate."""
        return any_as_wide(self.empty(plate.photo_id), plate, wide)

    def is_empty_in(self, photo: str) -> bool:
        """Whether a photo has a place without a plate that is no car's far behind. One where it is not known
        how large the photo is has none: what was found there may be at it.
        """
        if any(find.frame is None for find in self.finds if find.photo_id == photo):
            return False
        return any(place.width >= self.policy.narrowest for place in self.empty(photo))

    def empty(self, photo: str) -> list[PlatePlace]:
        """A photo's places at which nothing with characters was found."""
        there = [*self.plates, *(find for find in self.finds if is_written(find))]
        here = [find for find in there if find.photo_id == photo]
        return [place for place in self.sure(photo) if not any(is_at(place, find) for find in here)]

    def sure(self, photo: str) -> list[PlatePlace]:
        """A photo's places that surely are some."""
        return [place for place in self.places.get(photo, ()) if place.score >= self.policy.place]


def is_written(find: Plate) -> bool:
    """Whether so much is written there that it is no covered plate, nor an empty holder: a country's mark, or
    as many characters as most have.
    """
    known = any(candidate.mark.series for candidate in find.candidates)
    return known or (find.reading is not None and len(find.reading.slots) >= FEWEST)


def any_as_wide(places: Sequence[PlatePlace], plate: Plate, times: float) -> bool:
    """Whether a place is at least so many times as wide as the plate, whose photo's size must be known."""
    box = box_in_photo(plate)
    return box is not None and any(place.width >= times * (box.x2 - box.x1) for place in places)


def is_at(place: PlatePlace, find: Plate, reach: Reach = FILLS) -> bool:
    """Whether a find is where a place is."""
    box = box_in_photo(find)
    if box is None:
        return False
    wide, tall = box.x2 - box.x1, box.y2 - box.y1
    away_x, away_y = abs(place.x - (box.x1 + box.x2) / 2), abs(place.y - (box.y1 + box.y2) / 2)
    near = away_x <= reach.sides * wide + reach.across and away_y <= reach.sides * tall + reach.down
    return near and wide >= reach.wide * place.width


def box_in_photo(find: Plate) -> Box | None:
    """A find's box in parts of its photo's width and height; None where these are not known."""
    if find.frame is None:
        return None
    box, (width, height) = find.sighting.quad.box, find.frame
    return Box(box.x1 / width, box.y1 / height, box.x2 / width, box.y2 / height)
