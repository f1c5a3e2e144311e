"""The label record: one line of JSON a photo, and the one door by which label files come in and go out.

A line is `{"photo": sha256, "path", "width", "height", "car", "country", "plates": [{"quad", "box", "mark",
"country", "legible", "rows"}], "origin", "by", "at", "licence", "view"}`; what is not known is left out. The
door also takes published data, `{"image", "width", "height", "country"?, "car"?, "plates": [{"box"?, "quad"?,
"text"?}]}`.
Corners and boxes are pixels of the photo as displayed, origin top left.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kilpi.errors import LabelError
from kilpi.files import written_whole
from kilpi.labels.fields import Fields
from kilpi.types import VIEWS, Box, Quad

MAX_LINE = 16_000_000  # characters; a photo with ten thousand plates stays below
SHA256 = re.compile(r"[0-9a-f]{64}")
COUNTRY = re.compile(r"[A-Z]{2}")
WORD = re.compile("|".join(VIEWS))
PLATE_KEYS = frozenset({"quad", "box", "mark", "country", "legible", "rows"})
PHOTO_KEYS = frozenset(
    {"photo", "path", "width", "height", "car", "country", "plates", "origin", "by", "at", "licence", "view"}
)
PUBLISHED_KEYS = frozenset({"image", "width", "height", "country", "car", "plates"})


@dataclass(frozen=True, slots=True)
class LabelledPlate:
    """One plate of a photo. Without quad and box the photo itself is the plate (a crop)."""

    quad: Quad | None = None
    box: Box | None = None
    mark: str | None = None  # official spelling (ABC-123) or compact (ABC123)
    country: str | None = None  # ISO 3166-1 alpha-2, where it differs from the photo's or that has none
    legible: bool | None = None  # None: nobody has judged it
    rows: int = 1

    @property
    def place(self) -> Box | None:
        """The upright rectangle around the plate: around the corners where they are known."""
        return self.quad.box if self.quad is not None else self.box


@dataclass(frozen=True, slots=True)
class LabelledPhoto:
    """One photo and its plates. It is found by `path`, or by `photo` where that is all there is."""

    photo: str | None = None  # sha256 of the file, hex
    path: str | None = None  # relative to the label file or to the folder of pictures, with "/"
    width: int | None = None  # pixels as displayed
    height: int | None = None
    car: str | None = None  # the same word for all photos of one car
    country: str | None = None  # ISO 3166-1 alpha-2, of every plate that names none
    plates: tuple[LabelledPlate, ...] = ()
    origin: str = "hand"  # hand | review | synthetic | published | import
    by: str | None = None
    at: str | None = None  # ISO 8601
    licence: str | None = None
    view: str | None = None  # what the photo shows, one of `kilpi.types.VIEWS`

    @property
    def name(self) -> str:
        """What a message may call this photo: its path, else the beginning of its hash."""
        return self.path or (self.photo or "?")[:12]


def read_labels(path: Path) -> list[LabelledPhoto]:
    """Every record of a label file, in its order. Raises LabelError naming file, line and reason."""
    return list(iterate_labels(path))


def iterate_labels(path: Path, refused: list[LabelError] | None = None) -> Iterator[LabelledPhoto]:
    """`read_labels`, one record at a time. `refused` gets what is wrong with a line, and the rest goes on;
    None: the first such line is raised.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="\n") as file:
            number = 0
            while line := file.readline(MAX_LINE + 1):
                number += 1
                where = f"{path}, line {number}"
                if len(line) > MAX_LINE:  # where the next line begins is not looked for
                    raise LabelError(f"{where}: longer than {MAX_LINE} characters")
                try:
                    record = parse_line(line, where) if line.strip() else None
                except LabelError as error:
                    if refused is None:
                        raise
                    refused.append(error)
                    continue
                if record is not None:
                    yield record
    except UnicodeDecodeError:
        raise LabelError(f"{path}: is not UTF-8 text; labels are JSON, one line a photo") from None
    except OSError as error:
        raise LabelError(f"{path}: cannot be read ({error.strerror})") from None


def write_labels(path: Path, records: Iterable[LabelledPhoto]) -> None:
    """Write all records beside `path`, then rename: the old file stays whole until the new one is.

    What `read_labels` gives back equals `records`. Raises LabelError, and leaves no half-written file.
    """
    try:
        with written_whole(path) as beside, beside.open("w", encoding="utf-8", newline="\n") as file:
            for number, record in enumerate(records, start=1):
                line = format_line(record)
                parse_line(line, f"{path}, record {number}")  # nothing goes out that could not come in
                file.write(line + "\n")
    except OSError as error:
        raise LabelError(f"{path}: cannot be written ({error.strerror})") from None


def format_line(record: LabelledPhoto) -> str:
    """One record as JSON on one line, keys in the order of the class, without what is not known."""
    fields: dict[str, Any] = {
        "photo": record.photo,
        "path": record.path,
        "width": record.width,
        "height": record.height,
        "car": record.car,
        "country": record.country,
        "plates": [format_plate(plate) for plate in record.plates],
        "origin": record.origin,
        "by": record.by,
        "at": record.at,
        "licence": record.licence,
        "view": record.view,
    }
    known = {key: value for key, value in fields.items() if value is not None}
    return json.dumps(known, ensure_ascii=False)


def format_plate(plate: LabelledPlate) -> dict[str, Any]:
    """One plate for `format_line`."""
    fields: dict[str, Any] = {
        "quad": None if plate.quad is None else [[float(v) for v in point] for point in plate.quad],
        "box": None if plate.box is None else [float(v) for v in plate.box],
        "mark": plate.mark,
        "country": plate.country,
        "legible": plate.legible,
        "rows": None if plate.rows == 1 else plate.rows,
    }
    return {key: value for key, value in fields.items() if value is not None}


def parse_line(line: str, where: str) -> LabelledPhoto:
    """One line -> one record. `where` (file and line) begins every LabelError."""
    try:
        fields = json.loads(line)
    except (ValueError, RecursionError) as error:
        detail = "nested too deeply or a bad number"
        if isinstance(error, json.JSONDecodeError):
            detail = f"{error.msg.removesuffix(' at')}, column {error.colno}"
        raise LabelError(f"{where}: not JSON ({detail})") from None
    if not isinstance(fields, dict):
        raise LabelError(f"{where}: expected one JSON object a line")
    if "image" in fields:
        return published(Fields(fields, where, PUBLISHED_KEYS))
    return own(Fields(fields, where, PHOTO_KEYS))


def own(fields: Fields) -> LabelledPhoto:
    """A record of our own shape."""
    record = LabelledPhoto(
        photo=fields.text("photo", SHA256, "64 lower-case hex digits"),
        path=fields.text("path"),
        width=fields.count("width"),
        height=fields.count("height"),
        car=fields.text("car"),
        country=fields.text("country", COUNTRY, "two capital letters"),
        plates=tuple(plate_of(part) for part in fields.parts("plates", PLATE_KEYS)),
        origin=fields.text("origin") or "hand",
        by=fields.text("by"),
        at=fields.moment("at"),
        licence=fields.text("licence"),
        view=fields.text("view", WORD, "a view as docs/labels.md names them"),
    )
    if record.photo is None and record.path is None:
        raise fields.error("needs photo (a sha256) or path")
    return record


def plate_of(fields: Fields) -> LabelledPlate:
    """One plate of our own shape."""
    return LabelledPlate(
        quad=fields.quad("quad"),
        box=fields.box("box"),
        mark=fields.text("mark"),
        country=fields.text("country", COUNTRY, "two capital letters"),
        legible=fields.truth("legible"),
        rows=fields.count("rows") or 1,
    )


def published(fields: Fields) -> LabelledPhoto:
    """A record of published data. A text says that the plate is legible; no text says nothing."""
    plates = []
    for part in fields.parts("plates", frozenset({"quad", "box", "text"})):
        mark = part.text("text")
        quad, box = part.quad("quad"), part.box("box")
        plates.append(LabelledPlate(quad, box, mark, legible=True if mark else None))
    image = fields.text("image")
    if image is None:
        raise fields.error("image must be a path")
    country = fields.text("country", COUNTRY, "two capital letters")
    width, height = fields.count("width"), fields.count("height")
    return LabelledPhoto(None, image, width, height, fields.text("car"), country, tuple(plates), "published")
