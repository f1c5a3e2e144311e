"""From folders and lists to cars, in a stable order."""

from __future__ import annotations

from pathlib import Path

import pytest

from kilpi.errors import UsageError
from kilpi.photos.intake import find_cars, walk_photos


def touch(root: Path, *names: str) -> None:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


def test_a_folder_per_car_with_photos_in_natural_order(tmp_path: Path) -> None:
    touch(
        tmp_path,
        "b/2.jpg",
        "b/10.JPG",
        "b/1.jpeg",
        "b/notes.txt",
        "b/.hidden.jpg",
        "a/x.heic",
        "empty/readme",
    )
    touch(tmp_path, "a/car.toml")
    a, b = find_cars([tmp_path])
    assert (a.reference, b.reference) == ("a", "b")
    assert [p.name for p in b.photos] == ["1.jpeg", "2.jpg", "10.JPG"]
    assert a.car_file == tmp_path / "a" / "car.toml" and b.car_file is None


def test_files_are_one_car(tmp_path: Path) -> None:
    touch(tmp_path, "front.jpg", "rear.jpg")
    (car,) = find_cars([tmp_path / "rear.jpg", tmp_path / "front.jpg"])
    assert [p.name for p in car.photos] == ["rear.jpg", "front.jpg"]


def test_flat_folders_are_grouped_by_name(tmp_path: Path) -> None:
    touch(tmp_path, "17_a.jpg", "17_b.jpg", "18_a.jpg")
    cars = find_cars([tmp_path], per_car=r"^(\d+)_")
    assert [(c.reference, len(c.photos)) for c in cars] == [("17", 2), ("18", 1)]


def test_what_cannot_be_grouped_is_named(tmp_path: Path) -> None:
    touch(tmp_path, "a.jpg")
    with pytest.raises(UsageError, match=r"a\.jpg"):
        find_cars([tmp_path], per_car=r"^(\d+)_")
    with pytest.raises(UsageError, match="regular expression"):
        find_cars([tmp_path], per_car="(")
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(UsageError, match="no photos"):
        find_cars([empty])


def test_two_folders_of_one_name_stay_apart(tmp_path: Path) -> None:
    touch(tmp_path, "north/leaf/1.jpg", "south/leaf/1.jpg")
    assert [c.reference for c in find_cars([tmp_path])] == ["leaf", "leaf-2"]


def test_walking_passes_missing_files_on(tmp_path: Path) -> None:
    touch(tmp_path, "d/2.jpg", "d/sub/1.jpg")
    names = list(walk_photos([str(tmp_path / "gone.jpg"), str(tmp_path / "d")]))
    assert [Path(n).name for n in names] == ["gone.jpg", "2.jpg", "1.jpg"]
