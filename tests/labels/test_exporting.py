"""Labels that leave in every format, and come back."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.labels.label_files import PARTS, QUAD, bring, dlib, image

from kilpi.errors import LabelError, UsageError
from kilpi.labels.exporting import CANNOT_HOLD, export_labels
from kilpi.labels.importing import import_labels
from kilpi.labels.locate import Pictures
from kilpi.labels.record import LabelledPhoto, LabelledPlate
from kilpi.types import Box


@pytest.mark.parametrize("to", list(CANNOT_HOLD))
def test_export_and_import_by_command(tmp_path: Path, to: str) -> None:
    (imported,) = bring(tmp_path, dlib(image(parts=PARTS))).records
    out = tmp_path / "out" / "labels.csv"
    exported = export_labels([imported], to, out, Pictures([tmp_path]))
    assert all(line in exported.text for line in CANNOT_HOLD[to])
    again = import_labels([out], tmp_path / "again.jsonl", [tmp_path])
    assert again.refused == ()
    (record,) = again.records
    assert record.photo == imported.photo
    (plate,) = record.plates
    assert plate.quad == (None if to == "tensorflow" else QUAD)
    assert plate.mark == ("ABC-123" if to in {"dlib-xml", "voc", "coco"} else None)


def test_export_never_writes_into_a_folder_that_is_there(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "x").write_text("mine")
    with pytest.raises(UsageError, match="is there already"):
        export_labels([LabelledPhoto(path="a.jpg")], "voc", tmp_path / "out", Pictures([]))
    with pytest.raises(UsageError, match="--to onnx"):
        export_labels([], "onnx", tmp_path / "out", Pictures([]))
    with pytest.raises(LabelError, match="no path"):
        export_labels([LabelledPhoto("0" * 64)], "coco", tmp_path / "c.json", Pictures([]))
    assert not (tmp_path / "c.json").exists()


@pytest.mark.parametrize(
    ("to", "held"), [("dlib-pts", (1, 1)), ("tensorflow", (2, 2)), ("coco", (3, 2))], ids=lambda v: str(v)
)
def test_an_export_counts_what_is_in_it(tmp_path: Path, to: str, held: tuple[int, int]) -> None:
    """One photo with corners, one with a box alone, one without a plate."""
    plates: tuple[tuple[LabelledPlate, ...], ...] = (
        (LabelledPlate(quad=QUAD),),
        (LabelledPlate(box=Box(10, 20, 90, 50)),),
        (),
    )
    records = [LabelledPhoto(None, f"{i}.jpg", 400, 300, plates=one) for i, one in enumerate(plates)]
    made = export_labels(records, to, tmp_path / "out", Pictures([tmp_path]))
    assert (made.photos, made.plates) == held
    assert any("view" in line for line in made.cannot_hold)
