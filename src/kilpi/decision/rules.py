"""What speaks against a plate whatever the network says of it: doubts, each a reason with its numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kilpi.decision.country import doubts_of_country
from kilpi.decision.ends import is_on_end
from kilpi.decision.features import Evidence, weigh
from kilpi.decision.ground import doubts_of_ground
from kilpi.decision.hidden import doubts_of_layout
from kilpi.decision.places import CarPlaces
from kilpi.decision.policy import DecisionPolicy
from kilpi.decision.showing import says_a_name
from kilpi.decision.strangers import Strangers
from kilpi.decision.subject import largest, width_share
from kilpi.decision.tracks import Track, size_of
from kilpi.grammar import Grammars
from kilpi.types import Mark, Plate, Reason, Shown

CARS = frozenset({"car", "truck"})  # a van is a truck by its papers
PERSONAL = (
    "personal"  # the series of marks that their owners chose: any word may be one, in several countries
)


@dataclass(frozen=True)
class Rules:
    """The rules with all that they go by: the countries' grammars, the policy, and where cars are at home.

    `home` are the countries (ISO 3166 alpha-2) that the cars are registered in: of a mark of theirs the
    plate need not prove the country, only not look like another's; none: every plate must prove it.
    """

    grammars: Grammars
    policy: DecisionPolicy
    home: frozenset[str] = frozenset()
    words: frozenset[str] = frozenset()  # what the dealer's own show plates say, compact

    def evidence_of(self, track: Track, finds: Sequence[Plate], shown: Shown) -> Evidence | None:
        """What speaks for a track's mark. How small and how far aside a plate is in its photos says little of
        whose it is where it is the car's own by its place. `finds` are all of the photos', `shown` as in
        `ports.Verifier`.
        """
        own = self.is_own(track, finds, shown, self.policy.own_high)
        return weigh(track, self.grammars, self.policy.own_prominence if own else 0.0)

    def is_own(self, track: Track, finds: Sequence[Plate], shown: Shown, height: float = 0.0) -> bool:
        """Whether photos show a track's plate where the car wears its own: on its end, at this height or
        above, in photos of which an empty place would be known and that have it at a place of its size, if
        at any; or at the widest place. Arguments as above.
        """
        worn = CarPlaces(track.plates, finds, shown.places, self.policy)
        asked = [plate for plate in track.plates if plate.photo_id in shown.places and worn.fits(plate)]
        return is_on_end(asked, shown.ends, self.policy, height) or worn.leads(shown.ends)

    def doubts_without_p(self, track: Track, evidence: Evidence | None, own: bool = False) -> list[Reason]:
        """All that speaks against one plate by itself, whatever the network says of it.

        `own`: photos show it where a car's own plate is (`is_own`).
        """
        return [
            *self.doubts_of_mark(track),
            *doubts_of_country(track, self.grammars, self.policy, self.home),
            *self.doubts_of_track(track, own),
            *self.doubts_of_characters(evidence),
            *doubts_of_layout(track, self.grammars, self.policy),
        ]

    def doubts_of_mark(self, track: Track) -> list[Reason]:
        """What speaks against the mark itself, however well it was read."""
        if not track.candidates:
            return [Reason("unreadable", {"photos": len(track.plates)})]
        mark = track.candidates[0].mark
        if not mark.identifies_car:
            return [Reason("trade_plate")]
        if mark.series is None:
            return [Reason("not_parsed" if any(c.isdigit() for c in mark.compact) else "show_plate")]
        if not CARS & self.grammars.vehicles(mark):
            return [Reason("not_a_car")]
        if says_a_name(mark, self.words):
            return [Reason("show_plate")]
        if mark.series == PERSONAL and mark.country not in self.home:
            return [Reason("country_unsure", {"countries": [mark.country]})]
        return doubts_of_ground(mark, track.plates, self.grammars)

    def doubts_of_track(self, track: Track, own: bool) -> list[Reason]:
        """What speaks against a plate by its size, and by what its photos say one by one.

        A plate that is small and aside in its photos may be another car's, unless it is the car's own by its
        place.
        """
        doubts = []
        share, most = width_share(track), largest(track)
        least = self.policy.aside if len(track.plates) == 1 else self.policy.aside_often
        if share is not None and share < self.policy.narrowest:
            values = {"share": round(share, 3), "least": self.policy.narrowest}
            doubts.append(Reason("too_small", values))
        elif share is not None and most < least and not own:
            doubts.append(Reason("only_aside", {"prominence": round(most, 3), "least": least}))
        if odd := sum(self.is_oddly_placed(plate) for plate in track.plates) * (len(track.plates) > 1):
            doubts.append(Reason("odd_place", {"photos": odd}))
        agree = sum(p.candidates[0].mark.compact == track.text for p in track.plates if p.candidates)
        if 2 * agree <= len(track.plates):
            doubts.append(Reason("photos_differ", {"agree": agree, "photos": len(track.plates)}))
        return doubts

    def is_oddly_placed(self, plate: Plate) -> bool:
        """Whether a plate stands so high or low in its photo as hardly a car's own does: a neighbour's, a
        picture on a wall, a screen.
        """
        if plate.frame is None:
            return False
        width, height = plate.frame
        middle = sum(point.y for point in plate.sighting.quad) / 4 / height
        near = size_of(plate)[0] / width >= self.policy.close_up
        return not near and not self.policy.highest <= middle <= self.policy.lowest

    def least_for(self, mark: Mark, at: int) -> float:
        """The least score of a mark's character: more where an A might be another car's Å."""
        diacritic = self.grammars.diacritic_variants(mark, at)
        return self.policy.weakest_diacritic if diacritic else self.policy.weakest

    def doubts_of_characters(self, evidence: Evidence | None) -> list[Reason]:
        """What speaks against single characters, however likely the whole: one weak, or one left out."""
        if evidence is None:
            return []
        doubts = []
        seen = [one.best for one in evidence.characters]
        limits = [self.least_for(evidence.mark, at) for at in range(len(seen))]
        weak = [(best, least) for best, least in zip(seen, limits, strict=True) if best < least]
        if weak:
            score, least = min(weak)
            doubts.append(Reason("low_score", {"score": round(score, 3), "threshold": least}))
        left_out = evidence.numbers["left_out"] or 0.0
        if left_out > self.policy.left_out:
            values = {"score": round(left_out, 3), "threshold": self.policy.left_out}
            doubts.append(Reason("maybe_longer", values))
        return doubts

    def doubts_of_rivals(
        self, main: Track, rivals: Sequence[Track], chances: Sequence[float]
    ) -> list[Reason]:
        """What speaks against a plate's being the subject's: others that may be it and are sure enough."""
        paired = zip(rivals, chances, strict=True)
        sure = [track for track, p in paired if p >= self.policy.rival_p and track.candidates]
        if any(not track.candidates[0].mark.identifies_car for track in sure):
            return [Reason("trade_plate")]
        if not sure:
            return []
        marks = [track.candidates[0].mark.text for track in (main, *sure) if track.candidates]
        return [Reason("marks_differ", {"marks": marks})]

    def doubts_of_strangers(self, main: Track, strangers: Strangers) -> list[Reason]:
        """What speaks against a mark where photos show another car: unless it is read far more often."""
        if not strangers.photos or strangers.outnumbered(self.policy.lead):
            return []
        marks = [main.candidates[0].mark.text, *strangers.marks] if main.candidates else [*strangers.marks]
        return [Reason("marks_differ", {"marks": marks})]
