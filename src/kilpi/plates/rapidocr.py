"""A second opinion and a baseline: PP-OCR through the `rapidocr` package (extra `kilpi[ocr]`).

PP-OCR finds text of any kind. What is shaped like a plate is kept, the rest (dealer names, badges, phone
numbers) is dropped, so that it stands behind the same ports as Kilpi's own networks.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Sequence
from typing import Any

import numpy as np

from kilpi.errors import MissingExtra
from kilpi.geometry import quad_from_array, quad_size, scale_quad
from kilpi.text import compact_mark
from kilpi.types import Guess, Photo, Pixels, Reading, Sighting

# Shaped like a plate: 4 to 9 letters and digits, at least one digit; "ÖÅ-7" has only three.
PLATE_SHAPE = re.compile(r"(?=.*[0-9])(?=.*[A-ZÅÄÖÆØÜ]|[0-9]{4})[A-Z0-9ÅÄÖÆØÜ]{3,9}")
ASPECT = (1.0, 9.0)  # width / height of the text line, not of the plate
READER = "rapidocr"


class OneAtATime:
    """A PP-OCR engine for threads: it remembers the flags of a call, so calls must not cross."""

    def __init__(self, engine: Any) -> None:
        self.engine, self.lock = engine, threading.Lock()

    def __call__(self, pixels: Pixels, **flags: bool) -> Any:
        """As the engine, once nobody else asks it."""
        with self.lock:
            return self.engine(pixels, **flags)


def load_engine() -> OneAtATime:
    """A PP-OCR engine, safe for threads. Raises MissingExtra where rapidocr is not installed."""
    try:
        from rapidocr import RapidOCR
    except ImportError:
        raise MissingExtra("PP-OCR is not installed; run: pip install 'kilpi[ocr]'") from None
    return OneAtATime(RapidOCR(params={"Global.log_level": "critical"}))


def is_plate_shaped(text: str) -> bool:
    """Whether a line of text could be a registration mark."""
    return PLATE_SHAPE.fullmatch(compact_mark(text)) is not None


class RapidOcrDetector:
    """Text lines of a photo whose text is shaped like a mark. Implements `Detector`."""

    def __init__(self, engine: Any = None) -> None:
        self.engine = engine or load_engine()

    def find(self, photos: Sequence[Photo]) -> list[list[Sighting]]:
        """Per photo the plate-shaped text lines, largest score first."""
        return [self.find_one(photo) for photo in photos]

    def find_one(self, photo: Photo) -> list[Sighting]:
        """One photo's sightings in native pixels; `score` is PP-OCR's text score."""
        bgr = np.ascontiguousarray(photo.pixels[:, :, ::-1])
        # All three flags every time: rapidocr remembers those of the last call.
        found = self.engine(bgr, use_det=True, use_cls=False, use_rec=True)
        if found.boxes is None:
            return []
        sx, sy = photo.width / photo.pixels.shape[1], photo.height / photo.pixels.shape[0]
        sightings = []
        for corners, text, score in zip(found.boxes, found.txts, found.scores, strict=True):
            quad = scale_quad(quad_from_array(np.asarray(corners)), sx, sy)
            width, height = quad_size(quad)
            if is_plate_shaped(text) and ASPECT[0] <= width / max(height, 1) <= ASPECT[1]:
                sightings.append(Sighting(quad, float(score)))
        return sorted(sightings, key=lambda s: -s.score)


class RapidOcrReader:
    """PP-OCR's recogniser on straightened plates. Implements `Reader`."""

    def __init__(self, engine: Any = None) -> None:
        self.engine = engine or load_engine()

    def read(self, crops: Sequence[Pixels]) -> list[Reading]:
        """Per crop one reading; PP-OCR gives one guess a slot, all with the line's score."""
        return [self.read_one(crop) for crop in crops]

    def read_one(self, crop: Pixels) -> Reading:
        """An empty reading where nothing was recognised."""
        bgr = np.ascontiguousarray(crop[:, :, ::-1])
        found = self.engine(bgr, use_det=False, use_cls=False, use_rec=True)
        text = compact_mark(found.txts[0]) if found.txts else ""
        score = float(found.scores[0]) if found.scores else 0.0
        return Reading(tuple((Guess(char, score),) for char in text), READER)
