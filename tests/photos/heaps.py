"""Photos of heaps for tests: a car is a colour, a view is a word."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import numpy as np

from kilpi.photos.heap import HeapPhoto, Sorting
from kilpi.photos.look import look_of
from kilpi.photos.view import guess_of
from kilpi.types import VIEWS, View

WORDS = {
    "F": View.FRONT_QUARTER,
    "R": View.REAR_QUARTER,
    "S": View.SIDE,
    "c": View.COCKPIT,
    "s": View.SEATS,
    "d": View.EXTERIOR_DETAIL,
    "p": View.DOCUMENT,
}
"""Upper case: from outside."""
PAINTS = {"red": (180, 40, 40), "blue": (40, 60, 180), "green": (40, 140, 60), "grey": (120, 120, 120)}
NOON = datetime(2026, 3, 2, 12, 0)


def heap_photo(number: int, word: str, paint: str, p: float = 0.98, **more: Any) -> HeapPhoto:
    """Photo IMG_1000 + number. From outside mostly paint, from inside mostly black, always some noise."""
    shares = np.full(len(VIEWS), (1 - p) / (len(VIEWS) - 1))
    shares[VIEWS.index(WORDS[word])] = p
    rng = np.random.default_rng(number)
    pixels = np.full((60, 80, 3), 20, np.uint8)
    pixels[: 45 if word.isupper() else 12] = PAINTS[paint]
    pixels[45:] = rng.integers(90, 110, (15, 80, 3), dtype=np.uint8)
    name = more.pop("name", f"IMG_{1000 + number}.JPG")
    ident = hashlib.sha256(f"{number} {name}".encode()).hexdigest()
    return HeapPhoto(ident, name, guess_of(shares, 0.64), look_of(pixels), **more)


def walk(*cars: str) -> list[HeapPhoto]:
    """Cars as "red FFRRcsd", one after the other; names count up."""
    parts = [(word, paint) for car in cars for paint, words in [car.split()] for word in words]
    return [heap_photo(n, word, paint) for n, (word, paint) in enumerate(parts)]


def minutes(photos: Sequence[HeapPhoto], waits_s: Sequence[float]) -> list[datetime]:
    """Times with these waits between them."""
    assert len(waits_s) == len(photos) - 1
    return [NOON + timedelta(seconds=sum(waits_s[:n])) for n in range(len(photos))]


def sizes(sorting: Sorting) -> list[int]:
    return [len(car.photos) for car in sorting.cars]


def whys(sorting: Sorting) -> list[str]:
    return [one.why.value for one in sorting.aside]
