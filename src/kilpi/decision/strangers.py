"""Which photos of a folder show another car: its plate is as large as a subject's and reads otherwise, or
they follow one that shows such a plate.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from kilpi.decision.copies import distinct
from kilpi.decision.policy import USUAL, DecisionPolicy
from kilpi.decision.subject import Subject, prominence
from kilpi.decision.tracks import may_be_misread, says
from kilpi.types import Decision, Group, Mark, Plate, ViewGuess

LEFT_OUT = "other_car_photos"  # the reason that tells how many photos are another car's


@dataclass(frozen=True, slots=True)
class Strangers:
    """Photos whose main car is another, and the marks that they show."""

    photos: tuple[str, ...] = ()  # ids
    marks: tuple[str, ...] = ()
    own: int = 0  # photos that read the decided mark, copies of one counted once

    def joined(self, more: Mapping[str, str]) -> Strangers:
        """With further photos, by the marks that they show."""
        photos = dict.fromkeys((*self.photos, *more))
        return Strangers(tuple(photos), tuple(dict.fromkeys((*self.marks, *more.values()))), self.own)

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


def strangers_to(mark: Mark, decision: Decision, policy: DecisionPolicy = USUAL) -> tuple[str, ...]:
    """The ids of the photos of another car than the one that a person said.

    Those of the decision stay, but for what may show the mark that was given, which was read wrongly perhaps.
    Where photos show that mark, those that surely show another one, large enough, are another car's as well.
    """
    own = {plate.photo_id for plate in decision.plates if may_say(plate, mark)}
    found = dict.fromkeys(photo for photo in decision.strangers if photo not in own)
    for plate in decision.plates if own else ():
        large = prominence(plate) >= policy.stranger
        if large and plate.photo_id not in own and reads_surely(plate, policy):
            found[plate.photo_id] = None
    exactly = {plate.photo_id for plate in decision.plates if says(plate, mark)}
    for plate in decision.plates if exactly else ():
        if plate.photo_id not in exactly and surely_other(plate, mark, policy):
            found[plate.photo_id] = None
    return tuple(found)


def with_followers(decision: Decision, order: Sequence[str], views: Mapping[str, ViewGuess]) -> Decision:
    """The decision, with what comes after another car's photo left out too: insides and details show no
    plate, and who went on to the next car photographed its seats as well. A photo that shows the car's own
    plate, or any car from outside, ends it. `order` has the photos' ids, `views` what they show.
    """
    if not decision.strangers or decision.mark is None:
        return decision
    own = {plate.photo_id for plate in decision.plates if may_say(plate, decision.mark)}
    found, following = dict.fromkeys(decision.strangers), False
    for photo in order:
        guess = views.get(photo)
        if photo in decision.strangers:
            following = True
        elif photo in own or guess is None or guess.group is Group.OUTSIDE:
            following = False
        elif following:
            found[photo] = None
    told = tuple(
        replace(why, values={"photos": len(found)}) if why.code == LEFT_OUT else why
        for why in decision.reasons
    )
    return replace(decision, reasons=told, strangers=tuple(found))


def may_say(plate: Plate, mark: Mark) -> bool:
    """Whether a plate's reading is so near a mark that it may be this one, misread."""
    read = plate.candidates[0].mark.compact if plate.candidates else ""
    return bool(read) and may_be_misread(read, mark.compact)


def reads_surely(plate: Plate, policy: DecisionPolicy) -> bool:
    """Whether a known country's mark was read in a photo, and surely enough to be held against another."""
    known = plate.candidates and plate.candidates[0].mark.series is not None
    return bool(known and plate.reading and plate.reading.score >= policy.surely_other)


def surely_other(plate: Plate, mark: Mark, policy: DecisionPolicy) -> bool:
    """Whether a photo of the track reads another mark as long as this one, and surely enough."""
    if says(plate, mark) or not reads_surely(plate, policy):
        return False
    return len(plate.candidates[0].mark.compact) == len(mark.compact)
