"""What is measured on a straightened plate, on drawn ones."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from kilpi.draw.plates import RenderedPlate, render_plate
from kilpi.geometry import quad_from_box
from kilpi.grammar import load_grammars
from kilpi.plates.layout import measure_layout
from kilpi.plates.reader import MARGIN
from kilpi.types import Box, Guess, Place, PlateLayout, Reading

FRAME = (1000, 750)
MIDDLE = Box(400, 500, 600, 554)


def drawn(seed: int = 0, series: str = "ordinary", style: str = "long", country: str = "FI") -> RenderedPlate:
    rng = np.random.default_rng(seed)
    while True:
        sample = load_grammars().sample(country, rng, series)
        if sample.plate.name == style and not set(sample.mark.compact) & set("ÅÄÖ"):
            return render_plate(sample, rng, 118)


def measured(plate: RenderedPlate, box: Box = MIDDLE) -> PlateLayout:
    h, w = plate.pixels.shape[:2]
    across, down = round(MARGIN[0] * w), round(MARGIN[1] * h)
    crop = cv2.copyMakeBorder(
        plate.pixels, down, down, across, across, cv2.BORDER_CONSTANT, value=(60, 60, 60)
    )
    size = round(crop.shape[1] * 64 / crop.shape[0]), 64
    small = np.asarray(cv2.resize(crop, size, interpolation=cv2.INTER_AREA), np.uint8)
    xs = [((b[0] + b[2]) / 2 + across) / crop.shape[1] for b in plate.boxes]
    slots = tuple((Guess(char, 0.99),) for char in plate.text)
    reading = Reading(slots, "drawn", places=tuple(Place(float(x), 0) for x in xs))
    layout = measure_layout(small, reading, quad_from_box(box), FRAME)
    assert layout is not None
    return layout


@pytest.mark.parametrize("seed", range(4))
def test_a_strip_is_no_ground_and_every_character_has_its_ink(seed: int) -> None:
    plate = drawn(seed)
    layout = measured(plate)
    begin, end = layout.grounds[0]
    assert 0.07 < begin < 0.13
    assert end > 0.95
    assert layout.tint == "white"
    assert sum(ink is not None for ink in layout.inks) == len(plate.text)
    assert len(layout.clear) == len(layout.middles) and max(layout.clear) > 0
    assert np.allclose(
        layout.middles, (plate.boxes[:, 0] + plate.boxes[:, 2]) / 2 / plate.pixels.shape[1], atol=0.01
    )


@pytest.mark.parametrize("seed", range(3))
def test_a_plate_without_strip_is_ground_from_end_to_end(seed: int) -> None:
    begin, end = measured(drawn(seed, style="plain")).grounds[0]
    assert begin < 0.05
    assert end > 0.95


def test_a_patch_beside_the_characters_is_seen() -> None:
    plate = drawn(1)
    pixels = plate.pixels.copy()
    left = int(plate.boxes[-1][0]) - 3
    pixels[10:-10, left : pixels.shape[1] - 8] = (120, 30, 30)
    covered = replace(plate, pixels=pixels, boxes=plate.boxes[:-1], text=plate.text[:-1])
    assert measured(covered).margins[0][1] > 0.5
    assert measured(plate).margins[0][1] < 0.35


def test_colours_and_the_distance_from_the_photos_edge() -> None:
    assert measured(drawn(0, "trade", "trade", "SE")).tint == "green"
    assert measured(drawn(0), Box(0, 500, 200, 554)).edge == pytest.approx(0)
    assert measured(drawn(0), Box(400, 500, 600, 554)).edge == pytest.approx(2)


def test_nothing_is_measured_where_the_reader_tells_no_places() -> None:
    crop = np.full((64, 200, 3), 200, np.uint8)
    reading = Reading(((Guess("A", 0.9),),), "other")
    assert measure_layout(crop, reading, quad_from_box(Box(0, 0, 10, 5)), FRAME) is None


def test_a_grey_crop_gives_no_ink() -> None:
    crop = np.full((64, 200, 3), 200, np.uint8)
    reading = Reading(((Guess("A", 0.9),),), "drawn", places=(Place(0.5, 0),))
    layout = measure_layout(crop, reading, quad_from_box(Box(0, 0, 10, 5)), FRAME)
    assert layout is not None
    assert layout.inks == (None,)
