"""Which photos of a folder show another car: its plate is as large as a subject's and reads otherwise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kilpi.decision.copies import distinct
from kilpi.decision.policy import DecisionPolicy
from kilpi.decision.subject import Subject, prominence
from kilpi.decision.tracks import says
from kilpi.types import Mark, Plate


@dataclass(frozen=True, slots=True)
class Strangers:
    """Photos whose main car is another, and the marks that they show."""

    photos: tuple[str, ...] = ()  # ids
    marks: tuple[str, ...] = ()
    own: int = 0  # photos that read the decided mark, copies of one counted once

    def outnumbered(self, lead: float) -> bool:
        """Whether the decided mark is read in `lead` times as many photos."""
        return self.own >= lead * len(self.photos)


def find_strangers(
    subject: Subject, mark: Mark, chances: Sequence[float], policy: DecisionPolicy
) -> Strangers:
    """The other cars' photos; `chances` are the p of the subject's rivals and then of the plates behind.

    A photo counts that does not show the decided plate, but one of another track, likely right and large
    enough to be accepted by itself; and one that was taken for the same plate and surely reads otherwise, for
    cars of one dealer may have marks that follow each other.
    """
    own = {p.photo_id for p in subject.main.plates}
    found: dict[str, str] = {}
    others = zip((*subject.rivals, *subject.behind), chances, strict=True)
    for track, p in others:
        if p < policy.rival_p or not track.candidates:
            continue
        for plate in track.plates:
            if plate.photo_id not in own and prominence(plate) >= policy.stranger:
                found[plate.photo_id] = track.candidates[0].mark.text
    for plate in subject.main.plates:
        if surely_other(plate, mark, policy):
            found[plate.photo_id] = plate.candidates[0].mark.text
    agreeing = distinct([plate for plate in subject.main.plates if says(plate, mark)])
    return Strangers(tuple(found), tuple(dict.fromkeys(found.values())), agreeing)


def surely_other(plate: Plate, mark: Mark, policy: DecisionPolicy) -> bool:
    """Whether a photo of the track reads another mark as long as this one, and surely enough."""
    if says(plate, mark) or plate.reading is None or not plate.candidates:
        return False
    if plate.candidates[0].mark.series is None or len(plate.candidates[0].mark.compact) != len(mark.compact):
        return False
    return plate.reading.score >= policy.surely_other
