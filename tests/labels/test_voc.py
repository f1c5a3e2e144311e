"""Pascal VOC, as ImgLab and others write it."""

from __future__ import annotations

from pathlib import Path

from tests.labels.label_files import bring, only, reason, voc, voc_object

from kilpi.labels.record import LabelledPlate
from kilpi.types import Box


def test_quirk_2_in_voc(tmp_path: Path) -> None:
    imported = bring(tmp_path, voc("a & b.jpg", voc_object("A&B", 1, 2, 30, 20)), pictures=("a & b.jpg",))
    assert imported.records[0].path == "a & b.jpg"


def test_quirk_3_voc_numbers_glued_as_strings(tmp_path: Path) -> None:
    imported = bring(tmp_path, voc("a.jpg", voc_object("ABC-123", "129", "130", "12992", "13031")))
    assert only(imported).box == Box(129, 130, 221, 161)
    assert "object 1: xmax and ymax were width and height glued" in imported.notes[0]


def test_quirk_3_voc_glued_fractions(tmp_path: Path) -> None:
    imported = bring(
        tmp_path, voc("a.jpg", voc_object("ABC-123", "129.5", "130.25", "129.592.25", "130.2531"))
    )
    assert only(imported).box == Box(129.5, 130.25, 221.75, 161.25)


def test_quirk_3_voc_that_may_be_glued_is_refused(tmp_path: Path) -> None:
    """xmin 30 and width 50, or xmin 30 and xmax 305 in a photo whose height tells nothing."""
    imported = bring(tmp_path, voc("a.jpg", voc_object("ABC-123", "50", "20", "505", "2025"), (400, 1500)))
    assert "cannot be told for sure" in reason(imported)
    both = voc_object("ABC-123", "129", "130", "12992", "13031") + voc_object(
        "ABC-124", "1", "2", "130", "25"
    )
    assert "object 2: xmax may be" in reason(bring(tmp_path, voc("a.jpg", both)))


def test_quirk_3_voc_glued_and_nothing_fits(tmp_path: Path) -> None:
    imported = bring(tmp_path, voc("a.jpg", voc_object("ABC-123", "129", "130", "129920", "13031")))
    assert "object 1: the box lies outside the photo, however" in reason(imported)


def test_voc_of_imglab(tmp_path: Path) -> None:
    objects = voc_object("ABC-123", 129.37, 130.5, 221.125, 161) + voc_object("unlabelled", 1, 2, 30, 20)
    (record,) = bring(tmp_path, voc("a.jpg", objects), "0_pvoc_imglab.xml").records
    assert record.plates == (
        LabelledPlate(box=Box(129.37, 130.5, 221.125, 161), mark="ABC-123", legible=True),
        LabelledPlate(box=Box(1, 2, 30, 20)),
    )


def test_voc_without_a_size_takes_the_pictures(tmp_path: Path) -> None:
    imported = bring(tmp_path, voc("a.jpg", voc_object("x", 129, 130, 221, 161), ("undefined", "undefined")))
    assert imported.records[0].width == 400
