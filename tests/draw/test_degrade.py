from __future__ import annotations

import numpy as np
import pytest

from kilpi.draw.degrade import STEPS, Step, degrade, jpeg, night
from kilpi.types import Pixels


def picture(height: int = 64, width: int = 240) -> Pixels:
    image = np.full((height, width, 3), 225, np.uint8)
    image[16:48, 40:200:20] = 30
    return image


@pytest.mark.parametrize("step", [step for step, _ in STEPS], ids=lambda s: s.__name__)
@pytest.mark.parametrize("shape", [(64, 240), (9, 14), (200, 256)])
def test_a_step_keeps_shape_and_type_and_leaves_its_input(step: Step, shape: tuple[int, int]) -> None:
    image = picture(*shape)
    before = image.copy()
    for seed in range(6):
        out = step(image, np.random.default_rng(seed), 1.0)
        assert out.shape == image.shape
        assert out.dtype == np.uint8
    assert np.array_equal(image, before)


@pytest.mark.parametrize("step", [step for step, _ in STEPS], ids=lambda s: s.__name__)
def test_a_step_is_seeded(step: Step) -> None:
    first, second = (step(picture(), np.random.default_rng(7), 0.8) for _ in range(2))
    assert np.array_equal(first, second)


def test_strength_zero_changes_nothing() -> None:
    image = picture()
    out = degrade(image, np.random.default_rng(0), 0.0)
    assert np.array_equal(out, image)
    assert out is not image


def test_more_strength_does_more_harm() -> None:
    image = picture().astype(float)

    def harm(strength: float) -> float:
        outs = [degrade(picture(), np.random.default_rng(i), strength) for i in range(60)]
        return float(np.mean([np.abs(out - image).mean() for out in outs]))

    assert harm(0.1) < harm(0.5) < harm(1.0)


def test_mild_degrading_mostly_keeps_ink_apart_from_ground() -> None:
    apart = 0
    for seed in range(40):
        grey = degrade(picture(), np.random.default_rng(seed), 0.3).mean(axis=2)[16:48, 40:220]
        apart += float(np.percentile(grey, 90) - np.percentile(grey, 2)) > 40
    assert apart >= 36


def test_night_is_darker() -> None:
    assert night(picture(), np.random.default_rng(1), 1.0).mean() < 0.7 * picture().mean()


def test_jpeg_keeps_the_colour_order() -> None:
    red = np.zeros((32, 32, 3), np.uint8)
    red[..., 0] = 220
    assert jpeg(red, np.random.default_rng(0), 0.1)[..., 0].mean() > 200
