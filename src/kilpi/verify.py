"""Whether a car's reads can be trusted: the plates of all its photos -> one Decision.

LstmVerifier finds the plate of the car in front, fuses what the photos say of it, and asks a network how
likely the mark is right. It accepts where that probability, calibrated, is above a threshold that was
measured, and where nothing else speaks against it. Everything else goes to a person, with the reasons.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kilpi.agreement import AgreementVerifier
from kilpi.confidence import Evidence, Tokeniser, weigh
from kilpi.country import doubts_of_country
from kilpi.errors import UsageError, WeightsError
from kilpi.front import Front, elsewhere, find_front, largest, overlooked, width_share
from kilpi.fusion import Track, find_tracks
from kilpi.grammar import Grammars, load_grammars
from kilpi.ports import Verifier
from kilpi.types import Decision, Mark, Plate, Reason, Verdict
from kilpi.weights import Network, open_network, weights_folder

__all__ = ["AgreementVerifier", "LstmVerifier", "default_verifier"]

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


class LstmVerifier:
    """Kilpi's own verifier; a `ports.Verifier`. Threads safe."""

    def __init__(
        self, weights: Path | None = None, threshold: float | None = None, home: Collection[str] = ()
    ) -> None:
        """`weights` is a folder with verifier.onnx and verifier.json; default as in `kilpi.weights`.

        `threshold` is the least calibrated p that is accepted; default the card's. `home` are the countries
        (ISO 3166 alpha-2) that the cars are registered in: of a mark of theirs the plate need not prove the
        country, only not look like another's; none: every plate must prove it. Raises WeightsError, and
        UsageError for a home without rules.
        """
        self.home = frozenset(home)
        if unknown := self.home.difference(load_grammars().countries if home else ()):
            raise UsageError(
                f"home: no rules for {', '.join(sorted(unknown))}; give ISO codes such as FI or SE"
            )
        self.network: Network = open_network("verifier", weights, threads=1)
        card = self.network.card
        try:
            self.tokeniser = Tokeniser.from_state(card.input["tokens"])
            self.reader = str(card.input["reader"])
            self.levels = np.array(card.input["calibration"], np.float64).reshape(-1, 2).T
            self.threshold = float(card.thresholds["p"]) if threshold is None else threshold
        except (KeyError, TypeError, ValueError) as error:
            raise WeightsError(f"the verifier's card lacks {error}; train it again") from None
        self.careful = AgreementVerifier()

    @cached_property
    def grammars(self) -> Grammars:
        """The rules of all countries."""
        return load_grammars()

    def decide(self, plates: Sequence[Plate]) -> Decision:
        """One decision for one car. `p` is None where the certainty of such reads was not measured."""
        plates = tuple(plates)
        if not plates:
            return Decision(Verdict.NO_PLATE, None, None, (Reason("no_plate"),))
        tracks = find_tracks(plates, self.grammars)
        if not tracks:
            photos = len({plate.photo_id for plate in plates})
            return Decision(Verdict.REVIEW, None, None, (Reason("unreadable", {"photos": photos}),), plates)
        if not all(self.measured(plate) for plate in plates):
            return self.careful.decide(plates)
        front = find_front(tracks)
        return self.judge(front, plates)

    def measured(self, plate: Plate) -> bool:
        """Whether a plate was read by the reader, and with the knowledge, that p was calibrated for."""
        known = plate.frame is not None and plate.sharpness is not None
        return known and (plate.reading is None or plate.reading.reader == self.reader)

    def judge(self, front: Front, plates: tuple[Plate, ...]) -> Decision:
        """The decision on the front car's plate, its rivals looked at."""
        main, rivals = front.main, (*front.rivals, *elsewhere(front))
        evidence = [weigh(track) for track in (main, *rivals)]
        p, *chances = self.chances(evidence)
        mark = main.candidates[0].mark if main.candidates else None
        doubts = [
            *doubts_without_p(main, evidence[0], self.home),
            *doubts_of_rivals(main, rivals, chances),
        ]
        unread = overlooked(main, plates)
        if unread:
            doubts.append(Reason("unreadable", {"photos": unread}))
        if p < self.threshold:
            values = {"p": round(p, 4), "threshold": round(self.threshold, 4)}
            doubts.append(Reason("not_sure_enough", values))
        if doubts:
            return Decision(Verdict.REVIEW, mark, p, tuple(doubts), plates)
        agreed = [
            Reason("plates_agree", {"photos": len(main.plates)}),
            Reason("sure_enough", {"p": round(p, 4)}),
        ]
        if front.behind or front.rivals:
            agreed.append(Reason("others_behind", {"plates": len(front.behind) + len(front.rivals)}))
        return Decision(Verdict.ACCEPTED, mark, p, tuple(agreed), plates)

    def chances(self, evidence: Sequence[Evidence | None]) -> list[float]:
        """Per piece of evidence the calibrated probability that its mark is the one on the plate."""
        scores = iter(self.scores([item for item in evidence if item is not None]))
        return [0.0 if item is None else self.calibrate(float(next(scores))) for item in evidence]

    def scores(self, evidence: Sequence[Evidence]) -> NDArray[np.float32]:
        """The network's raw scores (n,), 0..1, not calibrated."""
        if not evidence:
            return np.zeros(0, np.float32)
        tokens = self.tokeniser.encode(evidence)
        scores: NDArray[np.float32] = self.network.session.run(None, {"tokens": tokens})[0]
        return scores

    def calibrate(self, score: float) -> float:
        """Raw score -> p: straight lines between the card's points of calibration."""
        return float(np.interp(score, self.levels[0], self.levels[1]))


def default_verifier(weights: Path | None = None, home: Collection[str] = ()) -> Verifier:
    """LstmVerifier where its network is there, else AgreementVerifier. Raises WeightsError if damaged."""
    present = ((weights or weights_folder()) / "verifier.onnx").is_file()
    return LstmVerifier(weights, home=home) if present else AgreementVerifier()


def doubts_without_p(track: Track, evidence: Evidence | None, home: Collection[str] = ()) -> list[Reason]:
    """All that speaks against one plate by itself, whatever the network says of it."""
    return [
        *doubts_of_mark(track),
        *doubts_of_country(track, home),
        *doubts_of_track(track),
        *doubts_of_signs(evidence),
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
    return []


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
