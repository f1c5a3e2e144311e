from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from tests.labels.scenes import scene

from kilpi.images import encode_png
from kilpi.labels.check import Checked, check_labels, fits_grammar
from kilpi.labels.locate import Pictures
from kilpi.labels.look import look_labels
from kilpi.labels.record import LabelledPhoto, LabelledPlate
from kilpi.labels.stats import label_stats
from kilpi.types import Box, Point, Quad

QUAD = Quad(Point(100, 100), Point(200, 104), Point(200, 130), Point(100, 126))
GOOD = LabelledPhoto(path="a.png", width=320, height=240, country="FI", plates=(LabelledPlate(quad=QUAD),))


def check(*plates: LabelledPlate, parses: bool | None = None) -> Checked:
    record = replace(GOOD, plates=plates)
    return check_labels(
        {"x.jsonl": [record]}, Pictures([]), None if parses is None else lambda *_: bool(parses)
    )


def texts(checked: Checked, error: bool = True) -> list[str]:
    return [finding.text for finding in checked.findings if finding.error == error]


def test_a_good_label_passes_without_its_picture() -> None:
    checked = check(LabelledPlate(quad=QUAD, mark="ABC-123"), parses=True)
    assert checked.passed
    assert checked.text.endswith("1 photos (0 pictures seen), 1 plates: 0 errors, 1 to look at")


@pytest.mark.parametrize(
    ("plate", "reason"),
    [
        (LabelledPlate(box=Box(10, 10, 11, 30)), "less than 1.5 pixels"),
        (LabelledPlate(box=Box(300, 10, 330, 30)), "leaves the photo by 10 pixels"),
        (LabelledPlate(box=Box(400, 10, 430, 30)), "lies outside the photo"),
        (LabelledPlate(quad=Quad(*reversed(QUAD))), "against the clock"),
        (LabelledPlate(quad=Quad(QUAD.tl, QUAD.br, QUAD.tr, QUAD.bl)), "cross"),
        (LabelledPlate(quad=Quad(*[Point(5, 5)] * 4)), "cross or lie on a line"),
        (LabelledPlate(quad=QUAD, box=Box(10, 10, 60, 30)), "different places"),
        (LabelledPlate(quad=QUAD, mark="ABC-123"), "fits no grammar"),
    ],
)
def test_errors(plate: LabelledPlate, reason: str) -> None:
    checked = check(plate, parses=False)
    assert not checked.passed
    assert any(reason in text for text in texts(checked))
    assert "ABC" not in checked.text


@pytest.mark.parametrize(
    ("plate", "reason"),
    [
        (LabelledPlate(quad=Quad(QUAD.br, QUAD.bl, QUAD.tl, QUAD.tr)), "upside down"),
        (LabelledPlate(quad=Quad(QUAD.bl, QUAD.tl, QUAD.tr, QUAD.br)), "higher than wide"),
        (LabelledPlate(quad=QUAD._replace(tl=Point(-20, 100))), "leaves the photo by 20"),
        (LabelledPlate(quad=QUAD, mark="ABC-123", legible=False), "called not legible"),
    ],
)
def test_doubts(plate: LabelledPlate, reason: str) -> None:
    checked = check(plate)
    assert checked.passed
    assert any(reason in text for text in texts(checked, error=False))


def test_the_grammars_of_the_package_are_asked() -> None:
    plates = (LabelledPlate(quad=QUAD, mark="ABC-123"), LabelledPlate(box=Box(1, 1, 40, 12), mark="ABCDEF-1"))
    (finding,) = [
        f
        for f in check_labels({"x": [replace(GOOD, plates=plates)]}, Pictures([]), fits_grammar).findings
        if f.error
    ]
    assert finding.where == "x: a.png, plate 2"
    unknown = check_labels({"x": [replace(GOOD, plates=plates, country=None)]}, Pictures([]), fits_grammar)
    assert unknown.passed
    elsewhere = check_labels({"x": [replace(GOOD, plates=plates, country="KZ")]}, Pictures([]), fits_grammar)
    assert not [f for f in elsewhere.findings if "grammar" in f.text]


def test_two_plates_in_one_place() -> None:
    assert (
        "plates 1 and 2 are in the same place"
        in check(LabelledPlate(quad=QUAD), LabelledPlate(box=QUAD.box)).text
    )


def test_pictures_are_held_against_their_labels(tmp_path: Path) -> None:
    for i, name in enumerate(("a.png", "b.png", "c.png")):
        (tmp_path / name).write_bytes(encode_png(scene(i)))
    (tmp_path / "d.png").write_text("no picture")
    records = [
        GOOD,
        replace(GOOD, path="b.png", photo="0" * 64),
        replace(GOOD, path="c.png", width=400),
        replace(GOOD, path="d.png"),
        replace(GOOD, path="gone.png"),
    ]
    checked = check_labels({"x.jsonl": records}, Pictures([tmp_path]))
    found = "\n".join(texts(checked))
    assert checked.seen == 3
    assert "another sha256" in found
    assert "was labelled at 400 x 240, its picture has 320 x 240" in found
    assert "not an image" in found
    assert "picture is missing" in found
    assert len(texts(checked)) == 4


def test_duplicates_and_near_duplicates(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(encode_png(scene(0)))
    (tmp_path / "b.png").write_bytes(encode_png((scene(0) * 0.9).astype("uint8")))
    records = [GOOD, replace(GOOD, path="b.png"), GOOD]
    checked = check_labels({"x.jsonl": records}, Pictures([tmp_path]))
    assert texts(checked) == ["is labelled twice: x.jsonl: a.png has the same path"]
    assert any("looks like" in text for text in texts(checked, error=False))
    same_car = [replace(record, car="1") for record in records[:2]]
    assert check_labels({"x.jsonl": same_car}, Pictures([tmp_path])).findings == ()


def test_the_sides_of_a_split_share_nothing(tmp_path: Path) -> None:
    for i, name in enumerate(("a.png", "b.png", "c.png")):
        (tmp_path / name).write_bytes(encode_png(scene(0) if i < 2 else scene(9)))
    mark = (LabelledPlate(quad=QUAD, mark="ABC-123"),)
    train = [replace(GOOD, car="1"), replace(GOOD, path="c.png", plates=mark)]
    test = [replace(GOOD, path="b.png", car="1", plates=(replace(mark[0], mark="ABC123"),))]
    found = texts(check_labels({"out/train.jsonl": train, "out/test.jsonl": test}, Pictures([tmp_path])))
    assert [text.split(" as ")[0].split(" out/")[0] for text in found] == [
        "looks like",
        "has the same car",
        "has the same mark",
    ]
    apart = check_labels({"x.jsonl": train, "y.jsonl": test}, Pictures([tmp_path]))
    assert apart.passed


def test_stats_count_what_is_there() -> None:
    box = LabelledPlate(box=Box(0, 0, 32, 8), mark="ABC-123", country="SE", legible=True, rows=2)
    text = label_stats([GOOD, LabelledPhoto(path="b.png", car="1", plates=(box,))])
    assert "photos 2: 0 without a plate, 0 with more than one" in text
    assert "plates 2: 1 with corners, 1 with a mark, 0 not legible, 1 in two rows" in text
    assert "countries of plates FI 1, SE 1" in text
    assert "plate width, pixels: smallest 32" in text
    assert label_stats([]).startswith("photos 0")


def test_a_contact_sheet_shows_corners_in_red_and_boxes_in_blue(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(encode_png(scene(0) // 4 + 90))
    box = replace(GOOD, plates=(LabelledPlate(box=Box(20, 20, 90, 50)),))
    for record, strongest in ((GOOD, 0), (box, 2)):
        sheet = look_labels([record, LabelledPhoto(path="gone.png")], Pictures([tmp_path]))
        drawn = sheet.pixels.reshape(-1, 3).astype(int)
        assert (drawn[:, strongest] - drawn[:, 2 - strongest]).max() > 150
        assert sheet.shown == 1
        assert "left out: gone.png" in sheet.text


def test_a_sample_is_the_same_every_time(tmp_path: Path) -> None:
    records = []
    for i in range(6):
        (tmp_path / f"{i}.png").write_bytes(encode_png(scene(i)))
        records.append(LabelledPhoto(path=f"{i}.png"))
    first, again = (look_labels(records, Pictures([tmp_path]), 3, sample=True) for _ in range(2))
    assert first.shown == 3
    assert (first.pixels == again.pixels).all()
    assert look_labels(records, Pictures([tmp_path]), 2).shown == 2
