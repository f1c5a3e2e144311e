"""Composes the world test set: plates of the world's parts in typefaces and layouts that no training has.

    python -m recipes.world_set data/world --labels labels/train-world.jsonl --images PHOTOS

Then: python -m recipes.world_set data/world --measure [--weights FOLDER] [--ocr]
It stands in for sets of real plates that are kept apart: how hard its plates are was set so that the reader
that shipped on 2026-11-26 reads about as much of its Central European, French, Brazilian and American parts.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from PIL import Image
from recipes.world.layouts import PARTS
from recipes.world.plate import draw_plate

from kilpi.draw.degrade import degrade
from kilpi.geometry import UNIT
from kilpi.labels.warps import View
from kilpi.learn.reader.crops import Crop, Wear, cut, place

SEED = 20262
# Widths in pixels and the hardest `degrade` of each part; the rest is as in the Nordic set.
WEAR = Wear(widths=(70.0, 230.0), strength=0.5, loose=0.1)
HARDER = {
    "central": 0.3, "france": 0.5, "brazil": 0.5, "us": 0.85, "nordic": 0.5, "gulf": 0.5, "old uk": 0.5,
    "east": 0.5,
}  # fmt: skip


def draw(part: str, number: int, views: Sequence[View], seed: int) -> Crop:
    """One crop of a part, always the same."""
    names = [name for name, *_ in PARTS]
    rng = np.random.default_rng([seed, names.index(part), number])
    spec = PARTS[names.index(part)][2](rng)
    plate = draw_plate(spec, rng)
    width = float(np.exp(rng.uniform(*np.log(WEAR.widths)))) * (0.55 if spec.size_mm[0] < 350 else 1.0)
    placed = place(plate, UNIT, views[int(rng.integers(len(views)))], width, WEAR, rng)
    hardest = HARDER[part] * float(np.interp(width, (40, 160), (0.5, 1.0)))
    strength = hardest * float(rng.beta(1.1, 1.6))
    placed = replace(placed, pixels=degrade(placed.pixels, rng, strength))
    pixels, boxes = cut(placed, WEAR, rng)
    return Crop(pixels, plate.text, spec.country, plate.rows, boxes, width, strength, spec.face)


def write(folder: Path, labels: Sequence[Path], images: Sequence[Path], seed: int, share: float) -> int:
    """Writes the set; returns how many crops."""
    from kilpi.learn.reader.train import load_photos

    _, held_out = load_photos(labels, images)
    views = [scene.view for scene in held_out]
    (folder / "images").mkdir(parents=True, exist_ok=True)
    with (folder / "labels.jsonl").open("w", encoding="utf-8") as lines:
        count = 0
        for part, n, _ in PARTS:
            for number in range(round(n * share)):
                crop = draw(part, number, views, seed)
                name = f"images/{part.replace(' ', '-')}-{number:03}.png"
                Image.fromarray(crop.pixels).save(folder / name)
                h, w = crop.pixels.shape[:2]
                line = {
                    "image": name,
                    "width": w,
                    "height": h,
                    "part": part,
                    "text": crop.text,
                    "face": crop.typeface,
                }
                lines.write(json.dumps({**line, "rows": crop.rows}, ensure_ascii=False) + "\n")
                count += 1
    return count


def measure(folder: Path, weights: Path | None, ocr: bool) -> dict[str, tuple[int, ...]]:
    """Of every part: n, read exactly, read with O = 0 and I = 1, exact as the grammars rank what was read."""
    from kilpi.evaluation.line import FOLDED
    from kilpi.grammar import load_grammars
    from kilpi.plates.reader import PlateReader
    from kilpi.ports import Reader

    reader: Reader
    if ocr:
        from kilpi.plates.rapidocr import RapidOcrReader, load_engine

        reader = RapidOcrReader(load_engine())
    else:
        reader = PlateReader.load(weights, 1)
    told: dict[str, tuple[int, ...]] = {}
    grammars = load_grammars()
    lines = [json.loads(line) for line in (folder / "labels.jsonl").read_text(encoding="utf-8").splitlines()]
    wrong = []
    for begin in range(0, len(lines), 32):
        some = lines[begin : begin + 32]
        readings = reader.read([np.asarray(Image.open(folder / line["image"])) for line in some])
        for line, reading in zip(some, readings, strict=True):
            before = told.get(line["part"], (0, 0, 0, 0))
            want, got = line["text"], reading.text
            right = got == want, got.translate(FOLDED) == want.translate(FOLDED)
            ranked = next((one.mark.compact for one in grammars.rank(reading)), got)
            told[line["part"]] = tuple(
                a + b for a, b in zip(before, (1, *right, ranked == want), strict=True)
            )
            wrong.append((line["image"], want, got, right[0]))
    name = "ocr" if ocr else ("shipped" if weights is None else weights.name)
    rows = "\n".join(f"{image}\t{want}\t{got}\t{int(right)}" for image, want, got, right in wrong)
    (folder / f"read-{name}.tsv").write_text(rows, encoding="utf-8")
    return told


def main() -> None:
    """Composes, or measures what was composed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--labels", type=Path, nargs="+", help="what the reader was trained with")
    parser.add_argument("--images", type=Path, nargs="*", default=[])
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--share", type=float, default=1.0, help="of the set, for a trial")
    parser.add_argument("--measure", action="store_true")
    parser.add_argument("--weights", type=Path)
    parser.add_argument("--ocr", action="store_true")
    asked = parser.parse_args()
    if not asked.measure:
        print(write(asked.folder, asked.labels, asked.images, asked.seed, asked.share), "crops")
        return
    told = measure(asked.folder, asked.weights, asked.ocr)
    told["all"] = tuple(sum(values) for values in zip(*told.values(), strict=True))
    for part, (n, *right) in told.items():
        exact, folded, ranked = (f"{100 * one / n:5.1f} %" for one in right)
        print(f"{part:8} n {n:4}  exact {exact}  O=0, I=1 {folded}  by grammars {ranked}")


if __name__ == "__main__":
    main()
