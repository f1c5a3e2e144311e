"""Signs that are taken for one another, and how far a reader that named only one of them is believed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import prod
from typing import NamedTuple

from kilpi.types import Guess, Reading

# What the reader did not name, and may still stand there. 0/O and 1/I are the same drawing on many plates,
# so the slot decides. The pairs that plate readers mix up most get a share of what the reader left over,
# and at least a little. A letter and its sister with a ring, dots or a stroke are different marks, hence
# different cars: the factor only keeps the sister in sight, it cannot win.


class Share(NamedTuple):
    """The part of a sign's score that an unnamed twin, and an unnamed lookalike, get at least."""

    confusables: float
    alike: float


# A reader that gives one guess a slot says nothing of the others; one that gives several has looked at them
# and left these out. Measured on dev-crops (528) and dev-parking (158) with an early reader of our own:
# 329 and 131 right with SILENT for both, 337 and 130 with TOLD, 338 and 130 with a third of it.
SILENT, TOLD = Share(0.3, 0.002), Share(0.03, 0.0003)
LEFT_OVER = 0.3
SISTERS = 1e-3
_CONFUSABLES = ("0O", "1I")
_ALIKE = ("8B", "5S", "2Z", "6G", "0Q", "0D", "1L", "4A", "7T", "7Z", "OQ", "OD", "VY", "UV")
FAMILIES = ("AÅÄÆ", "OÖØ", "UÜ")
# A sister may overtake the reader's own choice only where the reader itself was in doubt to this degree.
DOUBT = 0.25


def _pairs(groups: Sequence[str]) -> dict[str, str]:
    return {c: "".join(sorted(set("".join(g for g in groups if c in g)) - {c})) for c in "".join(groups)}


_CONFUSABLE, _LIKE, _SISTER = _pairs(_CONFUSABLES), _pairs(_ALIKE), _pairs(FAMILIES)


def confusables_of(char: str) -> str:
    """The characters that plates draw like this one."""
    return _CONFUSABLE.get(char, "")


def diacritic_variants_of(char: str) -> str:
    """The letters that differ from this one by a ring, dots or a stroke only."""
    return _SISTER.get(char, "")


def share_of(reading: Reading) -> Share:
    """How much room a reading leaves for what it did not name."""
    return TOLD if any(len(slot) > 1 for slot in reading.slots) else SILENT


def widen(guesses: Sequence[Guess], share: Share = SILENT) -> dict[str, float]:
    """One slot's characters with their scores: the reader's own, and its share for what looks alike."""
    slot: dict[str, float] = dict(reversed(guesses))
    left = max(0.0, 1.0 - sum(slot.values()))
    for char, score in guesses[:2]:
        alike = min(max(share.alike * score, LEFT_OVER * left), share.confusables * score)
        for others, part in (
            (_CONFUSABLE.get(char, ""), share.confusables * score),
            (_LIKE.get(char, ""), alike),
            (_SISTER.get(char, ""), SISTERS * score),
        ):
            for other in others:
                if part > slot.get(other, 0.0):
                    slot[other] = part
    return slot


def score_of(compact: str, slots: Sequence[Mapping[str, float]]) -> float:
    """The product of a mark's scores, one a slot; 0 where a slot rules its character out."""
    return prod(slot.get(char, 0.0) for slot, char in zip(slots, compact, strict=True))


def without_sisters(compact: str, reading: Reading) -> str:
    """Puts the reader's own choice back wherever a ring, dots or a stroke were changed against it."""
    own = []
    for char, guesses in zip(compact, reading.slots, strict=True):
        first = guesses[0]
        if first.char != char and char in _SISTER.get(first.char, ""):
            said = max((score for other, score in guesses if other == char), default=0.0)
            char = first.char if said < DOUBT * first.score else char
        own.append(char)
    return "".join(own)
