"""Training crops: what is drawn, where its characters are, and which columns they belong to."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from kilpi.grammar import ANY
from kilpi.learn.reader.crops import (
    Crop,
    Wear,
    columns_of,
    draw_crop,
    first_row_of,
    replaceable,
    seen_part,
)
from kilpi.learn.reader.marks import ACCENTS, MOST, READABLE, SLENDER, Blend, Marks, anywhere_style
from kilpi.learn.reader.net import COLUMNS
from kilpi.learn.reader.sheets import drawn_ground, look_synth
from kilpi.plates.reader import HEIGHT, WIDTH

pytest.importorskip("torch")


@pytest.fixture(scope="module")
def crops() -> list[Crop]:
    rng, marks = np.random.default_rng(3), Marks()
    views = [drawn_ground(rng)]
    return [draw_crop(marks.draw(rng), views, Wear(), rng) for _ in range(60)]


def test_crops_are_of_the_readers_size(crops: list[Crop]) -> None:
    assert {(crop.pixels.shape[0], crop.pixels.dtype.name) for crop in crops} == {(HEIGHT, "uint8")}
    assert min(crop.pixels.shape[1] for crop in crops) >= HEIGHT
    one, two = (np.median([c.pixels.shape[1] for c in crops if c.rows == n]) for n in (1, 2))
    assert one > 3 * HEIGHT > 2 * HEIGHT > two, "in the plates' own proportions"


def test_every_character_has_a_box_that_is_nearly_all_in_the_crop(crops: list[Crop]) -> None:
    for crop in crops:
        assert crop.boxes.shape == (len(crop.text), 4)
        assert seen_part(crop.boxes) > 0.5


def test_every_character_owns_a_column_in_reading_order(crops: list[Crop]) -> None:
    complete = 0
    for crop in crops:
        owners = [int(o) for o in columns_of(crop) if o >= 0]
        assert owners == sorted(owners)
        complete += set(owners) == set(range(len(crop.text)))
    assert complete >= len(crops) - 1, "two narrow characters may once share a column"


def test_the_second_row_is_in_the_second_line() -> None:
    boxes = np.array([[20, 5, 60, 28], [80, 5, 120, 28], [20, 35, 60, 60], [80, 35, 120, 60]], np.float64)
    crop = Crop(np.zeros((HEIGHT, WIDTH, 3), np.uint8), "AB12", "FI", 2, boxes, 100, 0)
    assert first_row_of(crop) == 2
    lines = columns_of(crop).reshape(2, COLUMNS)
    assert set(lines[0]) == {-1, 0, 1}
    assert set(lines[1]) == {-1, 2, 3}


def test_marks_are_readable_and_of_all_kinds() -> None:
    rng, marks = np.random.default_rng(0), Marks()
    drawn = [marks.draw(rng) for _ in range(800)]
    texts = [d.sample.mark.compact for d in drawn]
    assert all(1 <= len(text) <= MOST and READABLE.issuperset(text) for text in texts)
    shares = {name: np.mean([d.country == name for d in drawn]) for name in (ANY, "FI")}
    assert 0.18 < shares[ANY] < 0.33
    assert shares["FI"] > 0.1
    assert np.mean([bool(ACCENTS & set(text)) for text in texts]) > 0.08
    assert np.mean([d.sample.plate.rows == 2 for d in drawn]) > 0.1


def test_rows_and_groups_spell_the_mark() -> None:
    rng, marks = np.random.default_rng(1), Marks(Blend(nordic=0, europe=0))
    for _ in range(200):
        sample = marks.draw(rng).sample
        assert "".join(group for row in sample.rows for group in row) == sample.mark.compact
        assert len(sample.rows) == sample.plate.rows


def test_marks_of_no_format_often_end_in_a_slender_character() -> None:
    rng, marks = np.random.default_rng(2), Marks(Blend(nordic=0, europe=0))
    ends = [marks.draw(rng).sample.rows[-1][-1][-1] for _ in range(400)]
    assert np.mean([end in SLENDER for end in ends]) > 0.3  # 6 of 36 by chance alone


def test_the_same_seed_draws_the_same_crop() -> None:
    views = [drawn_ground(np.random.default_rng(0))]
    one, two = (
        draw_crop(Marks().draw(rng), views, Wear(), rng)
        for rng in (np.random.default_rng(8), np.random.default_rng(8))
    )
    assert one.text == two.text
    assert np.array_equal(one.pixels, two.pixels)


def test_a_plate_too_small_to_be_enlarged_is_not_replaced() -> None:
    ground = drawn_ground(np.random.default_rng(0))
    quads = np.array([[[10, 10], [10 + w, 10], [10 + w, 30], [10, 30]] for w in (17, 60)], np.float32)
    found = replaceable(replace(ground, quads=quads), Wear(widths=(60.0, 210.0)))
    assert len(found) == 1 and np.array_equal(found[0], quads[1])


def test_the_sheet_shows_as_many_crops_as_asked_for() -> None:
    sheet = look_synth(9, seed=1)
    assert sheet.ndim == 3 and sheet.shape[0] > 2 * HEIGHT


def test_a_plate_with_another_countrys_mark_keeps_its_strip_and_its_rows() -> None:
    rng, marks = np.random.default_rng(7), Marks(Blend(foreign=1.0))
    own = [marks.of_country("FI", rng) for _ in range(60)]
    with_strip = [sample for sample in own if sample.plate.band_text]
    foreign = [marks.with_foreign_mark(sample, rng) for sample in with_strip]
    assert len(with_strip) > 20
    for a, b in zip(with_strip, foreign, strict=True):
        assert (a.plate.band, a.plate.band_text, len(a.rows)) == (
            b.plate.band,
            b.plate.band_text,
            len(b.rows),
        )
    assert sum(a.mark == b.mark for a, b in zip(with_strip, foreign, strict=True)) < len(foreign) / 4


def test_a_plate_of_no_country_bears_no_known_countrys_letters() -> None:
    rng = np.random.default_rng(8)
    letters = {anywhere_style(rng, two_rows=False).band_text for _ in range(400)}
    assert len(letters) > 100 and letters.isdisjoint({"FIN", "S", "N", "DK", "EST", "LV", "LT", "D", "PL"})
