"""YOLO: a text file a photo, numbers as shares of the photo's size. Boxes, polygons and poses (4 keypoints).

A line is `class cx cy w h`, `class x y x y x y ...`, or with `kpt_shape: [4, 3]` in data.yaml
`class cx cy w h` and x, y, visibility of each corner.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from kilpi.errors import LabelError, PhotoError
from kilpi.files import photos_below
from kilpi.labels.draft import Draft, Source, box_of, plate, polygon, read_label
from kilpi.labels.locate import Pictures, picture_size
from kilpi.labels.record import LabelledPhoto, LabelledPlate
from kilpi.text import decode_text
from kilpi.types import Box, Point, Quad

CANNOT_HOLD = (
    "marks, and whether a plate is legible",
    "more than 4 decimals of a pixel",
    "car, country, rows, origin, by, at, licence and the photo's sha256",
    "photos whose picture file is missing: YOLO counts in shares of its size",
)
DECIMALS = 4  # of a pixel: finer than anybody draws, coarser than the rounding of shares
SLACK = 0.01  # share by which a number may leave the photo; beyond, it is no share
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
NOT_LABELS = frozenset({"classes.txt", "readme.txt", "train.txt", "val.txt", "valid.txt", "test.txt"})


@dataclass(frozen=True)
class Classes:
    """What data.yaml says: names of the classes by number, and how many keypoints a line has."""

    names: Mapping[int, str] = field(default_factory=dict)
    keypoints: int = 0


def read_yolo(folder: Path, name: str) -> Draft:
    """A YOLO folder: labels/ beside images/, at any depth. Pictures without a label file have no plates.

    Paths of the records are relative to `folder`. `name` stands for the folder in messages.
    """
    draft = Draft()
    settings = next((p for p in sorted(folder.rglob("data.y*ml"))), None)
    classes = Classes()
    if settings is not None:
        classes = read_classes(settings.read_bytes().decode("utf-8", "replace"))
    pictures = {path.relative_to(folder).as_posix(): path for path in photos_below(folder)}
    stems = {str(PurePosixPath(path).with_suffix("")): path for path in pictures}
    labelled = set()
    for file in sorted(folder.rglob("*.txt")):
        inside = file.relative_to(folder).as_posix()
        if file.name.lower() in NOT_LABELS:
            continue
        picture = next((stems[stem] for stem in stems_for(inside) if stem in stems), None)
        if picture is None:
            draft.refused.append(LabelError(f"{name}/{inside}: no picture beside it, so no size to count in"))
            continue
        labelled.add(picture)
        source = Source(f"{name}/{inside}", file.read_bytes())
        read_photo(source, picture, pictures[picture], classes, draft)
    empty = [path for path in pictures if path not in labelled]
    draft.photos += [LabelledPhoto(path=path) for path in empty]
    if empty:
        draft.note(f"{name}: {len(empty)} pictures have no label file: photos without plates")
    return draft


def read_yolo_file(source: Source, pictures: Pictures) -> Draft:
    """One label file by itself: its name must be that of a picture."""
    draft = Draft()
    stem = PurePosixPath(source.name.replace("\\", "/")).stem
    found = [path for path in pictures.all if path.stem == stem]
    if len(found) != 1:
        raise LabelError(
            f"{source.name}: YOLO holds neither the photo's name nor its size, and {len(found)} pictures are"
            f" called {stem}; name it as its photo (car.jpg: car.txt) and say where the photos are (--images)"
        )
    read_photo(source, found[0].name, found[0], Classes(), draft)
    return draft


def read_photo(source: Source, path: str, picture: Path, classes: Classes, draft: Draft) -> None:
    """One photo's label file into the draft, or a reason why not."""
    try:
        size = picture_size(picture)
        text = decode_text(source.data)
        lines = [(i, line.split()) for i, line in enumerate(text.splitlines(), start=1) if line.strip()]
        plates = tuple(read_line(w, size, classes, draft, f"{source.name}, line {i}") for i, w in lines)
        draft.photos.append(LabelledPhoto(None, path, *size, plates=plates))
    except LabelError as error:
        draft.refused.append(error)
    except PhotoError as error:
        draft.refused.append(LabelError(f"{source.name}: {error}"))


def read_line(
    words: Sequence[str], size: tuple[int, int], classes: Classes, draft: Draft, where: str
) -> LabelledPlate:
    """One line of a label file."""
    if not all(NUMBER.fullmatch(word) for word in words) or not words[0].isdecimal():
        raise LabelError(f"{where}: expected a class number and shares, like 0 0.5 0.5 0.1 0.05")
    values = [float(word) for word in words[1:]]
    mark = read_label(classes.names.get(int(words[0])), draft, where)
    posed = classes.keypoints and len(values) == 4 + 3 * classes.keypoints
    if len(values) == 4 or posed:
        points = [] if not posed else corners_of(values[4:], size, where)
        if len(points) == 4:
            return plate(Quad(*points), None, mark)
        cx, cy, w, h = shares(values[:4], where)
        corner = to_pixels([(cx - w / 2, cy - h / 2), (cx + w / 2, cy + h / 2)], size)
        return plate(None, box_of(*corner[0], *corner[1], where), mark)
    if len(values) < 6 or len(values) % 2:
        raise LabelError(f"{where}: {len(values)} numbers are neither a box (4) nor a polygon (6, 8, 10 ...)")
    pairs = shares(values, where)
    points = to_pixels(list(zip(pairs[::2], pairs[1::2], strict=True)), size)
    return plate(*polygon(points, draft, where), mark)


def corners_of(values: Sequence[float], size: tuple[int, int], where: str) -> list[Point]:
    """x, y, visibility ... -> the points that are labelled."""
    triples = zip(values[::3], values[1::3], values[2::3], strict=True)
    seen = [(x, y) for x, y, visible in triples if visible > 0]
    shares([v for pair in seen for v in pair], where)
    return to_pixels(seen, size)


def shares(values: Sequence[float], where: str) -> Sequence[float]:
    """The values, if all of them can be shares of the photo's size."""
    if any(not -SLACK <= v <= 1 + SLACK for v in values):
        raise LabelError(f"{where}: a number is not between 0 and 1: YOLO counts in shares, not in pixels")
    return values


def to_pixels(points: Sequence[tuple[float, float]], size: tuple[int, int]) -> list[Point]:
    """Shares -> pixels, rounded to DECIMALS."""
    width, height = size
    return [Point(round(x * width, DECIMALS), round(y * height, DECIMALS)) for x, y in points]


def stems_for(inside: str) -> Iterator[str]:
    """Where a label file's picture may be, without ending: images/ in the place of labels/, or beside it."""
    parts = list(PurePosixPath(inside).with_suffix("").parts)
    for i in reversed(range(len(parts) - 1)):
        if parts[i] == "labels":
            yield "/".join([*parts[:i], "images", *parts[i + 1 :]])
    yield "/".join(parts)


def read_classes(text: str) -> Classes:
    """The two keys of data.yaml that matter, in the spellings that exist: a list, dashes, or numbers."""
    shape = re.search(r"^kpt_shape:\s*\[\s*(\d+)\s*,\s*3\s*\]", text, re.MULTILINE)
    keypoints = int(shape.group(1)) if shape else 0
    inline = re.search(r"^names:\s*\[(.*?)\]", text, re.MULTILINE | re.DOTALL)
    if inline:
        words = re.findall(r"""'([^']*)'|"([^"]*)"|([^,\s][^,]*)""", inline.group(1))
        return Classes({i: "".join(word).strip() for i, word in enumerate(words)}, keypoints)
    block = re.search(r"^names:[ \t]*\r?\n((?:[ \t]*(?:-|\d+:).*(?:\r?\n|$))+)", text, re.MULTILINE)
    names = {}
    for i, line in enumerate(block.group(1).splitlines() if block else []):
        key, _, value = (
            line.strip().partition(":") if not line.strip().startswith("-") else (str(i), "", line)
        )
        names[int(key)] = value.strip().lstrip("-").strip().strip("'\"")
    return Classes(names, keypoints)


def write_yolo(records: Sequence[LabelledPhoto], pictures: Pictures) -> dict[str, bytes | Path]:
    """File name -> content, or the picture to copy: data.yaml, labels/ and images/, for pose training."""
    settings = "path: .\ntrain: images\nval: images\nnc: 1\nnames: ['plate']\nkpt_shape: [4, 3]\n"
    files: dict[str, bytes | Path] = {"data.yaml": settings.encode()}
    for record in records:
        picture = pictures.locate(record)
        inside = PurePosixPath((record.path or picture.name).lstrip("/"))
        label = str("labels" / inside.with_suffix(".txt"))
        if ".." in inside.parts or label in files:
            raise LabelError(f"{record.name}: its YOLO file's name is taken or outside; rename the photo")
        size = picture_size(picture)
        files[label] = "".join(format_line(p, size) for p in record.plates if p.place is not None).encode()
        files[str("images" / inside)] = picture
    return files


def format_line(each: LabelledPlate, size: tuple[int, int]) -> str:
    """One plate; corners of a plate that is only a box are written as not labelled."""
    x1, y1, x2, y2 = each.place or Box(0, 0, 1, 1)
    width, height = size
    box = ((x1 + x2) / 2 / width, (y1 + y2) / 2 / height, (x2 - x1) / width, (y2 - y1) / height)
    corners = [f"{p.x / width:.10f} {p.y / height:.10f} 2" for p in each.quad or ()] or ["0 0 0"] * 4
    return " ".join(["0", *(f"{v:.10f}" for v in box), *corners]) + "\n"


def hold_yolo(record: LabelledPhoto, size: tuple[int, int]) -> LabelledPhoto:
    """The record as it comes back from its YOLO folder; `size` is the picture's (width, height)."""
    plates = []
    for each in record.plates:
        if each.quad is not None:
            points = (Point(round(p.x, DECIMALS), round(p.y, DECIMALS)) for p in each.quad)
            plates.append(LabelledPlate(quad=Quad(*points)))
        elif each.box is not None:
            plates.append(LabelledPlate(box=Box(*(round(v, DECIMALS) for v in each.box))))
    return LabelledPhoto(None, f"images/{record.path}", *size, plates=tuple(plates))
