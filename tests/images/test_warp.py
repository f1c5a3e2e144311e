"""Parts of a picture straightened, and pictures made smaller."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from kilpi.geometry import quad_from_box
from kilpi.images import native, open_photo, shrink_fast, shrink_faster, turned_left, warp, warp_pixels
from kilpi.types import Box, Pixels

Writer = Callable[..., Path]


def test_warp_takes_the_named_part(gradient: Pixels) -> None:
    part = warp_pixels(gradient, quad_from_box(Box(60, 40, 180, 120)), 120, 80)
    assert np.abs(part.astype(int) - gradient[40:120, 60:180]).max() <= 1


def test_warp_outside_the_picture_does_not_fail(gradient: Pixels) -> None:
    assert warp_pixels(gradient, quad_from_box(Box(-500, -500, -400, -450)), 30, 10).shape == (10, 30, 3)
    assert warp_pixels(gradient, quad_from_box(Box(-20, -20, 60, 40)), 30, 10).shape == (10, 30, 3)


def test_warp_uses_native_pixels_for_a_small_plate(jpeg: Writer) -> None:
    photo = open_photo(jpeg("big.jpg", size=(4000, 3000)))
    quad = quad_from_box(Box(2000, 1000, 2100, 1030))
    sharp = native(photo).pixels[1000:1030, 2000:2100]
    assert np.abs(warp(photo, quad, 100, 30).astype(int) - sharp).max() <= 2


def test_halving_first_shows_what_averaging_at_once_shows() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (75, 131, 3)).astype(np.uint8)
    photo = np.asarray(cv2.resize(noise, (1047, 599), interpolation=cv2.INTER_CUBIC), np.uint8)
    small = shrink_fast(photo, 131, 75)
    at_once = cv2.resize(photo, (131, 75), interpolation=cv2.INTER_AREA)
    assert small.shape == (75, 131, 3)
    assert np.abs(small.astype(float) - at_once).mean() < 6 < np.abs(small.astype(float) - 127).mean()
    assert np.array_equal(shrink_fast(photo, 1047, 599), photo)


@pytest.mark.parametrize("size", [(900, 515), (523, 299), (400, 230), (131, 75), (131, 300)])
def test_twice_the_size_and_halved_shows_what_averaging_shows(size: tuple[int, int]) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (75, 131, 3)).astype(np.uint8)
    photo = np.asarray(cv2.resize(noise, (1047, 599), interpolation=cv2.INTER_CUBIC), np.uint8)
    small = shrink_faster(photo, *size)
    at_once = cv2.resize(photo, size, interpolation=cv2.INTER_AREA)
    picked = cv2.resize(photo, size, interpolation=cv2.INTER_NEAREST)
    assert small.shape == (size[1], size[0], 3)
    assert np.abs(small.astype(float) - at_once).mean() < np.abs(picked.astype(float) - at_once).mean() / 2


@pytest.mark.parametrize("turns", range(-3, 6))
def test_quarter_turns_are_numpys(turns: int) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (5, 8, 3), dtype=np.uint8)
    turned = turned_left(pixels, turns)
    assert np.array_equal(turned, np.rot90(pixels, turns)) and turned.flags.c_contiguous
