"""The Nordic test set: plates of the Nordic and Baltic countries, rendered into photos that no training sees.

There is no free set of real Nordic plates. This one stands in for it: marks by grammar, plates as their rules
describe them, in real photos at sizes and in conditions that a dealer's photos have. It is made anew by a
command and is the same for the same photos and seed.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from kilpi.labels.record import LabelledPhoto, LabelledPlate, write_labels
from kilpi.learn.reader.crops import Wear, draw_crop
from kilpi.learn.reader.marks import Blend, Marks

SEED = 20260
COUNT = 3200
# Conditions of a dealer's photos: seldom far away, seldom at night. Decided before anything was measured on
# them.
WEAR = Wear(widths=(60.0, 210.0), strength=0.6, grey=0.02, cast=0.02, loose=0.1)
BLEND = Blend(nordic=1.0, europe=0.0, two_rows=0.16, accents=0.18, foreign=0.0)


def write_nordic_set(
    folder: Path,
    labels: Sequence[Path],
    images: Sequence[Path] = (),
    count: int = COUNT,
    seed: int = SEED,
    tick: Callable[[], object] = bool,
) -> Path:
    """Writes `count` crops as PNG, labels.jsonl and conditions.csv into `folder`; returns the label file.

    `labels` are the files that the reader was trained with: their held-out photos are used. Raises
    LabelError.
    """
    from kilpi.learn.reader.train import load_photos

    _, validation = load_photos(labels, images)
    views = [scene.view for scene in validation]
    marks = Marks(BLEND)
    (folder / "images").mkdir(parents=True, exist_ok=True)
    records, conditions = [], []
    for number in range(count):
        rng = np.random.default_rng([seed, number])
        crop = draw_crop(marks.draw(rng), views, WEAR, rng)
        name = f"images/nordic-{number:04}.png"
        Image.fromarray(crop.pixels).save(folder / name)
        plate = LabelledPlate(mark=crop.text, country=crop.country, legible=True, rows=crop.rows)
        h, w = crop.pixels.shape[:2]
        records.append(
            LabelledPhoto(
                path=name, width=w, height=h, country=crop.country, plates=(plate,), origin="synthetic"
            )
        )
        conditions.append((name, round(crop.width, 1), round(crop.strength, 3), crop.typeface))
        tick()
    write_labels(folder / "labels.jsonl", records)
    with (folder / "conditions.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(("image", "plate_width_px", "wear", "typeface"))
        writer.writerows(conditions)
    return folder / "labels.jsonl"
