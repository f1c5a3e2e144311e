"""Where a car wears its plate (`types.PlatePlace`, by the view network), held against what was found.

A place without a plate is one that is covered, painted over or taken off: a plate that was read beside it,
or in another photo, may be a neighbour's. A plate at the widest place of its photo is that car's own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kilpi.decision.policy import DecisionPolicy
from kilpi.types import Box, Plate, PlatePlace, Reason

# A find is at a place whose middle is in its box, grown by so much of its sides and by what the network's
# grid of 14 cells leaves open, in parts of the photo's width and height.
GROWN = 0.4
SLACK = 0.086, 0.107
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
        plate, or any of them a narrower one, while the plate itself is where no car wears one.
        """
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
        likely = [one for one in self.plates if ends.get(one.photo_id, 0.0) >= self.policy.led_end]
        at_widest = sum(self.is_at_widest(plate) for plate in likely)
        return at_widest > 0 and 2 * at_widest >= len(likely) and not self.doubts()

    def is_at_widest(self, plate: Plate) -> bool:
        """Whether a sighting is at a place, and no other one of its photo is nearly as wide."""
        here = self.sure(plate.photo_id)
        own = [place for place in here if is_at(place, plate)]
        widest = max((place.width for place in own), default=0.0)
        rest = max((place.width for place in here if not is_at(place, plate)), default=0.0)
        return bool(own) and rest < self.policy.empty_beside * widest

    def is_worn(self, plate: Plate) -> bool:
        """Whether a sighting is at a place."""
        return any(is_at(place, plate) for place in self.sure(plate.photo_id))

    def is_beside_empty(self, plate: Plate, wide: float) -> bool:
        """Whether a sighting's photo has an empty place, at least so many times as wide as the plate."""
        box = box_in_photo(plate)
        if box is None:
            return False
        return any(place.width >= wide * (box.x2 - box.x1) for place in self.empty(plate.photo_id))

    def is_empty_in(self, photo: str) -> bool:
        """Whether a photo has a place without a plate that is no car's far behind."""
        return any(place.width >= self.policy.narrowest for place in self.empty(photo))

    def empty(self, photo: str) -> list[PlatePlace]:
        """A photo's places at which nothing with characters was found."""
        own = {id(plate) for plate in self.plates}
        here = [find for find in (*self.plates, *self.finds) if find.photo_id == photo]
        written = [find for find in here if id(find) in own or is_written(find)]
        return [place for place in self.sure(photo) if not any(is_at(place, find) for find in written)]

    def sure(self, photo: str) -> list[PlatePlace]:
        """A photo's places that surely are some."""
        return [place for place in self.places.get(photo, ()) if place.score >= self.policy.place]


def is_written(find: Plate) -> bool:
    """Whether so much is written there that it is no covered plate, nor an empty holder."""
    return find.reading is not None and len(find.reading.slots) >= FEWEST


def is_at(place: PlatePlace, find: Plate) -> bool:
    """Whether a find is where a place is."""
    box = box_in_photo(find)
    if box is None:
        return False
    wide, tall = box.x2 - box.x1, box.y2 - box.y1
    away_x, away_y = abs(place.x - (box.x1 + box.x2) / 2), abs(place.y - (box.y1 + box.y2) / 2)
    return away_x <= (0.5 + GROWN) * wide + SLACK[0] and away_y <= (0.5 + GROWN) * tall + SLACK[1]


def box_in_photo(find: Plate) -> Box | None:
    """A find's box in parts of its photo's width and height; None where these are not known."""
    if find.frame is None:
        return None
    box, (width, height) = find.sighting.quad.box, find.frame
    return Box(box.x1 / width, box.y1 / height, box.x2 / width, box.y2 / height)
