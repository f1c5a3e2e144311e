"""The PP-OCR adapter: which text lines count as plates; the engine itself is tried on a drawn plate."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from kilpi.plates.rapidocr import OneAtATime, RapidOcrDetector, RapidOcrReader, is_plate_shaped, load_engine
from kilpi.types import Photo, Pixels


@pytest.mark.parametrize("text", ["ABC-123", "ÖÅ-7", "SCZ·26114", "KOE 12", "1234 BCD"])
def test_plate_shaped(text: str) -> None:
    assert is_plate_shaped(text)


@pytest.mark.parametrize("text", ["NISSAN", "II", "12", "www.example.fi 123456", "", "3A"])
def test_not_plate_shaped(text: str) -> None:
    assert not is_plate_shaped(text)


def drawn(text: str) -> Pixels:
    image = Image.new("RGB", (640, 320), (90, 100, 110))
    draw = ImageDraw.Draw(image)
    draw.rectangle((180, 120, 460, 190), fill="white")
    draw.text((320, 155), text, fill="black", font=ImageFont.load_default(size=56), anchor="mm")
    return np.asarray(image, dtype=np.uint8)


def test_a_drawn_plate_is_found_and_read_and_plain_text_is_not() -> None:
    engine = load_engine()
    pixels = drawn("ABC-123")
    photo = Photo("a", "a.jpg", 1280, 640, pixels, reduction=2)
    (sighting,) = RapidOcrDetector(engine).find([photo])[0]
    box = sighting.quad.box
    assert 340 < box.x1 < box.x2 < 940 and 220 < box.y1 < box.y2 < 400  # native pixels
    (reading,) = RapidOcrReader(engine).read([pixels[115:195, 175:465]])
    assert reading.text == "ABC123" and reading.score > 0.5
    words = Photo("b", "b.jpg", 640, 320, drawn("NISSAN"))
    assert RapidOcrDetector(engine).find([words]) == [[]]


def test_an_empty_crop_reads_as_nothing() -> None:
    (reading,) = RapidOcrReader().read([np.full((40, 120, 3), 128, np.uint8)])
    assert reading.slots == () or reading.score < 0.5


def test_an_engine_is_asked_by_one_thread_at_a_time() -> None:
    """It remembers the flags of a call; photos are looked at by several threads."""
    remembered: dict[str, bool] = {}

    def engine(pixels: Pixels, **flags: bool) -> dict[str, bool]:
        remembered.update(flags)
        time.sleep(0.002)
        return dict(remembered)

    safe, picture = OneAtATime(engine), np.zeros((1, 1, 3), np.uint8)
    with ThreadPoolExecutor(4) as pool:
        asked = [{"use_det": n % 2 == 0, "use_rec": n % 3 == 0} for n in range(24)]
        assert list(pool.map(lambda flags: safe(picture, **flags), asked)) == asked
