"""import(export(x)) == x, for what each format can hold."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path, PurePosixPath

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PIL import Image

from kilpi.errors import LabelError
from kilpi.labels import coco, dlib, pts, tensorflow, tfrecord, voc, yolo
from kilpi.labels.classes import choose, settle
from kilpi.labels.draft import Draft, Source
from kilpi.labels.locate import Pictures, base_name
from kilpi.labels.record import LabelledPhoto, LabelledPlate
from kilpi.labels.yolo_folder import read_yolo
from kilpi.types import Box, Point, Quad

NOWHERE = Pictures([])
FOREIGN = (
    "39000000000000008b0737f10a370a150a016312101a0e0a0cffffffffffffffffff01ac020a0b0a016212060a040a02"
    "c3a40a110a0161120c120a0a080000c03f00000040f5f93529"
)
WIDTH, HEIGHT = 640, 480
shares = st.floats(0, 1)
names = st.text(st.sampled_from("abcåäöÅÄÖ &<>'\"-_é字"), min_size=1, max_size=12).map(lambda n: f"x{n}y.png")
paths = names | st.tuples(names, names).map("/".join)
marks = st.none() | st.builds("{}-{}".format, st.sampled_from(["AB", "ÅÄÖ"]), st.integers(1, 999))


@st.composite
def quads(draw: st.DrawFn) -> Quad:
    """Convex quads in the photo, turned by less than 45 degrees."""
    x, y = 50 + 400 * draw(shares), 50 + 300 * draw(shares)
    w, h = 30 + 100 * draw(shares), 15 + 40 * draw(shares)
    slope = 0.3 * (draw(shares) - 0.5)
    bend = [4 * draw(shares) for _ in range(4)]
    tl, tr = Point(x, y + bend[0]), Point(x + w, y + slope * w + bend[1])
    return Quad(tl, tr, Point(x + w + bend[2], y + slope * w + h), Point(x + bend[3], y + h))


@st.composite
def boxes(draw: st.DrawFn) -> Box:
    x, y = 500 * draw(shares), 400 * draw(shares)
    return Box(x, y, x + 5 + 100 * draw(shares), y + 5 + 50 * draw(shares))


@st.composite
def plates(draw: st.DrawFn) -> LabelledPlate:
    mark = draw(marks)
    quad = draw(st.none() | quads())
    return LabelledPlate(quad, None if quad else draw(boxes()), mark, legible=True if mark else None)


photos = st.builds(
    LabelledPhoto,
    path=paths,
    width=st.just(WIDTH),
    height=st.just(HEIGHT),
    car=st.none() | st.just("car 1"),
    country=st.none() | st.just("FI"),
    plates=st.lists(plates(), max_size=3).map(tuple),
    licence=st.none() | st.just("CC0"),
)


def can_lie_on_one_disk(records: list[LabelledPhoto]) -> bool:
    """No picture bears the name of a folder that another one lies in."""
    paths = [PurePosixPath(record.path or "") for record in records]
    return not any(path in other.parents for path in paths for other in paths)


def photos_of(draft: Draft) -> list[LabelledPhoto]:
    """What a draft makes by itself."""
    labels = [each.label for photo in draft.photos for each in photo.drawn]
    return settle(draft.photos, choose(labels), draft)


lists = st.lists(photos, max_size=3, unique_by=lambda p: base_name(p.path or "").removesuffix(".png")).filter(
    can_lie_on_one_disk
)


@settings(deadline=None)
@given(lists)
def test_dlib(records: list[LabelledPhoto]) -> None:
    draft = dlib.read_dlib(Source("x", dlib.write_dlib(records)))
    assert not draft.refused
    assert not draft.notes
    held = [dlib.hold_dlib(record) for record in records]
    assert photos_of(draft) == held
    assert [dlib.hold_dlib(record) for record in held] == held


@settings(deadline=None)
@given(lists)
def test_pts(records: list[LabelledPhoto]) -> None:
    found: dict[str | None, list[LabelledPlate]] = {}
    for name, data in pts.write_pts(records).items():
        (photo,) = photos_of(pts.read_pts(Source(name, data)))
        found.setdefault(photo.path, []).extend(photo.plates)
    held = [pts.hold_pts(record) for record in records]
    assert found == {record.path: list(record.plates) for record in held if record.plates}


@settings(deadline=None)
@given(lists)
def test_voc(records: list[LabelledPhoto]) -> None:
    files = voc.write_voc(records)
    drafts = [voc.read_voc(Source(name, data), NOWHERE) for name, data in files.items()]
    held = [voc.hold_voc(record) for record in records]
    assert [photo for draft in drafts for photo in photos_of(draft)] == held
    assert not any(draft.notes for draft in drafts)
    assert [voc.hold_voc(record) for record in held] == held


@settings(deadline=None)
@given(lists)
def test_coco(records: list[LabelledPhoto]) -> None:
    draft = coco.read_coco(Source("x", coco.write_coco(records)))
    assert not draft.refused
    assert not draft.notes
    held = [coco.hold_coco(record) for record in records]
    assert photos_of(draft) == held
    for before, after in zip(records, held, strict=True):
        assert [p.quad for p in before.plates] == [p.quad for p in after.plates]
        assert [p.mark for p in before.plates] == [p.mark for p in after.plates]


@settings(deadline=None)
@given(lists)
def test_csv(records: list[LabelledPhoto]) -> None:
    draft = tensorflow.read_csv(Source("x", tensorflow.write_csv(records)))
    assert not draft.refused
    assert photos_of(draft) == [tensorflow.hold_csv(record) for record in records if record.plates]


class Near(float):
    """A coordinate, the same as another within two of the last decimals: a value between two may fall to
    either, as a share of the photo or in pixels.
    """

    def __eq__(self, other: object) -> bool:
        return isinstance(other, float) and abs(self - other) < 2 * 10**-yolo.DECIMALS

    __hash__ = None  # type: ignore[assignment]


def coarse(found: list[LabelledPhoto]) -> list[LabelledPhoto]:
    def near(plate: LabelledPlate) -> LabelledPlate:
        box = plate.box and Box(*map(Near, plate.box))
        quad = plate.quad and Quad(*(Point(Near(p.x), Near(p.y)) for p in plate.quad))
        return replace(plate, box=box, quad=quad)

    return [replace(photo, plates=tuple(map(near, photo.plates))) for photo in found]


def test_coordinates_are_compared_to_the_last_decimals() -> None:
    def at(x: float) -> list[LabelledPhoto]:
        return coarse([LabelledPhoto(path="a", plates=(LabelledPlate(box=Box(x, 0, 9, 9)),))])

    assert at(0.3666) == at(0.3665) and at(0.3666) != at(0.3662)


@settings(max_examples=30, deadline=None)
@given(lists)
@example([LabelledPhoto(path="a.png", plates=(LabelledPlate(box=Box(0.36655, 0, 5.36655, 5)),))])
def test_yolo_and_tfrecord(records: list[LabelledPhoto]) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder, out = Path(name) / "in", Path(name) / "out"
        for record in records:
            (folder / str(record.path)).parent.mkdir(parents=True, exist_ok=True)
            Image.new("RGB", (WIDTH, HEIGHT)).save(folder / str(record.path))
        pictures = Pictures([folder])
        for inside, content in yolo.write_yolo(records, pictures).items():
            (out / inside).parent.mkdir(parents=True, exist_ok=True)
            (out / inside).write_bytes(content if isinstance(content, bytes) else content.read_bytes())
        draft = read_yolo(out, "x")
        assert not draft.refused
        held = [yolo.hold_yolo(record, (WIDTH, HEIGHT)) for record in records]
        assert coarse(sorted(photos_of(draft), key=lambda p: str(p.path))) == coarse(
            sorted(held, key=lambda p: str(p.path))
        )

        draft = tensorflow.read_tfrecord(Source("x", tensorflow.write_tfrecord(records, pictures)))
        assert not draft.refused
        held = [tensorflow.hold_tfrecord(record, (WIDTH, HEIGHT)) for record in records]
        assert coarse(photos_of(draft)) == coarse(held)
        assert [each.inside for each in draft.photos] == [
            (folder / str(r.path)).read_bytes() for r in records
        ]


@settings(deadline=None)
@given(st.binary(max_size=20_000), st.integers(0, 200), st.integers(1, 255))
def test_a_damaged_record_is_found(data: bytes, place: int, flip: int) -> None:
    file = bytearray(tfrecord.write_records([data, b"more"]))
    assert list(tfrecord.read_records(bytes(file), "x")) == [data, b"more"]
    file[place % len(file)] ^= flip
    with pytest.raises(LabelError, match="x, record"):
        list(tfrecord.read_records(bytes(file), "x"))


def test_a_record_of_another_writer_is_read() -> None:
    """FOREIGN was written by TFRecordWriter of the package tfrecord, version 1.14.6."""
    data = bytes.fromhex(FOREIGN)
    (record,) = tfrecord.read_records(data, "x")
    assert tfrecord.read_example(record, "x") == {"a": [1.5, 2.0], "b": ["ä".encode()], "c": [-1, 300]}


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_are_an_example_or_refused(data: bytes) -> None:
    try:
        tfrecord.read_example(data, "x")
    except LabelError as error:
        assert "no tf.train.Example" in str(error)


def test_names_that_a_format_cannot_hold_are_refused() -> None:
    with pytest.raises(LabelError, match="control character"):
        dlib.write_dlib([LabelledPhoto(path="a\x01.jpg")])
    with pytest.raises(LabelError, match="no path"):
        coco.write_coco([LabelledPhoto("0" * 64)])
    with pytest.raises(LabelError, match="same name"):
        corners = LabelledPlate(quad=Quad(Point(0, 0), Point(9, 0), Point(9, 5), Point(0, 5)))
        pts.write_pts([LabelledPhoto(path=f"{n}/a.jpg", plates=(corners,)) for n in "xy"])
    with pytest.raises(LabelError, match="taken or outside"):
        voc.write_voc([LabelledPhoto(path="../a.jpg")])
