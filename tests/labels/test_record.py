from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kilpi.errors import LabelError
from kilpi.labels.record import (
    LabelledPhoto,
    LabelledPlate,
    format_line,
    parse_line,
    read_labels,
    write_labels,
)
from kilpi.types import Box, Point, Quad

numbers = st.floats(-100, 10_000, allow_nan=False)
words = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), min_size=1, max_size=20).filter(
    str.strip
)
maybe_words = st.none() | words
countries = st.none() | st.sampled_from(["FI", "SE", "AX"])


@st.composite
def boxes(draw: st.DrawFn) -> Box:
    x, y = draw(numbers), draw(numbers)
    return Box(x, y, x + draw(st.floats(0, 500)), y + draw(st.floats(0, 500)))


points = st.builds(Point, numbers, numbers)
plates = st.builds(
    LabelledPlate,
    quad=st.none() | st.builds(Quad, points, points, points, points),
    box=st.none() | boxes(),
    mark=maybe_words,
    country=countries,
    legible=st.none() | st.booleans(),
    rows=st.integers(1, 2),
)
photos = st.builds(
    LabelledPhoto,
    photo=st.none() | st.text("0123456789abcdef", min_size=64, max_size=64),
    path=words,
    width=st.none() | st.integers(1, 20_000),
    height=st.none() | st.integers(1, 20_000),
    car=maybe_words,
    country=countries,
    plates=st.lists(plates, max_size=3).map(tuple),
    origin=st.sampled_from(["hand", "review", "synthetic"]),
    by=maybe_words,
    at=st.none() | st.datetimes().map(lambda moment: moment.isoformat()),
    licence=maybe_words,
)


@settings(deadline=None)
@given(photos)
def test_a_line_comes_back_as_it_was(record: LabelledPhoto) -> None:
    line = format_line(record)
    assert "\n" not in line
    assert parse_line(line, "x") == record


def test_a_file_comes_back_as_it_was_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    records = [
        LabelledPhoto(path="kuvia/Ä.jpg", plates=(LabelledPlate(mark="ÅÄÖ-123"),)),
        LabelledPhoto(path="b"),
    ]
    write_labels(tmp_path / "new" / "labels.jsonl", records)
    assert read_labels(tmp_path / "new" / "labels.jsonl") == records
    assert [p.name for p in (tmp_path / "new").iterdir()] == ["labels.jsonl"]


def test_the_old_file_stays_when_writing_fails(tmp_path: Path) -> None:
    path = tmp_path / "labels.jsonl"
    write_labels(path, [LabelledPhoto(path="a.jpg")])
    bad = LabelledPhoto(path="b.jpg", plates=(LabelledPlate(box=Box(float("nan"), 0, 1, 1)),))
    with pytest.raises(LabelError, match="record 2, plate 1: box"):
        write_labels(path, [LabelledPhoto(path="a.jpg"), bad])
    assert [record.path for record in read_labels(path)] == ["a.jpg"]
    assert len(list(tmp_path.iterdir())) == 1


def test_published_data_may_hold_corners_and_a_car(tmp_path: Path) -> None:
    corners = [[1, 2], [30, 3], [30, 12], [1, 11]]
    line = {"image": "a.jpg", "width": 64, "height": 48, "car": "golf", "plates": [{"quad": corners}]}
    (tmp_path / "labels.jsonl").write_text(json.dumps(line))
    (record,) = read_labels(tmp_path / "labels.jsonl")
    assert record.car == "golf"
    assert record.plates[0].quad == Quad(*(Point(*corner) for corner in corners))


def test_published_data_comes_through_the_same_door(tmp_path: Path) -> None:
    lines = [
        {
            "image": "images/a.jpg",
            "width": 640,
            "height": 480,
            "country": "PL",
            "plates": [{"box": [1, 2, 30, 12]}],
        },
        {"image": "images/b.jpg", "width": 90, "height": 20, "plates": [{"text": "AB12345"}]},
    ]
    path = tmp_path / "labels.jsonl"
    path.write_text("\n".join(json.dumps(line) for line in lines))
    first, second = read_labels(path)
    assert first == LabelledPhoto(
        None, "images/a.jpg", 640, 480, None, "PL", (LabelledPlate(box=Box(1, 2, 30, 12)),), "published"
    )
    assert second.plates == (LabelledPlate(mark="AB12345", legible=True),)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ("[]", "one JSON object"),
        ('{"plates": []}', "needs photo"),
        ('{"path": "a"}', "plates must be a list"),
        ('{"path": "a", "plates": [], "plate": []}', "unknown key 'plate'"),
        ('{"path": "a", "plates": [{"mark": ""}]}', "plate 1: mark must be a string"),
        ('{"path": "a", "plates": [{"box": [1, 2, 0, 3]}]}', "left, top, right, bottom"),
        ('{"path": "a", "plates": [{"box": ["129", 2, 3, 3]}]}', "numbers, not strings"),
        ('{"path": "a", "plates": [{"box": [1, 2, Infinity, 3]}]}', "finite"),
        ('{"path": "a", "plates": [{"quad": [[1, 2], [3, 4]]}]}', "4 corners"),
        ('{"path": "a", "plates": [], "country": "fi"}', "two capital letters"),
        ('{"path": "a", "plates": [], "photo": "abc"}', "64 lower-case hex"),
        ('{"path": "a", "plates": [], "at": "yesterday"}', "ISO 8601"),
        ('{"path": "a", "plates": [], "width": 0}', "above 0"),
        ('{"path": "a\\ud800", "plates": []}', "surrogate"),
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, line: str, reason: str) -> None:
    path = tmp_path / "labels.jsonl"
    path.write_text('{"path": "good.jpg", "plates": []}\n' + line + "\n")
    with pytest.raises(LabelError, match=rf"labels\.jsonl, line 2.*{reason}"):
        read_labels(path)


def test_a_message_never_holds_a_mark(tmp_path: Path) -> None:
    path = tmp_path / "labels.jsonl"
    path.write_text('{"path": "a", "plates": [{"mark": "ABC-123", "rows": "ABC-123"}]}')
    with pytest.raises(LabelError) as caught:
        read_labels(path)
    assert "ABC" not in str(caught.value)


def test_a_file_that_is_no_text_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(b"\xff\xd8\xff\xe0")
    with pytest.raises(LabelError, match="not UTF-8"):
        read_labels(tmp_path / "a.jsonl")
    with pytest.raises(LabelError, match="cannot be read"):
        read_labels(tmp_path / "none.jsonl")
