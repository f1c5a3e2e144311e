"""Reads the writing of a photo with PP-OCR (extra `kilpi[ocr]`), lines with figures several times."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import cv2
import numpy as np

from kilpi.errors import MissingExtra
from kilpi.geometry import UNIT as UNIT_SQUARE
from kilpi.geometry import apply_homography, homography, quad_from_array, quad_size, quad_to_array, scale_quad
from kilpi.images import warp
from kilpi.plates.rapidocr import load_engine
from kilpi.ports import TextReader
from kilpi.types import Photo, Pixels, Quad, TextLine, TextLook

SIDE = 1000  # pixels, the longer side of what is searched; PP-OCR enlarges to 736 the shorter side
SHORTER = 400  # pixels; a narrower photo gets a black border, else a strip would be enlarged without end
HEIGHT = 64  # pixels of a line cut out; PP-OCR scales to 48
ASPECTS = (0.5, 40.0)  # width / height of a line
UPRIGHT = 1.5  # a line so many times higher than wide is written upwards (as in rapidocr itself)
FIGURES = 4  # digits; a line with fewer is read once

# How a line is cut out: margins left and right in line heights. They bring a lost, narrow first 1 back.
LOOKS = ((0.0, 0.0), (0.8, 0.2), (0.4, 0.4))


def default_text_reader() -> TextReader:
    """PP-OCR where rapidocr is installed, else one that sees nothing: then no mileage is ever seen."""
    try:
        return PpOcrTextReader(load_engine())
    except MissingExtra:
        return NoTextReader()


class LazyTextReader:
    """PP-OCR, opened for the first photo that is read: most cars need none. Implements `TextReader`."""

    @cached_property
    def reader(self) -> TextReader:
        """What reads, see `default_text_reader`."""
        return default_text_reader()

    def read_text(self, photos: Sequence[Photo]) -> list[list[TextLine]]:
        """As `PpOcrTextReader`, or no lines where no OCR is installed."""
        return self.reader.read_text(photos)


class NoTextReader:
    """Stands in where no OCR is installed. Implements `TextReader`."""

    def read_text(self, photos: Sequence[Photo]) -> list[list[TextLine]]:
        """No lines for any photo."""
        return [[] for _ in photos]


class PpOcrTextReader:
    """PP-OCR's detector and recogniser. Implements `TextReader`."""

    def __init__(self, engine: Any) -> None:
        """`engine` is a `rapidocr.RapidOCR`, from `kilpi.plates.rapidocr.load_engine`."""
        self.engine = engine

    def read_text(self, photos: Sequence[Photo]) -> list[list[TextLine]]:
        """Per photo its lines that hold any writing, in PP-OCR's order: from the bottom up, roughly."""
        return [
            [line for quad in self.find(photo) if (line := self.read_line(photo, quad)).looks[0].text]
            for photo in photos
        ]

    def find(self, photo: Photo) -> list[Quad]:
        """Where writing is, in native pixels, clockwise as it reads."""
        pixels = photo.pixels
        scale = SIDE / max(pixels.shape[:2])
        size = max(1, round(pixels.shape[1] * scale)), max(1, round(pixels.shape[0] * scale))
        small = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC)
        below, beside = (max(0, SHORTER - side) for side in small.shape[:2])
        small = cv2.copyMakeBorder(small, 0, below, 0, beside, cv2.BORDER_CONSTANT)
        found = self.call(np.asarray(small, dtype=np.uint8), find=True)
        if found.boxes is None:
            return []
        back = photo.width / size[0], photo.height / size[1]
        return [along_text(scale_quad(quad_from_array(np.asarray(box)), *back)) for box in found.boxes]

    def read_line(self, photo: Photo, quad: Quad) -> TextLine:
        """One line, looked at once, or as often as LOOKS says where it has figures."""
        first = self.look(cut_line(photo, quad, *LOOKS[0]))
        if sum(char.isdigit() for char in first.text) < FIGURES:
            return TextLine(quad, (first,))
        return TextLine(quad, (first, *(self.look(cut_line(photo, quad, *look)) for look in LOOKS[1:])))

    def look(self, crop: Pixels) -> TextLook:
        """A line's characters; an empty text where nothing is recognised."""
        found = self.call(crop, find=False)
        if not found.txts or not found.txts[0]:
            return TextLook("", ())
        return TextLook(found.txts[0], tuple(float(score) for score in found.word_results[0].confs))

    def call(self, pixels: Pixels, *, find: bool) -> Any:
        """Detection alone, or recognition of one line. All four flags every time: rapidocr remembers."""
        bgr = np.ascontiguousarray(pixels[:, :, ::-1])
        return self.engine(bgr, use_det=find, use_cls=False, use_rec=not find, return_word_box=not find)


def along_text(quad: Quad) -> Quad:
    """A line that is far higher than wide reads upwards: its corners turned so that it lies."""
    width, height = quad_size(quad)
    tl, tr, br, bl = quad
    return Quad(tr, br, bl, tl) if height >= UPRIGHT * width else quad


def cut_line(photo: Photo, quad: Quad, left: float, right: float) -> Pixels:
    """A line upright, (64, w, 3) uint8 RGB, with margins in line heights."""
    width, height = quad_size(quad)
    aspect = float(np.clip(width / max(height, 1e-6), *ASPECTS))
    wide = np.array([[-left, 0], [aspect + right, 0], [aspect + right, 1], [-left, 1]]) / (aspect, 1)
    grown = quad_from_array(apply_homography(homography(UNIT_SQUARE, quad_to_array(quad)), wide))
    return warp(photo, grown, round(HEIGHT * (aspect + left + right)), HEIGHT)
