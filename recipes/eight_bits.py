"""How the networks that ship may be computed in 8 bits: python -m recipes.eight_bits -o RUN --labels ...

Writes into copies of --networks of --weights (default: as they ship) how to round what passes between their
convolutions (`kilpi.learn.eight_bits`), measured on the labelled photos and on drawings, and their cards with
the new hashes. Weights stay as they are. Trainings do the same at their end; this is for networks that were
trained before.
"""

from __future__ import annotations

import argparse
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from kilpi.hashing import file_sha256
from kilpi.labels.dataset import load_scenes
from kilpi.learn.detector.export import looks_at
from kilpi.learn.detector.train_corners import fixed_batch, with_corners
from kilpi.learn.eight_bits import make_small, one_by_one, spread
from kilpi.learn.onnx_export import told_by
from kilpi.learn.reader.crop_pool import Recipe
from kilpi.learn.reader.train import held_out_crops, real_crops
from kilpi.learn.view.export import MEASURED
from kilpi.learn.view.pictures import drawn_cars, drawn_examples
from kilpi.photos.view import squash
from kilpi.plates.reader import fit_crop
from kilpi.types import Pixels
from kilpi.weights import PACKAGED, check_weights, find_weights, write_card

NETWORKS = ["detector", "scout", "view", "reader", "corners"]
CROPS = 150  # of each kind


def rounded(name: str, weights: Path, inputs: Sequence[Pixels], out: Path) -> Path:
    """One network's copy and card."""
    path = Path(shutil.copy(find_weights(name, weights), out))
    card = check_weights(find_weights(name, weights))
    make_small(path, inputs)
    trained = {**card.training, "eight_bits": {"measured_on": len(inputs)}}
    made = replace(card, sha256=file_sha256(path), answer=told_by(path), training=trained)
    write_card(made, path)
    return path


def inputs_of(name: str, labels: Sequence[Path], images: Sequence[Path]) -> list[Pixels]:
    """What a network is asked: the photos, or what is cut out of them or drawn into them."""
    scenes = [scene for file in labels for scene in load_scenes(file, images)]
    photos = [scene.view.pixels for scene in scenes]
    if name == "view":
        drawn = [example.pixels for example in (*drawn_examples(4, 0, ()), *drawn_cars(2, 0))]
        return [squash(pixels)[None] for pixels in (*spread(photos, MEASURED), *drawn)]
    if name == "reader":
        rng, files = np.random.default_rng(0), {scene.file for scene in scenes}
        real = spread(real_crops(labels, images, files, rng), CROPS)
        new = held_out_crops(scenes, CROPS, 3, Recipe().blend, Recipe().wear)
        crops = (*real, *held_out_crops(scenes, CROPS, 2), *new)
        return [fit_crop(crop.pixels)[None] for crop in crops]
    if name == "corners":
        cut = list(fixed_batch(with_corners(scenes))[0].numpy())
        return one_by_one(cut, len(cut))
    return looks_at(photos)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--labels", type=Path, nargs="+", required=True)
    parser.add_argument("--images", type=Path, nargs="*", default=[])
    parser.add_argument("--weights", type=Path, default=PACKAGED)
    parser.add_argument("-o", "--out", type=Path, required=True)
    parser.add_argument("--networks", nargs="+", choices=NETWORKS, default=NETWORKS)
    wanted = parser.parse_args()
    wanted.out.mkdir(parents=True, exist_ok=True)
    for name in wanted.networks:
        inputs = inputs_of(name, wanted.labels, wanted.images)
        print(rounded(name, wanted.weights, inputs, wanted.out))


if __name__ == "__main__":
    main()
