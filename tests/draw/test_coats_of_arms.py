"""Coats of arms: each as large as asked for, and many that differ."""

from __future__ import annotations

import numpy as np
import pytest

from kilpi.draw.coats_of_arms import shield
from kilpi.draw.plate_parts import STRIPS, VARIANTS, band


@pytest.mark.parametrize("size", [6, 24, 70])
def test_a_shield_is_as_high_as_asked_for_and_has_an_outline(size: int) -> None:
    stamp = shield(size, 3)
    assert stamp.pixels.shape == (*stamp.alpha.shape, 3) and stamp.alpha.shape[0] == size
    assert stamp.alpha.max() > 200 and stamp.alpha.min() == 0


def test_shields_and_strips_differ_but_each_is_the_same_again() -> None:
    assert len({shield(32, i).pixels.tobytes() for i in range(VARIANTS)}) > 0.9 * VARIANTS
    assert len({band("eu", "FIN", 24, 60, i).tobytes() for i in range(STRIPS)}) > 0.9 * STRIPS
    assert np.array_equal(shield(32, 5).pixels, shield.__wrapped__(32, 5).pixels)
