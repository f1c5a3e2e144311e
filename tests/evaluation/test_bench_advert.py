"""The whole line timed on one drawn car: every photo counted, the parts within the whole, nothing changed."""

from __future__ import annotations

from pathlib import Path

from kilpi.evaluation.bench_advert import bench_advert
from kilpi.odometer.text import NoTextReader
from kilpi.photos import examined
from kilpi.photos.intake import find_cars
from kilpi.pipeline import Kilpi


def test_a_run_is_timed_against_its_floor_and_leaves_the_line_as_it_was() -> None:
    before = vars(examined)["open_photo"]
    kilpi = Kilpi(jobs=2, text_reader=NoTextReader())
    made = bench_advert(kilpi, find_cars([Path("samples/yaris")]))
    assert made.cars == 1 and made.photos >= made.pictures > 0
    assert made.times_floor > 1 and made.photos_a_second > 0
    assert {"decode", "find", "read", "view", "finish", "write"} <= set(made.steps_ms)
    inside = [spent for name, spent in made.steps_ms.items() if name.startswith("of finish")]
    assert sum(inside) <= made.steps_ms["finish"]
    assert vars(examined)["open_photo"] is before
