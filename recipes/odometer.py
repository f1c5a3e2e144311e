"""How well mileages are checked: python recipes/odometer.py LABELS.jsonl [--cache FOLDER] [--show FOLDER]

Each line of LABELS.jsonl is a photo: `image`, and `odometer` (digits), `kind` and `car` where they are known.
Photos with a figure are scored by kind, each alone: the right figure, and every slip of one digit. Of cars it
says which are confirmed and asked about, where --figures CARS.json gives {car: km}, and of the others which
have a sure reading. What PP-OCR saw is kept in the cache folder by the photo's sha256. Needs kilpi[ocr].
Prints one JSON object.
"""

from __future__ import annotations

import argparse
import json
import pickle
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import cv2

from kilpi.evaluation.odometer import score_odometer
from kilpi.images import open_photo
from kilpi.odometer.check import check_odometer
from kilpi.odometer.reader import OdometerReader, show
from kilpi.odometer.text import default_text_reader
from kilpi.ports import TextReader
from kilpi.types import DistanceReading, Photo, TextLine


class KeptText:
    """A text reader that keeps what another one saw. Implements `TextReader`."""

    def __init__(self, inner: TextReader, folder: Path | None) -> None:
        self.inner, self.folder, self.seconds = inner, folder, [0.0]
        if folder:
            folder.mkdir(parents=True, exist_ok=True)

    def read_text(self, photos: Sequence[Photo]) -> list[list[TextLine]]:
        return [self.read_one(photo) for photo in photos]

    def read_one(self, photo: Photo) -> list[TextLine]:
        path = self.folder / f"{photo.id}.pickle" if self.folder else None
        if path and path.is_file():
            kept: list[TextLine] = pickle.loads(path.read_bytes())  # written by this recipe only
            return kept
        start = time.perf_counter()
        (lines,) = self.inner.read_text([photo])
        self.seconds.append(time.perf_counter() - start)
        if path:
            path.write_bytes(pickle.dumps(lines))
        return lines


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("labels", type=Path)
    parser.add_argument("--cache", type=Path)
    parser.add_argument("--figures", type=Path)
    parser.add_argument("--show", type=Path, help="write a crop of what each car would be asked about here")
    parser.add_argument("--misses", action="store_true", help="print what was wrongly told, or not seen")
    wanted = parser.parse_args()
    text = KeptText(default_text_reader(), wanted.cache)
    reader = OdometerReader(text)
    labels = [json.loads(line) for line in wanted.labels.read_text(encoding="utf-8").splitlines()]
    read = []
    for label in labels:
        photo = open_photo(wanted.labels.parent / label["image"])
        (readings,) = reader.read([photo])
        read.append((label, readings))
    figures = json.loads(wanted.figures.read_text(encoding="utf-8")) if wanted.figures else {}
    result = {**by_kind(read), "cars": by_car(read, figures), "seconds": round(sum(text.seconds), 1)}
    print(json.dumps(result, indent=1))
    if wanted.misses:
        print_misses(read)
    if wanted.show:
        write_crops(read, wanted.labels.parent, wanted.show)


Read = list[tuple[dict[str, Any], list[DistanceReading]]]


def by_kind(read: Read) -> dict[str, Any]:
    """Scores of the photos whose figure is known, kind by kind."""
    kinds = sorted({label.get("kind", "") for label, _ in read if "odometer" in label})
    return {
        kind: asdict(
            score_odometer(
                [
                    (int(label["odometer"]), readings)
                    for label, readings in read
                    if "odometer" in label and label.get("kind", "") == kind
                ]
            )
        )
        for kind in kinds
    }


def by_car(read: Read, figures: dict[str, int]) -> dict[str, Any]:
    """How many cars would be asked about, and confirmed."""
    cars: dict[str, list[DistanceReading]] = {}
    for label, readings in read:
        if "car" in label:
            cars.setdefault(label["car"], []).extend(readings)
    checks = {car: check_odometer(readings, figures.get(car)) for car, readings in cars.items()}
    known = [car for car in cars if car in figures]
    return {
        "cars": len(cars),
        "with a figure": len(known),
        "confirmed": sum(checks[car].outcome == "confirmed" for car in known),
        "contradicted": [car for car in known if checks[car].asks],
        "without a figure, something proposed": [c for c in cars if c not in figures and checks[c].reading],
    }


def print_misses(read: Read) -> None:
    """One line a photo whose right figure is not confirmed."""
    for label, readings in read:
        check = check_odometer(readings, int(label["odometer"])) if "odometer" in label else None
        if check and check.outcome != "confirmed":
            seen = [(r.value, r.unit, r.looks, round(r.score, 2), r.cut) for r in readings]
            print(label["image"], label["odometer"], check.outcome.value, seen)


def write_crops(read: Read, folder: Path, target: Path) -> None:
    """The crop of every labelled reading, as a person would be shown it."""
    target.mkdir(parents=True, exist_ok=True)
    for label, readings in read:
        photo = open_photo(folder / label["image"])
        for i, reading in enumerate(r for r in readings if r.labelled):
            crop = show(photo, reading)[:, :, ::-1]
            cv2.imwrite(str(target / f"{Path(label['image']).stem}-{i}-{reading.value}.png"), crop)


if __name__ == "__main__":
    main()
