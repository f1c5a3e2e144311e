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

from kilpi.decision.agreement import AgreementVerifier
from kilpi.decision.features import Evidence, Tokeniser, weigh
from kilpi.decision.rules import doubts_of_rivals, doubts_without_p
from kilpi.decision.spelling import settle_spelling
from kilpi.decision.subject import Front, elsewhere, find_front, overlooked
from kilpi.decision.tracks import find_tracks
from kilpi.errors import UsageError, WeightsError
from kilpi.grammar import Grammars, load_grammars
from kilpi.ports import Verifier
from kilpi.types import Decision, Plate, Reason, Verdict
from kilpi.weights import Network, open_network, weights_folder

__all__ = ["AgreementVerifier", "LstmVerifier", "default_verifier"]


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
        main, rivals = settle_spelling(front.main), (*front.rivals, *elsewhere(front))
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
