"""Training pairs for the verifier: what the line says of a plate, and whether it is right.

All come from composed cars that went through the real detector and reader. Of each car several choices of
its photos are taken, so that one photo is as well represented as four.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import prod

import numpy as np
from numpy.typing import NDArray

from kilpi.decision.features import CHARACTER_NUMBERS, CONTEXT, Evidence, Tokeniser, series_name, weigh
from kilpi.decision.rules import Rules
from kilpi.decision.subject import Subject, find_subject, overlooked
from kilpi.decision.tracks import Track, find_tracks
from kilpi.evaluation.car_reads import CarReads, is_own
from kilpi.plates.alphabet import ALPHABET
from kilpi.types import Plate

# Quantiles of every number that part its bins. Finer at the low end: a mark is as sure as its weakest sign.
LEVELS = (0.005, 0.01, 0.02, 0.03, *(k / 20 for k in range(1, 20)))
USUAL = 15  # marks of a series from which it has a token of its own
SUBSETS = 5  # choices of photos a car

Rng = np.random.Generator


@dataclass(frozen=True, slots=True)
class Pair:
    """The evidence for one mark, and whether it is the true one."""

    evidence: Evidence
    right: bool


def pairs_of(cars: Sequence[CarReads], rules: Rules, rng: Rng, subsets: int = SUBSETS) -> list[Pair]:
    """Pairs for training: the plate taken for the front car's, in several choices of a car's photos.

    It is right where it reads as the car's own mark: a neighbour's plate that was read well is wrong, too. Of
    what country it is another matter, of which the evidence tells nothing (`decision.country`).
    """
    pairs = []
    for car in cars:
        for plates in choices(car, rng, subsets):
            tracks = find_tracks(plates, rules.grammars)
            main = find_subject(tracks, rules.policy).main if tracks else None
            evidence = weigh(main, rules.grammars) if main else None
            if evidence is not None:
                pairs.append(Pair(evidence, evidence.mark.compact == car.truth))
    return pairs


def choices(car: CarReads, rng: Rng, subsets: int) -> Iterator[list[Plate]]:
    """The car's plates in some of its photos: in all, then in choices by lot, no choice twice."""
    photos = sorted({plate.photo_id for plate in car.plates})
    seen = set()
    for attempt in range(subsets):
        size = len(photos) if attempt == 0 else int(rng.integers(1, len(photos) + 1)) if photos else 0
        chosen = frozenset(rng.choice(photos, size, replace=False)) if size else frozenset()
        if chosen and chosen not in seen:
            seen.add(chosen)
            yield [plate for plate in car.plates if plate.photo_id in chosen]


@dataclass(frozen=True, slots=True)
class JudgedCar:
    """A car as it comes to the threshold: its front plate, the evidence, and whether the mark is the car's.

    `right` counts the country, too: what passes the rules and p must fetch this car. `sorted_out` is True
    where something else than p sends the car to a person.
    """

    car: CarReads
    track: Track | None
    evidence: Evidence | None
    right: bool
    sorted_out: bool

    @property
    def matches(self) -> bool:
        """Whether the mark has the true one's characters, a trade plate's as well: what a score can tell."""
        return self.evidence is not None and self.evidence.mark.compact == self.car.truth


def judged_car(car: CarReads, rules: Rules) -> JudgedCar:
    """One car, all its photos."""
    tracks = find_tracks(car.plates, rules.grammars)
    if not tracks:
        return JudgedCar(car, None, None, False, True)
    subject = find_subject(tracks, rules.policy)
    evidence = rules.evidence_of(subject.main, car.plates, car.shown)
    if evidence is None:
        return JudgedCar(car, subject.main, None, False, True)
    return JudgedCar(
        car,
        subject.main,
        evidence,
        is_own(evidence.mark, car, rules.grammars),
        ruled_out(subject, evidence, car, rules),
    )


def ruled_out(subject: Subject, evidence: Evidence, car: CarReads, rules: Rules) -> bool:
    """Whether a rule that needs no p sends the car to a person."""
    own = rules.is_own(subject.main, car.plates, car.shown)
    doubts = rules.doubts_without_p(subject.main, evidence, own)
    return bool(doubts) or overlooked(subject.main, car.plates, rules.policy) > 0


def make_tokeniser(pairs: Sequence[Pair], countries: Sequence[str]) -> Tokeniser:
    """Bins by the quantiles of these pairs; series that are seen often enough."""
    values: dict[str, list[float]] = {name: [] for name in (*CONTEXT, *CHARACTER_NUMBERS)}
    for pair in pairs:
        for name in CONTEXT:
            number = pair.evidence.numbers[name]
            if number is not None:
                values[name].append(number)
        for one in pair.evidence.characters:
            for name in CHARACTER_NUMBERS:
                values[name].append(getattr(one, name))
    edges = {name: quantiles(found) for name, found in values.items()}
    counts = Counter(series_name(pair.evidence.mark) for pair in pairs)
    series = tuple(sorted(name for name, n in counts.items() if n >= USUAL))
    tokeniser = Tokeniser(ALPHABET, tuple(countries), series, edges)
    return Tokeniser.from_state(tokeniser.state())  # rounded as the card has it


def quantiles(values: Sequence[float]) -> tuple[float, ...]:
    """Limits of bins at `LEVELS`, none twice. Whole numbers below 8 get a bin each."""
    if not values:
        return ()
    found = np.asarray(values)
    if np.all(found == np.round(found)) and found.max() < 100:
        return tuple(float(v) + 0.5 for v in range(int(found.min()), min(int(found.max()), 8)))
    return tuple(float(v) for v in np.unique(np.round(np.quantile(found, LEVELS), 6)))


def baselines(evidence: Sequence[Evidence]) -> dict[str, NDArray[np.float64]]:
    """Scores that need no training, each (n,), higher is surer."""
    chars = [[sign.score for sign in item.characters] for item in evidence]
    numbers = [item.numbers for item in evidence]
    return {
        "lowest character score": np.array([min(c, default=0.0) for c in chars]),
        "mean character score": np.array([sum(c) / max(1, len(c)) for c in chars]),
        "product of character scores": np.array([prod(c) if c else 0.0 for c in chars]),
        "grammar only": np.array([float(item.mark.series is not None) for item in evidence]),
        "share among candidates": np.array([float(n["share"] or 0.0) for n in numbers]),
        "agreement only": np.array(
            [float(n["agree"] or 0.0) / (1.0 + 4.0 * float(n["differ"] or 0.0)) for n in numbers]
        ),
    }
