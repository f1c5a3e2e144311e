"""How well plates are read, given where they are: exact marks, characters, countries, and what makes reading
hard.

No torch here: what is measured is the network that ships. Every labelled plate counts that has a mark and is
not labelled illegible; wrong labels count as they stand.
"""

from __future__ import annotations

import csv
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeVar

import cv2
import numpy as np

from kilpi.decision.tracks import edit_distance
from kilpi.errors import LabelError, PhotoError
from kilpi.evaluation.line import FOLDED, share
from kilpi.evaluation.reader_tables import PLAIN, Read, Row, confusions_of, tables_of
from kilpi.geometry import quad_from_box, quad_size
from kilpi.grammar import load_grammars
from kilpi.images import open_photo
from kilpi.labels.locate import located
from kilpi.labels.record import LabelledPhoto, LabelledPlate
from kilpi.plates.crop import straighten
from kilpi.plates.reader import MARGIN, PlateReader
from kilpi.ports import Reader
from kilpi.sharpness import plate_sharpness
from kilpi.text import compact_mark
from kilpi.types import Box, Photo, Pixels, Reading

if TYPE_CHECKING:  # drawing needs matplotlib, measuring does not
    from kilpi.evaluation.report import Curves

BATCH = 32  # crops read at once
TIMED = 100  # crops that the time is measured on


@dataclass(frozen=True, slots=True)
class ReaderReport:
    """All figures over one or more label files; shares are 0..1, None where nothing could be counted."""

    labels: tuple[str, ...]
    reader: str
    plates: int
    exact: float | None  # upper case, letters and digits, every character
    exact_ranked: float | None  # the same for the best candidate of the grammars
    exact_folded: float | None  # with O = 0 and I = 1
    exact_plain: float | None  # with Å = Ä = A and the like: for labels that know no accents
    character_error_rate: float | None
    country_named: float | None  # of the plates whose country is labelled
    rows_named: float | None
    ms_per_crop: float  # reading alone, crop by crop
    tables: dict[str, tuple[Row, ...]]
    confusions: tuple[tuple[str, str, int], ...]  # (expected, read, how often), most frequent first
    results: tuple[Read, ...] = field(repr=False)
    curves: Curves = field(default=(), repr=False)  # of the network's training, as its card has them

    def as_dict(self) -> dict[str, float | int | str | None]:
        """The headline figures, for JSON and for a network's card."""
        left_out = {"labels", "tables", "confusions", "results", "curves"}
        return {name: getattr(self, name) for name in self.__slots__ if name not in left_out}

    def __str__(self) -> str:
        def percent(value: float | None) -> str:
            return "–" if value is None else f"{100 * value:.1f} %"

        return (
            f"{self.plates} plates: exact {percent(self.exact)}, with grammars {percent(self.exact_ranked)}"
            f" (O=0, I=1: {percent(self.exact_folded)}; without accents: {percent(self.exact_plain)});"
            f" CER {percent(self.character_error_rate)}, country {percent(self.country_named)};"
            f" {self.ms_per_crop:.2f} ms a crop"
        )


def evaluate_reader(
    labels: Sequence[Path],
    images: Sequence[Path] = (),
    *,
    weights: Path | None = None,
    reader: Reader | None = None,
    threads: int = 2,
    tick: Callable[[], object] = bool,
) -> ReaderReport:
    """Reads every labelled plate at its labelled corners (or box, or the whole picture where it is a crop).

    `weights` is a folder with reader.onnx; `reader` measures another reader instead. Raises
    LabelError where no labelled mark is found, WeightsError.
    """
    chosen = reader or PlateReader.load(weights, threads)
    results: list[Read] = []
    for path in labels:
        conditions = conditions_of(path)
        for some in in_batches(labelled_crops(path, images), BATCH):
            readings = chosen.read([crop for _, _, crop, _ in some])
            for labelled, reading in zip(some, readings, strict=True):
                results.append(one_result(labelled, reading, conditions.get(labelled[0].path or "")))
                tick()
    if not results:
        raise LabelError("no labelled mark was found; say where the pictures are with --images FOLDER")
    names = tuple(f"{path.parent.name}/{path.name}" for path in labels)
    done = sum_up(results, names, getattr(chosen, "name", type(chosen).__name__), time_of(chosen, results))
    training = chosen.network.card.training if isinstance(chosen, PlateReader) else {}
    return replace(done, curves=tuple(training.get("curves", ())))


T = TypeVar("T")
Labelled = tuple[LabelledPhoto, LabelledPlate, Pixels, float]


def labelled_crops(labels: Path, images: Sequence[Path] = ()) -> Iterator[Labelled]:
    """Every plate with a mark: its record, itself, its straightened crop, its width in pixels."""
    for record, path in located(labels, images):
        wanted = [plate for plate in record.plates if plate.mark and plate.legible is not False]
        if not wanted:
            continue
        try:
            photo = open_photo(path)
        except PhotoError:
            continue
        for plate in wanted:
            crop, width = crop_of(photo, plate)
            yield record, plate, crop, width


def in_batches(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """The items in lists of `size`, the last one shorter."""
    source = iter(items)
    while some := list(islice(source, size)):
        yield some


def crop_of(photo: Photo, plate: LabelledPlate) -> tuple[Pixels, float]:
    """The plate cut out as it is for reading; a picture that is a crop already is taken whole."""
    if plate.quad is not None:
        return straighten(photo, plate.quad, margin=MARGIN), quad_size(plate.quad)[0]
    if plate.box is not None:
        return straighten(photo, quad_from_box(plate.box), margin=MARGIN), plate.box.x2 - plate.box.x1
    whole = quad_from_box(Box(0, 0, photo.width, photo.height))
    return straighten(photo, whole), float(photo.width)


class Conditions(NamedTuple):
    """What a rendered plate is like: its width in its photo, its wear, its kind of typeface."""

    width: float
    wear: float
    typeface: str


def conditions_of(labels: Path) -> dict[str, Conditions]:
    """The conditions of rendered plates, by picture: conditions.csv beside the labels."""
    file = labels.with_name("conditions.csv")
    if not file.is_file():
        return {}
    with file.open(newline="", encoding="utf-8") as lines:
        return {
            row["image"]: Conditions(float(row["plate_width_px"]), float(row["wear"]), row["typeface"])
            for row in csv.DictReader(lines)
        }


def time_of(reader: Reader, results: Sequence[Read]) -> float:
    """Median milliseconds for one crop, read alone."""
    spent = []
    for result in results[:TIMED]:
        start = time.perf_counter()
        reader.read([result.pixels])
        spent.append(1000 * (time.perf_counter() - start))
    return float(np.median(spent))


def one_result(labelled: Labelled, reading: Reading, conditions: Conditions | None) -> Read:
    """What was read, beside what should have been."""
    record, plate, crop, width = labelled
    candidates = load_grammars().rank(reading)
    return Read(
        path=record.name,
        expected=compact_mark(plate.mark or ""),
        raw=reading.text,
        ranked=candidates[0].mark.compact if candidates else reading.text,
        score=reading.score,
        country=plate.country or record.country,
        named=reading.country,
        rows=plate.rows,
        named_rows=reading.rows,
        width=conditions.width if conditions else width,
        wear=conditions.wear if conditions else None,
        typeface=conditions.typeface if conditions else "",
        contrast=contrast_of(crop),
        sharpness=plate_sharpness(crop),
        pixels=crop,
    )


def contrast_of(crop: Pixels) -> float:
    """The spread of a crop's grey values, 5th to 95th percentile, 0..1."""
    grey = cv2.cvtColor(crop, cv2.COLOR_RGB2GRAY)
    return float(np.percentile(grey, 95) - np.percentile(grey, 5)) / 255


def sum_up(results: Sequence[Read], labels: tuple[str, ...], reader: str, ms: float) -> ReaderReport:
    """All plates' results as one report."""
    n = len(results)
    letters = sum(len(r.expected) for r in results)
    known = [r for r in results if r.country is not None]
    return ReaderReport(
        labels,
        reader,
        plates=n,
        exact=share(sum(r.raw == r.expected for r in results), n),
        exact_ranked=share(sum(r.ranked == r.expected for r in results), n),
        exact_folded=share(sum(r.raw.translate(FOLDED) == r.expected.translate(FOLDED) for r in results), n),
        exact_plain=share(sum(r.raw.translate(PLAIN) == r.expected.translate(PLAIN) for r in results), n),
        character_error_rate=share(sum(edit_distance(r.raw, r.expected) for r in results), letters),
        country_named=share(sum(r.named == r.country for r in known), len(known)),
        rows_named=share(sum(r.named_rows == r.rows for r in results), n),
        ms_per_crop=ms,
        tables=tables_of(results),
        confusions=confusions_of(results),
        results=tuple(results),
    )
