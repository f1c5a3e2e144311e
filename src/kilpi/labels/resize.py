"""`kilpi labels resize` and `kilpi labels arrays`: pictures and annotations scaled together.

Coordinates run from 0 at the photo's left edge to its width at the right one, so they scale with the
picture without any shift of half a pixel.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from kilpi.errors import LabelError, PhotoError, UsageError
from kilpi.files import written_whole
from kilpi.geometry import polygon_area, quad_from_box, quad_to_array
from kilpi.images import encode_jpeg, open_photo
from kilpi.labels.locate import Pictures
from kilpi.labels.record import LabelledPhoto, LabelledPlate, write_labels
from kilpi.types import Box, Pixels, Point, Quad

PADDING = 114  # grey of a letterbox, as detectors of the YOLO family are trained with
QUALITY = 95  # of the JPEG files: training should see the scaling, not a second compression
MAX_SIDE = 8192  # pixels
MAX_BYTES = 16_000_000_000  # of one array


class Size(NamedTuple):
    """What to scale to, in pixels; without a height it follows from the width."""

    width: int
    height: int | None


class Placing(NamedTuple):
    """x' = x * sx + dx, y' = y * sy + dy, in a picture of (width, height)."""

    sx: float
    sy: float
    dx: int
    dy: int
    width: int
    height: int

    def point(self, p: Point) -> Point:
        """A point of the old picture in the new one."""
        return Point(p.x * self.sx + self.dx, p.y * self.sy + self.dy)


@dataclass(frozen=True)
class Resized:
    """What was written, and which photos were not (with the reason)."""

    records: tuple[LabelledPhoto, ...]
    folder: Path
    skipped: tuple[PhotoError, ...]

    @property
    def text(self) -> str:
        """For a person."""
        sizes = sorted({f"{record.width} x {record.height}" for record in self.records})
        few = ", ".join(sizes) if len(sizes) < 4 else f"{len(sizes)} sizes"
        lines = [f"{len(self.records)} pictures in {self.folder}: {few or 'none'}"]
        return "\n".join([*lines, *(f"left out: {error}" for error in self.skipped)])


@dataclass(frozen=True)
class Arrays:
    """Photos with a plate each, for training elsewhere. Row i of `x`, `y` and `photos` belong together."""

    x: Pixels = field(repr=False)  # (N, H, W, 3) uint8 RGB
    y: NDArray[np.float32] = field(repr=False)  # (N, 8): x, y of tl, tr, br, bl in pixels of x
    photos: tuple[str, ...]  # sha256, or path where none is known
    boxes: int  # rows whose corners are those of a box
    without_plate: int  # photos left out
    skipped: tuple[PhotoError, ...]

    @property
    def text(self) -> str:
        """For a person: the shapes above all."""
        lines = [
            f"X {self.x.shape} {self.x.dtype}",
            f"y {self.y.shape} {self.y.dtype}: x, y of tl, tr, br, bl, in pixels",
            f"{self.boxes} rows are corners of boxes; {self.without_plate} photos without a plate left out",
        ]
        return "\n".join([*lines, *(f"left out: {error}" for error in self.skipped)])


def parse_size(text: str) -> Size:
    """ "640" or "640x480" -> Size. Raises UsageError."""
    found = re.fullmatch(r"(\d{1,5})(?:[xX×](\d{1,5}))?", text.strip())
    size = Size(int(found[1]), int(found[2]) if found[2] else None) if found else Size(0, None)
    if not 8 <= size.width <= MAX_SIDE or not 8 <= (size.height or size.width) <= MAX_SIDE:
        raise UsageError(f"--size {text}: expected W or WxH in pixels, 8 to {MAX_SIDE} each, like 640x480")
    return size


def place(width: int, height: int, size: Size, letterbox: bool) -> Placing:
    """How a picture of (width, height) goes into `size`.

    Width alone keeps the proportions. Width and height stretch. With `letterbox` the proportions are kept,
    the picture is centred, and the rest is grey; width alone then means a square.
    """
    if not letterbox:
        target = size.height or max(1, round(height * size.width / width))
        return Placing(size.width / width, target / height, 0, 0, size.width, target)
    target = size.height or size.width
    scale = min(size.width / width, target / height)
    w, h = max(1, round(width * scale)), max(1, round(height * scale))
    return Placing(w / width, h / height, (size.width - w) // 2, (target - h) // 2, size.width, target)


def scale_pixels(pixels: Pixels, placing: Placing) -> Pixels:
    """(h, w, 3) uint8 RGB -> (placing.height, placing.width, 3); shrunk by areas, enlarged by cubics."""
    h, w = pixels.shape[:2]
    inner = max(1, round(w * placing.sx)), max(1, round(h * placing.sy))
    method = cv2.INTER_AREA if inner[0] <= w and inner[1] <= h else cv2.INTER_CUBIC
    scaled = np.asarray(cv2.resize(pixels, inner, interpolation=method), dtype=np.uint8)
    if inner == (placing.width, placing.height):
        return scaled
    canvas = np.full((placing.height, placing.width, 3), PADDING, dtype=np.uint8)
    canvas[placing.dy : placing.dy + inner[1], placing.dx : placing.dx + inner[0]] = scaled
    return canvas


def scale_plate(plate: LabelledPlate, placing: Placing) -> LabelledPlate:
    """The plate in the new picture."""
    quad, box = plate.quad, plate.box
    if quad is not None:
        quad = Quad(*(placing.point(p) for p in quad))
    if box is not None:
        box = Box(*placing.point(Point(box.x1, box.y1)), *placing.point(Point(box.x2, box.y2)))
    return replace(plate, quad=quad, box=box)


def scale_photo(
    record: LabelledPhoto, path: Path, size: Size, letterbox: bool
) -> tuple[Pixels, LabelledPhoto]:
    """The picture and its record at the new size (still with the old sha256 and path)."""
    photo = open_photo(path, target_side=MAX_SIDE * 2)
    if (record.width or photo.width, record.height or photo.height) != (photo.width, photo.height):
        raise LabelError(
            f"{record.name}: the picture has another size than the label; run kilpi labels check"
        )
    placing = place(photo.width, photo.height, size, letterbox)
    plates = tuple(scale_plate(plate, placing) for plate in record.plates)
    scaled = replace(record, width=placing.width, height=placing.height, plates=plates)
    return scale_pixels(photo.pixels, placing), scaled


def resize_labels(
    records: Sequence[LabelledPhoto], pictures: Pictures, output: Path, size: Size, letterbox: bool = False
) -> Resized:
    """Scaled pictures into a folder beside the label file `output`, and the scaled records into that file.

    Pictures are JPEG files named by their sha256. A photo that cannot be read is left out and said so.
    Raises LabelError where a picture has another size than its label, or nothing can be written.
    """
    folder = output.parent / f"{output.stem}-pictures"
    written, skipped = [], []
    for record in records:
        try:
            pixels, scaled = scale_photo(record, pictures.locate(record), size, letterbox)
        except PhotoError as error:
            skipped.append(error)
            continue
        data = encode_jpeg(pixels, QUALITY)
        identity = hashlib.sha256(data).hexdigest()
        try:
            folder.mkdir(parents=True, exist_ok=True)
            (folder / f"{identity}.jpg").write_bytes(data)
        except OSError as error:
            raise LabelError(f"{folder}: cannot be written ({error.strerror})") from None
        written.append(replace(scaled, photo=identity, path=f"{folder.name}/{identity}.jpg"))
    write_labels(output, written)
    return Resized(tuple(written), folder, tuple(skipped))


def label_arrays(
    records: Sequence[LabelledPhoto], pictures: Pictures, size: Size, letterbox: bool = False
) -> Arrays:
    """One row for each photo that has a plate: of several the largest. `size` needs a height or a letterbox.

    A plate that is only a box gives the box's corners.
    """
    if size.height is None and not letterbox:
        raise UsageError("--size: arrays need all pictures of one size; give WxH, or add --letterbox")
    shape = (len(records), size.height or size.width, size.width, 3)
    if np.prod(shape, dtype=np.int64) > MAX_BYTES:
        raise UsageError(
            f"--size: {len(records)} pictures of that size take more than 16 GB; choose a smaller one"
        )
    rows, corners, photos, skipped = [], [], [], []
    boxes = without = 0
    for record in records:
        if not any(plate.place is not None for plate in record.plates):
            without += 1
            continue
        try:
            pixels, scaled = scale_photo(record, pictures.locate(record), size, letterbox)
        except PhotoError as error:
            skipped.append(error)
            continue
        plate = max(scaled.plates, key=area)
        rows.append(pixels)
        corners.append(quad_to_array(corners_of(plate)).reshape(8))
        photos.append(record.photo or record.name)
        boxes += plate.quad is None
    x = np.stack(rows) if rows else np.zeros((0, *shape[1:]), dtype=np.uint8)
    y = np.array(corners, dtype=np.float32).reshape(-1, 8)
    return Arrays(x, y, tuple(photos), boxes, without, tuple(skipped))


def corners_of(plate: LabelledPlate) -> Quad:
    """The plate's corners, or those of its box."""
    return plate.quad if plate.quad is not None else quad_from_box(plate.box or Box(0, 0, 0, 0))


def area(plate: LabelledPlate) -> float:
    """Square pixels; 0 without a place."""
    return abs(polygon_area(quad_to_array(corners_of(plate))))


def write_arrays(arrays: Arrays, output: Path) -> None:
    """X, y and photos as one .npz file, for `numpy.load`. Raises UsageError, LabelError."""
    if output.suffix != ".npz":
        raise UsageError(f"{output}: arrays are written as .npz; name the file so")
    try:
        with written_whole(output) as beside:
            np.savez(beside, X=arrays.x, y=arrays.y, photos=np.array(arrays.photos))
    except OSError as error:
        raise LabelError(f"{output}: cannot be written ({error.strerror})") from None
