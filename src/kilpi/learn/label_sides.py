"""Parts of the labels of answers that a retraining needs as files, all below labels/: erasing finds them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from kilpi.cases.learning.label_files import SETS, labels_held, write_private
from kilpi.hashing import share_of_key
from kilpi.labels.dataset import held_out
from kilpi.labels.record import LabelledPlate, read_labels
from kilpi.labels.split import joined
from kilpi.store.engines import make_private_folder
from kilpi.types import Quad


def parted(labels: Path) -> tuple[Path, Path]:
    """The photos that give gradients, and those of one car in eight, at least one, that a training is watched
    on. By car, as `kilpi labels split` tells cars, since photos taken in one yard all look alike.
    """
    stem = "" if labels.stem == "train" else f"{labels.stem}-"
    folder = labels.parent if labels.parent.name == SETS else labels.parent / SETS
    paths = folder / f"{stem}learnt.jsonl", folder / f"{stem}kept-back.jsonl"
    with labels_held(folder.parent):
        records = read_labels(labels)
        groups = joined(records)
        heads = [records[groups.first(i)] for i in range(len(records))]
        keys = [head.car or head.name for head in heads]
        first = min(keys, key=share_of_key, default="")
        kept = [held_out(key) or key == first for key in keys]
        for path, inside in zip(paths, (False, True), strict=True):
            write_private(path, [r for r, is_kept in zip(records, kept, strict=True) if is_kept is inside])
    return paths


def of_several_cars(labels: Path) -> bool:
    """Whether a label file, if it is there, shows two cars or more: one to learn from, one to watch."""
    groups = joined(records := read_labels(labels) if labels.is_file() else [])
    return len({groups.first(i) for i in range(len(records))}) > 1


def placed_file(labels: Path) -> Path:
    """Of train.jsonl or test.jsonl the plates with a person's corners; below, so that erasing finds it."""
    return labels.parent / SETS / f"corners-{labels.name}"


def write_placed(labels: Path, placed: Mapping[str, Quad]) -> None:
    """`placed_file` of both sides: what the detector found itself does not teach corners."""
    with labels_held(labels):
        _write_placed(labels, placed)


def _write_placed(labels: Path, placed: Mapping[str, Quad]) -> None:
    for side in ("train", "test"):
        file = labels / f"{side}.jsonl"
        records = read_labels(file) if file.is_file() else []
        mine = [
            replace(record, plates=(LabelledPlate(quad=quad),))
            for record in records
            if (quad := placed.get(str(record.photo))) is not None
        ]
        if mine:
            make_private_folder(labels / SETS)
            write_private(placed_file(file), mine)
        else:
            placed_file(file).unlink(missing_ok=True)
