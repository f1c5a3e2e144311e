"""What speaks against a plate whatever the network says of it: doubts, each a reason with its numbers."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from kilpi.decision.country import doubts_of_country
from kilpi.decision.features import Evidence
from kilpi.decision.ground import doubts_of_ground
from kilpi.decision.hidden import doubts_of_layout
from kilpi.decision.showing import says_a_name
from kilpi.decision.subject import largest, width_share
from kilpi.decision.tracks import Track
from kilpi.grammar import load_grammars
from kilpi.types import Mark, Reason

CARS = frozenset({"car", "truck"})  # a van is a truck by its papers


SURE = 0.5  # calibrated p from which another prominent plate's mark is taken seriously


NARROWEST = 0.06  # part of the photo's width: what is narrower in every photo may be a car behind


# Least prominence, in the photo where it is highest, of a plate that one photo shows (nothing else says whose
# it is) and of one that several do. The second stops 1 of 8,327 right calibration cars and 2 of 5 wrong.
ASIDE, ASIDE_OFTEN = 0.1, 0.07


# p is calibrated on composed cars and promised more than it held on photos of other places. Of the marks that
# it took wrongly nearly all had one character that was not sure, or had lost one (recipes/LOG.md).
WEAKEST = 0.93  # score of a mark's weakest character in the two photos that show it best (`Sign.best`)


WEAKEST_SISTER = 0.95  # the same for an A where the series also has Å: a ring is lost before a letter is


LEFT_OUT = 0.1  # score of a character in a place taken for empty


def doubts_without_p(track: Track, evidence: Evidence | None, home: Collection[str] = ()) -> list[Reason]:
    """All that speaks against one plate by itself, whatever the network says of it."""
    return [
        *doubts_of_mark(track),
        *doubts_of_country(track, home),
        *doubts_of_track(track),
        *doubts_of_signs(evidence),
        *doubts_of_layout(track),
    ]


def doubts_of_mark(track: Track) -> list[Reason]:
    """What speaks against the mark itself, however well it was read."""
    if not track.candidates:
        return [Reason("unreadable", {"photos": len(track.plates)})]
    mark = track.candidates[0].mark
    if not mark.identifies_car:
        return [Reason("trade_plate")]
    if mark.series is None:
        return [Reason("not_parsed" if any(c.isdigit() for c in mark.compact) else "show_plate")]
    if not CARS & load_grammars().vehicles(mark):
        return [Reason("not_a_car")]
    if says_a_name(mark):
        return [Reason("show_plate")]
    return doubts_of_ground(mark, track.plates)


def doubts_of_track(track: Track) -> list[Reason]:
    """What speaks against a plate by its size, and by what its photos say one by one."""
    doubts = []
    share, most = width_share(track), largest(track)
    least = ASIDE if len(track.plates) == 1 else ASIDE_OFTEN
    if share is not None and share < NARROWEST:
        doubts.append(Reason("too_small", {"share": round(share, 3), "least": NARROWEST}))
    elif share is not None and most < least:
        doubts.append(Reason("only_aside", {"prominence": round(most, 3), "least": least}))
    agree = sum(p.candidates[0].mark.compact == track.text for p in track.plates if p.candidates)
    if 2 * agree <= len(track.plates):
        doubts.append(Reason("photos_differ", {"agree": agree, "photos": len(track.plates)}))
    return doubts


def least_for(mark: Mark, at: int) -> float:
    """The least score of a mark's character: more where an A might be another car's Å."""
    return WEAKEST_SISTER if load_grammars().sisters(mark, at) else WEAKEST


def doubts_of_signs(evidence: Evidence | None) -> list[Reason]:
    """What speaks against single characters, however likely the whole: one weak, or one perhaps left out."""
    if evidence is None:
        return []
    doubts = []
    limits = [least_for(evidence.mark, at) for at in range(len(evidence.signs))]
    weak = [(one.best, least) for one, least in zip(evidence.signs, limits, strict=True) if one.best < least]
    if weak:
        score, least = min(weak)
        doubts.append(Reason("low_score", {"score": round(score, 3), "threshold": least}))
    left_out = evidence.numbers["left_out"] or 0.0
    if left_out > LEFT_OUT:
        doubts.append(Reason("maybe_longer", {"score": round(left_out, 3), "threshold": LEFT_OUT}))
    return doubts


def doubts_of_rivals(main: Track, rivals: Sequence[Track], chances: Sequence[float]) -> list[Reason]:
    """What speaks against a plate's being the front car's: others that may be it and are sure enough."""
    sure = [t for t, p in zip(rivals, chances, strict=True) if p >= SURE and t.candidates]
    if any(not t.candidates[0].mark.identifies_car for t in sure):
        return [Reason("trade_plate")]
    if not sure:
        return []
    marks = [t.candidates[0].mark.text for t in (main, *sure) if t.candidates]
    return [Reason("marks_differ", {"marks": marks})]
