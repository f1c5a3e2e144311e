"""What speaks against a person's answer that its giver had not seen: a slip of the fingers is another car's
mark as well, photos come and go, and lists and registers say more tomorrow than today.

Each thing is asked about once.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from kilpi.cases.answers import ALL, Answers, Identity, SaidMark, SaidVin, said_mark
from kilpi.cases.case import CasePhoto, Event, Kind, State, live_key
from kilpi.cases.flow import Outcome
from kilpi.cases.projection import standing
from kilpi.cases.records import mark_data
from kilpi.cases.seen import PLATES
from kilpi.cases.shared import still_there
from kilpi.decision.tracks import may_be_misread
from kilpi.types import Mark, Reason

CONTRADICTED = "answer_contradicted"  # photos that came after the answer show another mark
REPLACED = "photos_replaced"  # none of the photos that people spoke of is left
UNPROVEN = "photos_by_reference"  # nothing but a reference says that photos are of this car
NOT_SEEN = "answer_not_sure"  # something speaks against the answer, which its giver had not seen
READ_OTHERWISE = "read_otherwise"  # the photos surely show another mark than the one that was given
CONTRADICTION = "contradiction_"  # how the codes of what register and row say otherwise begin
UNKNOWN = "not_registered"
BY_REFERENCE = MappingProxyType({"by_reference": True})  # in the event of photos of which only that told
FACTS = "facts"  # the kind of answer that tells price, mileage and the like


def saw(answers: Answers, code: str) -> bool:
    """Whether who said which car it is had seen this."""
    return bool(answers.identity_sure & {ALL, code})


def unseen(answers: Answers, outcome: Outcome, events: Sequence[Event]) -> list[Reason]:
    """What speaks against the mark or VIN that somebody gave without having seen it. What the flow found
    stands in its own reasons, and is not told twice. Once an answer went through, new weights do not bring it
    back; what register or row say that they did not say then is asked about.
    """
    if not isinstance(answers.identity, SaidMark | SaidVin) or outcome.state is State.REVIEW:
        return []
    since = [one for one in decided(events) if one.seq > answers.identity_seq]
    through = [one for one in since if one.data["state"] != State.REVIEW]
    otherwise = read_otherwise(answers.identity, outcome.read, outcome.mark, events)
    if otherwise and not through and not saw(answers, READ_OTHERWISE):
        return otherwise
    now = [(why.code, why.values) for why in outcome.reasons]
    first = reasons_of(since[0]) if since else now
    known = contradictions(one for one in first if saw(answers, one[0]))
    known |= contradictions(one for event in through for one in reasons_of(event))
    return [Reason(NOT_SEEN)] if contradictions(now) - known else []


def reasons_of(event: Event) -> list[tuple[str, Mapping[str, Any]]]:
    """What the flow said in a decision, codes and values."""
    return [(one["code"], one["values"]) for one in event.data["reasons"]]


def other_photos(
    answers: Answers,
    outcome: Outcome,
    events: Sequence[Event],
    now: Iterable[CasePhoto],
    common: Collection[str] = (),
) -> Reason | None:
    """That the photos are not those any more that a person spoke of: new ones surely show another car, or
    none of the former ones is left and nothing says that the car is the same. `common` are photos (sha256)
    that other cars have too.
    """
    if another := shows_another(answers, outcome, events):
        return Reason(CONTRADICTED, {"read": mark_data(another)})
    here = {photo.sha256 for photo in now}
    seqs = {answers.identity_seq, max(answers.identity_seq, last_facts(events))} - {0}
    spoken = [photos_at(events, seq) for seq in seqs]

    def are_those(photos: Collection[str]) -> bool:
        return all(still_there(photos, was, common) for was in spoken)

    if are_those(here):
        return None
    made = [(one, one.data["photos"]) for one in decided(events)]
    later = [one for one, photos in made if still_there(here, photos, common) and not are_those(photos)]
    if any(one.data["state"] != State.REVIEW for one in later):
        return None  # it went through once
    fresh = here.difference(*spoken)
    former = [one for one, photos in made if fresh.isdisjoint(photos)]
    was = said_mark(answers) or (mark_in(former[-1]) if former else None)
    return None if outcome.read and was and live_key(outcome.read) == live_key(was) else Reason(REPLACED)


def by_reference(
    answers: Answers, outcome: Outcome, events: Sequence[Event], now: Iterable[CasePhoto]
) -> Reason | None:
    """That photos joined a car by its reference alone, which may stand for the next car by now, and do not
    show its plate; nobody has said since which car it is.
    """
    here = {photo.sha256 for photo in now} - answers.without
    joined = [
        {*one.data["photos"]} & here
        for one in standing(events)
        if one.kind is Kind.PHOTOS_ADDED
        and one.seq > answers.identity_seq
        and BY_REFERENCE.items() <= one.data.items()
    ]
    mark = outcome.mark.compact if outcome.mark else ""
    plates = outcome.record.get(PLATES) or ()
    own = {line["photo"] for line in plates if mark and may_be_misread(line["text"], mark)}
    return Reason(UNPROVEN) if any(one and one.isdisjoint(own) for one in joined) else None


def shows_another(answers: Answers, outcome: Outcome, events: Sequence[Event]) -> Mark | None:
    """The mark of another car that photos show which came after the answer. Only new photos are new evidence:
    new weights that read the old ones differently are not, nor is a plate that who said "no plate" had seen,
    nor what may be the same plate, misread once more.
    """
    seq, given = answers.identity_seq, outcome.mark
    new = any(one.kind is Kind.PHOTOS_ADDED and one.seq > seq for one in standing(events))
    if not (seq and new):
        return None
    likely = outcome.likely
    if given and likely and may_be_misread(likely.compact, given.compact):
        likely = None
    shown = outcome.read or likely
    if shown is None or live_key(shown) == live_key(given):
        return None
    before = [one.data for one in decided(events) if one.seq < seq]
    # A guess that was refused and is read surely now is new; one that is a guess again is not.
    marks = [before[-1].get("read"), None if outcome.read else before[-1]["mark"]] if before else []
    known = live_key(shown) in {live_key(Mark(**mark)) for mark in marks if mark}
    return shown if isinstance(answers.identity, SaidMark) or not known else None


def last_facts(events: Sequence[Event]) -> int:
    """The event that told a fact of the car last; 0: none did."""
    told = (
        one.seq for one in standing(events) if one.kind is Kind.ANSWERED and one.data.get("what") == FACTS
    )
    return max(told, default=0)


def photos_at(events: Sequence[Event], seq: int) -> set[str]:
    """The photos (sha256) that a case had at an event."""
    found: set[str] = set()
    for one in standing(events):
        if one.seq > seq:
            break
        if one.kind in (Kind.RECEIVED, Kind.PHOTOS_ADDED):
            found |= set(one.data.get("photos", ()))
        elif one.kind is Kind.PHOTOS_REMOVED:
            found -= set(one.data.get("photos", ()))
    return found


def decided(events: Sequence[Event]) -> list[Event]:
    """The decisions, without those that an erasure emptied."""
    return [one for one in events if one.kind is Kind.DECIDED and one.data]


def mark_in(event: Event) -> Mark | None:
    """The mark of a decision."""
    return Mark(**event.data["mark"]) if event.data["mark"] else None


def contradictions(reasons: Iterable[tuple[str, Mapping[str, Any]]]) -> set[str]:
    """Each contradiction among reasons, code and values in one word, to be known again."""
    told = ({"code": code, **values} for code, values in reasons if code.startswith(CONTRADICTION))
    return {json.dumps(one, sort_keys=True, default=str) for one in told}


def read_otherwise(
    said: Identity | None, read: Mark | None, given: Mark | None, events: Sequence[Event]
) -> list[Reason]:
    """That the photos surely show another mark, `read`, than the one that was given, or that a VIN's car has.

    A read that the register does not know speaks against no VIN. It does against a mark: who types what the
    plate says instead may slip, and the slip's mark is somebody's car.
    """
    if read is None or given is None or live_key(read) == live_key(given):
        return []
    if isinstance(said, SaidVin) and is_refuted(read, events):
        return []
    return [Reason(READ_OTHERWISE, {"read": read.text})]


def is_refuted(read: Mark, events: Sequence[Event]) -> bool:
    """Whether a register was asked for a mark that was read, and does not know it."""
    return any(
        live_key(mark_in(one)) == live_key(read)
        for one in decided(events)
        if any(reason["code"] == UNKNOWN for reason in one.data["reasons"])
    )


def read_alone(events: Sequence[Event]) -> Mark | None:
    """What the last decision accepted, or would have without the answers, of the photos alone."""
    last = next((event for event in reversed(events) if event.kind is Kind.DECIDED), None)
    return Mark(**last.data["read"]) if last and last.data.get("read") else None
