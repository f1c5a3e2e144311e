"""How good the whole line is on labelled photos: found, read, how fast, and a picture of what went wrong.

No torch here: what is measured is what ships.
"""

from __future__ import annotations

import resource
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from kilpi.contact_sheet import Tile, contact_sheet, draw_quad
from kilpi.decision.tracks import edit_distance, text_of
from kilpi.geometry import box_iou, scale_quad
from kilpi.images import decode_photo, shrink_to
from kilpi.labels.locate import Pictures
from kilpi.labels.record import LabelledPhoto, LabelledPlate
from kilpi.pipeline import Kilpi
from kilpi.text import compact_mark
from kilpi.types import Box, PhotoRead, Pixels, Plate

IOU = 0.5
FOLDED = str.maketrans({"O": "0", "I": "1"})  # pairs that many typefaces draw alike
MAX_TILES = 40


@dataclass(frozen=True, slots=True)
class Miss:
    """One labelled plate that was not found, or not read right."""

    path: str
    expected: str | None
    got: str | None  # None: not found
    plate: Plate | None


@dataclass(frozen=True, slots=True)
class Scores:
    """End-to-end figures over one labels file. Shares are 0..1; None where nothing could be counted."""

    photos: int
    unreadable_files: int
    plates: int
    recall: float | None  # labelled boxes with a plate at IoU >= 0.5
    texts: int
    exact: float | None  # upper case, letters and digits only
    exact_folded: float | None  # the same with O = 0 and I = 1
    character_error_rate: float | None  # edits / labelled characters
    false_plates_per_photo: float  # plates that no labelled box matches at IoU >= 0.5
    raw_recall: float | None  # as `recall`, of all that the detector found, also what was taken for no plate
    raw_false_per_photo: float  # likewise
    median_ms: float
    p95_ms: float
    peak_memory_mb: float

    def as_dict(self) -> dict[str, float | int | None]:
        """For JSON."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The scores, and each labelled plate that went wrong."""

    scores: Scores
    misses: tuple[Miss, ...]


def best_overlap(box: Box | None, plates: Sequence[Plate]) -> tuple[Plate | None, float]:
    """The plate that overlaps a box most, with its IoU; the first plate where the picture is all plate."""
    if box is None:
        return (plates[0], 1.0) if plates else (None, 0.0)
    overlaps = [(box_iou(box, plate.sighting.quad.box), plate) for plate in plates]
    iou, plate = max(overlaps, key=lambda pair: pair[0], default=(0.0, None))
    return (plate, iou) if iou > 0 else (None, 0.0)


def false_among(plates: Sequence[Plate], boxes: Sequence[Box]) -> int:
    """How many plates no labelled box matches."""
    return sum(all(box_iou(box, plate.sighting.quad.box) < IOU for box in boxes) for plate in plates)


@dataclass
class Tally:
    """Counts that grow photo by photo."""

    photos: int = 0
    broken: int = 0
    boxes: int = 0
    found: int = 0
    texts: int = 0
    exact: int = 0
    folded: int = 0
    edits: int = 0
    characters: int = 0
    false_plates: int = 0
    raw_found: int = 0
    raw_false: int = 0

    def add(self, label: LabelledPhoto, read: PhotoRead) -> list[Miss]:
        """Count one photo; returns what went wrong in it."""
        self.photos += 1
        self.broken += read.error is not None
        boxes = [box for plate in label.plates if (box := plate.place)]
        if boxes or not label.plates:  # a label without boxes says of a crop what it reads, no more
            self.false_plates += false_among(read.plates, boxes)
            self.raw_false += false_among((*read.plates, *read.aside), boxes)
        return [miss for plate in label.plates if (miss := self.add_plate(plate, read))]

    def add_plate(self, label: LabelledPlate, read: PhotoRead) -> Miss | None:
        """Count one labelled plate; the miss, if it was one."""
        box = label.place
        plate, iou = best_overlap(box, read.plates)
        found = box is None or iou >= IOU
        self.boxes += box is not None
        self.found += box is not None and found
        raw = best_overlap(box, (*read.plates, *read.aside))[1]
        self.raw_found += box is not None and raw >= IOU
        expected = compact_mark(label.mark) if label.mark else None
        got = text_of(plate) if plate else None
        right = expected is None or got == expected
        if expected is not None:
            self.add_text(expected, got or "")
        return None if found and right else Miss(read.path, expected, got, plate)

    def add_text(self, expected: str, got: str) -> None:
        """Count one labelled text."""
        self.texts += 1
        self.exact += got == expected
        self.folded += got.translate(FOLDED) == expected.translate(FOLDED)
        self.edits += edit_distance(got, expected)
        self.characters += len(expected)


def evaluate_all(
    kilpi: Kilpi, labels: Iterable[LabelledPhoto], pictures: Pictures, tick: Callable[[], object] = bool
) -> Evaluation:
    """Score the whole line; `tick` is called after each photo. A missing file counts as unreadable."""
    tally, times, misses = Tally(), [], []
    for label in labels:
        path = pictures.find(label) or Path(label.name)
        is_crop = bool(label.plates) and all(plate.place is None for plate in label.plates)
        read = next(kilpi.read_crops([path]) if is_crop else kilpi.read([path]))
        misses += tally.add(label, read)
        times.append(read.ms.decode + read.ms.find + read.ms.read)
        tick()
    return Evaluation(scores_of(tally, times), tuple(misses))


def scores_of(tally: Tally, times: Sequence[float]) -> Scores:
    """Counts -> shares."""
    median, p95 = (float(v) for v in np.percentile(times, [50, 95])) if times else (0.0, 0.0)
    return Scores(
        photos=tally.photos,
        unreadable_files=tally.broken,
        plates=tally.boxes,
        recall=share(tally.found, tally.boxes),
        texts=tally.texts,
        exact=share(tally.exact, tally.texts),
        exact_folded=share(tally.folded, tally.texts),
        character_error_rate=share(tally.edits, tally.characters),
        false_plates_per_photo=share(tally.false_plates, tally.photos) or 0.0,
        raw_recall=share(tally.raw_found, tally.boxes),
        raw_false_per_photo=share(tally.raw_false, tally.photos) or 0.0,
        median_ms=median,
        p95_ms=p95,
        peak_memory_mb=peak_memory_mb(),
    )


def share(part: int, whole: int) -> float | None:
    """part / whole; None where there is nothing to count."""
    return part / whole if whole else None


def peak_memory_mb() -> float:
    """This process's largest resident size so far, in MB (Linux counts KiB, macOS bytes)."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 1e6 if sys.platform == "darwin" else peak * 1024 / 1e6


def error_sheet(misses: Sequence[Miss], most: int = MAX_TILES) -> Pixels:
    """Contact sheet of what went wrong: the photo, the plate's corners, expected and got."""
    tiles = []
    for miss in misses[:most]:
        photo = decode_photo(Path(miss.path).read_bytes(), miss.path)
        pixels = photo.pixels
        if miss.plate:
            quad = scale_quad(miss.plate.sighting.quad, pixels.shape[1] / photo.width)
            pixels = draw_quad(pixels, quad, thickness=3)
        got = "not found" if miss.got is None else f"got {miss.got or 'nothing'}"
        caption = f"{Path(miss.path).name}\nexpected {miss.expected or 'a plate'}, {got}"
        tiles.append(Tile(shrink_to(pixels, 700), caption))
    return contact_sheet(tiles, columns=4, tile=(340, 255))
