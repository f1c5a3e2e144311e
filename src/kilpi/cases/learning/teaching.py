"""Which car is asked next: the one whose answer teaches most; a random part is asked in no order at all.

An answer teaches where the reader was unsure of a plate that could be read: sharp and large enough. The
random part is kept apart, for what is asked by what is hard says nothing of what is usual.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import log

import numpy as np

from kilpi.geometry import quad_size
from kilpi.hashing import share_of_key
from kilpi.types import Plate

RANDOM = 0.2  # of the questions: by hash, so a case stays what it is
LEGIBLE_PX = 60.0  # plate width from which a person reads it with ease; below, less is learnt from it
MOST_BITS = 10.0  # a bit for each of ten characters: more is not told apart
SHARP = 0.3  # of `kilpi.sharpness`
# What an answer teaches, by tenths of 150 questions that were drawn as in recipes/which_next.py, the end at
# its most. Places in the queue are told by them: by the plain value most came behind the random part.
TENTHS = (0.0, 0.099, 0.132, 0.185, 0.232, 0.284, 0.331, 0.371, 0.417, 0.588, 1.0)


def is_random(case_id: str) -> bool:
    """Whether a case is of the random part."""
    return share_of_key(f"random question {case_id}") < RANDOM


def rank(case_id: str, plates: Sequence[Plate]) -> float:
    """For `Outcome.rank`, 0..1, the least is asked first. The random part is spread over all places."""
    if is_random(case_id):
        return share_of_key(f"place {case_id}")
    most = max((teaches(plate) for plate in plates), default=0.0)
    return 1.0 - float(np.interp(most, TENTHS, np.linspace(0.0, 1.0, len(TENTHS))))


def teaches(plate: Plate) -> float:
    """0..1: how unsure the reader was, as far as the plate can be read at all."""
    if plate.reading is None or not plate.reading.slots:
        return 0.0
    unsure = sum(_unsure([guess.score for guess in slot]) for slot in plate.reading.slots)
    legible = min(1.0, quad_size(plate.sighting.quad)[0] / LEGIBLE_PX)
    sharp = 1.0 if plate.sharpness is None else min(1.0, plate.sharpness / SHARP)
    return min(1.0, unsure / MOST_BITS) * legible * sharp


def _unsure(scores: Sequence[float]) -> float:
    """Entropy in bits of a slot's guesses, what is left over counted as one more."""
    rest = max(0.0, 1.0 - sum(scores))
    return -sum(p * log(p, 2) for p in (*scores, rest) if p > 0)
