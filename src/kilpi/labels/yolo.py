"""YOLO: a text file a photo, numbers as shares of the photo's size. Boxes, polygons and poses (4 keypoints).

A line is `class cx cy w h`, `class x y x y x y ...`, or a pose: `class cx cy w h` and x, y or x, y,
visibility of each corner (`kpt_shape: [4, 2]` or `[4, 3]` in data.yaml).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from kilpi.errors import LabelError, PhotoError
from kilpi.labels.draft import Draft, DraftPhoto, Drawn, Source, box_of, corners, drawn, plate, polygon
from kilpi.labels.locate import Pictures, picture_size
from kilpi.labels.record import LabelledPhoto, LabelledPlate
from kilpi.labels.yolo_classes import Classes
from kilpi.text import decode_text
from kilpi.types import Box, Point, Quad

CANNOT_HOLD = (
    "marks, and whether a plate is legible",
    "more than 4 decimals of a pixel",
    "car, country, rows, origin, by, at, licence, view and the photo's sha256",
    "photos whose picture file is missing: YOLO counts in shares of its size",
)
DECIMALS = 4  # of a pixel: finer than anybody draws, coarser than the rounding of shares
SLACK = 0.01  # share by which a number may leave the photo; beyond, it is no share
AROUND = 0.25  # share of a pose's box by which the box may differ from the one around its corners
NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)
CLASS = re.compile(r"(\d{1,6})(\.0*)?", re.ASCII)  # some tools write the class as a float


def read_photo(source: Source, path: str, picture: Path, classes: Classes, draft: Draft) -> None:
    """One photo's label file into the draft, or a reason why not."""
    try:
        size = picture_size(picture)
        text = decode_text(source.data)
        lines = [(i, line.split()) for i, line in enumerate(text.splitlines(), start=1) if line.strip()]
        things = tuple(read_line(w, size, classes, f"{source.name}, line {i}") for i, w in lines)
        draft.photos.append(DraftPhoto(LabelledPhoto(None, path, *size), things, picture))
    except LabelError as error:
        draft.refused.append(error)
    except PhotoError as error:
        draft.refused.append(LabelError(f"{source.name}: {error}"))


def read_line(words: Sequence[str], size: tuple[int, int], classes: Classes, where: str) -> Drawn:
    """One line of a label file. Raises LabelError where it is none."""
    number = CLASS.fullmatch(words[0])
    if number is None or not all(NUMBER.fullmatch(word) for word in words):
        raise LabelError(f"{where}: expected a class number and shares, like 0 0.5 0.5 0.1 0.05")
    values = [float(word) for word in words[1:]]
    label = classes.label(int(number.group(1)), where)
    return drawn(label, where, lambda draft: read_shape(values, size, classes, draft, where))


def read_shape(
    values: Sequence[float], size: tuple[int, int], classes: Classes, draft: Draft, where: str
) -> LabelledPlate:
    """The numbers behind the class."""
    step = pose_step(values, classes, draft, where)
    if len(values) == 4 or step:
        points = [] if classes.keypoints not in {0, 4} else corners_of(values[4:], step, size, where)
        if len(points) == 4:
            return plate(corners(points, draft, where), None)
        cx, cy, w, h = shares(values[:4], where)
        corner = to_pixels([(cx - w / 2, cy - h / 2), (cx + w / 2, cy + h / 2)], size)
        return plate(None, box_of(*corner[0], *corner[1], where))
    if classes.keypoints:
        raise LabelError(f"{where}: {len(values)} numbers are not what kpt_shape in data.yaml says")
    if len(values) == 5:
        raise LabelError(f"{where}: 5 numbers: these are predictions with their scores, not labels")
    if len(values) < 6 or len(values) % 2:
        raise LabelError(f"{where}: {len(values)} numbers are neither a box (4) nor a polygon (6, 8, 10 ...)")
    pairs = shares(values, where)
    points = to_pixels(list(zip(pairs[::2], pairs[1::2], strict=True)), size)
    return plate(*polygon(points, draft, where))


def pose_step(values: Sequence[float], classes: Classes, draft: Draft, where: str) -> int:
    """Numbers a keypoint (2 or 3) where the line is a pose, else 0.

    Without a kpt_shape, four points behind a box that is the one around them are a pose: no polygon
    begins so.
    """
    if classes.keypoints:
        return classes.dimensions if len(values) == 4 + classes.dimensions * classes.keypoints else 0
    for step in (2, 3):
        if len(values) == 4 + 4 * step and is_pose(values, step):
            draft.note(f"{where}: read as a box and its four corners, though no kpt_shape says so")
            return step
    return 0


def is_pose(values: Sequence[float], step: int) -> bool:
    """Whether four keypoints lie as the box before them says."""
    cx, cy, w, h = values[:4]
    xs, ys, rest = values[4::step], values[5::step], values[6::step] if step == 3 else ()
    if any(v not in {0, 1, 2} for v in rest) or min(w, h) <= 0:
        return False
    ends = (
        (cx - w / 2, min(xs), w),
        (cx + w / 2, max(xs), w),
        (cy - h / 2, min(ys), h),
        (cy + h / 2, max(ys), h),
    )
    return all(abs(box - points) <= AROUND * side for box, points, side in ends)


def corners_of(values: Sequence[float], step: int, size: tuple[int, int], where: str) -> list[Point]:
    """x, y and, where `step` is 3, visibility ... -> the points that are labelled."""
    visible = values[2::3] if step == 3 else [2.0] * (len(values) // 2)
    points = list(zip(values[:: step or 2], values[1 :: step or 2], visible, strict=True))
    seen = [(x, y) for x, y, shown in points if shown > 0]
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
