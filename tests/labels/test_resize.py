from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from kilpi.errors import LabelError, UsageError
from kilpi.images import open_photo
from kilpi.labels.locate import Pictures
from kilpi.labels.record import LabelledPhoto, LabelledPlate, read_labels
from kilpi.labels.resize import (
    Size,
    label_arrays,
    parse_size,
    place,
    resize_labels,
    scale_pixels,
    write_arrays,
)
from kilpi.types import Box, Pixels, Point, Quad

DOT = 24  # pixels: side of the square that marks a corner before scaling


def dotted(width: int, height: int, corners: list[Point]) -> Pixels:
    """Black, with a white square centred on each corner (which has whole coordinates)."""
    pixels = np.zeros((height, width, 3), dtype=np.uint8)
    for x, y in corners:
        half = DOT // 2
        pixels[int(y) - half : int(y) + half, int(x) - half : int(x) + half] = 255
    return pixels


def centre(pixels: Pixels, near: Point, reach: tuple[float, float]) -> Point:
    """Centre of the light around a point, in coordinates where a pixel's middle is at a half."""
    x1, x2 = max(0, int(near.x - reach[0])), int(near.x + reach[0]) + 1
    y1, y2 = max(0, int(near.y - reach[1])), int(near.y + reach[1]) + 1
    light = pixels[y1:y2, x1:x2, 0].astype(float)
    light[light < 128] = 0  # neither the letterbox's grey nor the fringe
    ys, xs = np.mgrid[y1 : y1 + light.shape[0], x1 : x1 + light.shape[1]] + 0.5
    return Point(float((xs * light).sum() / light.sum()), float((ys * light).sum() / light.sum()))


@settings(max_examples=60, deadline=None)
@given(
    st.integers(200, 700), st.integers(200, 700), st.integers(120, 900), st.integers(120, 900), st.booleans()
)
def test_corners_agree_to_half_a_pixel(w: int, h: int, new_w: int, new_h: int, letterbox: bool) -> None:
    corners = [Point(40, 50), Point(w - 50, 40), Point(w - 40, h - 60), Point(50, h - 40)]
    placing = place(w, h, Size(new_w, new_h), letterbox)
    scaled = scale_pixels(dotted(w, h, corners), placing)
    assert scaled.shape == (new_h, new_w, 3)
    for corner in corners:
        said = placing.point(corner)
        seen = centre(scaled, said, (DOT * placing.sx * 0.8 + 1, DOT * placing.sy * 0.8 + 1))
        assert abs(said.x - seen.x) <= 0.5
        assert abs(said.y - seen.y) <= 0.5


def labelled(folder: Path, name: str = "a.png", size: tuple[int, int] = (400, 300)) -> LabelledPhoto:
    folder.mkdir(parents=True, exist_ok=True)
    noise = np.random.default_rng(len(name)).integers(0, 255, (size[1], size[0], 3), dtype=np.uint8)
    Image.fromarray(noise).save(folder / name)
    quad = Quad(Point(100, 100), Point(200, 104), Point(200, 130), Point(100, 126))
    plates = (LabelledPlate(box=Box(1, 2, 31, 12)), LabelledPlate(quad=quad, mark="ABC-123", legible=True))
    return LabelledPhoto(path=name, width=size[0], height=size[1], car="7", plates=plates, licence="CC0")


def test_resize_writes_pictures_and_labels_that_fit(tmp_path: Path) -> None:
    record = labelled(tmp_path / "in")
    resized = resize_labels(
        [record], Pictures([tmp_path / "in"]), tmp_path / "out" / "small.jsonl", Size(200, None)
    )
    (read,) = read_labels(tmp_path / "out" / "small.jsonl")
    assert resized.records == (read,)
    assert (read.width, read.height, read.car, read.licence) == (200, 150, "7", "CC0")
    assert read.plates[0].box == Box(0.5, 1, 15.5, 6)
    assert read.plates[1].quad == Quad(Point(50, 50), Point(100, 52), Point(100, 65), Point(50, 63))
    assert read.plates[1].mark == "ABC-123"
    photo = open_photo(tmp_path / "out" / str(read.path))
    assert (photo.id, photo.width, photo.height) == (read.photo, 200, 150)
    assert "ABC" not in str(read.path)
    assert resized.text.startswith("1 pictures in")


def test_a_letterbox_keeps_proportions(tmp_path: Path) -> None:
    placing = place(400, 300, Size(200, None), True)
    assert placing == (0.5, 0.5, 0, 25, 200, 200)
    assert place(400, 300, Size(200, 200), False)[:2] == (0.5, 200 / 300)


def test_a_missing_picture_is_left_out_and_a_wrong_size_refused(tmp_path: Path) -> None:
    record = labelled(tmp_path)
    gone = LabelledPhoto(path="gone.png")
    resized = resize_labels([gone, record], Pictures([tmp_path]), tmp_path / "out.jsonl", Size(100, None))
    assert len(resized.records) == 1
    assert "left out: gone.png" in resized.text
    wrong = LabelledPhoto(path="a.png", width=40, height=30)
    with pytest.raises(LabelError, match="another size"):
        resize_labels([wrong], Pictures([tmp_path]), tmp_path / "out.jsonl", Size(100, None))


def test_arrays_have_the_stated_shapes(tmp_path: Path) -> None:
    records = [labelled(tmp_path), labelled(tmp_path, "bb.png", (300, 400)), LabelledPhoto(path="a.png")]
    arrays = label_arrays(records, Pictures([tmp_path]), Size(160, 120), letterbox=True)
    assert arrays.x.shape == (2, 120, 160, 3)
    assert arrays.x.dtype == np.uint8
    assert arrays.y.shape == (2, 8)
    assert arrays.y.dtype == np.float32
    assert arrays.y[0].tolist() == pytest.approx([40, 40, 80, 41.6, 80, 52, 40, 50.4])
    assert (arrays.boxes, arrays.without_plate) == (0, 1)
    assert "X (2, 120, 160, 3) uint8" in arrays.text
    assert "y (2, 8) float32" in arrays.text
    write_arrays(arrays, tmp_path / "x.npz")
    with np.load(tmp_path / "x.npz") as read:
        assert np.array_equal(read["X"], arrays.x)
        assert read["photos"].tolist() == ["a.png", "bb.png"]


def test_arrays_need_one_size() -> None:
    with pytest.raises(UsageError, match="one size"):
        label_arrays([], Pictures([]), Size(160, None))
    with pytest.raises(UsageError, match="16 GB"):
        label_arrays([LabelledPhoto(path="x")] * 1000, Pictures([]), Size(8000, 8000))
    with tempfile.TemporaryDirectory() as name:
        empty = label_arrays([], Pictures([]), Size(16, 16))
        assert empty.y.shape == (0, 8)
        with pytest.raises(UsageError, match=r"\.npz"):
            write_arrays(empty, Path(name) / "x.bin")


@pytest.mark.parametrize(
    ("text", "size"), [("640", (640, None)), ("640x480", (640, 480)), ("640×480", (640, 480))]
)
def test_sizes_are_parsed(text: str, size: tuple[int, int | None]) -> None:
    assert parse_size(text) == size


@pytest.mark.parametrize("text", ["", "x", "0", "640x", "9000", "-5", "640x4"])
def test_nonsense_sizes_are_refused(text: str) -> None:
    with pytest.raises(UsageError, match="--size"):
        parse_size(text)
