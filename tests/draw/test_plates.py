from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from kilpi.draw.faces import kind_of_face
from kilpi.draw.glyphs import PARTS, face_names, glyph, habit
from kilpi.draw.plate_layout import lay_out
from kilpi.draw.plates import choose_look, render_plate
from kilpi.draw.random_fonts import chance_alphabet, chance_names
from kilpi.errors import UsageError
from kilpi.grammar import PlateStyle, SampledMark, load_grammars
from kilpi.types import Mark

LONG = PlateStyle(
    "long", "FI", (442, 118), 1, "#151515", "#f5f5f2", band="eu", band_text="FIN", separator="dash"
)
TWO = PlateStyle(
    "two", "FI", (256, 200), 2, "#151515", "#f5f5f2", band="eu", band_text="FIN", separator="none"
)


def sample(*groups: str, style: PlateStyle = LONG) -> SampledMark:
    rows = (groups,) if style.rows == 1 else tuple((g,) for g in groups)
    return SampledMark(Mark("-".join(groups), "FI"), style, rows)


def test_the_plate_has_the_proportions_of_its_millimetres() -> None:
    plate = render_plate(sample("ABC", "123"), np.random.default_rng(0), 64)
    assert plate.pixels.shape == (64, round(64 * 442 / 118), 3)
    assert plate.pixels.dtype == np.uint8
    assert plate.alpha.shape == plate.pixels.shape[:2]
    assert plate.text == "ABC123"


def test_the_same_seed_draws_the_same_plate() -> None:
    first, second = (render_plate(sample("ÖÅ", "7"), np.random.default_rng(5)) for _ in range(2))
    assert np.array_equal(first.pixels, second.pixels)


def test_seeds_differ() -> None:
    plates = [render_plate(sample("ABC", "123"), np.random.default_rng(i)).pixels for i in range(4)]
    assert all(not np.array_equal(plates[0], other) for other in plates[1:])


@pytest.mark.parametrize("seed", range(12))
def test_characters_stay_on_the_plate_in_reading_order(seed: int) -> None:
    plate = render_plate(sample("ÅWM", "888"), np.random.default_rng(seed), 64)
    assert len(plate.boxes) == 6
    assert np.all(np.diff(plate.boxes[:, 0]) > 0)
    assert plate.boxes[:, :2].min() >= 0
    assert plate.boxes[:, 2].max() <= plate.pixels.shape[1]
    assert plate.boxes[:, 3].max() <= 64


@pytest.mark.parametrize("seed", range(6))
def test_ink_is_dark_where_a_character_is(seed: int) -> None:
    plate = render_plate(sample("HHH", "111"), np.random.default_rng(seed), 96)
    x1, y1, x2, y2 = (int(v) for v in plate.boxes[0])
    grey = plate.pixels.mean(axis=2)
    middle = (y1 + y2) // 2
    assert grey[y1 + 6 : y2 - 6, x1 : x1 + max(3, (x2 - x1) // 5)].mean() < 0.6 * np.percentile(grey, 90)
    assert grey[middle, x1:x2].min() < 90


def test_two_rows_are_one_above_the_other() -> None:
    plate = render_plate(sample("ABC", "123", style=TWO), np.random.default_rng(1), 128)
    upper, lower = plate.boxes[:3], plate.boxes[3:]
    assert upper[:, 3].max() < lower[:, 1].min()
    assert plate.rows == 2


def test_the_band_is_blue_and_at_the_left() -> None:
    plate = render_plate(sample("ABC", "123"), np.random.default_rng(2), 64)
    r, g, b = plate.pixels[6:58, 4:14].reshape(-1, 3).mean(axis=0)
    assert b > r + 60
    assert b > g + 40


def test_every_face_draws_every_plate_character_differently() -> None:
    for face in (*face_names(), *chance_names()[:12]):
        masks = {c: glyph(face, c, 0, 0, 32).mask for c in "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789ÅÄÖÆØÜ"}
        assert min(m.max() for m in masks.values()) > 150, face
        for bare, accented in (("A", "Å"), ("A", "Ä"), ("O", "Ö"), ("O", "Ø"), ("U", "Ü")):
            same = masks[bare].shape == masks[accented].shape
            assert not same or np.abs(masks[bare].astype(int) - masks[accented]).mean() > 4, (face, accented)


def test_chance_alphabets_are_whole_and_of_many_kinds() -> None:
    alphabets = [chance_alphabet(name)[0] for name in chance_names()]
    assert all(set(glyphs) == set("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") for glyphs in alphabets)
    for char in "W17JQ":
        assert len({glyphs[char] for glyphs in alphabets}) > len(alphabets) / 2


def test_a_wide_letter_is_narrowed_where_all_are_of_one_width() -> None:
    style, rng = sample("WWW", "123").plate, np.random.default_rng(0)
    look = replace(choose_look(style, rng), face="a-semi", sticker="none", pitch=False)
    wide, even = (
        lay_out([["WEW"]], style, replace(look, widest=most), np.random.default_rng(1)).chars
        for most in (3.0, 1.0)
    )
    assert wide[0].width_mm > 1.3 * wide[1].width_mm
    assert even[0].width_mm < 1.15 * even[1].width_mm


def test_a_sticker_at_the_end_leaves_room_for_the_characters() -> None:
    style, rng = sample("ABC", "123").plate, np.random.default_rng(0)
    look = replace(choose_look(style, rng), sticker="end")
    layout = lay_out([["ABC", "123"]], style, look, rng)
    last = max(layout.chars, key=lambda c: c.x_mm)
    (sticker,) = layout.stickers
    assert sticker.x_mm - sticker.size_mm / 2 > last.x_mm + last.width_mm - 1
    assert sticker.x_mm < style.size_mm[0]


def test_an_accent_can_stay_within_a_capitals_height() -> None:
    for char in PARTS:
        tall, flat = glyph("a-semi", char, 0, 0, 96), glyph("a-semi", char, 1, 0, 96)
        assert tall.mask.shape[0] > 1.1 * tall.cap
        assert abs(flat.mask.shape[0] - flat.cap) <= 2


def test_every_country_in_the_grammars_can_be_drawn() -> None:
    grammars, rng = load_grammars(), np.random.default_rng(0)
    for country in grammars.countries:
        for _ in range(8):
            drawn = grammars.sample(country, rng)
            plate = render_plate(drawn, rng, 48)
            assert plate.text == drawn.mark.compact
            assert len(plate.boxes) == sum(len(g) for row in drawn.rows for g in row)


def test_every_character_of_every_alphabet_can_be_drawn() -> None:
    grammars = load_grammars()
    chars = {
        char
        for code in grammars.countries
        for series in grammars.country(code).series
        for form in series.forms
        for slot in form.slots
        for char in slot
    }
    assert {"Å", "Ø", "7"} <= chars
    for char in sorted(chars):
        for face in ("a-semi", "p-din", "s-forgery"):
            assert glyph(face, char, 0, 0, 32).mask.max() > 150


def test_an_unknown_character_is_refused() -> None:
    with pytest.raises(UsageError, match="can draw"):
        glyph("a-semi", "字", 0, 0, 32)


def test_every_face_that_a_country_uses_exists() -> None:
    for country in ("FI", "SE", "DE", "GB", None, "ZZ"):
        assert set(habit(country).faces) <= set(face_names())


def test_a_trade_plate_keeps_its_colour() -> None:
    yellow = PlateStyle("trade", "FI", (442, 118), 1, "#151515", "#f3c518", separator="gap")
    plate = render_plate(sample("KOE", "12", style=yellow), np.random.default_rng(3), 64)
    r, _, b = np.median(plate.pixels.reshape(-1, 3), axis=0)
    assert r > b + 60


def test_looks_vary_in_face_and_weight() -> None:
    rng = np.random.default_rng(0)
    looks = [choose_look(LONG, rng) for _ in range(200)]
    assert len({look.face for look in looks}) > 15
    assert len({look.weight for look in looks}) == 6


def test_a_plate_tells_what_kind_of_typeface_it_wears() -> None:
    rng = np.random.default_rng(0)
    kinds = [render_plate(sample("ABC", "123"), rng, 16).typeface for _ in range(100)]
    assert kinds.count("own") > kinds.count("chance") > kinds.count("other") > 5
    assert kind_of_face(habit("FI").faces[0], "FI") == "own" != kind_of_face(chance_names()[0], "FI")


def test_no_sticker_takes_a_dashs_place() -> None:
    style, rng = sample("ABC", "123").plate, np.random.default_rng(0)
    looks = [choose_look(style, rng) for _ in range(200)]
    assert any(look.sticker != "none" for look in looks)
    assert all(len(lay_out([["ABC", "123"]], style, look, rng).bars) == 1 for look in looks)
