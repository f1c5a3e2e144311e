"""Plates of the world's other parts, what stands on them beside the mark, letterforms and phones."""

from __future__ import annotations

import numpy as np
import pytest

from kilpi.draw.dress import KINDS, dress
from kilpi.draw.elsewhere import DRESS, american, brazilian, british, eastern, elsewhere, gulf, personal
from kilpi.draw.faces import any_face
from kilpi.draw.glyphs import face_names, glyph, more_face_names
from kilpi.draw.letterforms import SHAPES, base_of, reshaped_name
from kilpi.draw.phone import denoise, halo, phone, pushed_tones, reflection
from kilpi.draw.plates import render_plate
from kilpi.draw.random_fonts import pressed_alphabet, pressed_names
from kilpi.draw.stroke_fonts import stroke_mask
from kilpi.draw.trinkets import trinkets
from kilpi.plates.alphabet import ALPHABET, SLOTS

PARTS = (american, brazilian, gulf, british, eastern)


@pytest.mark.parametrize("part", PARTS)
def test_a_parts_plates_can_be_read_by_the_readers_alphabet(part) -> None:  # type: ignore[no-untyped-def]
    for seed in range(60):
        drawn = part(np.random.default_rng(seed))
        assert 1 <= len(drawn.mark.compact) <= SLOTS and set(drawn.mark.compact) <= set(ALPHABET)
        assert "".join(group for row in drawn.rows for group in row) == drawn.mark.compact
        assert len(drawn.rows) == drawn.plate.rows
        kind = next(w for w in drawn.plate.furniture if w.startswith(DRESS)).removeprefix(DRESS)
        assert kind in KINDS, "each is dressed as something that can be drawn"


def test_what_is_beside_the_mark_changes_the_picture_and_not_the_text() -> None:
    for seed in range(12):
        rng = np.random.default_rng(seed)
        sample = american(rng)
        plain = render_plate(sample, rng, 80, any_letterforms=True)
        dressed = trinkets(dress(plain, sample.plate, rng), rng)
        assert dressed.text == sample.mark.compact and np.array_equal(dressed.boxes, plain.boxes)
        assert dressed.pixels.shape == plain.pixels.shape and dressed.pixels.dtype == np.uint8
        assert (dressed.pixels != plain.pixels).any()


def test_words_stay_out_of_the_marks_middle() -> None:
    moved = []
    for seed in range(20):
        rng = np.random.default_rng(seed)
        sample = brazilian(rng)
        plain = render_plate(sample, rng, 100)
        dressed = dress(plain, sample.plate, rng)
        changed = np.abs(dressed.pixels.astype(int) - plain.pixels).max(axis=2) > 30
        top, low = plain.boxes[:, 1].min(), plain.boxes[:, 3].max()
        middle = slice(round(top + 0.25 * (low - top)), round(low - 0.25 * (low - top)))
        first, last = round(float(plain.boxes[:, 0].min())), round(float(plain.boxes[:, 2].max()))
        moved.append(changed[middle, first:last].mean())
    assert max(moved) < 0.01


def test_a_style_that_names_no_dress_is_left_alone() -> None:
    rng = np.random.default_rng(1)
    sample = british(rng)
    bare = render_plate(sample, rng, 64)
    plain = sample.plate.__class__(
        **{**{f: getattr(sample.plate, f) for f in sample.plate.__slots__}, "furniture": ()}
    )
    assert dress(bare, plain, rng) is bare


def test_personal_marks_are_short_and_of_many_kinds() -> None:
    marks = {"".join(personal(np.random.default_rng(seed))) for seed in range(80)}
    assert all(1 <= len(mark) <= SLOTS for mark in marks) and len(marks) > 40
    assert any(mark.isalpha() for mark in marks) and any(not mark.isalpha() for mark in marks)


def test_every_part_is_drawn() -> None:
    countries = {elsewhere(np.random.default_rng(seed)).plate.country for seed in range(150)}
    assert {"x-us", "x-br", "x-mercosur", "x-gulf", "x-uk", "x-tr"} == countries


def test_a_reshaped_face_keeps_its_height_and_changes_its_strokes() -> None:
    face = more_face_names()[0]
    plain = glyph(face, "B", 0, 0, 96)
    shapes = [glyph(f"{face}~{number}", "B", 0, 0, 96) for number in range(SHAPES)]
    assert {sign.mask.shape[0] for sign in shapes} == {plain.mask.shape[0]}
    ink = [float(sign.mask.mean()) for sign in shapes]
    assert max(ink) > 1.1 * min(ink) and all(40 < value < 230 for value in ink)
    assert base_of(reshaped_name(face, np.random.default_rng(0))) == face == base_of(face)


def test_more_faces_are_not_among_the_old_ones() -> None:
    """Test sets that were drawn before must come out as they were."""
    assert not set(more_face_names()) & set(face_names()) and len(face_names()) == 28


def test_dies_draw_every_letter_and_are_the_same_each_time() -> None:
    for name in pressed_names()[:8]:
        alphabet, square = pressed_alphabet(name)
        assert all(
            stroke_mask(alphabet, char, 48, square) is not None
            for char in "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
        )
    assert pressed_alphabet("pressed-3") is pressed_alphabet("pressed-3")


def test_any_face_can_be_drawn() -> None:
    for seed in range(30):
        face = any_face(np.random.default_rng(seed))
        assert glyph(face, "R", 0, 0, 48).mask.max() > 200


@pytest.mark.parametrize("step", [denoise, halo, pushed_tones, reflection, phone])
def test_a_phones_steps_keep_shape_and_input(step) -> None:  # type: ignore[no-untyped-def]
    rng = np.random.default_rng(4)
    pixels = rng.integers(0, 255, (64, 200, 3), dtype=np.uint8)
    before = pixels.copy()
    for seed in range(6):
        out = step(pixels, np.random.default_rng(seed), 0.8)
        assert out.shape == pixels.shape and out.dtype == np.uint8
    assert np.array_equal(pixels, before)
