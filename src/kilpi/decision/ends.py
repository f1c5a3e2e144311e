"""Whether photos show the car's front or rear without the plate that was read, or that plate beside it: then
the plate may be another car's. Where it belongs, it is the car's own.

A plate that one photo of four shows, of a car whose other photos show its front and rear bare, is a stray
photo's. What a photo shows is told elsewhere (`types.ViewGuess.end`); here photos are counted.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from kilpi.decision.copies import distinct
from kilpi.decision.places import CarPlaces
from kilpi.decision.policy import DecisionPolicy
from kilpi.types import EndPlace, Plate, Reason


def doubts_of_ends(
    plates: Sequence[Plate],
    ends: Mapping[str, float],
    worn: CarPlaces,
    left_out: Collection[str],
    policy: DecisionPolicy,
) -> list[Reason]:
    """A reason where too many photos show an end of a car without the plate, which `plates` show, or an empty
    place of a plate.

    `ends`: by photo id the share that says a front or rear, 0..1; photos that are not in it say nothing.
    `left_out` are ids of photos known to show another car, which are no part of the advert.
    """
    seen = {plate.photo_id for plate in plates}
    bare = [
        photo
        for photo, end in ends.items()
        if photo not in seen
        and photo not in left_out
        and (end >= policy.likely_end or worn.is_empty_in(photo))
    ]
    if distinct(plates) >= policy.lead * len(bare):
        return []
    return [Reason("end_without_plate", {"photos": len(bare), "seen": len(seen)})]


def doubts_of_place(
    plates: Sequence[Plate], ends: Mapping[str, float], policy: DecisionPolicy
) -> list[Reason]:
    """A reason where a plate is beside the front or rear, in half of the photos that surely show one or
    more. `plates` are the sightings of the plate that was read, `ends` as above.
    """
    shown = places_on_ends(plates, ends, policy.end)
    beside = [at for at in shown if is_beside(at, policy)]
    if not beside or len(beside) < policy.beside * len(shown):
        return []
    return [Reason("beside_end", {"photos": len(beside), "shown": len(shown)})]


def is_on_end(
    plates: Sequence[Plate], ends: Mapping[str, float], policy: DecisionPolicy, height: float = 0.0
) -> bool:
    """Whether a plate is where a car's own is: in half of the photos that probably show a front or rear, and
    in one at least, and beside it in none. Where nobody looked for a covered plate beside it, it may not be.
    Arguments as above; `height` asks for more than the policy's least.
    """
    shown = places_on_ends(plates, ends, policy.likely_end)
    if any(is_beside(at, policy) for at in shown):
        return False
    own = [at for at in shown if is_own_place(at, policy) and at.height >= height]
    return bool(own) and len(own) >= policy.beside * len(shown)


def places_on_ends(plates: Sequence[Plate], ends: Mapping[str, float], least: float) -> list[EndPlace]:
    """Where those sightings are that are placed on the end of a photo that shows one by this share."""
    return [p.on_end for p in plates if p.on_end is not None and ends.get(p.photo_id, 0.0) >= least]


def is_own_place(at: EndPlace, policy: DecisionPolicy) -> bool:
    """Whether a car wears its own plate at this place on its end."""
    return at.height >= policy.own_end and at.below >= policy.own_below


def is_beside(at: EndPlace, policy: DecisionPolicy) -> bool:
    """Whether a car's own plate is not there: under the high places of the end that its photo shows."""
    return at.height < policy.on_end or at.below < policy.below_end
