"""AgreementVerifier: accepts a mark that several photos show alike and surely; nothing in it is learnt.

At least two photos, all that show the car's plate agree, a country's rules parse the mark, every read is
sure, and nothing speaks against it that does not need a calibrated p (`doubts`): a covered character looks
to another reader like no character at all, too. Anything else goes to a person, with the reason. It decides
where certainty was not measured: for other readers, and where nothing is known of the photos.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from kilpi.decision.doubts import doubts_of_car
from kilpi.decision.features import weigh
from kilpi.decision.policy import USUAL
from kilpi.decision.rules import Rules
from kilpi.decision.spelling import settle_spelling
from kilpi.decision.subject import find_subject
from kilpi.decision.tracks import find_tracks
from kilpi.geometry import quad_size
from kilpi.grammar import load_grammars
from kilpi.ports import NOTHING_SHOWN
from kilpi.text import compact_mark
from kilpi.types import Decision, Mark, Plate, Reason, Shown, Verdict

MIN_PHOTOS = 2
MIN_SCORE = 0.80  # of the weakest character; provisional, not fitted to any set
NOISE = 0.40  # a weakest character below this is no reading
MIN_MARGIN = 0.90  # share of the best candidate among all candidates of one plate


def usual_rules(home: Collection[str] = (), words: Collection[str] = ()) -> Rules:
    """The rules where no verifier's card gives a policy; `home` and `words` as for `LstmVerifier`."""
    return Rules(load_grammars(), USUAL, frozenset(home), frozenset(map(compact_mark, words)))


def main_plates(plates: Sequence[Plate]) -> list[Plate]:
    """Per photo the plate of the car in front: the widest that was read at all; photos in their first order.

    A wheel or a badge taken for a plate reads as noise, so photos that show nothing better are left out as
    long as another photo shows a plate.
    """
    shown = [plate for plate in plates if is_read(plate)] or plates
    widest: dict[str, Plate] = {}
    for plate in shown:
        known = widest.get(plate.photo_id)
        if known is None or plate_width(plate) > plate_width(known):
            widest[plate.photo_id] = plate
    return list(widest.values())


def is_read(plate: Plate) -> bool:
    """Whether the reader saw characters rather than noise."""
    return plate.reading is not None and plate.reading.score >= NOISE


def plate_width(plate: Plate) -> float:
    """Width in native pixels of its photo."""
    return quad_size(plate.sighting.quad)[0]


def best_mark(plate: Plate) -> Mark | None:
    """The plate's first candidate."""
    return plate.candidates[0].mark if plate.candidates else None


def share_of(mark: Mark, plate: Plate) -> float:
    """How much of one plate's candidates says these characters, whatever the country."""
    return sum(c.score for c in plate.candidates if c.mark.compact == mark.compact)


@dataclass(frozen=True)
class AgreementVerifier:
    """Accepts a mark that several photos show alike and surely. Implements `Verifier`."""

    rules: Rules = field(default_factory=usual_rules)
    min_photos: int = MIN_PHOTOS
    min_score: float = MIN_SCORE
    min_margin: float = MIN_MARGIN

    def decide(self, plates: Sequence[Plate], shown: Shown = NOTHING_SHOWN) -> Decision:
        """Accepted, review with reasons, or no plate. `p` stays None: nothing here is calibrated."""
        front = main_plates(plates)
        marks = Counter(mark for plate in front if (mark := best_mark(plate)))
        if not front:
            return Decision(Verdict.NO_PLATE, None, None, (Reason("no_plate"),), tuple(plates))
        if not marks:
            return Decision(
                Verdict.REVIEW, None, None, (Reason("unreadable", {"photos": len(front)}),), tuple(plates)
            )
        mark = marks.most_common(1)[0][0]
        doubts = [
            *self.doubts_of_mark(mark, marks),
            *self.doubts_of_reads(mark, front),
            *self.doubts_of_car(mark, plates, shown),
        ]
        if doubts:
            return Decision(Verdict.REVIEW, mark, None, one_of_each(doubts), tuple(plates))
        agreed = Reason("plates_agree", {"photos": len(front)})
        return Decision(Verdict.ACCEPTED, mark, None, (agreed,), tuple(plates))

    def doubts_of_car(self, mark: Mark, plates: Sequence[Plate], shown: Shown) -> list[Reason]:
        """What a measured reader's marks are asked too; without p every other plate counts as well read."""
        grammars = self.rules.grammars
        tracks = find_tracks(plates, grammars)
        if not tracks:
            return [Reason("unreadable", {"photos": len({plate.photo_id for plate in plates})})]
        subject = find_subject(tracks, self.rules.policy)
        main = settle_spelling(subject.main, grammars, self.rules.policy.at_edge)
        subject = subject._replace(main=main)
        rivals = (*subject.rivals, *subject.behind)
        others = [float(any(is_read(plate) for plate in track.plates)) for track in rivals]
        doubts = doubts_of_car(self.rules, subject, weigh(main, grammars), others, plates, shown).reasons
        if main.candidates and main.candidates[0].mark.compact != mark.compact:
            doubts.append(Reason("marks_differ", {"marks": [mark.text, main.candidates[0].mark.text]}))
        return doubts

    def doubts_of_mark(self, mark: Mark, marks: Counter[Mark]) -> list[Reason]:
        """What speaks against the mark itself."""
        doubts = []
        if len(marks) > 1:
            doubts.append(Reason("marks_differ", {"marks": [m.text for m, _ in marks.most_common()]}))
        if not mark.identifies_car:
            doubts.append(Reason("trade_plate"))
        elif mark.series is None:
            doubts.append(Reason("not_parsed"))
        return doubts

    def doubts_of_reads(self, mark: Mark, shown: Sequence[Plate]) -> list[Reason]:
        """What speaks against how it was read."""
        doubts = []
        if len(shown) < self.min_photos:
            doubts.append(Reason("one_photo_only", {"photos": len(shown)}))
        if any(best_mark(plate) is None for plate in shown):
            doubts.append(Reason("unreadable", {"photos": sum(best_mark(p) is None for p in shown)}))
        reads = [p for p in shown if best_mark(p) == mark]
        weakest = min(plate.reading.score if plate.reading else 0.0 for plate in reads)
        if weakest < self.min_score:
            doubts.append(Reason("low_score", {"score": round(weakest, 3), "threshold": self.min_score}))
        if min(share_of(mark, plate) for plate in reads) < self.min_margin:
            others = {c.mark.text for p in reads for c in p.candidates if c.mark.compact != mark.compact}
            doubts.append(Reason("ambiguous", {"others": sorted(others)}))
        return doubts


def one_of_each(reasons: Sequence[Reason]) -> tuple[Reason, ...]:
    """The reasons in their order, of each code the first: both kinds of rules may say the same."""
    firsts = {reason.code: reason for reason in reversed(reasons)}
    return tuple(firsts[code] for code in dict.fromkeys(reason.code for reason in reasons))
