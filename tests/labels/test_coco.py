"""COCO, as ImgLab and others write it."""

from __future__ import annotations

from pathlib import Path

from tests.labels.label_files import QUAD, RECTANGLE, annotation, bring, coco, only, reason

from kilpi.labels.record import LabelledPlate
from kilpi.types import Box


def test_quirk_3_coco_numbers_glued_as_strings(tmp_path: Path) -> None:
    ring: list[object] = ["129", "130", "12992", "130", "12992", "13031", "129", "13031"]
    imported = bring(tmp_path, coco([annotation(ring, ["129", "130", None, None])]))
    assert only(imported).box == Box(129, 130, 221, 161)
    assert "glued together; taken apart" in imported.notes[0]


def test_quirk_4_restarting_ids_and_a_category_for_the_label(tmp_path: Path) -> None:
    both = [annotation(list(RECTANGLE), [129, 130, 92, 31], i) for i in (1, 2)]
    imported = bring(tmp_path, coco(both, ("a.jpg", "b.jpg")), pictures=("a.jpg", "b.jpg"))
    assert [record.plates for record in imported.records] == [
        (LabelledPlate(box=Box(129, 130, 221, 161)),)
    ] * 2
    assert imported.notes == (
        f"{tmp_path}/labels: annotation ids repeat (ImgLab restarts them in every image); not used",
    )


def test_a_category_that_is_a_plate_text_is_the_mark(tmp_path: Path) -> None:
    text = coco([annotation(list(RECTANGLE), [129, 130, 92, 31])], category="ÅBC-12")
    assert only(bring(tmp_path, text)).mark == "ÅBC-12"


def test_a_polygon_becomes_corners_from_wherever_it_was_begun(tmp_path: Path) -> None:
    ring: list[object] = [v for p in (QUAD.bl, QUAD.br, QUAD.tr, QUAD.tl) for v in p]
    assert only(bring(tmp_path, coco([annotation(ring, [129, 130, 92, 31])]))).quad == QUAD
    crossed: list[object] = [v for p in (QUAD.tl, QUAD.br, QUAD.tr, QUAD.bl) for v in p]
    assert "sides cross" in reason(bring(tmp_path, coco([annotation(crossed, [129, 130, 92, 31])])))
