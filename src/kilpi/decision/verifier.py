"""Whether a car's reads can be trusted: the plates of all its photos -> one Decision.

LstmVerifier finds the plate of the car in front, fuses what the photos say of it, and asks a network how
likely the mark is right. It accepts where that probability, calibrated, is above a threshold that was
measured, and where nothing else speaks against it. Everything else goes to a person, with the reasons.
"""

from __future__ import annotations

import copy
from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kilpi.decision.agreement import AgreementVerifier, usual_rules
from kilpi.decision.doubts import doubts_of_car
from kilpi.decision.features import Evidence, Tokeniser
from kilpi.decision.policy import DecisionPolicy
from kilpi.decision.rules import Rules
from kilpi.decision.spelling import settle_spelling
from kilpi.decision.strangers import LEFT_OUT, Strangers
from kilpi.decision.subject import Subject, find_subject
from kilpi.decision.tracks import find_tracks
from kilpi.errors import UsageError, WeightsError
from kilpi.grammar import Grammars, load_grammars
from kilpi.ports import NOTHING_SHOWN, Verifier
from kilpi.text import compact_mark
from kilpi.types import Decision, Plate, Reason, Shown, Verdict
from kilpi.weights import Network, find_weights, open_network, reader_name
from kilpi.weights.session import giving_back


class LstmVerifier:
    """Kilpi's own verifier; a `ports.Verifier`. Threads safe."""

    def __init__(
        self,
        network: Network,
        grammars: Grammars,
        home: Collection[str] = (),
        policy: DecisionPolicy | None = None,
        words: Collection[str] = (),
    ) -> None:
        """`network` is an opened verifier.onnx; `policy` replaces its card's. `home` as in `rules.Rules`;
        `words` are what the dealer's show plates say.

        Raises WeightsError where the card lacks something, and UsageError for a home without rules.
        """
        if unknown := set(home).difference(grammars.countries):
            raise UsageError(
                f"home: no rules for {', '.join(sorted(unknown))}; give ISO codes such as FI or SE"
            )
        self.network, card = network, network.card
        self.policy = policy or DecisionPolicy.from_card(card.thresholds, card.policy)
        self.rules = Rules(grammars, self.policy, frozenset(home), frozenset(map(compact_mark, words)))
        try:
            self.tokeniser = Tokeniser.from_state(card.input["tokens"])
            self.reader = str(card.input["reader"])
            self.levels = np.array(card.input["calibration"], np.float64).reshape(-1, 2).T
        except (KeyError, TypeError, ValueError) as error:
            raise WeightsError(f"the verifier's card lacks {error}; train it again") from None

    @classmethod
    def load(
        cls,
        weights: Path | None = None,
        home: Collection[str] = (),
        policy: DecisionPolicy | None = None,
        words: Collection[str] = (),
    ) -> LstmVerifier:
        """Opens verifier.onnx of a folder, by default that of `kilpi.weights`. Raises WeightsError."""
        return cls(open_network("verifier", weights, threads=1), load_grammars(), home, policy, words)

    def ruled(self, home: Collection[str], words: Collection[str]) -> LstmVerifier:
        """The same for other cars: their home countries, and more words of show plates than its own."""
        made = copy.copy(self)
        made.rules = replace(
            self.rules,
            home=frozenset(home) or self.rules.home,
            words=self.rules.words | frozenset(map(compact_mark, words)),
        )
        return made

    def decide(self, plates: Sequence[Plate], shown: Shown = NOTHING_SHOWN) -> Decision:
        """One decision for one car. `p` is None where the certainty of such reads was not measured."""
        plates = tuple(plates)
        if not plates:
            return Decision(Verdict.NO_PLATE, None, None, (Reason("no_plate"),))
        tracks = find_tracks(plates, self.rules.grammars)
        if not tracks:
            photos = len({plate.photo_id for plate in plates})
            return Decision(Verdict.REVIEW, None, None, (Reason("unreadable", {"photos": photos}),), plates)
        if not all(self.measured(plate) for plate in plates):
            return AgreementVerifier(self.rules).decide(plates, shown)
        return self.judge(find_subject(tracks, self.policy), plates, shown)

    def measured(self, plate: Plate) -> bool:
        """Whether a plate was read by the reader, and with the knowledge, that p was calibrated for."""
        known = plate.frame is not None and plate.sharpness is not None
        return known and (plate.reading is None or plate.reading.reader == self.reader)

    def judge(self, subject: Subject, plates: tuple[Plate, ...], shown: Shown) -> Decision:
        """The decision on the subject's plate, its rivals looked at."""
        main = settle_spelling(subject.main, self.rules.grammars, self.policy.at_edge)
        subject = subject._replace(main=main)
        tracks = (main, *subject.rivals, *subject.behind)
        evidence = [self.rules.evidence_of(track, plates, shown) for track in tracks]
        p, *chances = self.chances(evidence)
        mark = main.candidates[0].mark if main.candidates else None
        doubts, strangers = doubts_of_car(self.rules, subject, evidence[0], chances, plates, shown)
        if p < self.policy.p:
            values = {"p": round(p, 4), "threshold": round(self.policy.p, 4)}
            doubts.append(Reason("not_sure_enough", values))
        if doubts:
            return Decision(Verdict.REVIEW, mark, p, tuple(doubts), plates, strangers.photos)
        return Decision(Verdict.ACCEPTED, mark, p, agreed(subject, p, strangers), plates, strangers.photos)

    def chances(self, evidence: Sequence[Evidence | None]) -> list[float]:
        """Per piece of evidence the calibrated probability that its mark is the one on the plate."""
        scores = iter(self.scores([item for item in evidence if item is not None]))
        return [0.0 if item is None else self.calibrate(float(next(scores))) for item in evidence]

    def scores(self, evidence: Sequence[Evidence]) -> NDArray[np.float32]:
        """The network's raw scores (n,), 0..1, not calibrated."""
        if not evidence:
            return np.zeros(0, np.float32)
        tokens = self.tokeniser.encode(evidence)
        # A car's photos were looked at, and this is small: the time to give back what their networks took.
        scores: NDArray[np.float32] = self.network.session.run(None, {"tokens": tokens}, giving_back())[0]
        return scores

    def calibrate(self, score: float) -> float:
        """Raw score -> p: straight lines between the card's points of calibration."""
        return float(np.interp(score, self.levels[0], self.levels[1]))

    def score_of(self, p: float) -> float:
        """The raw score that `calibrate` makes this p of; the curve rises strictly."""
        return float(np.interp(p, self.levels[1], self.levels[0]))


def agreed(subject: Subject, p: float, strangers: Strangers) -> tuple[Reason, ...]:
    """What an accepted mark rests on, and what was left aside."""
    found = [
        Reason("plates_agree", {"photos": strangers.own}),
        Reason("sure_enough", {"p": round(p, 4)}),
    ]
    if subject.behind or subject.rivals:
        found.append(Reason("others_behind", {"plates": len(subject.behind) + len(subject.rivals)}))
    if strangers.photos:
        found.append(Reason(LEFT_OUT, {"photos": len(strangers.photos)}))
    return tuple(found)


def home_of(verifier: Verifier) -> frozenset[str]:
    """The countries that a verifier takes cars to be registered in; empty where it knows of none."""
    return verifier.rules.home if isinstance(verifier, LstmVerifier | AgreementVerifier) else frozenset()


def default_verifier(
    weights: Path | None = None, home: Collection[str] = (), words: Collection[str] = ()
) -> Verifier:
    """LstmVerifier where its network is there and of this folder's reader, else AgreementVerifier.

    Raises WeightsError if damaged, UsageError for a home without rules.
    """
    try:
        find_weights("verifier", weights)
    except WeightsError:
        return AgreementVerifier(usual_rules(home, words))
    verifier = LstmVerifier.load(weights, home, words=words)
    return verifier if reader_name(weights) in {None, verifier.reader} else AgreementVerifier(verifier.rules)
