"""The photos that a training sees: decoded once, kept in memory, with their plates' corners."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from kilpi.errors import LabelError, PhotoError
from kilpi.geometry import quad_from_box, quad_to_array
from kilpi.hashing import share_of_key
from kilpi.images import open_photo
from kilpi.labels.duplicates import Groups
from kilpi.labels.locate import located
from kilpi.labels.record import LabelledPlate, read_labels
from kilpi.labels.split import names_of
from kilpi.labels.warps import Floats, View
from kilpi.types import Pixels

LONGEST = 800  # pixels; photos are kept no larger
BOXES_SHARE = 0.3  # how often a photo is drawn of which only boxes are known: it cannot teach corners
VALIDATION = 0.12  # part of the photos (or clips, or cars) that never give a gradient


@dataclass(frozen=True, slots=True)
class Scene:
    """One photo for training. `group` is what may not straddle the split: a car, a clip, or the photo."""

    name: str
    group: str
    view: View
    share: float = 1.0  # how often it is drawn, relative to others
    known_as: tuple[str, ...] = ()  # what tells its car: its name, or the marks, and the photo's sha256
    file: Path | None = None  # its picture: names may be alike in two label files


def held_out(group: str, part: float = VALIDATION) -> bool:
    """Whether a group belongs to validation: by its hash, so that it never changes."""
    return share_of_key(group) < part


def split(scenes: Iterable[Scene], least_of: Collection[str] = ()) -> tuple[list[Scene], list[Scene]]:
    """(training, validation). Of these groups at least one is for validation, where they are two or more:
    with a handful of cars the hash may choose none.
    """
    both: tuple[list[Scene], list[Scene]] = [], []
    least = min(least_of, key=share_of_key) if len(least_of) > 1 else None
    for scene in scenes:
        both[held_out(scene.group) or scene.group == least].append(scene)
    return both


def shrink(view: View, longest: int = LONGEST) -> View:
    """The view with its longer side at most `longest` pixels."""
    scale = longest / max(view.pixels.shape[:2])
    if scale >= 1:
        return view
    height, width = view.pixels.shape[:2]
    size = round(width * scale), round(height * scale)
    pixels = np.asarray(cv2.resize(view.pixels, size, interpolation=cv2.INTER_AREA), np.uint8)
    factor = np.array([size[0] / width, size[1] / height], np.float32)
    return View(pixels, view.quads * factor, view.exact, view.ignore * factor)


def thumbnail(pixels: Pixels) -> NDArray[np.float32]:
    """24 x 16 grey values around their mean: enough to tell frames of one clip."""
    grey = cv2.resize(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), (24, 16), interpolation=cv2.INTER_AREA)
    flat = grey.astype(np.float32).reshape(-1)
    spread = flat.std() + 1e-3
    return np.asarray((flat - flat.mean()) / spread, np.float32)


def cluster(scenes: Sequence[Scene], alike: float = 0.85) -> list[Scene]:
    """The scenes of a label file with look-alikes (correlation above `alike`) in one group.

    Look-alikes, and scenes of one car or clip as labelled, share the weight of a few: n have that of sqrt(n).
    """
    group = lookalikes(np.stack([thumbnail(s.view.pixels) for s in scenes]), alike)
    alikes, clips = Counter(group), Counter(scene.group for scene in scenes)
    return [
        replace(
            scene,
            group=scenes[g].name,
            share=scene.share / float(np.sqrt(max(alikes[g], clips[scene.group]))),
        )
        for g, scene in zip(group, scenes, strict=True)
    ]


def lookalikes(shots: NDArray[np.float32], alike: float) -> list[int]:
    """By thumbnail one of those that are alike, or alike one that is. Which one must not change: it says on
    which side they are.
    """
    group = np.arange(len(shots))
    for i in range(1, len(shots)):
        near = np.flatnonzero(shots[:i] @ shots[i] / shots.shape[1] > alike)
        if len(near):
            met, first = np.unique(group[near], return_index=True)
            last = met[np.argmax(first)]
            group[np.isin(group, met)] = last
            group[i] = last
    return [int(g) for g in group]


def together(scenes: Sequence[Scene]) -> list[Scene]:
    """Clustered scenes, also of several label files, with each car in one group: that of its first scene."""
    groups, first_of = Groups(len(scenes)), dict[str, int]()
    for i, scene in enumerate(scenes):
        for name in (*scene.known_as, f"group:{scene.group}"):
            groups.join(first_of.setdefault(name, i), i)
    return [replace(scene, group=scenes[groups.first(i)].group) for i, scene in enumerate(scenes)]


def corners_of(plate: LabelledPlate) -> tuple[Floats, bool] | None:
    """((4, 2) corners, whether they are true); None where the label says only that there is a plate."""
    if plate.quad is not None:
        return quad_to_array(plate.quad).astype(np.float32), True
    if plate.box is not None:
        return quad_to_array(quad_from_box(plate.box)).astype(np.float32), False
    return None


def load_scenes(labels: Path, images: Sequence[Path] = (), side: int = LONGEST) -> list[Scene]:
    """Every labelled photo of one file that can be found and read, its longer side at most `side` pixels.

    Without those with a plate of which nobody said where it is (crops, too): they would teach that there is
    none. Raises LabelError where not one photo of the file is left.
    """
    scenes, unplaced = [], 0
    for record, path in located(labels, images):
        try:
            photo = open_photo(path, target_side=side)
        except PhotoError:
            continue  # a damaged file teaches nothing; `labels check` names it
        known = [c for c in map(corners_of, record.plates) if c is not None]
        if len(known) < len(record.plates):
            unplaced += 1
            continue
        quads = np.array([corners for corners, _ in known], np.float32).reshape(-1, 4, 2)
        seen_h, seen_w = photo.pixels.shape[:2]
        quads *= np.array([seen_w / photo.width, seen_h / photo.height], np.float32)
        exact = np.array([true for _, true in known], bool)
        view = View(photo.pixels, quads, exact, np.zeros((0, 4, 2), np.float32))
        share = 1.0 if exact.all() else BOXES_SHARE
        known_as, group = (*names_of(record), photo.id), record.car or photo.id
        scenes.append(Scene(record.name, group, shrink(view, side), share, known_as, path.resolve()))
    if not scenes and not read_labels(labels):
        raise LabelError(f"{labels}: holds no photos; give a file with some")
    if not scenes and unplaced:
        raise LabelError(f"{labels}: says of no plate where it is; a training needs corners or boxes")
    if not scenes:
        raise LabelError(f"{labels}: none of its photos was found; say where they are with --images FOLDER")
    return scenes


def load_kept_back(labels: Sequence[Path], images: Sequence[Path], learnt: Iterable[Scene]) -> list[Scene]:
    """The scenes of label files to measure on; a file without records has none.

    Raises LabelError where a photo or a car of `learnt` is here, too.
    """
    scenes = [scene for path in labels if read_labels(path) for scene in load_scenes(path, images)]
    known = {name for scene in learnt for name in (scene.group, *scene.known_as)}
    for scene in scenes:
        if not known.isdisjoint((scene.group, *scene.known_as)):
            raise LabelError(f"{scene.name}: it, or its car, is in --labels and in --val; measure on others")
    return scenes
