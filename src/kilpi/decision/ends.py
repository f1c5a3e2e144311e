"""Whether photos show the car's front or rear and not the plate that was read: then it may be another car's.

A plate that one photo of four shows, of a car whose other photos show its front and rear bare, is a stray
photo's. What a photo shows is told elsewhere (`types.ViewGuess.end`); here photos are counted.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from kilpi.decision.policy import DecisionPolicy
from kilpi.types import Plate, Reason


def doubts_of_ends(
    plates: Sequence[Plate], ends: Mapping[str, float], left_out: Collection[str], policy: DecisionPolicy
) -> list[Reason]:
    """A reason where too many photos show an end of a car without the plate, which `plates` show.

    `ends`: by photo id the share that says a front or rear, 0..1; photos that are not in it say nothing.
    `left_out` are ids of photos known to show another car, which are no part of the advert.
    """
    seen = {plate.photo_id for plate in plates}
    bare = [
        photo
        for photo, end in ends.items()
        if end >= policy.end and photo not in seen and photo not in left_out
    ]
    if len(seen) >= policy.lead * len(bare):
        return []
    return [Reason("end_without_plate", {"photos": len(bare), "seen": len(seen)})]
