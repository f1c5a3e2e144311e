"""Half a character looks less like what it is read as than like half a character; a whole one does not."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from kilpi.draw.plates import RenderedPlate, render_plate
from kilpi.geometry import quad_from_box
from kilpi.grammar import load_grammars
from kilpi.plates.layout import measure_layout
from kilpi.plates.layout_shapes import measure_shapes
from kilpi.plates.reader import MARGIN
from kilpi.types import Box, Guess, Pixels, Place, PlateLayout, Reading

GRAMMARS = load_grammars()
UNLIKE = 0.4  # of a rest; of a whole character the most is half of it


def drawn(seed: int, wanted: str, country: str = "FI") -> RenderedPlate:
    """A plate of one row whose mark has the character `wanted`."""
    rng = np.random.default_rng(seed)
    while True:
        sample = GRAMMARS.sample(country, rng, "ordinary")
        if sample.plate.rows == 1 and wanted in sample.mark.compact[3:] and len(sample.mark.compact) == 6:
            return render_plate(sample, rng, 118)


def looked_at(plate: RenderedPlate, text: str, width: int = 0, blur: float = 0.0) -> PlateLayout:
    """What is measured where `text` is read; `width`: pixels that the plate has in its photo."""
    h, w = plate.pixels.shape[:2]
    across, down = round(MARGIN[0] * w), round(MARGIN[1] * h)
    crop: Pixels = np.asarray(
        cv2.copyMakeBorder(plate.pixels, down, down, across, across, cv2.BORDER_REPLICATE), np.uint8
    )
    xs = [((b[0] + b[2]) / 2 + across) / crop.shape[1] for b in plate.boxes]
    if width:
        few = width, round(crop.shape[0] * width / crop.shape[1])
        crop = np.asarray(cv2.resize(crop, few, interpolation=cv2.INTER_AREA), np.uint8)
    small = np.asarray(cv2.resize(crop, (round(64 * w / h), 64), interpolation=cv2.INTER_AREA), np.uint8)
    if blur:
        small = np.asarray(cv2.GaussianBlur(small, (0, 0), blur), np.uint8)
    slots = tuple((Guess(char, 0.99),) for char in text)
    reading = Reading(slots, "drawn", places=tuple(Place(float(x), 0) for x in xs))
    layout = measure_layout(small, reading, quad_from_box(Box(400, 500, 600, 554)), (1000, 750))
    found = measure_shapes(small, layout, reading, GRAMMARS.mark(text, plate.country))
    assert found is not None and len(found.covered) == len(text)
    return found


def half_hidden(plate: RenderedPlate, at: int, left: bool, colour: int) -> RenderedPlate:
    """The plate with two thirds of a character under a patch."""
    pixels = plate.pixels.copy()
    x1, y1, x2, y2 = (round(float(v)) for v in plate.boxes[at])
    cut = round((x2 - x1) * 0.68)
    begin, end = (x1 - 2, x1 + cut) if left else (x2 - cut, x2 + 2)
    pixels[max(0, y1 - 5) : y2 + 5, begin:end] = colour or np.percentile(plate.pixels, 80, axis=(0, 1))
    return RenderedPlate(
        plate.text, plate.country, plate.rows, plate.size_mm, pixels, plate.alpha, plate.boxes
    )


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(("width", "blur"), [(0, 0.0), (110, 0.0), (0, 2.0), (60, 0.0)])
def test_whole_characters_look_like_themselves(seed: int, width: int, blur: float) -> None:
    plate = drawn(seed, "1")
    values = [v for v in looked_at(plate, plate.text, width, blur).covered if v is not None]
    assert values and max(values) < UNLIKE / 2


@pytest.mark.parametrize("colour", [0, 30], ids=["ground", "dark"])
@pytest.mark.parametrize(("wanted", "left"), [("5", False), ("0", True), ("6", False)])
def test_a_rest_that_is_read_as_1_looks_like_a_part_of_another(wanted: str, left: bool, colour: int) -> None:
    plate = drawn(11, wanted)
    at = plate.text.rindex(wanted)
    text = plate.text[:at] + "1" + plate.text[at + 1 :]
    found = looked_at(half_hidden(plate, at, left, colour), text, width=150).covered[at]
    assert found is not None and found > UNLIKE


def test_where_nothing_is_known_of_the_mark_nothing_is_said() -> None:
    plate = drawn(3, "1")
    layout = looked_at(plate, plate.text)
    crop = np.full((64, 200, 3), 128, np.uint8)
    reading = Reading(((Guess("1", 0.9),),) * 6, "drawn")
    mark = GRAMMARS.mark(plate.text, "FI")
    assert measure_shapes(crop, layout, reading, None) is layout
    assert measure_shapes(crop, layout, reading, GRAMMARS.mark("KB1", "FI")) is layout
    assert measure_shapes(crop, None, reading, mark) is None
    assert measure_shapes(crop, layout, reading, mark) is layout  # an even grey


def test_a_character_that_the_reader_is_sure_of_is_not_looked_at() -> None:
    plate = drawn(3, "1")
    layout = looked_at(plate, plate.text)
    crop = np.full((64, 200, 3), 128, np.uint8)
    reading = Reading(((Guess("1", 0.999),),) * 6, "drawn")
    found = measure_shapes(crop, layout, reading, GRAMMARS.mark(plate.text, "FI"))
    assert found is not None and found.covered == (0.0,) * 6
