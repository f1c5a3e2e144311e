"""The marks that a person can choose from by one key: each one that the car may really have."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterator, Mapping, Sequence

from kilpi.cases.case import Case
from kilpi.decision.showing import says_a_name
from kilpi.decision.tracks import Track, find_tracks
from kilpi.grammar import Grammars
from kilpi.publishing.entries import WITHOUT_MARK
from kilpi.types import GROUPS, LEAST_P, Candidate, Group, Mark, Plate, Record

READABLE = 0.5  # least score of a plate's weakest character: below it is a sign, or a car far behind
LIKELY = 1e-2  # least share of a further candidate among those of its plate
DOTS = 1e-3  # the same of one that differs from the first in rings and dots alone: those are lost first
SHOW_PLATE = "show_plate"
UNREAD = frozenset({"unreadable", "no_plate"})  # what was guessed then would only mislead
INSIDE = frozenset(
    view.value for view, group in GROUPS.items() if group not in (Group.OUTSIDE, Group.DETAIL, Group.UNSURE)
)
"""Views in which a car's own plate is not: what is read there is lettering, a display or a paper."""


def choices_of(
    record: Record, case: Case, plates: Sequence[Plate], views: Mapping[str, str], grammars: Grammars
) -> Iterator[Mark]:
    """Marks that the case may have, likeliest first, each once.

    First the decided one, then the first candidate of each plate that was tracked over the photos (most
    photos first), then their other candidates. Left out: guesses below a floor, what no grammar of the
    country knows, trade and show plates, lettering, and all where a person said that no plate is there.
    `views`: by photo (sha256) what it shows.
    """
    if any(why.code in UNREAD | WITHOUT_MARK for why in case.reasons):
        return
    likely = case.p is None or case.p >= LEAST_P
    read = grammars.mark(record.mark, record.country) if record.mark else None
    decided = [one for one in (case.mark, read) if one and likely]
    own = {mark.compact for mark in decided}
    outside = [plate for plate in plates if views.get(plate.photo_id) not in INSIDE]
    tracks = [
        track
        for track in find_tracks(outside, grammars)
        if track.candidates and (track.reading.score >= READABLE or track.text in own)
    ]
    ruled_out = {track.text for track in tracks if says_no_car(track, grammars)}
    if any(why.code == SHOW_PLATE for why in case.reasons):  # by a word of the dealer's own, perhaps
        ruled_out |= own
    if not likely:  # neither what was read nor what else that plate might read
        ruled_out |= {one.compact for one in (case.mark, read) if one}
    tracks = [track for track in tracks if track.text not in ruled_out and not is_word(track, own)]
    given: set[tuple[str, str | None]] = set()
    firsts = [track.candidates[0].mark for track in tracks]
    others = [one.mark for track in tracks for one in track.candidates[1:] if is_likely(one, track)]
    for one in (*decided, *firsts, *others):
        mark = grammars.mark(one.text, one.country)
        if mark.compact in ruled_out or not can_be(mark) or (mark.compact, mark.country) in given:
            continue
        given.add((mark.compact, mark.country))
        yield mark


def can_be(mark: Mark) -> bool:
    """Whether a mark can be a car's: a grammar of its country knows it, and it is neither a trade plate's nor
    a name that dealers put on plates.
    """
    known = mark.country is not None and mark.series is not None
    return known and mark.identifies_car and not says_a_name(mark)


def says_no_car(track: Track, grammars: Grammars) -> bool:
    """Whether a plate is a trade plate or a show plate: what else it might read is no car's either."""
    first = track.candidates[0].mark
    first = grammars.mark(first.text, first.country)
    return not first.identifies_car or says_a_name(first)


def is_word(track: Track, own: Collection[str]) -> bool:
    """Whether it is likelier lettering than a plate: letters alone, in one photo, and not decided."""
    return track.reading.text.isalpha() and len(track.plates) == 1 and track.text not in own


def is_likely(one: Candidate, track: Track) -> bool:
    """Whether a further candidate is worth a key."""
    first = track.candidates[0].mark
    dots = one.mark.country == first.country and bare(one.mark) == bare(first)
    return one.score >= (DOTS if dots else LIKELY)


def bare(mark: Mark) -> str:
    """A mark without rings and dots."""
    return unicodedata.normalize("NFD", mark.compact).encode("ascii", "ignore").decode()
