"""What every training does before and around its own work: checks, the run's folder, seeds, and the plan."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from kilpi.errors import LabelError, UsageError
from kilpi.files import taken
from kilpi.labels.dataset import Scene, cluster, load_kept_back, load_scenes, split, together
from kilpi.learn.train import Plan, asked_of, begin_run, load_checkpoint, seed_all
from kilpi.weights import find_any, folder_to_start_from

TURN = ".training"  # in a run's folder: locked while it is at work
OTHER_PICTURES = 7919  # a prime: a resumed run draws other pictures than it has already seen


@dataclass(frozen=True, slots=True)
class Asked:
    """What a person asked of a training. `images` are folders of pictures, beside the label files' own.

    `start_from` is "shipped" or a folder with weights: the start instead of chance. `resume` is the folder of
    a killed run, which goes on with the net that it was started with.
    """

    minutes: float
    labels: Sequence[Path]
    images: Sequence[Path] = ()
    start_from: str | Path | None = None
    resume: Path | None = None
    seed: int = 0
    device: str = "auto"
    out: Path | None = None
    workers: int = 1
    quiet: bool = False
    val: Sequence[Path] = ()  # label files to measure on; without them a part of `labels` is kept back


class Session:
    """One training of a network called `name`, from what was asked to its plan."""

    def __init__(self, name: str, asked: Asked) -> None:
        """Seeds the generators. Raises UsageError where nothing can come of it, or a run is in the way."""
        if not 0 < asked.minutes < math.inf:
            raise UsageError("--minutes must be a number above 0")
        self.name, self.asked = name, asked
        self.folder = asked.resume or asked.out or Path("runs") / f"{datetime.now():%Y%m%d-%H%M}-{name}"
        begun = asked_of(asked.resume) if asked.resume else {}
        if begun.get("name", name) != name:
            raise UsageError(f"{asked.resume}: is a run of kilpi train {begun['name']}, not of {name}")
        if not asked.resume and (self.folder / "last.pt").is_file():
            raise UsageError(
                f"{self.folder}: holds an earlier training; go on with --resume {self.folder},"
                " or name another folder"
            )
        self.turn: IO[bytes] | None = None
        # A resumed run keeps the learning rate that it was started with.
        first = begun.get("start_from") if asked.resume else asked.start_from
        self.start_from: str | Path | None = first
        self.done = load_checkpoint(asked.resume)["step"] if asked.resume else 0
        seed_all(asked.seed)

    @property
    def seed(self) -> int:
        """Of the pictures that are drawn from here on."""
        return self.asked.seed + OTHER_PICTURES * self.done

    @property
    def started_from(self) -> Path | None:
        """The file of the network that the training starts from; None where it starts by chance."""
        if self.start_from is None:
            return None
        return find_any(self.name, folder_to_start_from(self.start_from))

    def plan(self, about: Mapping[str, Any], rates: tuple[float, float], save_every_s: float = 240.0) -> Plan:
        """Makes the run's folder, notes in it what was asked with `about` (the net's shape, counts).

        `rates` are the learning rates of a net that begins by chance, and of one that was trained before.
        Raises UsageError where another training is at work in that folder.
        """
        asked = self.asked
        self.turn = taken(self.folder / TURN)
        if self.turn is None:
            raise UsageError(
                f"{self.folder}: another training is at work in it; wait, or name another folder"
            )
        said: dict[str, Any] = {"name": self.name, "minutes": asked.minutes, "seed": asked.seed}
        for key in ("labels", "images", "val"):
            said[key] = list(map(str, getattr(asked, key)))
        begin_run(self.folder, {**about, **said, "start_from": self.start_from})
        return Plan(
            asked.minutes,
            self.folder,
            asked.seed,
            asked.device,
            rates[self.start_from is not None],
            save_every_s=save_every_s,
            resume=asked.resume,
            quiet=asked.quiet,
        )


def load_split(
    labels: Sequence[Path], images: Sequence[Path], val: Sequence[Path] = ()
) -> tuple[list[Scene], list[Scene]]:
    """Training and validation scenes: of two lists of label files, or of one that is parted here.

    The photos of a car, and look-alike frames of one file, stay on one side. Raises UsageError without a
    label file, LabelError where a photo or a car is in both lists.
    """
    if not labels:
        raise UsageError("no labels: give at least one --labels FILE; plates are put into its photos, too")
    loaded = [load_scenes(path, images) for path in labels]
    clustered = together([scene for scenes in loaded for scene in cluster(scenes)])
    if not val:
        return split(clustered, {scene.group for scene in clustered})
    return clustered, load_kept_back(val, images, [scene for scenes in loaded for scene in scenes])


def load_all(
    labels: Sequence[Path], images: Sequence[Path], val: Sequence[Path] = ()
) -> tuple[list[Scene], list[Scene]]:
    """`load_split` for nets that learn from the labelled plates. Raises LabelError where there is none."""
    training, validation = load_split(labels, images, val)
    if not any(len(scene.view.quads) for scene in training):
        raise LabelError("no plate with corners or a box among the training photos; nothing to learn")
    return training, validation
