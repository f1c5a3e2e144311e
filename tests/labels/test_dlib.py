"""dlib's XML, as ImgLab writes it: its quirks, by number."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.labels.label_files import (
    PARTS,
    QUAD,
    RECTANGLE,
    annotation,
    bring,
    coco,
    dlib,
    image,
    only,
    reason,
)

from kilpi.labels.record import LabelledPlate
from kilpi.types import Box


def test_dlib_with_label_and_four_parts(tmp_path: Path) -> None:
    imported = bring(tmp_path, dlib(image(parts=PARTS)), "1_imglab.xml")
    assert only(imported) == LabelledPlate(quad=QUAD, mark="ABC-123", legible=True)
    (record,) = imported.records
    assert (record.path, record.width, record.height) == ("a.jpg", 400, 300)
    assert len(record.photo or "") == 64
    assert imported.notes == ()
    assert "1 photos, 1 plates: 1 with corners, 1 with a mark" in imported.text


def test_quirk_1_utf8_under_a_latin1_header(tmp_path: Path) -> None:
    imported = bring(tmp_path, dlib(image("Äijö.jpg", "ÅÄÖ-123")), pictures=("Äijö.jpg",))
    assert only(imported).mark == "ÅÄÖ-123"
    assert imported.records[0].path == "Äijö.jpg"
    assert "the bytes are UTF-8" in imported.notes[0]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf16_with_and_without_a_mark_in_front(tmp_path: Path, encoding: str) -> None:
    """As Windows' tools save text; XML under a header that says otherwise, too."""
    texts = [dlib(image(label="ÖÅ-7")), coco([annotation([*RECTANGLE], [129, 130, 92, 31])], category="ÖÅ-7")]
    for text in texts:
        assert only(bring(tmp_path, text.encode(encoding))).mark == "ÖÅ-7"


def test_quirk_1_real_latin1(tmp_path: Path) -> None:
    imported = bring(tmp_path, dlib(image(label="ÅÄÖ-123")).encode("latin-1"))
    assert only(imported).mark == "ÅÄÖ-123"
    assert imported.notes == ()


def test_quirk_2_names_and_labels_without_escaping(tmp_path: Path) -> None:
    text = dlib(image("it's & co.jpg", "ABC-123"), image("b.jpg", "A&B<C"))
    imported = bring(tmp_path, text, pictures=("it's & co.jpg", "b.jpg"))
    assert [record.path for record in imported.records] == ["it's & co.jpg", "b.jpg"]
    assert [plate.mark for record in imported.records for plate in record.plates] == ["ABC-123", None]
    assert "2 names or labels hold" in imported.notes[0]


def test_xml_that_is_broken_elsewhere_is_refused_with_its_line(tmp_path: Path) -> None:
    text = dlib(image()).replace("</label>", "</lable>")
    assert "line 11: not well-formed XML (mismatched tag); mend that line" in reason(bring(tmp_path, text))


def test_an_entity_bomb_is_refused(tmp_path: Path) -> None:
    text = "<!DOCTYPE d [<!ENTITY a 'aaaa'>]><dataset><images><image file='&a;'/></images></dataset>"
    assert "DTD" in reason(bring(tmp_path, text))


def test_quirk_5_circles_are_refused_and_the_other_photos_go_on(tmp_path: Path) -> None:
    circle = annotation([175, 145.5], [129, 130, None, None])
    good = annotation(list(RECTANGLE), [129, 130, 92, 31], 2)
    imported = bring(tmp_path, coco([circle, good], ("a.jpg", "b.jpg")), pictures=("a.jpg", "b.jpg"))
    assert [record.path for record in imported.records] == ["b.jpg"]
    assert "annotation 1 (a.jpg): is a circle" in str(imported.refused[0])


def test_quirk_5_a_missing_pair_is_taken_from_the_other(tmp_path: Path) -> None:
    imported = bring(tmp_path, coco([annotation(list(RECTANGLE), [129, 130, None, None])]))
    assert only(imported).box == Box(129, 130, 221, 161)
    imported = bring(tmp_path, coco([{**annotation([], [129, 130, None, None]), "segmentation": []}]))
    assert "bbox, w is not a number" in reason(imported)
    imported = bring(tmp_path, dlib(image()).replace("width='92'", "width='NaN'"))
    assert "image 1 (a.jpg), box 1: width is not a number" in reason(imported)


def test_parts_that_are_not_four_or_not_named(tmp_path: Path) -> None:
    three = PARTS.rsplit("\t\t\t<part", 1)[0]
    imported = bring(tmp_path, dlib(image(parts=three)))
    assert only(imported).box == Box(129, 130, 221, 161)
    assert "3 parts are no corners" in imported.notes[0]
    assert "parts must be named" in reason(bring(tmp_path, dlib(image(parts=PARTS.replace("'3'", "'nose'")))))


@pytest.mark.parametrize(
    ("left", "width", "x1", "x2", "noted"),
    [
        (-12, 92, 0, 80, "image 1 (a.jpg), box 1: leaves the photo by 12 pixels; cut at its edge"),
        (330, 92, 330, 400, "image 1 (a.jpg), box 1: leaves the photo by 22 pixels; cut at its edge"),
        (-2, 92, -2, 90, ""),  # dlib rounds outward
    ],
)
def test_a_box_that_was_drawn_over_the_edge_ends_there(
    tmp_path: Path, left: int, width: int, x1: int, x2: int, noted: str
) -> None:
    text = dlib(image()).replace("left='129' width='92'", f"left='{left}' width='{width}'")
    imported = bring(tmp_path, text)
    assert only(imported).box == Box(x1, 130, x2, 161)
    assert [note.partition(": ")[2] for note in imported.notes] == ([noted] if noted else [])


def test_corners_may_leave_the_photo(tmp_path: Path) -> None:
    beyond = PARTS.replace("x='130'", "x='-9'").replace("x='129'", "x='-9'")
    imported = bring(tmp_path, dlib(image(parts=beyond)))
    assert only(imported).quad is not None and imported.notes == ()
