"""What people decide about pictures, from the event to the finished files and to labels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from tests.fakes import FakeDetector, FakeReader, FakeRegister, ShadeReader, write_car_photo

from kilpi.adverts.records import DECISION
from kilpi.cases import (
    Arrival,
    Maker,
    Sent,
    answer,
    history,
    photos,
    read_case,
    receive,
    rerun,
    undo,
    work,
)
from kilpi.cases.answers import combine, from_data, to_data
from kilpi.cases.asking.uncovering import uncover
from kilpi.cases.learning.labelling import collect
from kilpi.cases.picture_answers import (
    SaidCover,
    SaidCrop,
    SaidOrder,
    SaidShown,
    SaidUncovered,
    SaidView,
)
from kilpi.errors import CaseRefused, UsageError
from kilpi.geometry import quad_from_box
from kilpi.images import open_photo
from kilpi.pipeline import Kilpi
from kilpi.ports import Reader
from kilpi.schemas import read_record
from kilpi.store import Store
from kilpi.types import VIEWS, Box, Photo, Point, Quad, Record, View, ViewGuess

PLATE = quad_from_box(Box(300, 450, 900, 675))  # where FakeDetector finds one, of 1200 x 900 pixels
SIGN = quad_from_box(Box(60, 60, 360, 160))
DARK_SIGN = Box(0.05, 0.07, 0.3, 0.18)  # the same place, in shares


class Yard:
    """A case with three photos, worked on by a line of fakes."""

    def __init__(
        self,
        store: Store,
        folder: Path,
        reader: Reader | None = None,
        sign: bool = False,
        out: Path | None = None,
        dealer: str = "",
    ) -> None:
        self.store, self.detector = store, FakeDetector()
        register = FakeRegister({"ABC123": "Volvo"})
        line = Kilpi(detector=self.detector, reader=reader or FakeReader(), register=register)
        self.maker = Maker(line, out or folder / "out")
        sent = []
        for n in range(3):
            path = write_car_photo(folder / f"{n}.jpg", seed=n)
            if sign and n == 0:
                paint_sign(path)
            photo = open_photo(path)
            sent.append(Sent(photo.id, f"{n}.jpg", str(folder / f"{n}.jpg")))
        self.case = receive(store, Arrival(tuple(sent), reference="volvo", dealer=dealer)).case
        self.ids = [one.sha256 for one in photos(store, self.case.id)]
        self.run()

    def run(self) -> Record:
        """The record once all is done."""
        work(self.store, self.maker)
        self.case = read_case(self.store, self.case.id)
        found = read_record(self.maker.folder(self.case) / DECISION)
        assert found
        return found

    def say(self, *said: object) -> Record:
        answer(self.store, self.case.id, *said, by="anna")  # type: ignore[arg-type]
        return self.run()

    def shown(self, record: Record) -> list[int]:
        return [self.ids.index(one.photo) for one in record.shown]


@pytest.fixture
def yard(store: Store, tmp_path: Path) -> Yard:
    return Yard(store, tmp_path)


@pytest.mark.parametrize(
    "said",
    [
        SaidOrder(("a", "b")),
        SaidShown("a", False),
        SaidCrop("a", Box(0, 0, 300, 300)),
        SaidCrop("a"),
        SaidCover("a", SIGN, "private"),
        SaidUncovered("a", SIGN, "no_plate"),
        SaidView("a", View.BOOT),
    ],
)
def test_an_event_keeps_it_as_it_was_said(said: object) -> None:
    assert from_data(to_data(said)) == said  # type: ignore[arg-type]


def test_what_cannot_be_is_refused() -> None:
    crossed = Quad(Point(0, 0), Point(10, 10), Point(10, 0), Point(0, 10))
    for make in (
        lambda: SaidOrder(("a", "a")),
        lambda: SaidCrop("a", Box(0, 0, 100, 300)),
        lambda: SaidCrop("a", Box(0, 0, float("nan"), 300)),
        lambda: SaidCover("a", crossed),
        lambda: SaidUncovered("a", crossed, "no_plate"),
        lambda: SaidView("a", View.UNSURE),
        lambda: SaidView("a", View.END),
    ):
        with pytest.raises(UsageError, match="answer"):
            make()


def test_order_and_choice_stand_over_reruns_and_can_be_undone(yard: Yard) -> None:
    usual = yard.shown(yard.run())
    assert sorted(usual) == [0, 1, 2]
    wanted = usual[::-1]
    assert yard.shown(yard.say(SaidOrder(tuple(yard.ids[n] for n in wanted)))) == wanted
    record = yard.say(SaidShown(yard.ids[wanted[0]], False))
    assert yard.shown(record) == wanted[1:]
    assert [one.reason.code for one in record.left_out] == ["person"]
    rerun(yard.store, yard.case.id, by="anna", why="weights")
    assert yard.shown(yard.run()) == wanted[1:]
    undo(yard.store, yard.case.id, by="anna")
    assert yard.shown(yard.run()) == wanted


def test_a_photo_that_was_left_out_is_shown_when_a_person_says_so(yard: Yard, tmp_path: Path) -> None:
    small = open_photo(write_car_photo(tmp_path / "small.jpg", seed=9, size=(240, 180)))
    sent = Sent(small.id, "small.jpg", str(tmp_path / "small.jpg"))
    case = receive(yard.store, Arrival((sent,), reference="volvo", place="")).case
    work(yard.store, yard.maker)
    before = read_record(yard.maker.folder(case) / DECISION)
    assert before and [one.reason.code for one in before.left_out][-1:] == ["too_small"]
    answer(yard.store, case.id, SaidShown(small.id, True), by="anna")
    work(yard.store, yard.maker)
    after = read_record(yard.maker.folder(case) / DECISION)
    assert after and small.id in [one.photo for one in after.shown]


class Papers:
    """A viewer that takes every photo for a document, and is sure."""

    def read(self, seen: Sequence[Photo]) -> list[ViewGuess]:
        shares = tuple(float(view is View.DOCUMENT) for view in VIEWS)
        return [ViewGuess(View.DOCUMENT, 1.0, 1.0, View.DOCUMENT, shares) for _ in seen]


def test_a_photo_stands_where_a_person_says_it_belongs(yard: Yard) -> None:
    usual = yard.shown(yard.run())
    last = yard.ids[usual[-1]]
    record = yard.say(SaidView(last, View.FRONT_QUARTER))
    assert record.shown[0].photo == last
    assert {one.sha256: one.view for one in photos(yard.store, yard.case.id)}[last] == View.FRONT_QUARTER
    record = yard.say(SaidView(last, View.DOCUMENT), SaidShown(last, True))
    assert last not in [one.photo for one in record.shown]
    assert [one.reason.code for one in record.left_out] == ["document"]
    for _ in range(3):
        undo(yard.store, yard.case.id, by="anna")
    assert yard.shown(yard.run()) == usual


def test_what_was_taken_for_papers_is_shown_once_a_person_says_what_it_is(yard: Yard) -> None:
    register = FakeRegister({"ABC123": "Volvo"})
    yard.maker.line = Kilpi(detector=yard.detector, reader=FakeReader(), register=register, viewer=Papers())
    rerun(yard.store, yard.case.id, by="anna", why="weights")
    assert yard.run().shown == ()
    assert [one.photo for one in yard.say(SaidView(yard.ids[1], View.SEATS)).shown] == [yard.ids[1]]


def test_a_crop_shows_that_part_with_its_cover(yard: Yard) -> None:
    record = yard.say(SaidCrop(yard.ids[0], Box(200, 400, 1000, 800)))
    name = next(one.name for one in record.shown if one.photo == yard.ids[0])
    picture = open_photo(yard.maker.folder(yard.case) / name)
    assert (picture.width, picture.height) == (800, 400)
    assert picture.pixels[60:260, 110:690].min() > 50  # nothing of the black plate is left


def test_an_added_cover_hides_what_is_there(yard: Yard) -> None:
    record = yard.say(SaidCover(yard.ids[0], SIGN, "private"))
    shown = next(one for one in record.shown if one.photo == yard.ids[0])
    picture = open_photo(yard.maker.folder(yard.case) / shown.name)
    assert picture.pixels[80:140, 90:330].std(axis=(0, 1)).max() < 8  # one grey
    assert SIGN in [Quad(*(Point(round(x), round(y)) for x, y in quad)) for quad in shown.covers]


def test_the_plate_stays_covered_whatever_is_said(yard: Yard) -> None:
    said = SaidUncovered(yard.ids[0], PLATE, "no_plate")
    with pytest.raises(CaseRefused, match="stays"):
        uncover(yard.store, yard.maker, yard.case, said, by="anna")
    assert combine(history(yard.store, yard.case.id)).pictures.wishes.uncovered == {}
    record = yard.say(said)  # by another way in: the run itself covers it all the same
    assert all(one.covers for one in record.shown)
    picture = open_photo(yard.maker.folder(yard.case) / record.shown[0].name)
    assert picture.pixels[460:660, 320:880].min() > 50


def test_a_readable_mark_that_is_not_the_cars_is_covered_again_and_said(store: Store, tmp_path: Path) -> None:
    """The sign's cover goes by a person's word, and the search of the finished picture finds it."""
    yard = Yard(store, tmp_path, ShadeReader(("ABC123", "DEF456")), sign=True)
    yard.say(SaidCover(yard.ids[0], SIGN, "plate"))
    yard.detector.boxes = (*yard.detector.boxes, DARK_SIGN)
    said = SaidUncovered(yard.ids[0], SIGN, "show_plate")
    with pytest.raises(CaseRefused, match="stays"):
        uncover(yard.store, yard.maker, yard.case, said, by="anna")
    record = yard.say(said)
    assert "stays_covered" in [note.code for note in record.notes]
    covers = [quad for one in record.shown if one.photo == yard.ids[0] for quad in one.covers]
    assert len(covers) == 2


def paint_sign(path: Path) -> None:
    """A sign nearly as dark as a plate, which ShadeReader tells from it."""
    pixels = np.array(Image.open(path))
    pixels[60:160, 60:360] = 10
    Image.fromarray(pixels).save(path, quality=92)


def test_a_false_cover_goes_with_name_and_reason(yard: Yard) -> None:
    yard.say(SaidCover(yard.ids[0], SIGN, "private"))
    said = SaidUncovered(yard.ids[0], SIGN, "no_plate")
    case = uncover(yard.store, yard.maker, yard.case, said, by="bertta", seen=yard.case.seq)
    event = history(yard.store, case.id)[-1]
    assert (event.by, event.data["what"], event.data["why"]) == ("bertta", "uncover", "no_plate")
    record = yard.run()
    assert [len(one.covers) for one in record.shown] == [1, 1, 1]
    assert "stays_covered" not in [note.code for note in record.notes]


def test_others_photos_are_none_of_its_own(yard: Yard) -> None:
    for said in (SaidOrder(("x",)), SaidShown("x", True), SaidCover("x", SIGN), SaidView("x", View.SIDE)):
        with pytest.raises(UsageError, match="sha256"):
            answer(yard.store, yard.case.id, said, by="anna")
    with pytest.raises(UsageError, match="sha256"):
        uncover(yard.store, yard.maker, yard.case, SaidUncovered("x", SIGN, "no_plate"), by="anna")


def test_labels_come_of_covers_and_not_of_order(yard: Yard) -> None:
    first, second, third = yard.ids
    yard.say(SaidOrder((second, first)), SaidShown(third, False), SaidView(first, View.SIDE))
    assert collect(yard.store).records == ()
    yard.say(SaidCover(first, SIGN, "plate"), SaidCover(third, SIGN, "private"))
    yard.say(SaidUncovered(second, PLATE, "no_plate"))
    found = {record.photo: record for record in collect(yard.store).records}
    assert set(found) == {first, second}
    assert SIGN in [plate.quad for plate in found[first].plates] and len(found[first].plates) == 2
    assert found[second].plates == ()
    assert found[second].by == "anna"


def test_the_last_word_on_a_place_stands(yard: Yard) -> None:
    photo = yard.ids[0]
    near = quad_from_box(Box(70, 65, 350, 170))
    answer(yard.store, yard.case.id, SaidCover(photo, SIGN), SaidUncovered(photo, near, "no_plate"), by="a")
    said = combine(history(yard.store, yard.case.id)).pictures
    assert (said.wishes.covers, said.wishes.uncovered, said.plates) == ({}, {photo: (near,)}, {})
    answer(yard.store, yard.case.id, SaidCover(photo, SIGN, "private"), by="a")
    said = combine(history(yard.store, yard.case.id)).pictures
    assert (said.wishes.covers, said.wishes.uncovered) == ({photo: (SIGN,)}, {})
    assert (said.plates, said.no_plates) == ({}, {})
    assert replace(said.wishes, covers={}) == type(said.wishes)()
