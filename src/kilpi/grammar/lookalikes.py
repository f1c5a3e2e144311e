"""Signs that are taken for one another, and how far a reader that named only one of them is believed."""

from __future__ import annotations

from collections.abc import Sequence

from kilpi.types import Guess, Reading

# What the reader did not name, and may still stand there. 0/O and 1/I are the same drawing on many plates,
# so the slot decides. The pairs that plate readers mix up most get a share of what the reader left over,
# and at least a little. A letter and its sister with a ring, dots or a stroke are different marks, hence
# different cars: the factor only keeps the sister in sight, it cannot win.
TWINS = 0.3
ALIKE = 0.002
LEFT_OVER = 0.3
SISTERS = 1e-4
_TWINS = ("0O", "1I")
_ALIKE = ("8B", "5S", "2Z", "6G", "0Q", "0D", "1L", "4A", "7T", "7Z", "OQ", "OD", "VY", "UV")
FAMILIES = ("AÅÄÆ", "OÖØ", "UÜ")
# A sister may overtake the reader's own choice only where the reader itself was in doubt to this degree.
DOUBT = 0.25


def _pairs(groups: Sequence[str]) -> dict[str, str]:
    return {c: "".join(sorted(set("".join(g for g in groups if c in g)) - {c})) for c in "".join(groups)}


_TWIN, _LIKE, _SISTER = _pairs(_TWINS), _pairs(_ALIKE), _pairs(FAMILIES)


def widen(guesses: Sequence[Guess]) -> dict[str, float]:
    """One slot's characters with their scores: the reader's own, and its share for what looks alike."""
    slot: dict[str, float] = dict(reversed(guesses))
    left = max(0.0, 1.0 - sum(slot.values()))
    for char, score in guesses[:2]:
        alike = min(max(ALIKE * score, LEFT_OVER * left), TWINS * score)
        for others, share in (
            (_TWIN.get(char, ""), TWINS * score),
            (_LIKE.get(char, ""), alike),
            (_SISTER.get(char, ""), SISTERS * score),
        ):
            for other in others:
                if share > slot.get(other, 0.0):
                    slot[other] = share
    return slot


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
