"""All that speaks against a car's mark besides its p: the same for every reader, measured or not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from kilpi.decision.ends import doubts_of_ends, doubts_of_place
from kilpi.decision.features import Evidence
from kilpi.decision.places import CarPlaces
from kilpi.decision.policy import DecisionPolicy
from kilpi.decision.rules import Rules
from kilpi.decision.strangers import Strangers, find_strangers
from kilpi.decision.subject import Subject, elsewhere, overlooked
from kilpi.types import Plate, Reason, Shown


class Doubts(NamedTuple):
    """What speaks against the subject's mark, and the photos of other cars."""

    reasons: list[Reason]
    strangers: Strangers


def doubts_of_car(
    rules: Rules,
    subject: Subject,
    evidence: Evidence | None,
    chances: Sequence[float],
    plates: Sequence[Plate],
    shown: Shown,
) -> Doubts:
    """`evidence` is the main plate's; `chances` are how likely the marks of the subject's rivals are, then
    those of the plates behind; `plates` are all of the car's, `shown` as in `ports.Verifier`.
    """
    main, rivals = subject.main, (*subject.rivals, *subject.behind)
    mark = main.candidates[0].mark if main.candidates else None
    strangers = find_strangers(subject, mark, chances, rules.policy) if mark else Strangers()
    beside = tracks_beside(subject, strangers, rules.policy.lead)
    rated = [pair for pair in zip(rivals, chances, strict=True) if id(pair[0]) in beside]
    worn = CarPlaces(main.plates, plates, shown.places, rules.policy)
    reasons = [
        *rules.doubts_without_p(main, evidence, rules.is_own(main, plates, shown)),
        *rules.doubts_of_rivals(main, [track for track, _ in rated], [p for _, p in rated]),
        *rules.doubts_of_strangers(main, strangers),
        *doubts_of_ends(main.plates, shown.ends, worn, strangers.photos, rules.policy),
        *doubts_of_place(main.plates, shown.ends, rules.policy),
        *worn.doubts(),
    ]
    if unread := overlooked(main, plates, rules.policy):
        reasons.append(Reason("unreadable", {"photos": unread}))
    return Doubts(reasons, strangers.joined(others_in_front(subject, chances, plates, shown, rules.policy)))


def others_in_front(
    subject: Subject,
    chances: Sequence[float],
    plates: Sequence[Plate],
    shown: Shown,
    policy: DecisionPolicy,
) -> dict[str, str]:
    """Photos of another car's front or rear however small, by what its plate reads: without the subject's
    plate, and with another at the widest place for one. They are no part of the advert, and no doubt.
    """
    own, found = {plate.photo_id for plate in subject.main.plates}, dict[str, str]()
    for track, p in zip((*subject.rivals, *subject.behind), chances, strict=True):
        if p < policy.rival_p or not track.candidates:
            continue
        worn = CarPlaces(track.plates, plates, shown.places, policy)
        for plate in track.plates:
            end = shown.ends.get(plate.photo_id, 0.0) >= policy.likely_end
            if end and plate.photo_id not in own and worn.is_at_widest(plate):
                found[plate.photo_id] = track.candidates[0].mark.text
    return found


def tracks_beside(subject: Subject, strangers: Strangers, lead: float) -> set[int]:
    """The ids of the tracks that may be the subject's plate as well: not those that only photos of another
    car show, where the subject's leads by far.
    """
    left_out = set(strangers.photos) if strangers.outnumbered(lead) else set()
    tracks = (*subject.rivals, *elsewhere(subject))
    return {id(track) for track in tracks if not {p.photo_id for p in track.plates} <= left_out}
