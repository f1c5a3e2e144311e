"""YOLO data sets in every shape: whose picture, which classes, which lines."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from PIL import Image

from kilpi.labels.importing import Imported, import_labels
from kilpi.labels.record import LabelledPlate
from kilpi.types import Box, Point, Quad

LINE = "0 0.5 0.5 0.25 0.1\n"
BOX = Box(150, 135, 250, 165)


def draw(path: Path, shade: int = 0) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (400, 300), (0, 25 * shade, 0)).save(path)


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def bring(folder: Path, *images: Path) -> Imported:
    return import_labels([folder], folder.parent / "out" / "labels.jsonl", images)


def only(imported: Imported) -> LabelledPlate:
    assert [str(error) for error in imported.refused] == []
    ((plate,),) = [record.plates for record in imported.records]
    return plate


def names(imported: Imported) -> list[str]:
    return sorted(Path(record.path or "").name for record in imported.records)


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("data.yaml", "names: ['KLT-482']"),
        ("data.yaml", "names: [ KLT-482 ]  # mine"),
        ("data.yaml", "nc: 1\nnames:\n- KLT-482\ntrain: x\n"),
        ("data.yaml", "names:\r\n  - 'KLT-482' # plate\r\n"),
        ("data.yaml", "names: {0: 'KLT-482'}"),
        ("data.yaml", 'names:\n  0: "KLT-482"  # plate\n'),
        ("data.yaml", "names:\n  '0': KLT-482\n"),
        ("data.yaml", "names: [\n  'KLT-482',\n]\n"),
        ("data.yaml", "\ufeffnames: # classes\n\n  0: KLT-482\n"),
        ("data.yml", '{"names": {"0": "KLT-482"}}'),
        ("custom.yaml", "path: .\nnames: [KLT-482]\n"),
        ("classes.txt", "KLT-482\n"),
        ("labels/classes.txt", "KLT-482"),
        ("obj.names", "KLT-482\r\n"),
        ("labels/_darknet.labels", "KLT-482"),
    ],
)
def test_class_lists(tmp_path: Path, file: str, text: str) -> None:
    draw(tmp_path / "in" / "images" / "a.jpg")
    write(tmp_path / "in" / "labels" / "a.txt", LINE)
    write(tmp_path / "in" / file, text)
    imported = bring(tmp_path / "in")
    assert only(imported) == LabelledPlate(box=BOX, mark="KLT-482", legible=True)
    assert imported.notes == ()


def test_a_name_that_yaml_would_take_for_something_else(tmp_path: Path) -> None:
    draw(tmp_path / "in" / "images" / "a.jpg")
    write(tmp_path / "in" / "labels" / "a.txt", LINE)
    write(tmp_path / "in" / "data.yaml", "names: [123456, no]")
    assert only(bring(tmp_path / "in")).mark == "123456"


def test_two_data_sets_below_one_folder_keep_their_own_names(tmp_path: Path) -> None:
    for i, mark in enumerate(("KLT-482", "KLT-483")):
        draw(tmp_path / "in" / str(i) / "train" / "images" / "a.jpg", i)
        write(tmp_path / "in" / str(i) / "train" / "labels" / "a.txt", LINE)
        write(tmp_path / "in" / str(i) / "data.yaml", f"names: ['{mark}']")
    imported = bring(tmp_path / "in")
    assert [record.plates[0].mark for record in imported.records] == ["KLT-482", "KLT-483"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("names: [plate\nnc: 1", "data.yaml, line 2: is not YAML"),
        ("names: [[plate]]", "names must be a list"),
        ("names: {a: plate}", "names must be a list"),
        ("names: [plate]\nkpt_shape: [4]", "kpt_shape must be like"),
        ("- 1\n", "holds no names"),
        ("names: [" + "[" * 5000, "more brackets"),
        ("names: []\nnames: {1: plate}", "class 0 has no name in"),
    ],
)
def test_a_class_list_that_cannot_be_read_refuses_its_photos(tmp_path: Path, text: str, words: str) -> None:
    draw(tmp_path / "in" / "images" / "a.jpg")
    write(tmp_path / "in" / "labels" / "a.txt", LINE)
    write(tmp_path / "in" / "data.yaml", text)
    imported = bring(tmp_path / "in")
    assert imported.records == ()
    assert words in str(imported.refused[0])


def test_numbers_without_names_are_plates_where_there_is_but_one(tmp_path: Path) -> None:
    draw(tmp_path / "in" / "images" / "a.jpg")
    write(tmp_path / "in" / "labels" / "a.txt", LINE)
    assert only(bring(tmp_path / "in")).box == BOX
    write(tmp_path / "in" / "labels" / "a.txt", LINE + LINE.replace("0 0.5", "1 0.6", 1))
    assert "line 1: whether its class is plates" in str(bring(tmp_path / "in").refused[0])
    chosen = import_labels([tmp_path / "in"], tmp_path / "out" / "labels.jsonl", classes=["0"])
    assert only(chosen).box == BOX


def test_empty_label_files_beside_their_pictures_are_photos_without_plates(tmp_path: Path) -> None:
    folder = tmp_path / "in" / "obj_train_data"
    for i, name in enumerate("abc"):
        draw(folder / f"{name}.jpg", i)
        write(folder / f"{name}.txt", "" if name == "b" else "\r\n" if name == "c" else LINE)
    imported = bring(tmp_path / "in")
    assert imported.refused == ()
    assert {Path(r.path or "").stem: len(r.plates) for r in imported.records} == {"a": 1, "b": 0, "c": 0}


def test_a_photo_may_be_called_like_a_list(tmp_path: Path) -> None:
    for i, name in enumerate(("test", "train", "other")):
        draw(tmp_path / "in" / f"{name}.jpg", i)
    write(tmp_path / "in" / "other.txt", LINE)
    write(tmp_path / "in" / "test.txt", LINE)
    write(tmp_path / "in" / "train.txt", "data/other.jpg\ndata/test.jpg\n")
    imported = bring(tmp_path / "in")
    assert {Path(r.path or "").stem: len(r.plates) for r in imported.records} == {
        "other": 1,
        "test": 1,
        "train": 0,
    }


def test_two_pictures_of_one_name_are_not_guessed(tmp_path: Path) -> None:
    draw(tmp_path / "in" / "images" / "a.jpg", 1)
    draw(tmp_path / "in" / "images" / "a.png", 2)
    write(tmp_path / "in" / "labels" / "a.txt", LINE)
    imported = bring(tmp_path / "in")
    assert imported.records == ()
    assert "labels/a.txt: 2 pictures are called so" in str(imported.refused[0])


def test_pictures_are_not_without_plates_where_labels_have_lost_theirs(tmp_path: Path) -> None:
    for i, name in enumerate(("a", "b_1", "c")):
        draw(tmp_path / "in" / "images" / f"{name}.jpg", i)
    write(tmp_path / "in" / "labels" / "a.txt", LINE)
    imported = bring(tmp_path / "in")
    assert names(imported) == ["a.jpg", "b_1.jpg", "c.jpg"]
    assert "2 pictures have no label file" in imported.notes[0]
    write(tmp_path / "in" / "labels" / "b 1.txt", LINE)
    imported = bring(tmp_path / "in")
    assert names(imported) == ["a.jpg"]
    assert len(imported.refused) == 3


def test_a_folder_of_pictures_whose_labels_are_not_there_is_no_folder_without_plates(tmp_path: Path) -> None:
    draw(tmp_path / "in" / "images" / "train" / "a.jpg", 1)
    draw(tmp_path / "in" / "images" / "val" / "b.jpg", 2)
    write(tmp_path / "in" / "labels" / "train" / "a.txt", LINE)
    imported = bring(tmp_path / "in")
    assert names(imported) == ["a.jpg"]
    assert "images/val/b.jpg: has no YOLO label file" in str(imported.refused[0])


def test_labels_of_another_format_in_the_folder(tmp_path: Path) -> None:
    draw(tmp_path / "in" / "a.jpg", 1)
    draw(tmp_path / "in" / "b.jpg", 2)
    write(tmp_path / "in" / "a.txt", LINE)
    write(tmp_path / "in" / "b.xml", "<annotation><filename>b.jpg</filename></annotation>")
    imported = bring(tmp_path / "in")
    assert names(imported) == ["a.jpg"]
    assert "b.xml: lies in a YOLO data set; not read" in imported.notes[0]
    assert "1 label files of another format" in str(imported.refused[0])


def test_labels_without_pictures_find_them_in_the_folder_that_is_named(tmp_path: Path) -> None:
    """Label Studio's export without images, and macOS' way to write Ä."""
    draw(tmp_path / "pictures" / "A\u0308 1.jpg")
    write(tmp_path / "in" / "labels" / "Ä 1.txt", LINE)
    write(tmp_path / "in" / "notes.json", '{"categories": []}')
    write(tmp_path / "in" / "classes.txt", "plate\n")
    assert only(bring(tmp_path / "in", tmp_path / "pictures")).box == BOX


def test_files_that_exports_bring_along_are_no_labels(tmp_path: Path) -> None:
    draw(tmp_path / "in" / "train" / "images" / "a.jpg")
    write(tmp_path / "in" / "train" / "labels" / "a.txt", LINE)
    write(tmp_path / "in" / "data.yaml", "names: [plate]")
    for name in ("README.roboflow.txt", "README.dataset.txt", "train.txt", "labels/._a.txt", "notes.txt"):
        write(tmp_path / "in" / name, "hello")
    imported = bring(tmp_path / "in")
    assert only(imported).box == BOX
    assert imported.notes == (f"{tmp_path}/in/notes.txt: is no label file; left out",)


# Lines

CORNERS = "0.4 0.5 {v}0.6 0.52 {v}0.6 0.6 {v}0.4 0.58 {v}"
POSE = Quad(Point(160, 150), Point(240, 156), Point(240, 180), Point(160, 174))


@pytest.mark.parametrize("shape", ["kpt_shape: [4, 2]", "kpt_shape:\n- 4\n- 2\n", ""])
def test_a_pose_without_visibility(tmp_path: Path, shape: str) -> None:
    draw(tmp_path / "in" / "images" / "a.jpg")
    write(tmp_path / "in" / "labels" / "a.txt", "0 0.5 0.55 0.2 0.1 " + CORNERS.format(v=""))
    write(tmp_path / "in" / "data.yaml", f"names: [plate]\n{shape}")
    imported = bring(tmp_path / "in")
    assert only(imported).quad == POSE
    assert len(imported.notes) == (not shape)


def test_a_pose_with_visibility_and_no_shape(tmp_path: Path) -> None:
    draw(tmp_path / "in" / "images" / "a.jpg")
    write(tmp_path / "in" / "labels" / "a.txt", "0 0.5 0.55 0.2 0.1 " + CORNERS.format(v="2 "))
    assert only(bring(tmp_path / "in")).quad == POSE


def test_a_polygon_of_six_points_stays_one(tmp_path: Path) -> None:
    draw(tmp_path / "in" / "images" / "a.jpg")
    write(tmp_path / "in" / "labels" / "a.txt", "0 0.4 0.5 0.5 0.49 0.6 0.5 0.6 0.6 0.5 0.61 0.4 0.6")
    assert only(bring(tmp_path / "in")).box == Box(160, 147, 240, 183)


def test_a_pose_of_other_points_gives_its_box(tmp_path: Path) -> None:
    draw(tmp_path / "in" / "images" / "a.jpg")
    write(tmp_path / "in" / "labels" / "a.txt", "0 0.5 0.5 0.25 0.1 0.5 0.5 2 0.5 0.5 2")
    write(tmp_path / "in" / "data.yaml", "names: [plate]\nkpt_shape: [2, 3]\n")
    assert only(bring(tmp_path / "in")).box == BOX


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("0 0.5 0.5 0.25 0.1 0.93", "5 numbers: these are predictions"),
        ("0 0.5 0.5 0.25", "3 numbers are neither"),
        ("0 200 150 100 30", "not in pixels"),
        ("plate 0.5 0.5 0.25 0.1", "expected a class number"),
        ("0 0.5 0.5 0.25 nan", "expected a class number"),
        ("0 0.5 0.5 0 0.1", "empty or inside out"),
    ],
)
def test_a_line_that_is_none_refuses_its_photo(tmp_path: Path, line: str, words: str) -> None:
    draw(tmp_path / "in" / "images" / "a.jpg")
    write(tmp_path / "in" / "labels" / "a.txt", LINE + line)
    imported = bring(tmp_path / "in")
    assert imported.records == ()
    assert "labels/a.txt, line 2: " in str(imported.refused[0])
    assert words in str(imported.refused[0])


def test_a_line_of_many_numbers_is_told_from_labels_at_once(tmp_path: Path) -> None:
    draw(tmp_path / "in" / "a.jpg")
    write(tmp_path / "in" / "a.txt", "0 " + "0.4100000000 " * 80 + "x")
    began = time.perf_counter()
    assert bring(tmp_path / "in").records == ()
    assert time.perf_counter() - began < 2


def test_corners_that_run_the_other_way_are_put_in_order(tmp_path: Path) -> None:
    draw(tmp_path / "in" / "images" / "a.jpg")
    line = "0 0.5 0.55 0.2 0.1 0.4 0.58 2 0.6 0.6 2 0.6 0.52 2 0.4 0.5 2"
    write(tmp_path / "in" / "labels" / "a.txt", line)
    write(tmp_path / "in" / "data.yaml", "names: [plate]\nkpt_shape: [4, 3]\n")
    imported = bring(tmp_path / "in")
    assert only(imported).quad == POSE
    assert "line 1: its corners do not run clockwise" in imported.notes[0]
