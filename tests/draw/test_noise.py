from __future__ import annotations

import numpy as np

from kilpi.draw.noise import blend, normal_noise, smooth_field


def test_noise_from_the_bank_is_standard_normal() -> None:
    noise = normal_noise((200, 300, 3), np.random.default_rng(0))
    assert abs(noise.mean()) < 0.02
    assert abs(noise.std() - 1) < 0.02


def test_a_smooth_field_is_smooth_and_bounded() -> None:
    field = smooth_field(60, 200, np.random.default_rng(0), 4)
    assert field.min() >= 0
    assert field.max() <= 1
    assert np.abs(np.diff(field, axis=1)).max() < 0.12


def test_ink_is_blended_as_its_share_says() -> None:
    pixels = np.full((2, 3, 3), 100, np.uint8)
    share = np.array([[0, 0.5, 1]] * 2, np.float32)
    mixed = blend(pixels, (200, 0, 100), share)
    assert mixed[0].tolist() == [[100, 100, 100], [150, 50, 100], [200, 0, 100]]
    assert (pixels == 100).all(), "the input stays"
