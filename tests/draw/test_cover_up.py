"""Covers hide characters, parts of them or nothing, and say what they hid."""

from __future__ import annotations

import numpy as np
import pytest

from kilpi.draw.cover_up import cover_up, hidden_ink, hidden_room
from kilpi.types import Pixels

BOXES = np.array([[40.0, 20.0, 70.0, 60.0], [90.0, 20.0, 120.0, 60.0]])


def plate() -> Pixels:
    """Two black blocks on white."""
    pixels = np.full((80, 200, 3), 240, np.uint8)
    for x1, y1, x2, y2 in BOXES.astype(int):
        pixels[y1:y2, x1:x2] = 20
    return pixels


def test_where_nothing_is_laid_the_plate_stays() -> None:
    changed = 0
    for seed in range(40):
        before = plate()
        after, mask, like_ground = cover_up(before, BOXES, np.random.default_rng(seed))
        assert (like_ground <= mask).all()
        assert after.shape == before.shape and after.dtype == np.uint8 and mask.shape == before.shape[:2]
        assert np.array_equal(before, plate()), "the plate that was given stays"
        far = mask > 0.99
        changed += bool((after[far] != before[far]).any())
    assert changed > 30, "what is covered looks otherwise"


def test_covers_hide_all_a_part_or_nothing_about_alike_often() -> None:
    shares = [
        hidden_ink(np.where(plate()[:, :, 0] < 128, np.uint8(255), np.uint8(0)), mask, BOXES).max()
        for seed in range(200)
        for mask in [cover_up(plate(), BOXES, np.random.default_rng(seed)).mask]
    ]
    nothing, whole = np.mean(np.array(shares) < 0.03), np.mean(np.array(shares) > 0.85)
    assert 0.1 < nothing < 0.6 and 0.1 < whole < 0.6 and nothing + whole < 0.85


def test_the_hidden_part_of_a_characters_ink_is_counted() -> None:
    ink = np.zeros((80, 200), np.uint8)
    ink[20:60, 40:50] = 255  # an I at the left of its box
    mask = np.zeros((80, 200), np.float32)
    mask[40:80, :] = 1
    mask[:, 60:200] = 0.3  # seen through
    assert hidden_ink(ink, mask, BOXES)[0] == pytest.approx(0.5, abs=0.03)
    assert hidden_ink(ink, mask, BOXES)[1] == 0, "there is no ink in the second box"


def test_the_room_for_dots_is_above_a_letter_without_them_and_within_one_that_has_them() -> None:
    mask = np.zeros((80, 200), np.float32)
    mask[:19] = 1
    assert hidden_room(mask, BOXES, np.array([False, True])).tolist() == [1, 0]
    mask[:30] = 1
    assert hidden_room(mask, BOXES, np.array([False, True])).tolist() == [1, 1]
