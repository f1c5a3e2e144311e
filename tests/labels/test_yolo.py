"""YOLO in a zip and in single files."""

from __future__ import annotations

import zipfile
from pathlib import Path

from tests.labels.label_files import bring, only, reason, yolo_zip

from kilpi.labels.importing import import_labels
from kilpi.types import Box, Point, Quad


def test_yolo_zip(tmp_path: Path) -> None:
    yolo_zip(tmp_path / "x.zip", "imglab 11:23:2026/")
    imported = import_labels([tmp_path / "x.zip"], tmp_path / "labels.jsonl")
    assert imported.refused == ()
    assert sorted(len(record.plates) for record in imported.records) == [0, 0, 2]
    plates = next(record.plates for record in imported.records if record.plates)
    assert plates[0].box == Box(150, 135, 250, 165)
    assert plates[1].quad == Quad(Point(130, 129), Point(220, 132), Point(219, 159), Point(129, 156))
    for record in imported.records:
        assert record.path == f"labels-pictures/{record.photo}.png"
        assert (tmp_path / record.path).is_file()


def test_a_zip_that_leaves_its_folder_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as zipped:
        zipped.writestr("../labels/evil.txt", "0 0.5 0.5 0.1 0.1")
    imported = import_labels([tmp_path / "x.zip"], tmp_path / "in" / "labels.jsonl")
    assert "outside its folder" in reason(imported)
    with zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as zipped:
        zipped.writestr("labels/a.txt", b"0" * 50_000_000)
    assert "too much" in reason(import_labels([tmp_path / "bomb.zip"], tmp_path / "labels.jsonl"))


def test_a_single_yolo_file_needs_its_photos_name(tmp_path: Path) -> None:
    assert only(bring(tmp_path, "0 0.5 0.5 0.25 0.1\r\n", "a.txt")).box == Box(150, 135, 250, 165)
    assert "name it as its photo" in reason(bring(tmp_path, "0 0.5 0.5 0.25 0.1", "0_yolo_imglab.txt"))
    assert "not in pixels" in reason(bring(tmp_path, "0 200 150 100 30", "a.txt"))
