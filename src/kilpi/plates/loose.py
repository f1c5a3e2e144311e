"""Plates in pictures that somebody cut out: tightly, loosely, or tilted.

Such a picture is read twice: as it is, and as the plate that the detector sees in it. What is read more
surely counts. So a tight crop, in which a detector has nothing to see a plate against, loses nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np

from kilpi.geometry import grow_quad, move_quad, quad_from_box
from kilpi.plates.no_plate import Parted
from kilpi.plates.read_photo import read_file
from kilpi.plates.reader import MARGIN
from kilpi.ports import Detector
from kilpi.types import Box, Photo, PhotoRead, Plate, Quad, Reading, Sighting

AROUND = (
    1.75  # the side of the canvas around a crop, of its longer side: plates lie in photos, not at their edges
)
GREY = 114  # of the canvas; the detector's own filling
FEW = 3  # characters below which nothing was read that could be compared


def read_crop(
    path: str | Path, detector: Detector, read: Callable[[Photo, Sequence[Sighting]], Sequence[Plate]]
) -> PhotoRead:
    """The plate of one cut-out picture, timed; or what is wrong with the file."""
    return read_file(
        path, lambda photo: in_crop(photo, detector), lambda *found: Parted(surest(read(*found)), [])
    )


def whole_picture(photo: Photo) -> list[Sighting]:
    """The sighting of a picture that is all plate."""
    return [Sighting(quad_from_box(Box(0, 0, photo.width, photo.height)), 1.0)]


def in_crop(photo: Photo, detector: Detector) -> list[Sighting]:
    """Where the plate of a crop may be, native pixels: the whole picture, and what is seen in it."""
    canvas, shift = on_canvas(photo)
    seen = detector.find([canvas])[0]
    found = [Sighting(move_quad(s.quad, *shift), s.score) for s in seen[:1]]
    return [Sighting(without_margin(s.quad), s.score) for s in whole_picture(photo)] + found


def on_canvas(photo: Photo) -> tuple[Photo, tuple[float, float]]:
    """The crop in the middle of a grey photo, and how far back its pixels lie (native)."""
    h, w = photo.pixels.shape[:2]
    side = round(AROUND * max(h, w))
    top, left = (side - h) // 2, (side - w) // 2
    edges = top, side - h - top, left, side - w - left
    pixels = np.asarray(
        cv2.copyMakeBorder(photo.pixels, *edges, cv2.BORDER_CONSTANT, value=(GREY,) * 3), np.uint8
    )
    sx, sy = photo.width / w, photo.height / h
    canvas = replace(
        photo, width=round(side * sx), height=round(side * sy), pixels=pixels, reduction=1, data=b""
    )
    return canvas, (-left * sx, -top * sy)


def without_margin(quad: Quad) -> Quad:
    """The quad whose cut, with the margin that reading leaves around a plate, is this one."""
    x, y = (-part / (1 + 2 * part) for part in MARGIN)
    return grow_quad(quad, x, y)


def surest(plates: Sequence[Plate]) -> list[Plate]:
    """Of one crop's plates the one that was read most surely; none of none."""
    return [max(plates, key=lambda plate: sureness(plate.reading))] if plates else []


def sureness(reading: Reading | None) -> float:
    """How sure a reading is of its weakest character, and of none being left out; 0..1."""
    if reading is None or len(reading.slots) < FEW:
        return 0.0
    return reading.score * (1 - reading.left_out)
