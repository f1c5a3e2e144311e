"""A pool of training crops in memory, filled by processes beside the training, so that the training never
waits.

Every crop is used a few times, each time cut a little otherwise and in another light. Which crops a batch
holds depends on how fast both sides run, so two runs with one seed see the same plates but not the same
batches.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import torch
import torch.multiprocessing as mp
from numpy.typing import NDArray
from torch import Tensor

from kilpi.draw.degrade import degrade, sharpen
from kilpi.grammar import ANY
from kilpi.labels.warps import View
from kilpi.learn.reader.crops import TRAINING_WEAR, Crop, Wear, columns_of, draw_crop
from kilpi.learn.reader.marks import TRAINING_BLEND, Blend, Marks
from kilpi.learn.reader.net import TOKENS
from kilpi.plates.alphabet import ALPHABET, BLANK, SLOTS
from kilpi.plates.reader import SHAPE, WIDTH, fit_crop
from kilpi.types import Pixels

Rng = np.random.Generator
CODES = {char: code for code, char in enumerate(ALPHABET)}
UNKNOWN = -1  # a country or a number of rows that nobody said
UNSEEN = -2  # columns of a real crop: nobody said where its characters are
# How often a crop is varied so when it is used.
MOVED, BLURRED, SHARPENED, PALER, NOISY = 0.8, 0.2, 0.2, 0.25, 0.2


@dataclass(frozen=True, slots=True)
class Recipe:
    """What the pool is made of."""

    blend: Blend = TRAINING_BLEND
    wear: Wear = TRAINING_WEAR
    real: float = 0.08  # share of real crops, where there are any
    size: int = 32768  # crops in the pool: 49 kB each
    uses: float = 4.0  # how often a crop is used before another takes its place
    first: int = 512  # crops that must be there before the training begins


@dataclass(frozen=True, slots=True)
class Sources:
    """What crops are drawn from: photos, and real crops of plates whose text is known."""

    views: tuple[View, ...]
    real: tuple[Crop, ...] = ()


def shared(values: Tensor) -> Tensor:
    """The same numbers where other processes see and change them."""
    values.share_memory_()  # type: ignore[no-untyped-call]
    return values


class Pool:
    """Crops and their truths in shared memory, and how far the filling and the using have come."""

    def __init__(self, recipe: Recipe, countries: Sequence[str]) -> None:
        self.recipe, self.countries = recipe, tuple(countries)
        n = recipe.size
        self.pixels = shared(torch.zeros((n, *SHAPE), dtype=torch.uint8))
        self.slots = shared(torch.full((n, SLOTS), BLANK, dtype=torch.int16))
        self.columns = shared(torch.full((n, TOKENS), UNSEEN, dtype=torch.int8))
        self.country = shared(torch.full((n,), UNKNOWN, dtype=torch.int8))
        self.rows = shared(torch.full((n,), UNKNOWN, dtype=torch.int8))
        self.made = shared(torch.zeros(1, dtype=torch.int64))
        self.used = shared(torch.zeros(1, dtype=torch.int64))

    def put(self, place: int, crop: Crop) -> None:
        """Writes one crop and its truth."""
        codes = [CODES[char] for char in crop.text]
        self.slots[place] = torch.tensor(codes + [BLANK] * (SLOTS - len(codes)), dtype=torch.int16)
        drawn = len(crop.boxes) == len(codes)
        self.columns[place] = torch.from_numpy(columns_of(crop)) if drawn else UNSEEN
        named = crop.country if crop.country in self.countries else ANY
        self.country[place] = self.countries.index(named) if crop.country else UNKNOWN
        self.rows[place] = crop.rows - 1
        self.pixels[place] = torch.from_numpy(fit_crop(crop.pixels))

    def batches(self, size: int, seed: int, alive: Callable[[], bool]) -> Iterator[tuple[Tensor, ...]]:
        """Endless batches: pixels, slots, columns, country, rows; each drawn anew from the whole pool."""
        rng = np.random.default_rng(seed)
        while int(self.made) < min(self.recipe.first, self.recipe.size):
            if not alive():
                raise RuntimeError("the process that makes training crops has ended")
            time.sleep(0.2)
        while True:
            filled = min(int(self.made), self.recipe.size)
            chosen = torch.from_numpy(rng.integers(filled, size=size))
            self.used += size
            pixels = vary(self.pixels[chosen], rng)
            yield (
                pixels,
                self.slots[chosen].long(),
                self.columns[chosen].long(),
                self.country[chosen].long(),
                self.rows[chosen].long(),
            )


def vary(pixels: Tensor, rng: Rng) -> Tensor:
    """(n, h, w, 3) uint8 -> the same crops in another light and cut; some blurred, noisy or paler.

    What moves stays well within a column of the net, so that the columns' truths still hold.
    """
    n = len(pixels)
    crops = [vary_one(crop, rng) for crop in pixels.numpy()]
    gain = np.exp(rng.normal(0, 0.05, (n, 1, 1, 3)) + rng.normal(0, 0.15, (n, 1, 1, 1)))
    lift = rng.normal(0, 8, (n, 1, 1, 1))
    lit = np.stack(crops).astype(np.float32) * gain.astype(np.float32) + lift.astype(np.float32)
    return torch.from_numpy(np.clip(lit, 0, 255).astype(np.uint8))


def vary_one(original: Pixels, rng: Rng) -> Pixels:
    """One crop of `vary`, without the light."""
    crop: NDArray[Any] = original
    if rng.random() < MOVED:
        parts = [part for part in np.split(crop, [WIDTH], axis=1) if part.shape[1]]
        crop = np.concatenate([moved(part, rng) for part in parts], axis=1)
    if (lot := rng.random()) < BLURRED:
        crop = cv2.GaussianBlur(crop, (0, 0), rng.uniform(0.4, 2.0))
    elif lot < BLURRED + SHARPENED:
        crop = sharpen(np.asarray(crop, np.uint8), rng, 1.0)
    if rng.random() < PALER:
        contrast = rng.uniform(0.25, 1.0)
        crop = cv2.addWeighted(crop, contrast, crop, 0, (1 - contrast) * float(crop.mean()))
    if rng.random() < NOISY:
        noise = rng.standard_normal(crop.shape, np.float32) * np.float32(rng.uniform(2, 9))
        crop = np.clip(crop + noise, 0, 255).astype(np.uint8)
    return np.asarray(crop, np.uint8)


def moved(crop: NDArray[Any], rng: Rng) -> NDArray[Any]:
    """The crop as corners a pixel or two elsewhere would have cut it."""
    h, w = crop.shape[:2]
    corners = np.array([[0, 0], [w, 0], [w, h], [0, h]], np.float32)
    spread = np.array([2.0, 1.2])  # pixels
    onto = corners + rng.normal(0, spread * 0.7, (4, 2)) + rng.normal(0, spread, (1, 2))
    matrix = cv2.getPerspectiveTransform(corners, onto.astype(np.float32))
    return cv2.warpPerspective(crop, matrix, (w, h), borderMode=cv2.BORDER_REPLICATE)


def fill(pool: Pool, sources: Sources, seed: int, worker: int, workers: int) -> None:
    """Draws crops into the pool while the training lives, as far ahead of their use as the recipe says."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C tells the training, which ends this
    training = os.getppid()
    cv2.setNumThreads(1)
    torch.set_num_threads(1)
    marks, recipe, done = Marks(pool.recipe.blend), pool.recipe, worker
    while os.getppid() == training:
        if done - recipe.size > float(pool.used) / recipe.uses:
            time.sleep(0.05)
            continue
        rng = np.random.default_rng([seed, done])
        pool.put(done % recipe.size, draw(marks, sources, recipe, rng))
        done += workers
        if worker == 0:
            pool.made.fill_(max(0, done - workers))


def draw(marks: Marks, sources: Sources, recipe: Recipe, rng: Rng) -> Crop:
    """One crop: rendered, or now and then real."""
    if sources.real and rng.random() < recipe.real:
        crop = sources.real[int(rng.integers(len(sources.real)))]
        return (
            crop._replace(pixels=degrade(crop.pixels, rng, rng.uniform(0, 0.5)))
            if rng.random() < 0.6
            else crop
        )
    return draw_crop(marks.draw(rng), sources.views, recipe.wear, rng)


class Filling:
    """The processes that fill a pool; a context manager that ends them."""

    def __init__(self, pool: Pool, sources: Sources, seed: int, workers: int = 1) -> None:
        context: Any = mp.get_context(
            "spawn"
        )  # a fork would inherit the threads of OpenCV and torch, and hang
        self.processes = [
            context.Process(target=fill, args=(pool, sources, seed, i, workers), daemon=True)
            for i in range(workers)
        ]

    def __enter__(self) -> Filling:
        for process in self.processes:
            process.start()
        return self

    def __exit__(self, *_: object) -> None:
        for process in self.processes:
            process.terminate()
            process.join(5)

    def alive(self) -> bool:
        """Whether all processes still run."""
        return all(process.is_alive() for process in self.processes)


def country_names(marks: Marks) -> tuple[str, ...]:
    """What the country head can say: every country with a grammar, and XX."""
    return (*marks.grammars.countries, ANY)
