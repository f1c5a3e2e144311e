"""Parts that say what they are told, behind the same one-method ports as the real ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from PIL import Image

from kilpi.errors import NotRegistered
from kilpi.geometry import quad_from_box
from kilpi.types import Box, CountryGuess, Guess, Mark, Photo, Pixels, Reading, Sighting, Vehicle


def reading_of(text: str, score: float = 0.99) -> Reading:
    """A reading with one guess a slot, from a plate that looks Finnish."""
    slots = tuple((Guess(char, score),) for char in text)
    return Reading(slots, "fake", "FI", countries=(CountryGuess("FI", 0.99),))


def write_car_photo(path: Path, seed: int, size: tuple[int, int] = (1200, 900), shade: int = 0) -> Path:
    """A sharp photo, unlike that of any other seed, with a dark plate where FakeDetector looks.

    `shade`, 0 to 30, is what `ShadeReader` tells one car's plate from another's by.
    """
    w, h = size
    coarse = np.random.default_rng(seed).integers(90, 230, (12, 16, 3), dtype=np.uint8)
    pixels = np.array(Image.fromarray(coarse).resize(size, Image.Resampling.NEAREST))
    pixels[h // 2 : h * 3 // 4, w // 4 : w * 3 // 4] = shade
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path, quality=92)
    return path


def write_yard(folder: Path, cars: Sequence[str]) -> None:
    """Two photos a car, a folder each; each car's plate in a shade of its own."""
    for number, car in enumerate(cars):
        for i in range(2):
            write_car_photo(folder / car / f"{i}.jpg", seed=2 * number + i, shade=10 * number)


def is_dark(pixels: Pixels) -> bool:
    """Fakes tell covered from open plates by brightness: an open plate is drawn black."""
    return float(pixels.mean()) < 40


@dataclass
class FakeDetector:
    """Finds a plate wherever `boxes` (shares of width and height) are still black."""

    boxes: Sequence[Box] = (Box(0.25, 0.5, 0.75, 0.75),)

    def find(self, photos: Sequence[Photo]) -> list[list[Sighting]]:
        return [[s for box in self.boxes if (s := self.look(photo, box))] for photo in photos]

    def look(self, photo: Photo, box: Box) -> Sighting | None:
        h, w = photo.pixels.shape[:2]
        part = photo.pixels[int(box.y1 * h) : int(box.y2 * h), int(box.x1 * w) : int(box.x2 * w)]
        if not is_dark(part):
            return None
        x, y = photo.width, photo.height
        return Sighting(quad_from_box(Box(box.x1 * x, box.y1 * y, box.x2 * x, box.y2 * y)), 0.9)


@dataclass
class FakeReader:
    """Reads the same text everywhere."""

    text: str = "ABC123"
    score: float = 0.99
    crops: list[Pixels] = field(default_factory=list)

    def read(self, crops: Sequence[Pixels]) -> list[Reading]:
        self.crops.extend(crops)
        return [reading_of(self.text, self.score) for _ in crops]


@dataclass
class ShadeReader:
    """Reads the text whose shade, in tens, is nearest to a plate's."""

    texts: Sequence[str] = ("ABC123", "DEF456", "GHJ789")
    scores: Sequence[float] = (0.99, 0.99, 0.99)

    def read(self, crops: Sequence[Pixels]) -> list[Reading]:
        places = [min(round(float(np.median(crop)) / 10), len(self.texts) - 1) for crop in crops]
        return [reading_of(self.texts[place], self.scores[place]) for place in places]


@dataclass
class FakeRegister:
    """Knows the cars it is given, by compact mark."""

    cars: Mapping[str, str]
    asked: list[Mark] = field(default_factory=list)

    def look_up(self, mark: Mark) -> Vehicle:
        self.asked.append(mark)
        if mark.compact not in self.cars:
            raise NotRegistered("the fake register: no such mark")
        return Vehicle(mark, "fake", datetime(2026, 1, 1, tzinfo=UTC), make=self.cars[mark.compact])
