from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from kilpi.errors import LabelError
from kilpi.labels.dataset import load_kept_back, load_scenes
from kilpi.labels.record import LabelledPhoto, LabelledPlate, write_labels
from kilpi.types import Box


def write(folder: Path, *names: str, car: str | None = None) -> Path:
    folder.mkdir(exist_ok=True)
    for name in names:
        Image.new("RGB", (80, 60), (40 * len(name), 0, 0)).save(folder / name)
    path = folder / "labels.jsonl"
    plates = (LabelledPlate(box=Box(10, 10, 50, 30)),)
    write_labels(path, [LabelledPhoto(path=name, plates=plates, car=car) for name in names])
    return path


def test_photos_to_measure_on_are_none_that_are_learnt_from(tmp_path: Path) -> None:
    training, other = write(tmp_path / "a", "a.png"), write(tmp_path / "b", "bb.png")
    learnt = {scene.group for scene in load_scenes(training)}
    assert [scene.name for scene in load_kept_back([other], [], learnt)] == ["bb.png"]
    with pytest.raises(LabelError, match=r"a\.png: it, or its car, is in --labels and in --val"):
        load_kept_back([other, training], [], learnt)
    empty = write(tmp_path / "c")
    assert load_kept_back([empty], [], learnt) == []


def test_another_photo_of_a_car_that_is_learnt_from_measures_nothing(tmp_path: Path) -> None:
    training = write(tmp_path / "a", "a.png", car="7")
    other = write(tmp_path / "b", "bb.png", car="7")
    with pytest.raises(LabelError, match=r"bb\.png"):
        load_kept_back([other], [], {scene.group for scene in load_scenes(training)})
