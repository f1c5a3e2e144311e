"""What the view network learns places of plates from: crops of labelled photos, in which plates stay, are
swapped or are hidden, and where the same is done to places that are none.

Pictures are (SIDE, SIDE, 3) uint8 RGB, squashed to a square as in use; targets lie on a grid of GRID cells.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from kilpi.draw.composite import paste_plate, swap_plate
from kilpi.draw.hide_plate import hide
from kilpi.draw.insides.views import PAINTERS, draw_view, photographed
from kilpi.draw.plates import RenderedPlate, render_plate
from kilpi.geometry import quad_from_array
from kilpi.grammar import load_grammars
from kilpi.labels.dataset import Scene
from kilpi.labels.warps import mirror
from kilpi.photos.view import SIDE, squash
from kilpi.types import Pixels

Rng = np.random.Generator
Floats = NDArray[np.float32]

GRID = SIDE // 16
COUNTRIES = ("FI", "SE", "NO", "DE", "PL", "EE", "LV", "LT")  # of the plates that are swapped in
PLATES = 120  # drawn once, taken by lot
LONGEST = 640  # pixels of a crop before it is squashed: more is lost there anyway
SHARES = (0.05, 0.5)  # of the crop's width that its plate takes
TURNED, SHEARED = 4.0, 0.08  # degrees, and rise per width: standard deviations of `tilted`
NARROWEST = 0.055  # a narrower plate's place is not asked for: a car behind


@dataclass(frozen=True, slots=True)
class Mix:
    """How crops are made; every number is a probability."""

    drawn: float = 0.1  # an inside, a wheel, a paper: no place
    aimed: float = 0.78  # of photos with plates: at one of them
    largest: float = 0.85  # of these: at the largest
    hidden: float = 0.55  # of a plate
    swapped: float = 0.15
    pasted: float = 0.3  # a plate where none belongs
    tilted: float = 0.5


@dataclass(frozen=True, slots=True)
class PlaceExample:
    """One picture and its targets (GRID, GRID), see `place_net.PlaceTargets`."""

    pixels: Pixels
    heat: Floats
    care: Floats
    width: Floats


class PlaceExamples:
    """An endless stream, the same for the same scenes and seed."""

    def __init__(self, scenes: Sequence[Scene], seed: int, mix: Mix | None = None) -> None:
        self.scenes, self.mix, self.rng = list(scenes), mix or Mix(), np.random.default_rng((seed, 6))
        chances = np.array([scene.share for scene in self.scenes], np.float64)
        self.chances = chances / chances.sum()
        self.plates = drawn_plates(np.random.default_rng((seed, 7)))

    def __iter__(self) -> Iterator[PlaceExample]:
        while True:
            yield self.drawn() if self.rng.random() < self.mix.drawn else self.cropped()

    def drawn(self) -> PlaceExample:
        """A drawing of what is no outside."""
        rng = self.rng
        word = list(PAINTERS)[int(rng.integers(len(PAINTERS)))]
        scene = self.scenes[int(rng.integers(len(self.scenes)))]
        outside = np.asarray(cv2.resize(scene.view.pixels, (256, 96), interpolation=cv2.INTER_AREA), np.uint8)
        pixels = draw_view(word, rng, outside if rng.random() < 0.6 else None)
        return PlaceExample(squash(pixels), *targets([], 1, 1))

    def cropped(self) -> PlaceExample:
        """A crop of a photo."""
        rng = self.rng
        view = self.scenes[int(rng.choice(len(self.scenes), p=self.chances))].view
        view = mirror(view) if rng.random() < 0.5 else view
        quads = [np.asarray(quad, np.float64) for quad in view.quads]
        pixels, quads = crop(view.pixels, quads, self.mix, rng)
        if rng.random() < self.mix.tilted:
            pixels, quads = tilted(pixels, quads, rng)
        pixels = photographed(self.retouched(pixels, quads), rng)
        height, width = pixels.shape[:2]
        return PlaceExample(squash(pixels), *targets(quads, width, height))

    def retouched(self, pixels: Pixels, quads: Sequence[NDArray[np.float64]]) -> Pixels:
        """The crop with its plates hidden or swapped, and the same done where none is."""
        rng = self.rng
        near = [quad for quad in quads if is_near(quad, pixels)]
        for quad in near:
            chance = rng.random()
            if chance < self.mix.hidden:
                pixels = hide(pixels, quad, rng)
            elif chance < self.mix.hidden + self.mix.swapped:
                with suppress(ValueError, cv2.error):  # a plate that the crop cuts cannot be replaced
                    pixels = swap_plate(pixels, quad_from_array(quad), self.plate(), rng).pixels
        for _ in range(int(rng.integers(0, 3))):
            place = any_place(pixels, rng)
            if not any(is_close(place, quad) for quad in quads):
                pixels = hide(pixels, place, rng)
        if rng.random() < self.mix.pasted:
            taken = [quad_from_array(quad) for quad in near]
            pasted = paste_plate(pixels, self.plate(), rng, taken, (0.08, 0.32), 35.0)
            pixels = pasted.pixels if pasted else pixels
        return pixels

    def plate(self) -> RenderedPlate:
        """One of the drawn plates."""
        return self.plates[int(self.rng.integers(len(self.plates)))]


def drawn_plates(rng: Rng) -> list[RenderedPlate]:
    """Plates of the countries, as they are swapped in."""
    grammars = load_grammars()
    homes = [COUNTRIES[int(i)] for i in rng.integers(len(COUNTRIES), size=PLATES)]
    return [render_plate(grammars.sample(home, rng, "ordinary"), rng, 90) for home in homes]


def crop(
    pixels: Pixels, quads: Sequence[NDArray[np.float64]], mix: Mix, rng: Rng
) -> tuple[Pixels, list[NDArray[np.float64]]]:
    """A part of the photo, at most LONGEST pixels long, and all corners in it, also those outside."""
    height, width = pixels.shape[:2]
    aim = None
    if len(quads) and rng.random() < mix.aimed:
        largest = int(np.argmax([np.ptp(quad[:, 0]) for quad in quads]))
        aim = quads[largest if rng.random() < mix.largest else int(rng.integers(len(quads)))]
    if aim is None:
        wide = width * float(np.exp(rng.uniform(np.log(0.2), 0)))
    else:
        wide = float(np.ptp(aim[:, 0]) / np.exp(rng.uniform(*np.log(SHARES))))
    wide = int(np.clip(wide, min(40, width), width))
    tall = int(np.clip(wide * rng.uniform(0.55, 1.0), min(24, height), height))
    x, y = rng.uniform(0, width - wide + 1), rng.uniform(0, height - tall + 1)
    if aim is not None:
        x, y = aim.mean(axis=0) - (wide * rng.uniform(0.12, 0.88), tall * rng.uniform(0.2, 0.9))
    x, y = int(np.clip(x, 0, width - wide)), int(np.clip(y, 0, height - tall))
    part = np.ascontiguousarray(pixels[y : y + tall, x : x + wide])
    scale = min(1.0, LONGEST / max(part.shape[:2]))
    if scale < 1:
        size = round(wide * scale), round(tall * scale)
        part = np.asarray(cv2.resize(part, size, interpolation=cv2.INTER_AREA), np.uint8)
    return part, [(quad - (x, y)) * scale for quad in quads]


def tilted(
    pixels: Pixels, quads: Sequence[NDArray[np.float64]], rng: Rng
) -> tuple[Pixels, list[NDArray[np.float64]]]:
    """The crop turned and sheared a little, its edge mirrored outwards, and all corners in it."""
    height, width = pixels.shape[:2]
    angle, shear = np.deg2rad(rng.normal(0, TURNED)), rng.normal(0, SHEARED)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    matrix = turn @ np.array([[1, 0], [shear, 1]])
    middle = np.array([width, height]) / 2
    moved = np.column_stack([matrix, middle - matrix @ middle])
    seen = cv2.warpAffine(pixels, moved, (width, height), borderMode=cv2.BORDER_REFLECT)
    return np.asarray(seen, np.uint8), [quad @ matrix.T + moved[:, 2] for quad in quads]


def is_near(quad: NDArray[np.float64], pixels: Pixels) -> bool:
    """Whether at least half of a plate is in the crop, and so much of it that hiding it changes anything."""
    sides, (height, width) = np.ptp(quad, axis=0), pixels.shape[:2]
    inside = (quad.min(axis=0) > -0.5 * sides).all() and (
        quad.max(axis=0) < (width, height) + 0.5 * sides
    ).all()
    return bool(inside and sides[0] >= 8 and sides[1] >= 3)


def any_place(pixels: Pixels, rng: Rng) -> NDArray[np.float64]:
    """Corners of something as large as a plate, a little askew, anywhere."""
    height, width = pixels.shape[:2]
    wide = width * float(np.exp(rng.uniform(*np.log((0.07, 0.4)))))
    tall, askew = wide * rng.uniform(0.18, 0.4), rng.uniform(-0.25, 0.25)
    corners = np.array([[-wide, -tall], [wide, -tall], [wide, tall], [-wide, tall]]) / 2
    corners[:, 1] += corners[:, 0] * askew
    return corners + rng.uniform(0.05, 0.95, 2) * (width, height)


def is_close(place: NDArray[np.float64], quad: NDArray[np.float64]) -> bool:
    """Whether two places touch, or nearly do."""
    apart = np.abs(place.mean(axis=0) - quad.mean(axis=0))
    return bool((apart < (np.ptp(place, axis=0) + np.ptp(quad, axis=0)) * (0.6, 0.7)).all())


def targets(quads: Sequence[NDArray[np.float64]], width: int, height: int) -> tuple[Floats, Floats, Floats]:
    """Corners in a crop of this size -> heat, care and logarithm of the width, each (GRID, GRID)."""
    heat, care = np.zeros((GRID, GRID), np.float32), np.ones((GRID, GRID), np.float32)
    wide = np.zeros((GRID, GRID), np.float32)
    rows, columns = np.mgrid[0:GRID, 0:GRID] + 0.5
    for quad in quads:
        (x, y), sides = quad.mean(axis=0) / (width, height) * GRID, np.ptp(quad, axis=0) / (width, height)
        if not (0 < x < GRID and 0 < y < GRID):
            continue
        spread = max(0.7, 0.22 * GRID * sides[0]), max(0.7, 0.35 * GRID * sides[1])
        away = ((columns - x) / spread[0]) ** 2 + ((rows - y) / spread[1]) ** 2
        hill = np.exp(-away / 2).astype(np.float32)
        if sides[0] < NARROWEST:
            care = np.minimum(care, 1 - hill)
            continue
        hill /= hill.max()
        wide = np.where(hill > heat, np.float32(np.log(sides[0])), wide)
        heat = np.maximum(heat, hill)
    return heat, care, wide
