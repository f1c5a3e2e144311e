"""What the scout suspects, alone: python -m recipes.suspects LABELS.jsonl ... [--every N --first K]

Every labelled photo is turned by --turns angles on a grey ground, as `measure_turned.py` does, and looked at
as a finished picture of that size is: once as it lies, once a quarter turned at 1.4 times the size. A plate
(a label of --least pixels of the picture's width and more) is suspected where the middle of a suspect lies in
it. Photos without a plate are looked at as they are: how many suspects they have is what a threshold costs.
--scout names folders with a scout.onnx beside the shipped one. Prints, for each of them and each least score,
plates suspected by the first look ("one") and by both, and suspects of all pictures without a plate.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from recipes.measure_turned import turn

from kilpi.geometry import Floats, quad_iou, quarter_turned
from kilpi.images import decode_photo, encode_jpeg, open_photo
from kilpi.labels.locate import located
from kilpi.labels.record import LabelledPhoto
from kilpi.plates.any_angle import ALIKE, LARGER, MOST, MOST_MORE, side_of
from kilpi.plates.detector import PlateDetector
from kilpi.types import Photo, Quad, Sighting
from kilpi.weights import PACKAGED, open_network

LEVELS = (0.05, 0.08, 0.1, 0.12, 0.15, 0.2, 0.25, 0.3)


class Looks(NamedTuple):
    """What one scout sees in one picture, at LEVELS[0] and above, best first."""

    first: list[Sighting]
    more: list[Sighting]

    def at(self, level: float, both: bool) -> list[Sighting]:
        """The suspects that `AnyAngleFinder` would look at closely."""
        seen = [one for one in self.first if one.score >= level][:MOST]
        more = [one for one in self.more if one.score >= level][:MOST] if both else []
        fresh = [one for one in more if all(quad_iou(one.quad, other.quad) < ALIKE for other in seen)]
        return [*seen, *fresh[:MOST_MORE]]


def look(scout: PlateDetector, photo: Photo) -> Looks:
    """Both looks of `AnyAngleFinder.find_turned`."""
    first = scout.whole(photo, side_of(photo), LEVELS[0])
    left = replace(
        photo, width=photo.height, height=photo.width, pixels=np.ascontiguousarray(np.rot90(photo.pixels))
    )
    more = [
        Sighting(quarter_turned(one.quad, photo.height, photo.width, 3), one.score)
        for one in scout.whole(left, round(LARGER * side_of(left)), LEVELS[0])
    ]
    return Looks(first, more)


def turned_ways(record: LabelledPhoto, path: Path, turns: int) -> Iterator[tuple[int, Photo, list[Floats]]]:
    """(angle, picture, plates' corners in it) of one photo at `turns` angles; once where it has no plate."""
    photo = open_photo(path)
    full = photo.pixels
    scale = full.shape[1] / photo.width
    boxes = [plate.place for plate in record.plates if plate.place is not None]
    for step in range(turns if boxes else 1):
        angle = round(360 * step / turns)
        pixels, matrix = turn(full, angle)
        shown = decode_photo(encode_jpeg(pixels, 86), "turned", target_side=max(pixels.shape))
        corners = [np.array([[b.x1, b.y1], [b.x2, b.y1], [b.x2, b.y2], [b.x1, b.y2]]) * scale for b in boxes]
        yield angle, shown, [quad @ matrix[:, :2].T + matrix[:, 2] for quad in corners]


def quads_of(suspects: list[Sighting]) -> list[Quad]:
    return [one.quad for one in suspects]


def suspected(suspects: Iterable[Quad], plate: Floats) -> bool:
    """Whether the middle of one lies in a plate's corners."""
    outline = plate.astype(np.float32)
    middles = (np.mean(one, axis=0) for one in suspects)
    return any(cv2.pointPolygonTest(outline, tuple(map(float, middle)), False) >= 0 for middle in middles)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("labels", type=Path, nargs="+")
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--but", type=int, default=0, help="leave out every BUT-th photo, counted from 0")
    parser.add_argument("--turns", type=int, default=12)
    parser.add_argument("--least", type=float, default=36.0, help="pixels")
    parser.add_argument("--scout", type=Path, nargs="*", default=[])
    parser.add_argument("--missed", action="store_true", help="also tell which plates are missed at 0.15")
    wanted = parser.parse_args()
    folders = [PACKAGED, *wanted.scout]
    scouts = [PlateDetector(open_network("scout", folder, 1), looks=1) for folder in folders]
    for file in wanted.labels:
        counts = measure(scouts, file, wanted)
        print(json.dumps({"labels": str(file), **counts[0]}), flush=True)
        for folder, count in zip(folders, counts[1:], strict=True):
            print(json.dumps({"scout": folder.name, **count}), flush=True)


def measure(scouts: list[PlateDetector], file: Path, wanted: argparse.Namespace) -> list[dict[str, int]]:
    """First how many there are, then each scout's counts."""
    whole: Counter[str] = Counter()
    found: list[Counter[str]] = [Counter() for _ in scouts]
    for index, (record, path) in enumerate(located(file, [file.parent / "images"])):
        skipped = wanted.but and index % wanted.but == 0
        if skipped or index < wanted.first or (index - wanted.first) % wanted.every:
            continue
        for angle, shown, plates in turned_ways(record, path, wanted.turns):
            whole["pictures"] += 1
            wide = [p for p in plates if np.hypot(*(p[1] - p[0])) >= wanted.least]
            whole["plates"] += len(wide)
            whole["without"] += not plates
            for scout, count in zip(scouts, found, strict=True):
                seen = look(scout, shown)
                for level in LEVELS:
                    one, two = seen.at(level, both=False), seen.at(level, both=True)
                    if not plates:
                        count[f"suspects one {level}"] += len(one)
                        count[f"suspects {level}"] += len(two)
                    count[f"one {level}"] += sum(suspected(quads_of(one), plate) for plate in wide)
                    hits = [suspected(quads_of(two), plate) for plate in wide]
                    count[f"both {level}"] += sum(hits)
                    if level == 0.15:
                        for plate, hit in zip(wide, hits, strict=True):
                            count[f"at {angle:03d}"] += hit
                            if not hit and wanted.missed:
                                print(record.name, angle, round(float(np.hypot(*(plate[1] - plate[0])))))
    return [dict(whole), *(dict(sorted(count.items())) for count in found)]


if __name__ == "__main__":
    main()
