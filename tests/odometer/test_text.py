"""PP-OCR on drawn instruments, and what stands in for it where it is not installed."""

from __future__ import annotations

import io
import sys
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image
from tests.odometer.panels import as_photo, dot_matrix, glass, seven_segments

from kilpi.images import decode_photo
from kilpi.odometer.check import check_odometer
from kilpi.odometer.reader import OdometerReader, show
from kilpi.odometer.text import LOOKS, NoTextReader, PpOcrTextReader, along_text, default_text_reader
from kilpi.plates.rapidocr import RapidOcrDetector, load_engine
from kilpi.types import DistanceReading, DistanceUnit, OdometerOutcome, Photo, Pixels, Point, Quad


@pytest.fixture(scope="module")
def engine() -> Any:
    return load_engine()


def dots() -> Pixels:
    """A trip of 147 km above a total of 160068 km, in dots that the camera blurs."""
    pixels = glass(900, 600)
    dot_matrix(pixels, "147 km", 200, 150, 6)
    dot_matrix(pixels, "160068km", 200, 250, 6)
    return np.asarray(cv2.GaussianBlur(pixels, (0, 0), 3), dtype=np.uint8)


def read(engine: Any, photo: Photo) -> list[DistanceReading]:
    return OdometerReader(PpOcrTextReader(engine)).read([photo])[0]


def test_a_dot_matrix_total_is_read_and_confirms_and_contradicts(engine: Any) -> None:
    readings = read(engine, as_photo(dots()))
    assert [(r.value, r.unit) for r in readings] == [(160068, DistanceUnit.KM)]  # not the trip
    assert check_odometer(readings, 160068).outcome is OdometerOutcome.CONFIRMED
    assert check_odometer(readings, 180068).outcome is OdometerOutcome.CONTRADICTED


def test_seven_segments_with_odo_before_them(engine: Any) -> None:
    pixels = glass(900, 600)
    seven_segments(pixels, "42350", 300, 300, 60)
    cv2.putText(pixels, "ODO", (180, 340), cv2.FONT_HERSHEY_SIMPLEX, 1.3, (255, 255, 255), 2)
    (reading,) = read(engine, as_photo(pixels))
    assert reading.value == 42350 and reading.total and reading.looked == len(LOOKS)


def test_places_are_in_native_pixels_and_the_crop_shows_the_number(engine: Any) -> None:
    file = io.BytesIO()
    Image.fromarray(np.asarray(cv2.resize(dots(), (3600, 2400)), np.uint8)).save(file, "JPEG", quality=90)
    photo = decode_photo(file.getvalue(), "large.jpg")
    (reading,) = read(engine, photo)
    box = reading.quad.box
    assert photo.reduction == 2 and reading.value == 160068
    assert 700 < box.x1 < 850 and 1850 < box.x2 < 2050 and 880 < box.y1 < box.y2 < 1260
    crop = show(photo, reading)
    assert crop.shape[0] == 160 and (crop[:, :, 0] > 60).mean() > 0.05


def test_dark_glass_has_no_lines(engine: Any) -> None:
    assert PpOcrTextReader(engine).read_text([as_photo(glass(400, 300))]) == [[]]


def test_a_photo_of_one_row_is_no_accident(engine: Any) -> None:
    assert PpOcrTextReader(engine).read_text([as_photo(glass(3000, 1))]) == [[]]


def test_an_engine_shared_with_the_plates_reader_still_finds_text(engine: Any) -> None:
    reader = PpOcrTextReader(engine)
    before = reader.read_text([as_photo(dots())])
    RapidOcrDetector(engine).find([as_photo(dots())])  # leaves other flags behind
    assert reader.read_text([as_photo(dots())]) == before


def test_a_line_written_upwards_is_turned_to_lie() -> None:
    upwards = Quad(Point(0, 0), Point(10, 0), Point(10, 100), Point(0, 100))
    assert along_text(upwards).tl == Point(10, 0)
    lying = Quad(Point(0, 0), Point(100, 0), Point(100, 10), Point(0, 10))
    assert along_text(lying) == lying


def test_without_rapidocr_nothing_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "rapidocr", None)  # importing it fails, as on a core install
    text = default_text_reader()
    assert isinstance(text, NoTextReader)
    (readings,) = OdometerReader(text).read([as_photo(dots())])
    assert check_odometer(readings, 160068).outcome is OdometerOutcome.NOT_SEEN
