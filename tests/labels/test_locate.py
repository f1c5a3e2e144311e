from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from kilpi.errors import PhotoMissing, PhotoNotAnImage
from kilpi.labels.locate import Pictures, label_folders, locate, picture_size
from kilpi.labels.record import LabelledPhoto


def draw(path: Path, seed: int = 0, size: tuple[int, int] = (40, 30)) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.random.default_rng(seed).integers(0, 255, (size[1], size[0], 3), dtype=np.uint8)
    Image.fromarray(pixels).save(path)
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_path_is_found_beside_the_labels_and_in_the_given_folder(tmp_path: Path) -> None:
    draw(tmp_path / "labels" / "a.png")
    draw(tmp_path / "pictures" / "b.png", 1)
    folders = label_folders(tmp_path / "labels" / "x.jsonl", None, tmp_path / "pictures")
    assert locate(LabelledPhoto(path="a.png"), folders) == tmp_path / "labels" / "a.png"
    assert locate(LabelledPhoto(path="b.png"), folders) == tmp_path / "pictures" / "b.png"


def test_a_base_name_is_found_below_unless_two_have_it(tmp_path: Path) -> None:
    draw(tmp_path / "car1" / "one.png")
    draw(tmp_path / "car1" / "front.png", 1)
    identity = draw(tmp_path / "car2" / "front.png", 2)
    pictures = Pictures([tmp_path])
    assert pictures.find(LabelledPhoto(path="C:\\photos\\one.png")) == tmp_path / "car1" / "one.png"
    assert pictures.find(LabelledPhoto(path="front.png")) is None
    assert pictures.find(LabelledPhoto(identity, "front.png")) == tmp_path / "car2" / "front.png"
    assert pictures.find(LabelledPhoto("0" * 64, "one.png")) is None


def test_a_hash_alone_is_enough(tmp_path: Path) -> None:
    draw(tmp_path / "deep" / "er" / "a.png")
    identity = draw(tmp_path / "deep" / "b.png", 1)
    assert locate(LabelledPhoto(identity), [tmp_path]) == tmp_path / "deep" / "b.png"


def test_what_is_nowhere_is_named(tmp_path: Path) -> None:
    with pytest.raises(PhotoMissing, match=r"gone\.png: not in .*--images"):
        locate(LabelledPhoto(path="gone.png"), [tmp_path])
    assert Pictures([tmp_path]).find(LabelledPhoto(path="x" * 5000)) is None


def test_the_size_is_that_of_the_photo_as_displayed(tmp_path: Path) -> None:
    image = Image.new("RGB", (40, 30))
    exif = image.getexif()
    exif[274] = 6  # turn by 90 degrees
    image.save(tmp_path / "turned.jpg", exif=exif)
    assert picture_size(tmp_path / "turned.jpg") == (30, 40)
    (tmp_path / "text.jpg").write_text("hello")
    with pytest.raises(PhotoNotAnImage):
        picture_size(tmp_path / "text.jpg")
