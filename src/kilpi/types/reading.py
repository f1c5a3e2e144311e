"""What a reader saw on one plate."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


class Guess(NamedTuple):
    """One character that a slot may hold. `score` is the reader's softmax, not calibrated."""

    char: str
    score: float


class CountryGuess(NamedTuple):
    """A country that a plate may be of, by its looks alone; raw score 0..1."""

    code: str  # ISO 3166-1 alpha-2
    score: float


class Place(NamedTuple):
    """Where on the picture of a plate a character was seen: the middle of it, and which row."""

    x: float  # part of the picture's width, from the left
    row: int  # 0: the upper or only one


@dataclass(frozen=True, slots=True)
class Reading:
    """What a reader saw: per slot its guesses, best first. Letters upper case, no separators."""

    slots: tuple[tuple[Guess, ...], ...]
    reader: str  # which reader, with its version
    country: str | None = None  # ISO 3166-1 alpha-2 (AX for Åland), where the reader tells
    rows: int = 1
    left_out: float = 0.0  # highest score for a further character, in a place that was taken for empty
    countries: tuple[CountryGuess, ...] = ()  # what the plate's looks say, best first; XX: one not known
    places: tuple[Place, ...] = ()  # one a slot, on the picture that was read; none where the reader has none

    @property
    def text(self) -> str:
        """The best guess of every slot."""
        return "".join(slot[0].char for slot in self.slots)

    @property
    def score(self) -> float:
        """The weakest slot's best score: a mark is as sure as its least sure character."""
        return min((slot[0].score for slot in self.slots), default=0.0)
