"""How the networks that ship may be computed in 8 bits: python -m recipes.eight_bits -o RUN --labels ...

Writes into copies of detector.onnx, scout.onnx and view.onnx of --weights (default: as they ship) how to
round what passes between their convolutions (`kilpi.learn.eight_bits`), measured on the labelled photos and
on drawings, and their cards with the new hashes. Weights stay as they are. Trainings do the same at their
end; this is for networks that were trained before.
"""

from __future__ import annotations

import argparse
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from kilpi.hashing import file_sha256
from kilpi.labels.dataset import load_scenes
from kilpi.learn.detector.export import looks_at
from kilpi.learn.eight_bits import make_small, spread
from kilpi.learn.onnx_export import told_by
from kilpi.learn.view.export import MEASURED
from kilpi.learn.view.pictures import drawn_cars, drawn_examples
from kilpi.photos.view import squash
from kilpi.types import Pixels
from kilpi.weights import PACKAGED, check_weights, find_weights, write_card


def rounded(name: str, weights: Path, inputs: Sequence[Pixels], out: Path) -> Path:
    """One network's copy and card."""
    path = Path(shutil.copy(find_weights(name, weights), out))
    card = check_weights(find_weights(name, weights))
    make_small(path, inputs)
    trained = {**card.training, "eight_bits": {"measured_on": len(inputs)}}
    made = replace(card, sha256=file_sha256(path), answer=told_by(path), training=trained)
    write_card(made, path)
    return path


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--labels", type=Path, nargs="+", required=True)
    parser.add_argument("--images", type=Path, nargs="*", default=[])
    parser.add_argument("--weights", type=Path, default=PACKAGED)
    parser.add_argument("-o", "--out", type=Path, required=True)
    wanted = parser.parse_args()
    wanted.out.mkdir(parents=True, exist_ok=True)
    photos = [s.view.pixels for file in wanted.labels for s in load_scenes(file, wanted.images)]
    drawn = [example.pixels for example in (*drawn_examples(4, 0, ()), *drawn_cars(2, 0))]
    shown = [squash(pixels)[None] for pixels in (*spread(photos, MEASURED), *drawn)]
    for name, inputs in {"detector": looks_at(photos), "scout": looks_at(photos), "view": shown}.items():
        print(rounded(name, wanted.weights, inputs, wanted.out))


if __name__ == "__main__":
    main()
