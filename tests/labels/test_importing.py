"""Every quirk of ImgLab's exporters, as the exporters write it."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image
from tests.labels.label_files import QUAD, annotation, bring, coco, dlib, image, only, reason, voc, voc_object

from kilpi.labels.importing import import_labels
from kilpi.labels.locate import Pictures
from kilpi.labels.record import LabelledPhoto, LabelledPlate, write_labels
from kilpi.labels.tensorflow import write_tfrecord
from kilpi.types import Box, Point


@pytest.mark.parametrize(
    "label", ["unlabelled", "undefined", "plate", "rekisterikilpi", "PLATE", "abc-123", "1"]
)
def test_quirk_6_class_names_are_no_marks(tmp_path: Path, label: str) -> None:
    plate = only(bring(tmp_path, dlib(image(label=label))))
    assert (plate.mark, plate.legible) == (None, None)


def test_a_label_that_is_unusual_for_a_class_is_noted_but_not_shown(tmp_path: Path) -> None:
    imported = bring(tmp_path, dlib(image(label="abc-123")))
    assert (
        "image 1 (a.jpg), box 1: a label that is no plate text is taken as a class name" in imported.notes[0]
    )
    assert "abc" not in imported.text


def test_quirk_6_size_and_folder_come_from_the_picture(tmp_path: Path) -> None:
    (tmp_path / "car 1").mkdir()
    imported = bring(tmp_path, dlib(image("b.jpg")), pictures=("car 1/b.jpg",))
    (record,) = imported.records
    assert (record.path, record.width, record.height) == ("car 1/b.jpg", 400, 300)


def test_a_missing_picture_is_reported_and_its_record_kept(tmp_path: Path) -> None:
    imported = bring(tmp_path, dlib(image("gone.jpg"), image("a.jpg")))
    assert imported.missing == ("gone.jpg",)
    assert [(r.path, r.width) for r in imported.records] == [("gone.jpg", None), ("a.jpg", 400)]


def test_quirk_7_a_project_file_is_refused_with_the_export_to_use(tmp_path: Path) -> None:
    project = "»a.jpg¼¶a.jpg²²¶400³300´»¶SvgjsRect1³ABC-123³rect»129³130³92³31¹´¹´¹"
    assert ".nimn), which loses" in reason(bring(tmp_path, project))
    faces = '{"image_id": "x", "faces": [{"face_rectangle": {"top": 1}, "landmark": {}}]}'
    assert "Face++" in reason(bring(tmp_path, faces))


def test_pts_of_one_photo_are_its_plates(tmp_path: Path) -> None:
    text = "version: 1\nn_points:  4\n{\n130 131\n220 133\n219 160\n129 158\n}"
    Image.new("RGB", (400, 300)).save(tmp_path / "a.jpg")
    (tmp_path / "a.jpg_imglab.pts").write_text(text)
    (tmp_path / "a.jpg_imglab (1).pts").write_text(text.replace("130 131", "131 130"))
    (record,) = import_labels([tmp_path], tmp_path / "labels.jsonl").records
    assert {plate.quad for plate in record.plates} == {QUAD, QUAD._replace(tl=Point(131, 130))}


def test_pts_with_another_count_are_refused(tmp_path: Path) -> None:
    assert "1 points; a plate has four" in reason(
        bring(tmp_path, "version: 1\nn_points:  1\n{\n1 2\n}", "a.pts")
    )
    assert "does not agree" in reason(bring(tmp_path, "version: 1\nn_points:  2\n{\n1 2\n}", "a.pts"))


def test_tensorflow_csv(tmp_path: Path) -> None:
    first = "filename,width,height,class,xmin,ymin,xmax,ymax\na.jpg,400,300,ABC-123,129,130,221,161\n"
    text = first + "a.jpg,400,300,plate,1,2,30,20\n"
    (record,) = bring(tmp_path, text).records
    assert [(p.box, p.mark) for p in record.plates] == [
        (Box(129, 130, 221, 161), "ABC-123"),
        (Box(1, 2, 30, 20), None),
    ]
    assert "line 3: ymax is not a number" in reason(bring(tmp_path, text.replace("30,20", "30,x")))


def test_tfrecord_brings_its_pictures(tmp_path: Path) -> None:
    Image.new("RGB", (400, 300)).save(tmp_path / "a.jpg")
    photo = LabelledPhoto(path="a.jpg", plates=(LabelledPlate(quad=QUAD),))
    data = write_tfrecord([photo], Pictures([tmp_path]))
    out = tmp_path / "out"
    out.mkdir()
    (out / "x").write_bytes(data)
    imported = import_labels([out / "x"], out / "labels.jsonl")
    assert only(imported).quad == QUAD
    kept = out / str(imported.records[0].path)
    assert kept.read_bytes() == (tmp_path / "a.jpg").read_bytes()
    (out / "x").write_bytes(data[:-3])
    assert "record 1: the file breaks off" in reason(import_labels([out / "x"], out / "labels.jsonl"))


def test_labels_at_another_size_than_the_picture_are_refused(tmp_path: Path) -> None:
    imported = bring(tmp_path, voc("a.jpg", voc_object("x", 129, 130, 221, 161), (800, 600)))
    assert "was labelled at 800 x 600 pixels, but the picture has 400 x 300" in reason(imported)


def test_a_folder_with_everything_and_two_labels_of_one_photo(tmp_path: Path) -> None:
    bring(tmp_path, dlib(image("a.jpg"), image("b.jpg")), "1.xml", ("a.jpg", "b.jpg"))
    (tmp_path / "same.xml").write_text(dlib(image("b.jpg")))
    (tmp_path / "other.json").write_text(coco([annotation([1, 1, 50, 1, 50, 20, 1, 20], [1, 1, 49, 19])]))
    (tmp_path / "notes.md").write_text("# hello")
    imported = import_labels([tmp_path], tmp_path / "out.jsonl")
    assert [record.path for record in imported.records] == ["b.jpg"]
    assert [str(error) for error in imported.refused] == ["a.jpg: one picture, labelled twice and not alike"]
    assert any("notes.md: is no label file; left out" in note for note in imported.notes)


def test_what_is_nothing_is_refused_by_name(tmp_path: Path) -> None:
    for content, words in (
        (b"", "empty"),
        (b"hello", "no label file"),
        (b'{"a": 1}', "neither COCO"),
        (b"{", "cut off"),
    ):
        assert words in reason(bring(tmp_path, content))
    assert "no such file" in reason(import_labels([tmp_path / "none"], tmp_path / "labels.jsonl"))


def test_own_labels_come_in_too(tmp_path: Path) -> None:
    Image.new("RGB", (400, 300)).save(tmp_path / "a.jpg")
    write_labels(
        tmp_path / "old.jsonl", [LabelledPhoto(path="a.jpg", car="7", licence="CC0", origin="review")]
    )
    (record,) = import_labels([tmp_path / "old.jsonl"], tmp_path / "labels.jsonl").records
    assert (record.car, record.licence, record.origin, record.width) == ("7", "CC0", "review", 400)


def test_a_line_that_is_none_costs_itself_only(tmp_path: Path) -> None:
    (tmp_path / "old.jsonl").write_text(
        '{"path": "a.jpg", "plates": []}\n{"path": "b.jpg"\n{"path": "c.jpg", "plates": []}\n'
    )
    imported = import_labels([tmp_path / "old.jsonl"], tmp_path / "labels.jsonl")
    assert [record.path for record in imported.records] == ["a.jpg", "c.jpg"]
    (refused,) = imported.refused
    assert "old.jsonl, line 2: not JSON" in str(refused)


def test_of_many_that_are_one_picture_some_are_named(tmp_path: Path) -> None:
    names = [f"{i}.jpg" for i in range(9)]
    labelled = [image(name, f"ABC-{i + 1}") for i, name in enumerate(names)]
    for name in names:
        Image.new("RGB", (400, 300)).save(tmp_path / name)
    imported = bring(tmp_path, dlib(*labelled), pictures=())
    told = " and ".join(names[:5])
    assert reason(imported) == f"{told} and 4 more: one picture, labelled twice and not alike"
