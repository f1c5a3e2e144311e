"""A car's photos are decoded when asked for, within a limit, and known again by their bytes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from kilpi.errors import PhotoMissing
from kilpi.images import open_photo
from kilpi.photos.shelf import Shelf, size_of


def stored(folder: Path, number: int) -> Path:
    path = folder / f"{number}.jpg"
    Image.fromarray(np.full((60, 80, 3), 10 * number, np.uint8)).save(path)
    return path


def shelf_of(folder: Path, count: int, room: int) -> tuple[Shelf, list[str]]:
    shelf = Shelf(room=room)
    ids = []
    for number in range(count):
        path = stored(folder, number)
        photo = open_photo(path)
        shelf.put(path, photo)
        ids.append(photo.id)
    return shelf, ids


def test_only_what_fits_is_kept_and_the_rest_is_read_again(tmp_path: Path) -> None:
    one = size_of(open_photo(stored(tmp_path, 0)))
    shelf, ids = shelf_of(tmp_path, 5, 2 * one + 200)
    assert list(shelf) == ids and len(shelf) == 5
    assert sum(size_of(photo) for photo in shelf._kept.values()) <= 2 * one + 200
    assert [int(shelf[key].pixels[0, 0, 0]) for key in ids] == [0, 10, 20, 30, 40]
    assert shelf[ids[4]] is shelf[ids[4]], "the last is kept"


def test_a_file_that_is_another_now_is_refused(tmp_path: Path) -> None:
    shelf, ids = shelf_of(tmp_path, 3, 1)
    stored(tmp_path, 9).replace(tmp_path / "0.jpg")
    with pytest.raises(PhotoMissing, match="another file now"):
        shelf[ids[0]]
    (tmp_path / "1.jpg").unlink()
    with pytest.raises(PhotoMissing):
        shelf[ids[1]]


def test_photos_that_came_without_a_file_are_held(tmp_path: Path) -> None:
    photo = open_photo(stored(tmp_path, 1))
    shelf = Shelf([photo, photo], room=1)
    assert len(shelf) == 1 and shelf[photo.id] is photo
