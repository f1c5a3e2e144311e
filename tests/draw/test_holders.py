"""Holders around plates, and figures on their right strip."""

from __future__ import annotations

import numpy as np

from kilpi.draw.holders import add_holder, write_on_band
from kilpi.draw.plates import render_plate
from kilpi.grammar import load_grammars


def test_a_holder_leaves_the_plate_where_it_says() -> None:
    rng = np.random.default_rng(2)
    plate = render_plate(load_grammars().sample("FI", rng), rng, 60)
    held, inner = add_holder(plate, rng)
    h, w = held.alpha.shape
    x0, y0 = np.round(inner[0] * (w, h)).astype(int)
    ph, pw = plate.alpha.shape
    assert np.array_equal(held.pixels[y0 : y0 + ph, x0 : x0 + pw], plate.pixels)
    assert np.allclose(held.boxes - plate.boxes, (x0, y0, x0, y0))


def test_figures_on_the_strip_leave_the_mark_alone() -> None:
    plain = np.full((110, 520, 3), 200, np.uint8)
    drawn = [write_on_band(plain, (520, 110), np.random.default_rng(seed)) for seed in range(12)]
    assert any(not np.array_equal(picture, plain) for picture in drawn)
    for picture in drawn:
        assert np.array_equal(picture[:, : 520 - 45], plain[:, : 520 - 45])
    assert np.all(plain == 200), "the input is as it was"
