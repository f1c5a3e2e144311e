"""Test cars: folders of photos of one car each, drawn plates in real photos, with their truth as labels.

A car has one plate, drawn once, and its photos show it from several sides, in other light and other files;
some photos do not show it. Neighbours' plates stand behind. Some cars wear a trade plate, some none at all.
What is the car's own mark is in the labels; plates of other cars are labelled without a mark.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import numpy as np

from kilpi.draw.degrade import degrade
from kilpi.errors import LabelError
from kilpi.grammar import SampledMark, load_grammars
from kilpi.images import encode_jpeg
from kilpi.labels.dataset import Scene, cluster, held_out, load_scenes, split, together
from kilpi.labels.record import LabelledPhoto, LabelledPlate, write_labels
from kilpi.labels.warps import View, mirror
from kilpi.learn.verifier.car_recipes import DEALER, CarRecipe
from kilpi.learn.verifier.shots import (
    Neighbours,
    Shot,
    lettered,
    with_car,
    with_neighbour,
    without_car,
    worn_plate,
)

Rng = np.random.Generator
SMALLEST = 16.0  # pixels of a real plate that is worth replacing
SIDES = ("training", "calibration", "test", "all")


def compose_cars(
    n: int,
    seed: int,
    out: Path,
    labels: Sequence[Path],
    images: Sequence[Path] = (),
    recipe: CarRecipe = DEALER,
    side: str = "test",
    first: int = 0,
) -> Path:
    """Writes `n` cars below `out`, a folder each, and out/labels.jsonl; gives the label file.

    Photos come from `labels` (found beside them or in `images`): those of the training side; those held out
    from every training, of which one half is for calibration and one for the test; or all. Car number i is
    the same for the same seed, recipe and photos, whatever n; `first` is the number of the first. Raises
    LabelError where there are no photos to draw into.
    """
    scenes = scenes_of(labels, images, side)
    records: list[LabelledPhoto] = []
    for i in range(first, first + n):
        records += write_car(out, f"{i:05d}", compose_car(scenes, recipe, np.random.default_rng([seed, i])))
    write_labels(out / "labels.jsonl", records)
    return out / "labels.jsonl"


def scenes_of(labels: Sequence[Path], images: Sequence[Path], side: str) -> list[Scene]:
    """The photos of one of `SIDES` of the split that every training keeps to."""
    scenes = loaded(tuple(labels), tuple(images))
    training, held = split(scenes)
    halves: dict[bool, list[Scene]] = {True: [], False: []}
    for scene in held:
        halves[held_out(f"half {scene.group}", 0.5)].append(scene)
    sides = {"training": training, "calibration": halves[True], "test": halves[False], "all": list(scenes)}
    usable = [scene for scene in sides[side] if widest(scene.view) >= SMALLEST]
    if not usable:
        raise LabelError("no photo to compose cars from: they need a labelled plate that is not too small")
    return usable


def compose_car(
    scenes: Sequence[Scene], recipe: CarRecipe, rng: Rng
) -> tuple[SampledMark | None, list[Shot]]:
    """One car: its mark (None: it wears no plate) and its photos.

    Photos with labelled corners, and of which there are few alike, are drawn more often.
    """
    scenes = [s for s in scenes if widest(s.view) >= recipe.replaced] or scenes
    chances = np.array([scene.share**2 for scene in scenes])
    chances /= chances.sum()
    grammars = load_grammars()
    lot = rng.random()
    kind = "trade" if lot < recipe.trade else "bare" if lot < recipe.trade + recipe.bare else "own"
    own = None if kind == "bare" else worn_plate(grammars, recipe, rng, kind == "trade")
    neighbours = Neighbours(recipe, rng)
    count = int(rng.integers(recipe.photos[0], recipe.photos[1] + 1, 2).min())  # few photos more often
    shown = rng.random(count) < recipe.shown
    shown[int(rng.integers(count))] = True  # every car is shown from in front or behind once
    weather = float(rng.beta(1.1, 1.6)) * recipe.strength  # a car's photos are taken on one day
    shots = []
    for is_shown in shown:
        strength = float(np.clip(weather * rng.uniform(0.4, 1.3), 0, recipe.strength))
        view = scenes[int(rng.choice(len(scenes), p=chances))].view
        view = mirror(view) if rng.random() < 0.5 else view
        shot = with_car(view, own, neighbours, recipe, rng) if is_shown else without_car(view, recipe, rng)
        shot = with_neighbour(shot, neighbours, recipe, rng)
        shots.append(replace(shot, pixels=degrade(lettered(shot, recipe, rng), rng, strength)))
    return (own.sample if own else None), shots


@lru_cache(maxsize=1)
def loaded(labels: tuple[Path, ...], images: tuple[Path, ...]) -> tuple[Scene, ...]:
    """All photos of the label files, those alike in one group; kept, because decoding takes long."""
    found = [scene for path in labels for scene in cluster(load_scenes(path, images, side=1600))]
    return tuple(together(found))


def widest(view: View) -> float:
    """Width of a photo's largest plate, pixels."""
    sides = np.linalg.norm(view.quads[:, [1, 2]] - view.quads[:, [0, 3]], axis=2).mean(axis=1)
    return float(sides.max(initial=0.0))


def write_car(
    out: Path, name: str, car: tuple[SampledMark | None, Sequence[Shot]]
) -> Iterator[LabelledPhoto]:
    """Writes one car's photos and gives their records."""
    sample, shots = car
    (out / name).mkdir(parents=True, exist_ok=True)
    for i, shot in enumerate(shots, start=1):
        path = f"{name}/{i:02d}.jpg"
        (out / path).write_bytes(encode_jpeg(shot.pixels, 92))
        plates = [LabelledPlate(quad=quad) for quad in shot.others]
        if shot.own is not None and sample is not None:
            mark = LabelledPlate(
                shot.own, mark=sample.mark.text, country=sample.mark.country, rows=sample.plate.rows
            )
            plates.insert(0, mark)
        height, width = shot.pixels.shape[:2]
        yield LabelledPhoto(None, path, width, height, name, None, tuple(plates), "synthetic")
