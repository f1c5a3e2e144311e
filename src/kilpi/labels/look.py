"""`kilpi look labels`: labelled photos on one contact sheet, with a close-up of each plate."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np

from kilpi.contact_sheet import PAPER, Tile, contact_sheet, draw_quad
from kilpi.errors import PhotoError
from kilpi.geometry import grow_quad, quad_from_box, quad_size, scale_quad
from kilpi.images import open_photo, shrink_to, warp
from kilpi.labels.locate import Pictures, base_name
from kilpi.labels.record import LabelledPhoto, LabelledPlate
from kilpi.types import Photo, Pixels, Quad

TILE = (360, 360)  # (width, height) of one photo with its close-ups
CLOSE_UPS = 2  # plates a photo that are shown close, the largest first
STRIP = 84  # pixels: height of a close-up
CORNERS, BOX = (255, 60, 60), (40, 120, 255)  # colours of corners and of boxes
MARGIN = 0.15  # of the plate's size around it in a close-up


@dataclass(frozen=True)
class Sheet:
    """A contact sheet, and the photos that could not be shown."""

    pixels: Pixels = field(repr=False)  # (h, w, 3) uint8 RGB
    shown: int
    skipped: tuple[PhotoError, ...]

    @property
    def text(self) -> str:
        """For a person."""
        first = f"{self.shown} photos; red: corners, dot where the text begins; blue: boxes"
        return "\n".join([first, *(f"left out: {error}" for error in self.skipped)])


def look_labels(
    records: Sequence[LabelledPhoto], pictures: Pictures, count: int = 20, sample: bool = False
) -> Sheet:
    """The first `count` photos, or with `sample` as many drawn at random (the same ones every time)."""
    chosen = list(records[:count])
    if sample and count < len(records):
        picked = sorted(random.Random(0).sample(range(len(records)), count))
        chosen = [records[i] for i in picked]
    tiles, skipped = [], []
    for record in chosen:
        try:
            tiles.append(tile(record, open_photo(pictures.locate(record), target_side=800)))
        except PhotoError as error:
            skipped.append(error)
    return Sheet(contact_sheet(tiles, columns=5, tile=TILE), len(tiles), tuple(skipped))


def tile(record: LabelledPhoto, photo: Photo) -> Tile:
    """One photo with what is drawn on it, its largest plates below, and the words for both."""
    plates = sorted((p for p in record.plates if p.place is not None), key=width_of, reverse=True)
    close = plates[:CLOSE_UPS]
    whole = shrink_to(photo.pixels, TILE[0])
    scale = whole.shape[1] / photo.width, whole.shape[0] / photo.height
    for plate in plates:
        whole = draw_quad(whole, scale_quad(outline(plate), *scale), colour_of(plate), thickness=1)
    room = TILE[1] - STRIP if close else TILE[1]
    canvas = np.full((TILE[1], TILE[0], 3), PAPER, dtype=np.uint8)
    put(canvas, whole, 0, 0, TILE[0], room - 4)
    for i, plate in enumerate(close):
        width = TILE[0] // len(close)
        put(canvas, close_up(photo, plate), i * width, room, width - 4, STRIP)
    words = [words_for(plate, record.country) for plate in record.plates[:3]]
    more = [f"and {len(record.plates) - 3} more"] if len(record.plates) > 3 else []
    return Tile(canvas, "\n".join([base_name(record.name)[-44:], " | ".join(words + more) or "no plate"]))


def outline(plate: LabelledPlate) -> Quad:
    """What to draw: the corners, else the box."""
    if plate.quad is not None:
        return plate.quad
    assert plate.box is not None
    return quad_from_box(plate.box)


def colour_of(plate: LabelledPlate) -> tuple[int, int, int]:
    """Corners and boxes are told apart by colour."""
    return CORNERS if plate.quad is not None else BOX


def width_of(plate: LabelledPlate) -> float:
    """Pixels."""
    return quad_size(outline(plate))[0]


def close_up(photo: Photo, plate: LabelledPlate) -> Pixels:
    """The plate straightened with some margin, its outline drawn: a good label frames it exactly."""
    wide, tall = quad_size(outline(plate))
    height = round(STRIP / 1)
    width = int(np.clip(round(height * wide / max(tall, 1)), 30, TILE[0]))
    crop = warp(photo, grow_quad(outline(plate), MARGIN), width, height)
    x, y = width * MARGIN / (1 + 2 * MARGIN), height * MARGIN / (1 + 2 * MARGIN)
    frame = np.array([[x, y], [width - x, y], [width - x, height - y], [x, height - y]])
    points = np.round(frame * 16).astype(np.int32).reshape(-1, 1, 2)
    cv2.polylines(crop, [points], True, colour_of(plate), 1, cv2.LINE_AA, shift=4)
    return crop


def put(canvas: Pixels, picture: Pixels, x: int, y: int, width: int, height: int) -> None:
    """The picture into a rectangle of the canvas, as large as fits, centred."""
    h, w = picture.shape[:2]
    scale = min(width / w, height / h)
    size = max(1, round(w * scale)), max(1, round(h * scale))
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    left, top = x + (width - size[0]) // 2, y + (height - size[1]) // 2
    canvas[top : top + size[1], left : left + size[0]] = cv2.resize(picture, size, interpolation=method)


def words_for(plate: LabelledPlate, country: str | None) -> str:
    """The mark, or why there is none, and the country."""
    text = plate.mark or ("not legible" if plate.legible is False else "no mark")
    return " ".join(filter(None, [text, plate.country or country]))
