"""Composed cars show their own plate where the labels say, and are the same for the same seed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from kilpi.errors import LabelError
from kilpi.geometry import box_iou
from kilpi.images import open_photo
from kilpi.labels.dataset import Scene
from kilpi.labels.record import read_labels
from kilpi.labels.warps import View
from kilpi.learn.verifier import compose_cars as module
from kilpi.learn.verifier.car_recipes import CALIBRATION, DEALER, HARD, CarRecipe
from kilpi.learn.verifier.compose_cars import compose_car, compose_cars, scenes_of
from kilpi.types import Box


def scenes(n: int = 3) -> list[Scene]:
    """Grey photos with a white plate and a smaller one beside."""
    made = []
    for i in range(n):
        pixels = np.full((300, 480, 3), 90 + 30 * i, np.uint8)
        pixels[::7] += 10
        quads = np.array(
            [[[180, 180], [300, 180], [300, 210], [180, 210]], [[20, 100], [60, 100], [60, 110], [20, 110]]],
            np.float32,
        )
        for quad in quads.astype(int):
            pixels[quad[0, 1] : quad[2, 1], quad[0, 0] : quad[2, 0]] = 230
        made.append(
            Scene(str(i), str(i), View(pixels, quads, np.ones(2, bool), np.zeros((0, 4, 2), np.float32)))
        )
    return made


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "scenes_of", lambda labels, images, side: scenes())


def test_cars_become_folders_with_labels(tmp_path: Path, drawn: None) -> None:
    labels = compose_cars(6, 1, tmp_path, [])
    records = read_labels(labels)
    assert {r.car for r in records} == {f"{i:05d}" for i in range(6)}
    for record in records:
        photo = open_photo(tmp_path / str(record.path))
        assert (photo.width, photo.height) == (record.width, record.height)
    for car in {r.car for r in records}:
        own = [r for r in records if r.car == car]
        assert 3 <= len(own) <= 8
        assert len({p.mark for r in own for p in r.plates if p.mark}) <= 1


def test_the_same_seed_gives_the_same_cars(tmp_path: Path, drawn: None) -> None:
    whole = read_labels(compose_cars(3, 7, tmp_path / "a", []))
    last = read_labels(compose_cars(1, 7, tmp_path / "b", [], first=2))
    assert [r for r in whole if r.car == "00002"] == last
    path = str(last[0].path)
    assert (tmp_path / "a" / path).read_bytes() == (tmp_path / "b" / path).read_bytes()


def test_every_car_with_a_plate_shows_it() -> None:
    for i in range(8):
        sample, shots = compose_car(scenes(), replace(DEALER, bare=0.0, trade=0.0), np.random.default_rng(i))
        assert sample is not None and sample.mark.identifies_car
        assert any(shot.own is not None for shot in shots)
        for shot in shots:
            height, width = shot.pixels.shape[:2]
            if shot.own is not None:
                assert box_iou(shot.own.box, Box(0, 0, width, height)) > 0
                assert all(box_iou(shot.own.box, other.box) < 0.2 for other in shot.others)


def test_trade_plates_and_bare_cars() -> None:
    rng = np.random.default_rng(0)
    sample, _ = compose_car(scenes(), replace(DEALER, trade=1.0), rng)
    assert sample is not None and not sample.mark.identifies_car
    sample, shots = compose_car(scenes(), replace(DEALER, bare=1.0, trade=0.0), rng)
    assert sample is None and all(shot.own is None for shot in shots)


@pytest.mark.parametrize("recipe", [HARD, CALIBRATION])
def test_other_recipes_work(recipe: CarRecipe) -> None:
    _, shots = compose_car(scenes(), recipe, np.random.default_rng(2))
    assert recipe.photos[0] <= len(shots) <= recipe.photos[1]
    assert all(shot.pixels.dtype == np.uint8 and shot.pixels.shape[1] <= recipe.longest + 8 for shot in shots)


def test_sides_share_no_photo(monkeypatch: pytest.MonkeyPatch) -> None:
    module.loaded.cache_clear()
    many = [replace(scenes(1)[0], name=str(i), group=str(i)) for i in range(120)]
    monkeypatch.setattr(module, "load_scenes", lambda *a, **k: many)
    monkeypatch.setattr(module, "cluster", lambda found: found)
    sides = {side: {s.name for s in scenes_of([Path("x")], [], side)} for side in module.SIDES}
    parts = [sides[side] for side in ("training", "calibration", "test")]
    assert set.union(*parts) == sides["all"] and sum(map(len, parts)) == 120
    module.loaded.cache_clear()


def test_photos_without_plates_are_no_use(monkeypatch: pytest.MonkeyPatch) -> None:
    module.loaded.cache_clear()
    monkeypatch.setattr(module, "load_scenes", lambda *a, **k: [])
    monkeypatch.setattr(module, "cluster", lambda found: found)
    with pytest.raises(LabelError, match="no photo"):
        scenes_of([Path("x")], [], "all")
