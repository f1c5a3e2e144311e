from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from kilpi.errors import LabelError
from kilpi.labels.dataset import (
    Scene,
    cluster,
    held_out,
    load_kept_back,
    load_scenes,
    lookalikes,
    split,
    together,
)
from kilpi.labels.record import LabelledPhoto, LabelledPlate, read_labels, write_labels
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
    learnt = load_scenes(training)
    assert [scene.name for scene in load_kept_back([other], [], learnt)] == ["bb.png"]
    with pytest.raises(LabelError, match=r"a\.png: it, or its car, is in --labels and in --val"):
        load_kept_back([other, training], [], learnt)
    empty = write(tmp_path / "c")
    assert load_kept_back([empty], [], learnt) == []


def test_another_photo_of_a_car_that_is_learnt_from_measures_nothing(tmp_path: Path) -> None:
    training = write(tmp_path / "a", "a.png", car="7")
    other = write(tmp_path / "b", "bb.png", car="7")
    with pytest.raises(LabelError, match=r"bb\.png"):
        load_kept_back([other], [], load_scenes(training))


def test_another_photo_of_a_mark_that_is_learnt_from_measures_nothing(tmp_path: Path) -> None:
    training, other = marked(tmp_path / "a", "ABC-123"), marked(tmp_path / "b", "XYZ-1", "abc 123")
    with pytest.raises(LabelError, match=r"1\.png: it, or its car"):
        load_kept_back([other], [], load_scenes(training))


def marked(folder: Path, *marks: str) -> Path:
    """A photo a mark, none like another."""
    folder.mkdir()
    records = []
    for number, mark in enumerate(marks):
        noise = np.random.default_rng([number, len(folder.name), *folder.name.encode()])
        Image.fromarray(noise.integers(0, 256, (60, 80, 3), np.uint8)).save(folder / f"{number}.png")
        plates = (LabelledPlate(box=Box(10, 10, 50, 30), mark=mark),)
        records.append(LabelledPhoto(path=f"{number}.png", plates=plates))
    write_labels(folder / "labels.jsonl", records)
    return folder / "labels.jsonl"


def test_what_is_kept_back_shows_no_car_that_is_learnt_from(tmp_path: Path) -> None:
    """Photos that look nothing alike, 25 cars of four each, in two label files, known by their marks."""
    files = [marked(tmp_path / name, *(f"ABC-{i % 25 + 1}" for i in range(50))) for name in ("a", "b")]
    scenes = together([scene for file in files for scene in cluster(load_scenes(file))])
    training, kept_back = split(scenes)
    assert len({scene.group for scene in scenes}) == 25 and 0 < len(kept_back) < 50
    assert {s.known_as[0] for s in training}.isdisjoint(s.known_as[0] for s in kept_back)
    assert {s.file for s in training}.isdisjoint(s.file for s in kept_back)  # "0.png" is in both folders


def test_a_photo_that_is_in_two_label_files_is_on_one_side(tmp_path: Path) -> None:
    first, second = write(tmp_path / "a", "a.png"), write(tmp_path / "b", "b.png")
    scenes: list[Scene] = [scene for file in (first, second) for scene in load_scenes(file)]
    assert len({scene.group for scene in together(scenes)}) == 1


def test_a_chain_of_lookalikes_is_one_group() -> None:
    shots = np.eye(4, dtype=np.float32) * 2  # each like itself alone
    shots[2] = shots[1] * 0.6 + shots[0] * 0.6
    assert lookalikes(shots, 0.5) == [1, 1, 1, 3]


def test_a_plate_without_a_place_teaches_nothing(tmp_path: Path) -> None:
    """Its photo would be one without a plate."""
    file = write(tmp_path / "a", "a.png", "bb.png")
    first, second = read_labels(file)
    crop = replace(second, plates=(*second.plates, LabelledPlate(mark="ABC-123")))
    write_labels(file, [first, crop])
    assert [scene.name for scene in load_scenes(file)] == ["a.png"]
    write_labels(file, [crop])
    with pytest.raises(LabelError, match="says of no plate where it is"):
        load_scenes(file)


def test_of_a_handful_of_cars_one_is_kept_back(tmp_path: Path) -> None:
    scenes = load_scenes(marked(tmp_path / "a", "ABC-1", "ABC-2", "ABC-2"))
    for names in (("learnt-0", "learnt-2"), ("learnt-2", "learnt-0")):  # none of them by its hash
        assert not any(map(held_out, names))
        grouped = [replace(scene, group=names[scene.name != "0.png"]) for scene in scenes]
        assert split(grouped)[1] == []
        training, kept_back = split(grouped, set(names))
        assert {s.group for s in training} ^ {s.group for s in kept_back} == set(names)
    one = [replace(scene, group="learnt-0") for scene in scenes]
    assert split(one, {"learnt-0"})[1] == []
