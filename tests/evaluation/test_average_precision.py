from __future__ import annotations

import numpy as np
import pytest

from kilpi.evaluation.average_precision import Boxes, average_precision, coco_precision, own_precision
from kilpi.types import Box


def some_photos(seed: int, photos: int = 30) -> list[Boxes]:
    rng = np.random.default_rng(seed)
    made = []
    for _ in range(photos):
        corners = rng.uniform(0, 300, (int(rng.integers(0, 4)), 2))
        true = tuple(Box(x, y, x + 60, y + 20) for x, y in corners)
        found = []
        for box in true:
            if rng.random() < 0.8:
                dx, dy = rng.normal(0, 6, 2)
                found.append((Box(box.x1 + dx, box.y1 + dy, box.x2 + dx, box.y2 + dy), float(rng.random())))
        false = rng.uniform(0, 300, rng.integers(0, 3))
        found += [(Box(x, 400, x + 50, 420), float(rng.random())) for x in false]
        made.append(Boxes(true, tuple(found)))
    return made


@pytest.mark.parametrize("seed", range(6))
def test_ours_is_cocos_own_to_the_last_digits(seed: int) -> None:
    photos = some_photos(seed)
    assert own_precision(photos) == pytest.approx(coco_precision(photos), abs=1e-9)


def test_all_found_is_one_and_nothing_found_is_nothing() -> None:
    box = Box(0, 0, 60, 20)
    assert own_precision([Boxes((box,), ((box, 0.9),))]) == (1.0, 1.0)
    assert average_precision([Boxes((box,), ())]) == (0.0, 0.0)
    assert average_precision([Boxes((), ((box, 0.9),))]) == (0.0, 0.0)
