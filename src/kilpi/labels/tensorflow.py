"""TensorFlow's object detection data: a CSV with a line a box, or a TFRecord file with pictures inside."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from PIL import Image

from kilpi.errors import LabelError
from kilpi.labels.draft import Draft, DraftPhoto, Drawn, Source, box_of, corners, drawn, number, plate, whole
from kilpi.labels.locate import Pictures, picture_size
from kilpi.labels.record import LabelledPhoto, LabelledPlate
from kilpi.labels.tfrecord import Values, read_example, read_records, write_example, write_records
from kilpi.text import decode_text
from kilpi.types import Box, Point, Quad

CANNOT_HOLD_CSV = (
    "corners (boxes only), and photos without plates",
    "marks: the class is always plate",
    "car, country, legible, rows, origin, by, at, licence, view and the photo's sha256",
)
CANNOT_HOLD_TFRECORD = (
    "marks: the class is always plate",
    "more than 2 decimals of a pixel (shares of the size as 32-bit floats)",
    "car, country, legible, rows, origin, by, at, licence, view; photos whose picture file is missing",
)
COLUMNS = ("filename", "width", "height", "class", "xmin", "ymin", "xmax", "ymax")
DECIMALS = 2  # of a pixel: 32-bit shares of a 16,384 pixel side are good to 0.001
SIDES = ("xmin", "ymin", "xmax", "ymax")
KEYPOINTS = ("tl", "tr", "br", "bl")


def is_csv(data: bytes) -> bool:
    """True where the first line names the columns, in any order."""
    return separator(first_line(data)) is not None


def first_line(data: bytes) -> str:
    """The line of the columns, as text."""
    cut = data[: data.find(b"\n", 4000) + 2] if len(data) > 8000 else data
    return next(iter(decode_text(cut).splitlines()), "")


def separator(line: str) -> str | None:
    """What stands between the columns: Excel saves semicolons in much of Europe. None where it is no CSV."""
    for sign in ",;\t":
        if {"filename", "xmin", "ymin", "xmax", "ymax"} <= {
            w.strip().strip('"').lower() for w in line.split(sign)
        }:
            return sign
    return None


def read_csv(source: Source) -> Draft:
    """Photos of the CSV, in order of their first line. A photo with a bad line is refused as a whole."""
    draft = Draft()
    text = decode_text(source.data)
    if not is_utf8(source.data):
        draft.note(f"{source.name}: is not UTF-8; read as Windows-1252")
    sign = separator(first_line(source.data)) or ","
    rows = csv.reader(io.StringIO(text, newline=""), strict=True, delimiter=sign)
    photos: dict[str, DraftPhoto] = {}
    bad: set[str] = set()
    try:
        columns = [column.strip().lower() for column in next(rows)]
        for values in rows:
            if any(value.strip() for value in values):
                where = f"{source.name}, line {rows.line_num}"
                row = dict(zip(columns, values, strict=False))
                try:
                    if len(values) != len(columns):
                        raise LabelError(f"{where}: has {len(values)} values for {len(columns)} columns")
                    add_row(row, photos, where)
                except LabelError as error:
                    draft.refused.append(error)
                    bad.add(row.get("filename") or "")
    except csv.Error as error:
        raise LabelError(f"{source.name}, line {rows.line_num}: not CSV ({error})") from None
    draft.photos += [photo for path, photo in photos.items() if path not in bad]
    return draft


def is_utf8(data: bytes) -> bool:
    """Whether the bytes say their encoding, or are UTF-8."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return True
    try:
        data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return False
    return True


def add_row(row: Mapping[str, str], photos: dict[str, DraftPhoto], where: str) -> None:
    """One box of the CSV to its photo."""
    path = row.get("filename")
    if not path:
        raise LabelError(f"{where}: has no filename")
    size = whole(row.get("width")), whole(row.get("height"))
    before = photos.get(path, DraftPhoto(LabelledPhoto(None, path, *size)))
    if (before.photo.width, before.photo.height) != size:
        raise LabelError(f"{where}: the photo's size is not that of an earlier line")

    def read(_: Draft) -> LabelledPlate:
        x1, y1, x2, y2 = (number(row.get(side), where, side) for side in SIDES)
        return plate(None, box_of(x1, y1, x2, y2, where))

    photos[path] = replace(before, drawn=(*before.drawn, drawn(row.get("class"), where, read)))


def write_csv(records: Sequence[LabelledPhoto]) -> bytes:
    """The CSV. Numbers are not rounded."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for record in records:
        if record.path is None:
            raise LabelError(f"{record.name}: has no path, and the CSV knows photos by nothing else")
        size = ["" if v is None else v for v in (record.width, record.height)]
        for held in hold_csv(record).plates:
            box = held.box or Box(0, 0, 1, 1)
            writer.writerow([record.path, *size, "plate", *(float(v) for v in box)])
    return out.getvalue().encode()


def hold_csv(record: LabelledPhoto) -> LabelledPhoto:
    """The record as it comes back from the CSV (if it has any plate)."""
    plates = tuple(LabelledPlate(box=p.place) for p in record.plates if p.place is not None)
    return LabelledPhoto(None, record.path, record.width, record.height, plates=plates)


def read_tfrecord(source: Source) -> Draft:
    """Photos of a TFRecord file, with the pictures that are inside it."""
    draft = Draft()
    for i, record in enumerate(read_records(source.data, source.name), start=1):
        where = f"{source.name}, record {i}"
        try:
            draft.photos.append(read_photo(read_example(record, where), i, where))
        except LabelError as error:
            draft.refused.append(error)
    return draft


def read_photo(features: Mapping[str, Values], index: int, where: str) -> DraftPhoto:
    """One Example -> its record, and its picture's bytes where it holds them."""
    data = next(iter(blobs(features, "image/encoded")), b"")
    name = next(iter(texts(features, "image/filename", where)), "") or f"record-{index}"
    width = whole(next(iter(numbers(features, "image/width")), None))
    height = whole(next(iter(numbers(features, "image/height")), None))
    if width is None or height is None:
        width, height = size_of(data, where)
    if "image/object/bbox/xmin" not in features:
        raise LabelError(f"{where}: has no image/object/bbox, not even an empty one; is it labelled?")
    sides = [numbers(features, f"image/object/bbox/{side}") for side in SIDES]
    names = texts(features, "image/object/class/text", where)
    count = len(sides[0])
    if any(len(side) != count for side in sides) or (names and len(names) != count):
        raise LabelError(f"{where}: image/object/bbox and class/text do not have the same length")
    quads = read_corners(features, count, (width, height))

    def read(i: int, place: str) -> Drawn:
        def box(draft: Draft) -> LabelledPlate:
            if any(not -0.01 <= side[i] <= 1.01 for side in sides):
                raise LabelError(f"{place}: the box is not in shares of the photo's size")
            x1, y1, x2, y2 = (
                round(side[i] * size, DECIMALS) for side, size in zip(sides, (width, height) * 2, strict=True)
            )
            points = quads[i]
            if points is not None:
                return plate(corners(points, draft, place), None)
            return plate(None, box_of(x1, y1, x2, y2, place))

        return drawn(names[i] if names else None, place, box)

    things = tuple(read(i, f"{where}, object {i + 1}") for i in range(count))
    return DraftPhoto(LabelledPhoto(None, name, width, height), things, inside=data)


def read_corners(features: Mapping[str, Values], count: int, size: tuple[int, int]) -> list[Quad | None]:
    """Per object its corners, where the file has four keypoints for each; None where one is not visible."""
    xs = numbers(features, "image/object/keypoint/x")
    ys = numbers(features, "image/object/keypoint/y")
    seen = numbers(features, "image/object/keypoint/visibility") or [1.0] * len(xs)
    if not xs or not len(xs) == len(ys) == len(seen) == 4 * count:
        return [None] * count
    found: list[Quad | None] = []
    for i in range(0, 4 * count, 4):
        points = [
            Point(round(xs[j] * size[0], DECIMALS), round(ys[j] * size[1], DECIMALS)) for j in range(i, i + 4)
        ]
        found.append(Quad(*points) if all(seen[i : i + 4]) else None)
    return found


def size_of(data: bytes, where: str) -> tuple[int, int]:
    """The size of the picture inside; LabelError where there is none."""
    try:
        with Image.open(io.BytesIO(data)) as image:
            return image.size
    except Exception:  # Pillow's readers raise a dozen kinds on damaged headers
        raise LabelError(f"{where}: has neither image/width and height nor a picture inside") from None


def blobs(features: Mapping[str, Values], key: str) -> list[bytes]:
    """A feature's byte strings."""
    return [value for value in features.get(key, ()) if isinstance(value, bytes)]


def texts(features: Mapping[str, Values], key: str, where: str) -> list[str]:
    """A feature's texts."""
    try:
        return [value.decode("utf-8") for value in blobs(features, key)]
    except UnicodeDecodeError:
        raise LabelError(f"{where}: {key} is not UTF-8") from None


def numbers(features: Mapping[str, Values], key: str) -> list[float]:
    """A feature's numbers."""
    return [float(value) for value in features.get(key, ()) if not isinstance(value, bytes)]


def write_tfrecord(records: Sequence[LabelledPhoto], pictures: Pictures) -> bytes:
    """A TFRecord file with the picture files inside, as the object detection API reads it."""
    examples = []
    for record in records:
        picture = pictures.locate(record)
        size = picture_size(picture)
        held = hold_tfrecord(record, size)
        features: dict[str, Values] = {
            "image/filename": [(held.path or picture.name).encode()],
            "image/source_id": [(held.path or picture.name).encode()],
            "image/encoded": [picture.read_bytes()],
            "image/format": [picture.suffix.lower().lstrip(".").replace("jpg", "jpeg").encode()],
            "image/width": [size[0]],
            "image/height": [size[1]],
            **object_features(held.plates, size),
        }
        examples.append(write_example(features))
    return write_records(examples)


def object_features(plates: Sequence[LabelledPlate], size: tuple[int, int]) -> dict[str, Values]:
    """The features of a photo's plates; keypoints only where any plate has corners."""
    boxes = np.array([p.place for p in plates], dtype=np.float64).reshape(-1, 4) / (*size, *size)
    features: dict[str, Values] = {
        f"image/object/bbox/{side}": boxes[:, i].tolist() for i, side in enumerate(SIDES)
    }
    features["image/object/class/text"] = [b"plate"] * len(plates)
    features["image/object/class/label"] = [1] * len(plates)
    if any(p.quad is not None for p in plates):
        nothing = Quad(*[Point(0.0, 0.0)] * 4)
        corners = np.array([p.quad or nothing for p in plates], dtype=np.float64).reshape(-1, 2) / size
        seen = [int(p.quad is not None) for p in plates for _ in KEYPOINTS]
        features["image/object/keypoint/x"] = corners[:, 0].tolist()
        features["image/object/keypoint/y"] = corners[:, 1].tolist()
        features["image/object/keypoint/visibility"] = seen
        features["image/object/keypoint/num"] = [4] * len(plates)
        features["image/object/keypoint/text"] = [name.encode() for _ in plates for name in KEYPOINTS]
    return features


def hold_tfrecord(record: LabelledPhoto, size: tuple[int, int]) -> LabelledPhoto:
    """The record as it comes back from its TFRecord file; `size` is the picture's (width, height)."""
    plates = []
    for each in record.plates:
        if each.quad is not None:
            points = (Point(round(p.x, DECIMALS), round(p.y, DECIMALS)) for p in each.quad)
            plates.append(LabelledPlate(quad=Quad(*points)))
        elif each.box is not None:
            plates.append(LabelledPlate(box=Box(*(round(v, DECIMALS) for v in each.box))))
    return LabelledPhoto(None, record.path, *size, plates=tuple(plates))
