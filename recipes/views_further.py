"""What `kilpi retrain` makes of views that the staff said: photos at dusk, of which the network knows few.

    python recipes/views_further.py --out runs/views-further [--views FOLDER/views.jsonl ...]

Drawn views, darkened to dusk under a street lamp, stand for a department's photos: some are labelled, others
are the test. The layers go on from the shipped network with 20, 60 and 180 of them; each is held against the
shipped one on the test, on drawings as they are, and on the photos of --views (see recipes/views.py), which
are only measured.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from PIL import Image

from kilpi.evaluation.gate import paired
from kilpi.evaluation.view_contest import view_contest
from kilpi.images import open_photo
from kilpi.labels.record import LabelledPhoto, write_labels
from kilpi.learn.department import darkened
from kilpi.learn.drawn_test import write_drawn_views
from kilpi.learn.view.further import Further, train_further
from kilpi.learn.view.net import OUTSIDES
from kilpi.learn.view.pictures import drawn_cars, drawn_examples
from kilpi.photos.view import ViewReader
from kilpi.types import VIEWS, Pixels
from kilpi.weights import PACKAGED

LAMP = np.array((1.25, 0.95, 0.55))  # sodium light: red, green, blue


def dusk(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    """A quarter to a half of the light, and yellow."""
    return np.asarray(np.clip(darkened(pixels, rng) * LAMP, 0, 255), np.uint8)


def write_dusk(folder: Path, each: int, seed: int) -> list[LabelledPhoto]:
    """`each` pictures of every view, in no order."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(seed)
    cars = [one for one in drawn_cars(each, seed) if one.target[:OUTSIDES].any()]
    records = []
    for n, one in enumerate([*drawn_examples(each, seed, ()), *cars]):
        name = f"{seed}-{n:04}.png"
        Image.fromarray(dusk(one.pixels, rng)).save(folder / name)
        view = str(VIEWS[int(one.target.argmax())])
        records.append(LabelledPhoto(f"{seed:032x}{n:032x}", name, car=f"{seed} {n}", view=view))
    return [records[i] for i in rng.permutation(len(records))]


def main(
    out: Annotated[Path, typer.Option()],
    views: Annotated[list[Path], typer.Option()] = [],  # noqa: B006
    sizes: Annotated[str, typer.Option(help="How many labels, in turn.")] = "20,60,180",
    decay: Annotated[float, typer.Option(help="The pull towards the shipped weights.")] = Further().decay,
    real: Annotated[float, typer.Option(help="Share of the photos in the fit.")] = Further().real,
) -> None:
    plan = Further(decay=decay, ends_decay=decay, real=real)
    photos = write_dusk(out / "photos", 14, 1)
    write_labels(out / "photos" / "test.jsonl", write_dusk(out / "photos", 12, 2))
    drawn = write_drawn_views(out / "drawn", 8)
    for n in map(int, sizes.split(",")):
        for name, some in (("learnt", photos[n // 8 : n]), ("kept", photos[: n // 8])):
            write_labels(out / "photos" / f"{name}.jsonl", some)
        run = out / f"{n}"
        train_further(
            out / "photos" / "learnt.jsonl", out / "photos" / "kept.jsonl", PACKAGED, run, plan=plan
        )
        for name, file in (("dusk", out / "photos" / "test.jsonl"), ("drawn", drawn)):
            made = view_contest(name, file, PACKAGED, run)
            print(n, made.text if made else "", flush=True)
        for file in views:
            both = [told_rightly(ViewReader.load(folder, 1), file) for folder in (PACKAGED, run)]
            print(n, paired(file.parent.name, *both).text, flush=True)


def told_rightly(reader: ViewReader, file: Path) -> list[bool]:
    """Of the photos of a views.jsonl (see recipes/views.py), whether the likeliest word is right."""
    rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]
    guesses = [reader.read([open_photo(file.parent / row["image"], target_side=1000)])[0] for row in rows]
    return [g.best in (r["view"], *r.get("also", ())) for g, r in zip(guesses, rows, strict=True)]


if __name__ == "__main__":
    typer.run(main)
