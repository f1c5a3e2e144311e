"""What speaks for a mark, as tokens for the verifier's network: characters, how sure each is, and context.

A sequence has one token a context field, then one place a character; empty places come first. Every place
holds up to five token numbers, whose embeddings the network adds up: the character, its score over the
photos, its lead over the next character, its score in the worst photo, and in the two best. 0 stands for
nothing.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from math import exp, log
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kilpi.decision.subject import largest
from kilpi.decision.tracks import FLOOR, Track, says, size_of
from kilpi.grammar import Grammars
from kilpi.types import Mark

CONTEXT = (
    "photos", "agree", "differ", "share", "weakest", "left_out",
    "detector", "height", "prominence", "sharpness",
)  # fmt: skip
CHARACTER_NUMBERS = ("score", "lead", "worst", "best")
WIDTH = 5  # token numbers a place
LONGEST = 10  # characters; the reader has as many slots
LENGTH = 2 + len(CONTEXT) + LONGEST  # places of a sequence

Tokens = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class CharacterFeatures:
    """One character of a mark: what the photos say of it, or of one drawn alike that cannot stand there."""

    char: str
    score: float  # geometric mean over the photos
    lead: float  # natural logarithm of its fused score over the next character's
    worst: float  # in the photo that says it least
    best: float  # geometric mean over the two photos that say it most: one blurred photo takes nothing away


@dataclass(frozen=True, slots=True)
class Evidence:
    """What speaks for one mark of a track. `numbers` are the fields of `CONTEXT`; None where not known."""

    mark: Mark
    characters: tuple[CharacterFeatures, ...]
    numbers: Mapping[str, float | None]


def weigh(track: Track, grammars: Grammars, at_least: float = 0.0) -> Evidence | None:
    """The evidence for a track's first candidate; None where it has none. `at_least` is the prominence that
    a plate counts as having anyway, where something else says that it is the car's own.
    """
    if not track.candidates:
        return None
    mark = track.candidates[0].mark
    plates = track.plates
    agree = sum(says(plate, mark) for plate in plates)
    known = [p.sharpness for p in plates if p.sharpness is not None]
    slots = zip(mark.compact, track.reading.slots, track.columns, strict=True)
    characters = tuple(
        character_features(char + "".join(grammars.impossible_confusables(mark, at)), dict(fused), column)
        for at, (char, fused, column) in enumerate(slots)
    )
    numbers = {
        "photos": float(len(plates)),
        "agree": float(agree),
        "differ": float(len(plates) - agree),
        "share": sum(c.score for c in track.candidates if c.mark.compact == mark.compact),
        "weakest": min((one.best for one in characters), default=0.0),
        "left_out": track.reading.left_out,
        "detector": max(p.sighting.score for p in plates),
        "height": max(size_of(p)[1] for p in plates),
        "prominence": max(largest(track), at_least) if all(p.frame for p in plates) else None,
        "sharpness": max(known) if known else None,
    }
    return Evidence(mark, characters, numbers)


def character_features(
    chars: str, fused: dict[str, float], column: Sequence[Sequence[tuple[str, float]]]
) -> CharacterFeatures:
    """One character, the first of `chars`, against the fused slot and the photos' slots.

    Whatever says one of `chars` says it: an O with a 0 that no mark of the country has in its place is as
    sure as both together.
    """
    said = sorted(
        (max(sum(score for c, score in slot if c in chars), FLOOR) for slot in column), reverse=True
    )
    own = sum(score for c, score in fused.items() if c in chars)
    other = max((score for c, score in fused.items() if c not in chars), default=0.0)
    lead = log((own + 1e-5) / (other + 1e-5))
    return CharacterFeatures(chars[0], geometric_mean(said), lead, said[-1], geometric_mean(said[:2]))


def geometric_mean(values: Sequence[float]) -> float:
    """Of at least one value above 0."""
    return exp(sum(map(log, values)) / len(values))


@dataclass(frozen=True)
class Tokeniser:
    """Turns evidence into token numbers. `edges` are the limits of the bins of every number, ascending."""

    alphabet: str
    countries: tuple[str, ...]
    series: tuple[str, ...]  # "FI/ordinary"
    edges: Mapping[str, tuple[float, ...]] = field(hash=False)

    @cached_property
    def starts(self) -> dict[str, int]:
        """The first token number of every field; a field's first number stands for unknown."""
        sizes = {"country": len(self.countries) + 1, "series": len(self.series) + 1}
        sizes |= {name: len(self.edges[name]) + 2 for name in CONTEXT}
        sizes |= {"char": len(self.alphabet) + 1}
        sizes |= {name: len(self.edges[name]) + 2 for name in CHARACTER_NUMBERS}
        starts, at = {}, 1
        for name, size in sizes.items():
            starts[name] = at
            at += size
        return starts | {"end": at}

    @property
    def size(self) -> int:
        """How many token numbers there are, 0 included."""
        return self.starts["end"]

    def ladders(self) -> list[tuple[int, int]]:
        """The token numbers of every number's bins, as first and one past the last: neighbours mean alike."""
        names = (*CONTEXT, *CHARACTER_NUMBERS)
        return [(self.starts[n] + 1, self.starts[n] + 2 + len(self.edges[n])) for n in names]

    def encode(self, evidence: Sequence[Evidence]) -> Tokens:
        """(n, LENGTH, WIDTH) token numbers; marks are cut at LONGEST characters."""
        out = np.zeros((len(evidence), LENGTH, WIDTH), np.int64)
        starts = self.starts
        codes = {char: i for i, char in enumerate(self.alphabet, start=1)}
        for sequence, item in zip(out, evidence, strict=True):
            mark, characters = item.mark, item.characters[:LONGEST]
            row = sequence[LONGEST - len(characters) :]
            row[0, 0] = starts["country"] + place_in(self.countries, mark.country)
            row[1, 0] = starts["series"] + place_in(self.series, series_name(mark))
            for at, name in enumerate(CONTEXT, start=2):
                row[at, 0] = starts[name] + self.bin(name, item.numbers[name])
            for at, one in enumerate(characters, start=2 + len(CONTEXT)):
                row[at, 0] = starts["char"] + codes.get(one.char, 0)
                row[at, 1] = starts["score"] + self.bin("score", one.score)
                row[at, 2] = starts["lead"] + self.bin("lead", one.lead)
                row[at, 3] = starts["worst"] + self.bin("worst", one.worst)
                row[at, 4] = starts["best"] + self.bin("best", one.best)
        return out

    def bin(self, name: str, value: float | None) -> int:
        """The bin of a number, from 1; 0 where it is not known."""
        return 0 if value is None else 1 + bisect_right(self.edges[name], value)

    def state(self) -> dict[str, Any]:
        """As plain values, for a card."""
        edges = {name: [float(f"{e:.6g}") for e in edges] for name, edges in self.edges.items()}
        return {
            "alphabet": self.alphabet,
            "countries": list(self.countries),
            "series": list(self.series),
            "edges": edges,
        }

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> Tokeniser:
        """The inverse of `state`. Raises KeyError or TypeError where something is missing."""
        edges = {name: tuple(state["edges"][name]) for name in (*CONTEXT, *CHARACTER_NUMBERS)}
        return cls(state["alphabet"], tuple(state["countries"]), tuple(state["series"]), edges)


def series_name(mark: Mark) -> str:
    """ "FI/ordinary"; "-" where no rule parses the mark."""
    return f"{mark.country}/{mark.series}" if mark.series else "-"


def place_in(names: Sequence[str], name: str | None) -> int:
    """A name's place from 1; 0 where it is not among them."""
    return names.index(name) + 1 if name in names else 0
