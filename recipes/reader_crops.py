"""What `recipes/reader_study.py` learns from and is measured on: crops drawn once, and test sets.

`draw_into` draws a `crop_pool.Recipe` into a folder, so that every net of a study sees the same; crop n is
the same for the same seed, photos and recipe, however many are drawn. A drawing that was stopped goes on from
there.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count, islice
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from numpy.lib.format import open_memmap
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from kilpi.evaluation.reader import labelled_crops
from kilpi.learn.reader.crop_pool import Pool, Recipe, Sources, country_names, draw, vary
from kilpi.learn.reader.marks import Marks
from kilpi.learn.reader.net import TOKENS
from kilpi.learn.reader.train import load_photos, real_crops, texts_of
from kilpi.plates.alphabet import SLOTS
from kilpi.plates.reader import SHAPE, fit_crop
from kilpi.text import compact_mark

REPORTED = 5000  # crops between two lines about how far a drawing is


class CropFile(Pool):
    """A pool of `size` crops in the files of a folder: pixels, slots, columns, country, rows, made."""

    def __init__(self, folder: Path, size: int, recipe: Recipe | None = None) -> None:
        """Opens the folder's files, or makes them; those that are there may hold more, never fewer."""
        self.folder, self.size = folder, size
        self.recipe, self.countries = recipe or Recipe(), country_names(Marks())
        folder.mkdir(parents=True, exist_ok=True)
        self.pixels = self.kept("pixels", np.uint8, *SHAPE)
        self.slots = self.kept("slots", np.int16, SLOTS)
        self.columns = self.kept("columns", np.int8, TOKENS)
        self.country = self.kept("country", np.int8)
        self.rows = self.kept("rows", np.int8)
        self.made = self.kept("made", np.int64)[:1]  # only the first number says something

    def kept(self, name: str, dtype: type, *shape: int) -> Tensor:
        """(size, *shape) numbers that lie in NAME.npy."""
        path = self.folder / f"{name}.npy"
        mode: Any = "r+" if path.is_file() else "w+"
        values: NDArray[Any] = open_memmap(path, mode, dtype, (self.size, *shape))
        if len(values) < self.size:
            raise ValueError(f"{path} holds {len(values)} crops, not {self.size}; draw into another folder")
        return torch.from_numpy(values)

    def in_turn(self, size: int, seed: int) -> Iterator[tuple[Tensor, ...]]:
        """Endless batches as `Pool.batches` gives them, but every crop once before any comes again, varied
        only from then on: the same batches in the same order for the same seed.
        """
        rng = np.random.default_rng(seed)
        size = min(size, self.size)
        for turn in count():
            shuffled = rng.permutation(min(int(self.made), self.size))
            for begin in range(0, len(shuffled) - size + 1, size):
                chosen = torch.from_numpy(shuffled[begin : begin + size])
                truths = (self.slots, self.columns, self.country, self.rows)
                pixels = self.pixels[chosen]
                yield vary(pixels, rng) if turn else pixels, *(truth[chosen].long() for truth in truths)


def load_sources(labels: Sequence[Path], images: Sequence[Path]) -> tuple[Sources, Sources]:
    """What crops are drawn from, and the same of the photos that are kept apart (without real crops)."""
    training, held = load_photos(labels, images)
    files = {scene.file for scene in training}
    real = real_crops(labels, images, files, np.random.default_rng(0))
    return Sources(tuple(s.view for s in training), tuple(real)), Sources(tuple(s.view for s in held))


def draw_into(file: CropFile, sources: Sources, seed: int) -> CropFile:
    """The same file, what it lacks drawn now, in one thread."""
    cv2.setNumThreads(1)
    marks, begin = Marks(file.recipe.blend), time.process_time()
    for number in range(int(file.made), file.size):
        rng = np.random.default_rng([seed, number])
        file.put(number, draw(marks, sources, file.recipe, rng))
        file.made.fill_(number + 1)
        if (number + 1) % REPORTED == 0:
            print(f"{file.folder.name}: {number + 1} crops, {time.process_time() - begin:.0f} s", flush=True)
    return file


@dataclass(frozen=True, slots=True)
class Crops:
    """Crops to read: pixels (n, *SHAPE) uint8, the text of each, and the part of the set it belongs to."""

    name: str
    parts: tuple[str, ...]
    texts: tuple[str, ...] = field(repr=False)
    pixels: Tensor = field(repr=False)


def drawn_set(name: str, file: CropFile) -> Crops:
    """The crops of a file."""
    texts = tuple(texts_of(file.slots[: file.size]))
    return Crops(name, (name,) * len(texts), texts, file.pixels[: file.size])


def world_set(folder: Path) -> Crops:
    """What `recipes/world_set.py` wrote, in its parts."""
    lines = [json.loads(line) for line in (folder / "labels.jsonl").read_text(encoding="utf-8").splitlines()]
    crops = []
    for line in lines:
        with Image.open(folder / line["image"]) as picture:
            crops.append(fit_crop(np.asarray(picture.convert("RGB"))))
    parts, texts = (tuple(line[key] for line in lines) for key in ("part", "text"))
    return Crops("world", parts, texts, torch.from_numpy(np.stack(crops)))


def labelled_set(path: Path, images: Sequence[Path], most: int) -> Crops:
    """The first `most` plates with a mark of a label file, at their corners or box, or the whole picture."""
    name, texts, crops = path.parent.name, [], []
    for _, plate, crop, _ in islice(labelled_crops(path, images), most):
        texts.append(compact_mark(plate.mark or ""))
        crops.append(fit_crop(crop))
    return Crops(name, (name,) * len(texts), tuple(texts), torch.from_numpy(np.stack(crops)))
