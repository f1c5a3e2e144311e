"""How well plates are hidden however a photo lies: python recipes/measure_turned.py LABELS.jsonl [--every N]

Every labelled photo is turned by 0, 30, ... 330 degrees (or by `--angles`) on a grey ground and finished as
publishing does. The finished picture is turned back, and an independent OCR (PP-OCR) reads what is around
each labelled plate. A plate counts as readable where it says the label's text with at most one character
wrong; without a text, where it reads a run of four characters or more with a digit. `readable_before` is the
same without covering, upright: what there is to hide. Prints one JSON object a file; `left_in` has the angles
by photo.
"""

from __future__ import annotations

import argparse
import json
import math
from pathlib import Path

import cv2
import numpy as np

from kilpi.decision.tracks import edit_distance
from kilpi.errors import PublishError
from kilpi.images import decode_photo, encode_png, open_photo
from kilpi.pictures.hide import finish
from kilpi.pictures.to_cover import marks_among
from kilpi.pipeline import Kilpi
from kilpi.plates.rapidocr import is_plate_shaped, load_engine
from kilpi.text import compact_mark
from kilpi.types import Photo, Picture, Pixels

STEP = 30  # degrees
AROUND = 1.2  # plate widths around a plate that are read


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("labels", type=Path, nargs="+")
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--angles", type=int, nargs="*", default=list(range(0, 360, STEP)))
    wanted = parser.parse_args()
    kilpi, engine = Kilpi(), load_engine()
    for file in wanted.labels:
        lines = file.read_text(encoding="utf-8").splitlines()[:: wanted.every]
        print(
            json.dumps({"labels": str(file), **measure(kilpi, engine, file, lines, wanted.angles)}),
            flush=True,
        )


def measure(
    kilpi: Kilpi, engine: object, file: Path, lines: list[str], angles: list[int]
) -> dict[str, object]:
    counts: dict[str, int] = dict.fromkeys(
        ("photos", "pictures", "held_back", "plates", "readable_before", "left"), 0
    )
    left_at: dict[int, int] = {}
    left_in: dict[str, list[int]] = {}
    for label in map(json.loads, lines):
        found = (file.parent / label["image"], file.parent / "images" / label["image"])
        photo = open_photo(next(path for path in found if path.is_file()))
        full = photo.pixels
        scale = full.shape[1] / photo.width
        plates = [
            p for p in label["plates"] if tells(read(engine, around(full, p["box"], scale)), p.get("text"))
        ]
        counts["photos"] += 1
        counts["plates"] += len(label["plates"])
        counts["readable_before"] += len(plates)
        for angle in angles if plates else ():
            turned, matrix = turn(full, angle)
            shown = decode_photo(encode_png(turned), "turned")
            counts["pictures"] += 1
            try:
                picture = finished_as_published(kilpi, shown, max(turned.shape[:2]))
            except PublishError:
                counts["held_back"] += 1
                continue
            finished = decode_photo(picture.jpeg, "finished", target_side=8000).pixels
            finished = np.ascontiguousarray(np.rot90(finished, -picture.turns))
            back = cv2.warpAffine(
                finished,
                matrix,
                (full.shape[1], full.shape[0]),
                flags=cv2.WARP_INVERSE_MAP | cv2.INTER_LINEAR,
            )
            for plate in plates:
                said = read(engine, around(np.asarray(back, np.uint8), plate["box"], scale))
                if tells(said, plate.get("text")):
                    counts["left"] += 1
                    left_at[angle] = left_at.get(angle, 0) + 1
                    left_in.setdefault(label["image"], []).append(angle)
    return {**counts, "left_at": left_at, "left_in": left_in}


def finished_as_published(kilpi: Kilpi, photo: Photo, long_side: int) -> Picture:
    """The photo with all covered that reads as a mark, of plates and of what is none. Raises PublishError."""
    seen = kilpi.examine(photo)
    cover = [plate.sighting for plate in marks_among((*seen.plates, *seen.aside), kilpi.grammars)]
    return finish(photo, cover, kilpi.search, long_side=long_side)


def turn(pixels: Pixels, angle: int) -> tuple[Pixels, np.ndarray]:
    """The picture turned around its middle, whole, and the matrix that did it."""
    height, width = pixels.shape[:2]
    across = math.ceil(math.hypot(width, height))
    size = (across, across) if angle % 90 else ((width, height) if angle % 180 == 0 else (height, width))
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), -angle, 1)
    matrix[:, 2] += ((size[0] - width) / 2, (size[1] - height) / 2)
    turned = cv2.warpAffine(pixels, matrix, size, borderValue=(114,) * 3)
    return np.asarray(turned, np.uint8), np.asarray(matrix)


def around(pixels: Pixels, box: list[float], scale: float) -> Pixels:
    """What lies around a labelled box of native pixels."""
    x1, y1, x2, y2 = (value * scale for value in box)
    far = AROUND * (x2 - x1)
    return pixels[
        max(0, int(y1 - far / 2)) : int(y2 + far / 2) + 1, max(0, int(x1 - far)) : int(x2 + far) + 1
    ]


def read(engine: object, pixels: Pixels) -> list[str]:
    """Every line of text that PP-OCR sees."""
    found = engine(np.ascontiguousarray(pixels[:, :, ::-1]), use_det=True, use_cls=False, use_rec=True)  # type: ignore[operator]
    return [compact_mark(text) for text in found.txts or ()]


def tells(said: list[str], text: str | None) -> bool:
    if text:
        return any(edit_distance(line, text) <= 1 for line in said)
    return any(is_plate_shaped(line) and len(line) >= 4 for line in said)


if __name__ == "__main__":
    main()
