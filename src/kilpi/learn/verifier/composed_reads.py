"""Composed cars through the real line, in two steps: found and cut out once, read again by every new reader.

Drawing and searching take most of the time and do not change when only the reader does, so what the detector
cut out is kept: NAME.jsonl with a car a line, as in `car_reads` but unread, and NAME.crops with the cut
plates one after another as the reader sees them, `kilpi.plates.reader.SHAPE` uint8 each.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from math import prod
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from kilpi.errors import LabelError
from kilpi.evaluation.car_reads import OWN, CarReads, car_line
from kilpi.files import write_whole, written_whole
from kilpi.geometry import box_iou, scale_quad
from kilpi.grammar import Grammars, load_grammars
from kilpi.labels.dataset import Scene
from kilpi.learn.verifier.car_recipes import CarRecipe
from kilpi.learn.verifier.compose_cars import compose_car
from kilpi.learn.verifier.shots import Shot
from kilpi.plates.crop import straight_width, straighten
from kilpi.plates.detector import (
    FIRST_SIDE,
    GLANCE_SIDE,
    MULTIPLE,
    PlateDetector,
    best_of,
    fit_side,
    glance_is_enough,
)
from kilpi.plates.detector import Look as FittedPhoto
from kilpi.plates.hidden_parts import HiddenParts
from kilpi.plates.read_photo import measure_plate, parses
from kilpi.plates.reader import HEIGHT, MARGIN, SHAPE, WIDTH, fit_crop
from kilpi.ports import Detector
from kilpi.schemas import plain, reading_fields
from kilpi.sharpness import plate_sharpness
from kilpi.types import Photo, Pixels, Plate, Point, Quad, Reading, Sighting

CHUNK = 512  # crops read at a time
Look = Callable[[Photo, Shot], list[Sighting]]
Read = Callable[[Sequence[Pixels]], list[Reading]]


def see_composed(
    n: int,
    seed: int,
    scenes: Sequence[Scene],
    recipes: Sequence[CarRecipe],
    look: Look,
    part: tuple[int, int] = (0, 1),
) -> Iterator[tuple[CarReads, list[Pixels]]]:
    """Composes cars and finds their plates; `part` (i, k) takes each k-th of the `n` from the i-th on.

    Car number i is that of `compose_cars` with the recipe whose turn it is. `look` is `WholePhoto` or
    `NearPlates`.
    """
    for i in range(part[0], n, part[1]):
        sample, shots = compose_car(scenes, recipes[i % len(recipes)], np.random.default_rng([seed, i]))
        plates: list[Plate] = []
        own: list[bool] = []
        crops: list[Pixels] = []
        for k, shot in enumerate(shots):
            height, width = shot.pixels.shape[:2]
            name = f"{seed}-{i}-{k}"
            photo = Photo(name, name, width, height, shot.pixels)
            for sighting in look(photo, shot):
                crop = straighten(photo, sighting.quad, margin=MARGIN)
                plates.append(Plate(name, sighting, None, (), (width, height), plate_sharpness(crop)))
                crops.append(fit_crop(crop))
                own.append(shot.own is not None and box_iou(sighting.quad.box, shot.own.box) >= OWN)
        truth, country = (sample.mark.compact, sample.mark.country) if sample is not None else (None, None)
        yield CarReads(f"{i:05d}", truth, len(shots), tuple(plates), tuple(own), country), crops


@dataclass(frozen=True)
class WholePhoto:
    """Searches every photo as it is searched in earnest."""

    detector: Detector

    def __call__(self, photo: Photo, shot: Shot) -> list[Sighting]:
        """Everything that the detector sees."""
        return self.detector.find([photo])[0]


@dataclass(frozen=True)
class NearPlates:
    """Searches only where plates are known to be, at the first looks' scales: a fifth of the time.

    For training and calibration, which need the detector's own corners and scores but not its false alarms.
    """

    detector: PlateDetector

    def __call__(self, photo: Photo, shot: Shot) -> list[Sighting]:
        """What the detector sees around the shot's plates, best first."""
        seen = self.near(photo, shot, GLANCE_SIDE)
        if not glance_is_enough(seen, photo.width):
            seen = self.near(photo, shot, FIRST_SIDE)
        return self.detector.place_corners(photo, seen)

    def near(self, photo: Photo, shot: Shot, side: int) -> list[Sighting]:
        """One look's sightings around the shot's plates, best first."""
        whole = fit_side(photo.pixels, side, photo.width, photo.height)
        found: list[Sighting] = []
        for quad in (shot.own, *shot.others):
            if quad is not None:
                found += self.detector.see(piece_of(whole, quad), self.detector.threshold)
        return best_of(sorted(found, key=lambda s: -s.score))


def piece_of(whole: FittedPhoto, quad: Quad) -> FittedPhoto:
    """The part of a fitted photo around a quad (in the photo's pixels), on the network's own grid."""
    box = scale_quad(quad, *whole.scale).box
    height, width = whole.pixels.shape[:2]
    side, above = max(64.0, 0.4 * (box.x2 - box.x1)), max(64.0, 0.8 * (box.y2 - box.y1))
    x1, y1 = (max(0, int(v) // MULTIPLE * MULTIPLE) for v in (box.x1 - side, box.y1 - above))
    x2, y2 = min(width, int(box.x2 + side)), min(height, int(box.y2 + above))
    origin = Point(x1 / whole.scale[0], y1 / whole.scale[1])
    return FittedPhoto(np.ascontiguousarray(whole.pixels[y1:y2, x1:x2]), whole.scale, origin)


def layout_of(
    plate: dict[str, Any],
    crop: Pixels,
    reading: Reading,
    grammars: Grammars,
    parts: HiddenParts | None = None,
) -> object:
    """A plate's layout in JSON's own types, measured on what the reader saw of it, without the added end.

    That is stretched to one width; shapes of letters need the plate's own proportions, which come back here.
    """
    quad = Quad(*(Point(x, y) for x, y in plate["quad"]))
    size = straight_width(quad, HEIGHT), HEIGHT
    own = np.asarray(cv2.resize(crop[:, :WIDTH], size, interpolation=cv2.INTER_LINEAR), np.uint8)
    candidates = grammars.rank(reading) if reading.slots else ()
    layout = measure_plate(own, reading, quad, tuple(plate["frame"]), candidates)
    if layout and parts and parses(candidates):
        layout = replace(layout, hidden=parts.see([crop[:, :WIDTH]], [reading])[0])
    return plain(layout) if layout else None


def write_seen(path: Path, cars: Iterator[tuple[CarReads, list[Pixels]]]) -> None:
    """Writes `path` (.jsonl) and its .crops; they appear only when they are whole."""
    with (
        written_whole(path) as lines,
        written_whole(path.with_suffix(".crops")) as cut,
        lines.open("w", encoding="utf-8") as text,
        cut.open("wb") as pixels,
    ):
        for car, crops in cars:
            text.write(json.dumps(car_line(car), ensure_ascii=False) + "\n")
            for crop in crops:
                pixels.write(crop.tobytes())


def read_seen(seen: Path, read: Read, out: Path, parts: HiddenParts | None = None) -> None:
    """Has `read` read what was cut out, as the reader sees it, and `parts` look at it; writes the cars to
    `out`. Raises LabelError.
    """
    grammars = load_grammars()
    cars: list[dict[str, Any]] = [json.loads(line) for line in seen.read_text(encoding="utf-8").splitlines()]
    plates = [plate for car in cars for plate in car["plates"]]
    pixels = np.fromfile(seen.with_suffix(".crops"), np.uint8)
    if pixels.size != len(plates) * prod(SHAPE):
        raise LabelError(f"{seen}: does not belong to its .crops; remove both and compose again")
    crops = pixels.reshape(-1, *SHAPE)
    for begin in range(0, len(crops), CHUNK):
        part = list(crops[begin : begin + CHUNK])
        for plate, crop, reading in zip(plates[begin : begin + CHUNK], part, read(part), strict=True):
            plate.update(reading_fields(reading), layout=layout_of(plate, crop, reading, grammars, parts))
    write_whole(out, "".join(json.dumps(car, ensure_ascii=False) + "\n" for car in cars).encode())
