"""Cars as a reader might see them, drawn by lot: for tests that need many, and no network."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from kilpi.evaluation.car_reads import CarReads
from kilpi.geometry import quad_from_box
from kilpi.grammar import load_grammars
from kilpi.types import Box, CountryGuess, Guess, Plate, Reading, Sighting

READER = "drawn 1"
MIDDLE = Box(400, 500, 600, 550)
OTHERS = "ABCDEFGHJKLMNPRSTUVXYZ0123456789"


def drawn_reading(text: str, rng: np.random.Generator, clear: float, reader: str = READER) -> Reading:
    """`clear` 1 reads rightly and surely; below, some characters are read wrongly, mostly with low scores."""
    slots = []
    for char in text:
        score = float(np.clip(1 - rng.exponential(0.004 + 0.5 * (1 - clear) ** 2), 0.3, 0.9999))
        other = str(rng.choice([c for c in OTHERS if c != char]))
        first, second = (char, other) if rng.random() < score + 0.3 * (1 - score) else (other, char)
        slots.append((Guess(first, score), Guess(second, (1 - score) * 0.8)))
    return Reading(tuple(slots), reader, "FI", countries=(CountryGuess("FI", 0.97),))


def drawn_plate(
    photo: str,
    text: str,
    rng: np.random.Generator,
    clear: float = 1.0,
    box: Box = MIDDLE,
    reader: str = READER,
) -> Plate:
    """A plate in a photo of 1000 x 750 pixels."""
    reading = drawn_reading(text, rng, clear, reader)
    ranked = load_grammars().rank(reading) if text else ()
    return Plate(photo, Sighting(quad_from_box(box), 0.9), reading, ranked, (1000, 750), 0.3 + 0.5 * clear)


def drawn_cars(
    n: int, seed: int, photos: tuple[int, int] = (1, 4), clear: Sequence[float] = (0.3, 1.0)
) -> list[CarReads]:
    """Finnish cars whose every photo shows their plate, more or less clearly."""
    rng = np.random.default_rng(seed)
    cars = []
    for i in range(n):
        text = load_grammars().sample("FI", rng, "ordinary").mark.compact
        count = int(rng.integers(photos[0], photos[1] + 1))
        low, high = clear
        plates = [drawn_plate(f"{i}-{k}", text, rng, float(rng.uniform(low, high))) for k in range(count)]
        cars.append(CarReads(str(i), text, count, tuple(plates), (True,) * count, "FI"))
    return cars
