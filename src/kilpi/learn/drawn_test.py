"""A test of drawn plates that every retraining is held against: what was known must not be forgotten.

Plates of every country that the reader knows, in drawn surroundings: no photo of a customer is needed, and
the same number always gives the same plates.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from kilpi.draw.clutter.scenes import draw_clutter_scene
from kilpi.labels.record import LabelledPhoto, LabelledPlate, read_labels, write_labels
from kilpi.labels.warps import View, no_quads
from kilpi.learn.reader.crops import Wear, draw_crop
from kilpi.learn.reader.marks import Marks
from kilpi.learn.view.net import OUTSIDES
from kilpi.learn.view.pictures import drawn_cars, drawn_examples
from kilpi.photos.view import SIDE
from kilpi.types import VIEWS

SEED = 20261
GROUNDS = 12  # drawn pictures that the plates are put into
WEAR = Wear(widths=(60.0, 210.0), strength=0.6, swapped=0.0, grey=0.02, cast=0.02, loose=0.1)


def write_drawn_test(folder: Path, count: int) -> Path:
    """labels.jsonl and its pictures; made once, then only read."""
    file = folder / "labels.jsonl"
    if file.is_file() and len(read_labels(file)) == count:
        return file
    views = drawn_views(GROUNDS, SEED)
    marks = Marks()
    folder.mkdir(parents=True, exist_ok=True)
    records = []
    for number in range(count):
        rng = np.random.default_rng([SEED, number])
        crop = draw_crop(marks.draw(rng), views, WEAR, rng)
        name = f"drawn-{number:04}.png"
        Image.fromarray(crop.pixels).save(folder / name)
        height, width = crop.pixels.shape[:2]
        plate = LabelledPlate(mark=crop.text, country=crop.country or None, legible=True, rows=crop.rows)
        records.append(LabelledPhoto(None, name, width, height, None, None, (plate,), "synthetic"))
    write_labels(file, records)
    return file


def write_drawn_views(folder: Path, count: int) -> Path:
    """`count` drawings of each view: labels.jsonl and its pictures; made once, then only read."""
    file, wanted = folder / "labels.jsonl", count * len(VIEWS)
    if file.is_file() and len(read_labels(file)) == wanted:
        return file
    folder.mkdir(parents=True, exist_ok=True)
    cars = (one for one in drawn_cars(count, SEED) if one.target[:OUTSIDES].any())
    records = []
    for number, one in enumerate([*drawn_examples(count, SEED, ()), *cars]):
        name = f"view-{number:04}.png"
        Image.fromarray(one.pixels).save(folder / name)
        view = str(VIEWS[int(one.target.argmax())])
        records.append(LabelledPhoto(None, name, SIDE, SIDE, None, None, (), "synthetic", view=view))
    write_labels(file, records)
    return file


def drawn_views(count: int, seed: int) -> tuple[View, ...]:
    """Pictures without plates, 640 x 480."""
    views = []
    for number in range(count):
        pixels = draw_clutter_scene(640, 480, np.random.default_rng([seed, 1, number]))
        views.append(View(pixels, no_quads(), np.zeros(0, bool), no_quads()))
    return tuple(views)
