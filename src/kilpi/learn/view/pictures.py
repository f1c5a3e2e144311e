"""What the view network learns from: labelled photos of outsides, crops of them, and drawings of all else.

Pictures are (SIDE, SIDE, 3) uint8 RGB, squashed to a square as in use; a target is (14,) float32, the share
of each word of `kilpi.photos.view.View` but the last.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from kilpi.draw.cars.car import VIEWS, Drawing, draw_car
from kilpi.draw.cars.shade import Finish
from kilpi.draw.cars.shape import BODIES
from kilpi.draw.insides.close_ups import paint
from kilpi.draw.insides.views import PAINTERS, draw_view, photographed
from kilpi.errors import LabelError
from kilpi.geometry import Floats as Array
from kilpi.images import open_photo
from kilpi.learn.view.domains import Origin
from kilpi.photos.view import squash
from kilpi.types import VIEWS as WORDS
from kilpi.types import Pixels, View

Rng = np.random.Generator
Floats = NDArray[np.float32]

# How much of a photo stays in a crop that counts as the same view: a car is cut by the frame now and then.
LEAST_KEPT = 0.75
CLOSE = (0.22, 0.42)  # a crop of this share of the photo's sides shows a detail


@dataclass(frozen=True, slots=True)
class Example:
    """One picture and what it shows. `group` keeps the crops of a photo on one side of a split."""

    pixels: Pixels
    target: Floats
    group: str
    origin: Origin = Origin.PHOTO


@dataclass(frozen=True, slots=True)
class LabelledView:
    """A photo of views-*.jsonl with its file."""

    path: Path
    sha256: str
    words: tuple[View, ...]  # the view, then what is as defensible


def read_views(labels: Path, photos: Sequence[Path]) -> list[LabelledView]:
    """Label lines joined with files by sha256; photos that are not there are left out.

    Raises LabelError where the file is none of views, or no photo is found.
    """
    from kilpi.hashing import file_sha256

    files = {file_sha256(path): path for path in photos}
    try:
        rows = [json.loads(line) for line in labels.read_text(encoding="utf-8").splitlines() if line.strip()]
        named = [(row["sha256"], (row["view"], *row.get("also", ()))) for row in rows]
        known = [(sha, tuple(View(word) for word in words)) for sha, words in named]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise LabelError(f"{labels}: is no file of views ({error}); see labels/README.md") from error
    found = [LabelledView(files[sha], sha, words) for sha, words in known if sha in files]
    if not found:
        raise LabelError(f"{labels}: none of its photos is in the folders given with --images")
    return found


def target_of(words: Sequence[View]) -> Floats:
    """The first word counts twice what each other one does."""
    target = np.zeros(len(WORDS), np.float32)
    for i, word in enumerate(words):
        target[WORDS.index(word)] += 2.0 if i == 0 and len(words) > 1 else 1.0
    return np.asarray(target / target.sum(), np.float32)


def crop(
    pixels: Pixels, share: float, rng: Rng, around: Array | None = None, tall: float | None = None
) -> Pixels:
    """A part of the photo, `share` of its width and `tall` (by default as much) of its height.

    It lies anywhere, or with `around` (x, y) near its middle.
    """
    h, w = pixels.shape[:2]
    ch, cw = max(8, round(h * (tall or share))), max(8, round(w * share))
    if around is None:
        x, y = int(rng.integers(0, w - cw + 1)), int(rng.integers(0, h - ch + 1))
    else:
        x = int(np.clip(around[0] - cw * rng.uniform(0.3, 0.7), 0, w - cw))
        y = int(np.clip(around[1] - ch * rng.uniform(0.3, 0.7), 0, h - ch))
    return pixels[y : y + ch, x : x + cw]


def outside_examples(views: Sequence[LabelledView], copies: int, rng: Rng) -> Iterator[Example]:
    """Each labelled photo `copies` times: cut a little, mirrored, as another camera would give it."""
    for view in views:
        pixels = open_photo(view.path).pixels
        words = [word for word in view.words if word is not View.UNSURE]
        if view.words[0] is View.UNSURE and not words:
            continue  # traffic and collages: an outside, but of no one view
        for _ in range(copies):
            wide, tall = rng.uniform(LEAST_KEPT, 1, 2).tolist()  # uneven: dealers' photos have other shapes
            part = crop(pixels, wide, rng, tall=tall)
            if rng.random() < 0.5:
                part = np.ascontiguousarray(part[:, ::-1])
            yield Example(squash(photographed(part, rng)), target_of(words), view.sha256)


def detail_examples(views: Sequence[LabelledView], copies: int, rng: Rng) -> Iterator[Example]:
    """Close crops of cars as details of the outside: only of photos where the car fills most of the frame."""
    for view in views:
        if view.words[0] in {View.UNSURE}:
            continue
        pixels = open_photo(view.path).pixels
        for _ in range(copies):
            middle = np.array([rng.uniform(0.25, 0.75), rng.uniform(0.4, 0.75)]) * pixels.shape[1::-1]
            part = crop(pixels, float(rng.uniform(*CLOSE)), rng, middle)
            if rng.random() < 0.5:
                part = np.ascontiguousarray(part[:, ::-1])
            yield Example(squash(photographed(part, rng)), target_of([View.EXTERIOR_DETAIL]), view.sha256)


def drawn_examples(
    count: int, seed: int, outsides: Sequence[Path], words: Sequence[str] = tuple(PAINTERS)
) -> Iterator[Example]:
    """`count` drawings of each word; `outsides` are photos to be seen through the windows."""
    rng = np.random.default_rng(seed)
    for i in range(count):
        for word in words:
            outside = None
            if outsides and rng.random() < 0.8:
                seen = open_photo(outsides[int(rng.integers(len(outsides)))]).pixels
                outside = np.asarray(cv2.resize(seen, (256, 96), interpolation=cv2.INTER_AREA), np.uint8)
            pixels = squash(draw_view(word, rng, outside))
            yield Example(pixels, target_of([View(word)]), f"drawn-{seed}-{word}-{i}", Origin.DRAWN)


OF_CAR = {
    "front_three_quarter": View.FRONT_QUARTER, "front": View.FRONT, "rear": View.REAR,
    "rear_three_quarter": View.REAR_QUARTER, "side": View.SIDE,
}  # fmt: skip


def drawn_cars(count: int, seed: int) -> Iterator[Example]:
    """`count` drawn cars of each of the views of `kilpi.draw.cars`, and a close crop of each."""
    rng = np.random.default_rng(seed)
    for i in range(count):
        for view in VIEWS:
            finish = Finish(
                paint(rng),
                rng.uniform(0, 0.8),
                int(rng.integers(3)),
                int(rng.integers(4)),
                rng.uniform(0, 0.4),
            )
            body = list(BODIES)[int(rng.integers(len(BODIES)))]
            weather = ("sunny", "overcast", "dusk")[int(rng.integers(3))]
            drawing = Drawing(
                body, finish, weather, 448, 336, 0.4, 0.0, rng.uniform(0.5, 3), rng.uniform(0.7, 1.3)
            )
            pixels = draw_car(view, drawing, None, rng).pixels
            if rng.random() < 0.5:
                pixels = np.ascontiguousarray(pixels[:, ::-1])
            name = f"car-{seed}-{view}-{i}"
            part = crop(pixels, float(rng.uniform(LEAST_KEPT - 0.1, 1)), rng, np.array([224.0, 180.0]))
            yield Example(squash(photographed(part, rng)), target_of([OF_CAR[view]]), name, Origin.DRAWN_CAR)
            near = crop(
                pixels, float(rng.uniform(*CLOSE)), rng, np.array([224.0, 190.0]) + rng.normal(0, 50, 2)
            )
            yield Example(
                squash(photographed(near, rng)), target_of([View.EXTERIOR_DETAIL]), name, Origin.DRAWN_CAR
            )
