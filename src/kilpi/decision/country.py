"""Which country a mark is of, and so which register is asked: ABC-123 is a car in five countries.

The characters alone cannot tell. What can is the plate's looks: the letters on the strip at its left end
above all. Every photo gives scores for all countries; fused (`kilpi.decision.tracks`), what counts is how
far the mark's country stands out among those that have such marks. Who says where the cars are registered,
at home, need not have it proven: there it is enough that a plate looks like home rather than like anything
else.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from kilpi.decision.policy import DecisionPolicy
from kilpi.decision.tracks import Track
from kilpi.grammar import ANY, Grammars
from kilpi.types import Reason


@dataclass(frozen=True, slots=True)
class Looks:
    """What a plate's looks say of its mark's country."""

    share: float  # of the mark's country among those that may have such marks, all photos together
    best: float  # score of the mark's country in the photo where it is highest
    rival: float  # the same of other countries that have such marks
    likely: tuple[str, ...]  # the mark's own country, and those known ones that photos take for likeliest


def looks_of(track: Track, grammars: Grammars) -> Looks:
    """The looks of a plate whose first candidate is a mark of a country.

    What marks there are in countries without a grammar (XX) nobody knows, so that these always compete.
    """
    mark = track.candidates[0].mark
    own = mark.country or ""
    seen = [dict(plate.reading.countries) for plate in track.plates if plate.reading]
    homes = {*grammars.homes(mark.compact), own, ANY}
    rivals = {code: score for code, score in track.reading.countries if code in homes}
    share = rivals.get(own, 0.0) / (sum(rivals.values()) or 1.0)
    best = max((scores.get(own, 0.0) for scores in seen), default=0.0)
    rival = max((scores.get(code, 0.0) for scores in seen for code in homes - {own, ANY}), default=0.0)
    firsts = {max(scores, key=lambda code: scores[code]) for scores in seen if scores}
    return Looks(share, best, rival, tuple(sorted({*firsts, own} - {ANY, ""})))


def doubts_of_country(
    track: Track, grammars: Grammars, policy: DecisionPolicy, home: Collection[str] = ()
) -> Sequence[Reason]:
    """What speaks against a mark's country, whose register will be asked. `home` as in `rules.Rules`."""
    mark = track.candidates[0].mark if track.candidates else None
    if mark is None or not mark.identifies_car:
        return []
    if mark.country in home and not track.reading.countries:
        return []  # a reader that tells no countries: none of them speaks against home
    looks = looks_of(track, grammars)
    shown = looks.best >= policy.country_seen and looks.share >= policy.country_share
    expected = mark.country in home and looks.share >= policy.country_home
    if (shown or expected) and looks.rival < policy.country_seen:
        return []
    return [Reason("country_unsure", {"countries": list(looks.likely)})]
