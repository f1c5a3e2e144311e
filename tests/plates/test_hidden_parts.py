"""What the shipped network says of plates whose characters are seen, and of ones under something."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from kilpi.draw.plates import render_plate
from kilpi.geometry import grow_quad, quad_from_box
from kilpi.grammar import load_grammars
from kilpi.images import warp_pixels
from kilpi.plates.hidden_parts import HiddenParts, SeeingReader, by_character
from kilpi.plates.read_photo import read_plates
from kilpi.plates.reader import MARGIN, PlateReader
from kilpi.types import Box, Guess, Hidden, Photo, Pixels, Place, Reading, Sighting
from kilpi.weights import PACKAGED, write_card


@pytest.fixture(scope="module")
def parts() -> HiddenParts:
    return HiddenParts.load(threads=1)


@pytest.fixture(scope="module")
def reader() -> PlateReader:
    return PlateReader.load(threads=1)


def drawn(seed: int, covered: bool) -> Pixels:
    """A Finnish plate as it is cut out, with its third character under a grey patch or not."""
    rng = np.random.default_rng(seed)
    plate = render_plate(load_grammars().sample("FI", rng), rng, 64)
    pixels = plate.pixels.copy()
    if covered:
        x1, y1, x2, y2 = plate.boxes[2].round().astype(int)
        pixels[max(0, y1 - 3) : y2 + 3, max(0, x1 - 3) : x2 + 3] = (120, 118, 110)
    pixels = np.asarray(cv2.GaussianBlur(pixels, (0, 0), 1.0), np.uint8)
    h, w = pixels.shape[:2]
    return warp_pixels(pixels, grow_quad(quad_from_box(Box(0, 0, w, h)), *MARGIN), w, h)


def worst(found: Hidden | None) -> float:
    assert found is not None
    return max(found.ink)


def test_a_patch_over_a_character_is_seen_and_a_whole_plate_is_whole(
    parts: HiddenParts, reader: PlateReader
) -> None:
    pairs = [(drawn(seed, False), drawn(seed, True)) for seed in range(12)]
    whole, under = ([pair[i] for pair in pairs] for i in (0, 1))
    least = [worst(one) for one in parts.see(whole, reader.read(whole))]
    most = [worst(one) for one in parts.see(under, reader.read(under))]
    assert np.median(least) < 0.1 and np.median(most) > 0.8
    assert sum(a < b for a, b in zip(least, most, strict=True)) >= 11


def test_many_at_once_are_told_as_one_by_one(parts: HiddenParts, reader: PlateReader) -> None:
    crops = [drawn(seed, seed % 2 == 0) for seed in range(20)]
    readings = reader.read(crops)
    together = parts.see(crops, readings)
    assert parts.see([], []) == []
    for crop, reading, found in zip(crops, readings, together, strict=True):
        alone = parts.see([crop], [reading])[0]
        assert found and alone and len(found.ink) == len(found.room) == len(reading.slots)
        assert np.allclose(found.ink, alone.ink, atol=0.01) and np.allclose(found.room, alone.room, atol=0.01)


def test_columns_go_to_the_nearest_character_of_their_line() -> None:
    ink, room = np.zeros((2, 24), np.float32), np.zeros((2, 24), np.float32)
    ink[0, 9], ink[1, 20], room[0, 5] = 0.9, 0.7, 0.4
    slots = tuple((Guess(char, 1.0),) for char in "ABC")
    places = (Place(5.5 / 24, 0), Place(11.5 / 24, 0), Place(20.5 / 24, 1))
    one = by_character(ink, room, Reading(slots=slots, reader="", rows=1, places=places))
    two = by_character(ink, room, Reading(slots=slots, reader="", rows=2, places=places))
    assert one and one.ink == pytest.approx((0, 0.9, 0)) and one.room == pytest.approx((0.4, 0, 0))
    assert two and two.ink == pytest.approx((0, 0.9, 0.7))
    assert by_character(ink, room, Reading(slots=slots, reader="")) is None


@pytest.mark.parametrize("covered", [False, True])
def test_the_line_asks_of_what_reads_as_a_mark(reader: PlateReader, covered: bool) -> None:
    seen = SeeingReader.load(threads=1)
    crop = drawn(1, covered)
    h, w = crop.shape[:2]
    photo = Photo("a", "a", w, h, crop)
    quad = grow_quad(quad_from_box(Box(0, 0, w, h)), *(-m / (1 + 2 * m) for m in MARGIN))
    (plate,) = read_plates(photo, [Sighting(quad, 0.9)], seen, load_grammars())
    (plain,) = read_plates(photo, [Sighting(quad, 0.9)], reader, load_grammars())
    assert plate.layout and plain.layout and plain.layout.hidden is None
    assert plate.reading == plain.reading and plate.layout.hidden
    assert (max(plate.layout.hidden.ink) > 0.5) is covered


def test_a_folder_may_have_its_own_and_what_it_lacks_is_the_shipped_one(tmp_path: Path) -> None:
    for name in ("reader.onnx", "reader.json"):
        (tmp_path / name).symlink_to(PACKAGED / name)
    shipped = SeeingReader.load(PACKAGED, 1)
    assert SeeingReader.load(tmp_path, 1).parts.network.card == shipped.parts.network.card
    card = replace(shipped.parts.network.card, date="1999-01-01")
    (tmp_path / "whole.onnx").symlink_to(PACKAGED / "whole.onnx")
    write_card(card, tmp_path / "whole.onnx")
    assert SeeingReader.load(tmp_path, 1).parts.network.card == card
