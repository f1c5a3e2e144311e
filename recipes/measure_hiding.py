"""How well plates are hidden: python -m recipes.measure_hiding LABELS.jsonl [--limit N]

For every labelled photo: find, cover, search the finished picture again, as publishing does. Then count, on
the pictures that would be published: labelled plates that are still open (not one plain colour inside), and
plates that an independent reading (PP-OCR over the whole finished picture) still tells, where the label has
the text, with at most one character wrong. What it reads of plates without a text `recipes/measure_turned.py
--angles 0` counts. Prints one JSON object.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

import numpy as np
from recipes.measure_turned import finished_as_published

from kilpi.decision.tracks import edit_distance
from kilpi.errors import PublishError
from kilpi.images import decode_photo, open_photo
from kilpi.pictures.hide import LONG_SIDE
from kilpi.pipeline import Kilpi
from kilpi.plates.rapidocr import load_engine
from kilpi.text import compact_mark
from kilpi.types import Pixels

FLAT = 12.0  # grey levels; a covered plate varies less than this inside, an open one far more


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("labels", type=Path)
    parser.add_argument("--limit", type=int, default=0)
    wanted = parser.parse_args()
    kilpi, engine = Kilpi(), load_engine()
    counts = dict.fromkeys(("photos", "published", "refused", "plates", "open", "texts", "still_read"), 0)
    start = time.perf_counter()
    lines = wanted.labels.read_text(encoding="utf-8").splitlines()
    for line in lines[: wanted.limit or None]:
        label = json.loads(line)
        folder = wanted.labels.parent
        path = next(p for p in (folder / label["image"], folder / "images" / label["image"]) if p.is_file())
        photo = open_photo(path)
        counts["photos"] += 1
        try:
            picture = finished_as_published(kilpi, photo, LONG_SIDE)
        except PublishError:
            counts["refused"] += 1
            continue
        counts["published"] += 1
        finished = decode_photo(picture.jpeg, "finished", target_side=4000)
        scale = finished.width / photo.width
        told = read_all(engine, finished.pixels)
        for plate in label["plates"]:
            counts["plates"] += 1
            counts["open"] += not is_flat(finished.pixels, plate["box"], scale)
            if plate.get("text"):
                counts["texts"] += 1
                counts["still_read"] += any(
                    edit_distance(compact_mark(text), plate["text"]) <= 1 for text in told
                )
    print(json.dumps({**counts, "seconds": round(time.perf_counter() - start, 1)}))


def is_flat(pixels: Pixels, box: list[float], scale: float) -> bool:
    """Whether the middle of a labelled box, in native pixels, is one plain colour in the finished picture.

    Only the middle third: the box around a slanted plate holds much of the car beside it.
    """
    x1, y1, x2, y2 = (value * scale for value in box)
    dx, dy = (x2 - x1) * 0.35, (y2 - y1) * 0.4
    inside = pixels[int(y1 + dy) : int(y2 - dy) + 1, int(x1 + dx) : int(x2 - dx) + 1]
    return float(inside.mean(axis=2).std()) < FLAT


def read_all(engine: object, pixels: Pixels) -> list[str]:
    """Every line of text that PP-OCR sees."""
    found = engine(np.ascontiguousarray(pixels[:, :, ::-1]), use_det=True, use_cls=False, use_rec=True)  # type: ignore[operator]
    return list(found.txts or ())


if __name__ == "__main__":
    main()
