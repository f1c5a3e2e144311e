"""A measuring set with true corners: photos that never gave a gradient, their plates swapped for rendered
ones.

    python recipes/composites.py --labels labels/train-world.jsonl --images FOLDER --out runs/composites

Writes pictures and labels.jsonl, to be measured with `kilpi eval detector --labels
runs/composites/labels.jsonl`.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from kilpi.geometry import quad_from_array
from kilpi.images import encode_jpeg
from kilpi.labels.dataset import Scene, cluster, load_scenes, split
from kilpi.labels.record import LabelledPhoto, LabelledPlate, write_labels
from kilpi.labels.warps import View
from kilpi.learn.detector import photometric


def composites(scenes: Sequence[Scene], each: int, seed: int) -> Iterator[tuple[str, View]]:
    """`each` views of every photo in which all plates of known corners were swapped."""
    swapper = photometric.PlateSwapper(swapped=1.0, pasted=0.0)
    rng = np.random.default_rng(seed)
    for number, scene in enumerate(scenes):
        if not any(photometric.drawable(scene.view, quad) for quad in scene.view.quads):
            continue
        for i in range(each):
            yield f"{number:03d}-{i}", swapper(scene.view, rng)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--labels", type=Path, required=True)
    parser.add_argument("--images", type=Path, action="append", default=[])
    parser.add_argument("--out", type=Path, default=Path("runs/composites"))
    parser.add_argument("--each", type=int, default=8)
    args = parser.parse_args()
    _, held_out = split(cluster(load_scenes(args.labels, args.images)))
    args.out.mkdir(parents=True, exist_ok=True)
    records = []
    for name, view in composites(held_out, args.each, seed=1):
        (args.out / f"{name}.jpg").write_bytes(encode_jpeg(view.pixels, 92))
        height, width = view.pixels.shape[:2]
        plates = tuple(LabelledPlate(quad_from_array(quad)) for quad in view.quads)
        records.append(LabelledPhoto(None, f"{name}.jpg", width, height, plates=plates, origin="synthetic"))
    write_labels(args.out / "labels.jsonl", records)
    print(f"{len(records)} pictures from {len(held_out)} photos in {args.out}")


if __name__ == "__main__":
    main()
