"""What a person is asked, and what a register says before the answer counts."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from tests.fakes import FakeDetector, ShadeReader, write_car_photo

from kilpi.cases import (
    Case,
    Maker,
    SaidFacts,
    SaidMark,
    SaidNoPlate,
    SaidNotThese,
    SaidVin,
    State,
    answer,
    find_one,
    history,
    photos,
    read_case,
    take_in,
    work,
)
from kilpi.cases.asking.preview import preview
from kilpi.cases.asking.questions import Question, question
from kilpi.geometry import quad_from_box
from kilpi.photos.intake import survey
from kilpi.pipeline import Kilpi
from kilpi.registers.file import FileRegister
from kilpi.store import Store
from kilpi.types import Box, DistanceReading, DistanceUnit, Mark, OdometerCheck, OdometerOutcome, Reason

REGISTER = """\
mark,country,make,model,first_registered,vin,colour,status
ABC-123,FI,Nissan,Leaf,2019-05-02,SJNFAAZE1U0000258,blue,in_use
DEF-456,FI,Nissan,Micra,2018-03-01,,red,in_use
XYZ-999,FI,Nissan,Sunny,1988-03-01,,red,scrapped
"""
FACTS = "price = 15900\nkm = 84500\n"


@dataclass
class CountingRegister:
    """A file's register that knows how often it was asked."""

    file: FileRegister
    asked: list[str] = field(default_factory=list)

    def look_up(self, mark: object) -> object:
        self.asked.append("mark")
        return self.file.look_up(mark)  # type: ignore[arg-type]

    def look_up_vin(self, vin: str) -> object:
        self.asked.append("vin")
        return self.file.look_up_vin(vin)


@dataclass
class Yard:
    """Two cars: `leaf`, whose plate is misread, and `micra`, which is known and lacks its price."""

    store: Store
    maker: Maker
    register: CountingRegister

    def ask(self, name: str) -> Question:
        return question(self.store, self.maker, self.case(name))

    def case(self, name: str) -> Case:
        return find_one(self.store, name)


@pytest.fixture
def yard(store: Store, tmp_path: Path) -> Yard:
    for number, name in enumerate(("leaf", "micra")):
        for i in range(2):
            write_car_photo(tmp_path / "yard" / name / f"{i}.jpg", seed=2 * number + i, shade=10 * number)
    (tmp_path / "yard" / "leaf" / "car.toml").write_text(FACTS)
    (tmp_path / "register.csv").write_text(REGISTER)
    register = CountingRegister(FileRegister.open(tmp_path / "register.csv"))
    line = Kilpi(
        detector=FakeDetector(),
        reader=ShadeReader(("ABC128", "DEF456")),
        register=register,  # type: ignore[arg-type]
        language="en",
    )
    maker = Maker(line, tmp_path / "out")
    cars = survey([tmp_path / "yard"]).cars
    for car in cars:
        maker.know(car)
    take_in(store, cars, "FI")
    work(store, maker, watch=maker.settle)
    register.asked.clear()
    return Yard(store, maker, register)


def test_a_question_has_the_plates_the_choices_and_the_doubts(yard: Yard) -> None:
    asked = yard.ask("leaf")
    assert asked.asks_who and asked.is_asked
    assert asked.choices[0].text == "ABC-128" and asked.choices[0].country == "FI"
    assert len(asked.choices) <= 5 and len(set(asked.choices)) == len(asked.choices)
    assert {plate.photo for plate in asked.plates} == {photo.sha256 for photo in asked.photos}
    assert asked.plates[0].frame == (1200, 900)
    assert [why.code for why in asked.doubts] == ["not_registered"]
    assert not asked.asks_price and not asked.asks_km, "car.toml has both"


def test_a_draft_asks_for_what_is_missing_only(yard: Yard) -> None:
    asked = yard.ask("micra")
    assert not asked.asks_who and asked.asks_price and asked.asks_km and asked.is_asked
    answer(yard.store, asked.case.id, SaidFacts(odometer_km=12000), by="a person")
    asked = yard.ask("micra")
    assert asked.asks_price and not asked.asks_km


def test_a_mark_that_no_register_knows_can_be_given_anew(yard: Yard) -> None:
    wrong = yard.ask("leaf").choices[0]
    answer(yard.store, yard.case("leaf").id, SaidMark(wrong.text, "FI"), by="a person", staff=True)
    work(yard.store, yard.maker, watch=yard.maker.settle)
    asked = yard.ask("leaf")
    assert asked.case.state is State.DRAFT and asked.lacks_car and asked.asks_who and asked.is_asked
    assert wrong.compact not in [mark.compact for mark in asked.choices]
    answer(yard.store, asked.case.id, SaidMark("ABC-123", "FI"), by="a person", staff=True, sure=True)
    work(yard.store, yard.maker, watch=yard.maker.settle)
    assert not yard.ask("leaf").lacks_car and yard.case("leaf").state is State.READY


def test_a_photo_that_does_not_belong_is_not_asked_about(yard: Yard) -> None:
    case = yard.case("leaf")
    first = photos(yard.store, case.id)[0].sha256
    answer(yard.store, case.id, SaidNotThese((first,)), by="a person")
    asked = yard.ask("leaf")
    assert first not in {photo.sha256 for photo in asked.photos}
    assert first not in {plate.photo for plate in asked.plates}


def test_the_registers_car_is_known_before_the_answer_counts(yard: Yard) -> None:
    asked = yard.ask("leaf")
    found = preview(yard.store, yard.maker, asked, SaidMark("abc 123", "FI"))
    assert found.vehicle is not None and found.vehicle.model == "Leaf"
    assert found.mark is not None and found.mark.text == "ABC-123"
    assert yard.register.asked == ["mark"], "one look-up"
    kinds = [event.kind for event in history(yard.store, asked.case.id)]
    assert "answered" not in kinds and yard.case("leaf") == asked.case, "nothing is written"


@pytest.mark.parametrize(
    ("said", "codes"),
    [
        (SaidMark("ABC-128", "FI"), ["not_registered"]),
        (SaidMark("ABC-123", "FI"), ["read_otherwise"]),
        (SaidMark("XYZ-999", "FI"), ["status_scrapped", "read_otherwise"]),
        (SaidVin("WVWZZZAUZJW000417"), ["not_registered"]),
    ],
)
def test_what_speaks_against_an_answer_is_told_before_it_counts(
    yard: Yard, said: SaidMark | SaidVin, codes: list[str]
) -> None:
    found = preview(yard.store, yard.maker, yard.ask("leaf"), said)
    assert not found.agrees and [why.code for why in found.doubts] == codes
    if codes == ["not_registered"]:
        assert (found.doubts[0].values.get("by") == "vin") is isinstance(said, SaidVin)


@pytest.mark.parametrize(
    ("shown", "row", "agrees"),
    [("ABC-123", None, True), ("ABC-128", "ABC123", True), ("ABC-128", None, False)],
)
def test_a_mark_that_was_typed_counts_by_itself_only_where_something_else_says_it(
    yard: Yard, monkeypatch: pytest.MonkeyPatch, shown: str, row: str | None, agrees: bool
) -> None:
    module = sys.modules[preview.__module__]
    monkeypatch.setattr(module, "read_alone", lambda events: None)  # nothing was surely read
    asked = yard.ask("leaf")
    asked = replace(
        asked,
        choices=(Mark(shown, "FI"),),
        offer=replace(asked.offer, mark=row),
        sightings=(),
    )
    found = preview(yard.store, yard.maker, asked, SaidMark("ABC-123", "FI"))
    assert found.agrees is agrees and found.vehicle is not None and found.doubts == ()


def test_a_mark_that_another_car_for_sale_has_is_told_before_it_counts(yard: Yard) -> None:
    found = preview(yard.store, yard.maker, yard.ask("leaf"), SaidMark("DEF-456", "FI"))
    assert "same_car_again" in [why.code for why in found.doubts]


def test_a_vin_finds_the_car_and_no_plate_asks_nobody(yard: Yard) -> None:
    asked = yard.ask("leaf")
    by_vin = preview(yard.store, yard.maker, asked, SaidVin("SJNFAAZE1U0000258"))
    assert by_vin.mark is not None and by_vin.mark.text == "ABC-123"
    assert by_vin.doubts == () and not by_vin.agrees, "typed, and nobody else says it: it waits for a yes"
    told = replace(asked, offer=replace(asked.offer, vin="SJNFAAZE1U0000258"))
    assert preview(yard.store, yard.maker, told, SaidVin("SJNFAAZE1U0000258")).agrees
    yard.register.asked.clear()
    none = preview(yard.store, yard.maker, asked, SaidNoPlate())
    assert none.vehicle is None and none.doubts == () and not none.agrees
    assert yard.register.asked == []


def test_the_answer_itself_comes_out_as_it_was_previewed(yard: Yard) -> None:
    asked = yard.ask("leaf")
    found = preview(yard.store, yard.maker, asked, SaidMark("ABC-123", "FI"))
    answer(yard.store, asked.case.id, SaidMark("ABC-123", "FI"), by="a person", seen=asked.seq, sure=True)
    work(yard.store, yard.maker, watch=yard.maker.settle)
    case = read_case(yard.store, asked.case.id)
    assert case.state == "ready" and case.mark is not None and found.mark is not None
    assert case.mark.text == found.mark.text


def test_the_mileage_on_the_instruments_is_proposed_or_asked_about(yard: Yard) -> None:
    asked = yard.ask("leaf")
    number = DistanceReading("x", quad_from_box(Box(0, 0, 9, 9)), 52_000, DistanceUnit.MILES)
    proposed = OdometerCheck(OdometerOutcome.NOT_SEEN, Reason("odometer_proposed", {}), number)
    unknown = replace(asked, odometer=proposed, offer=replace(asked.offer, odometer_km=None))
    assert unknown.asks_km and unknown.proposed_km == 83_686  # 52,000 miles of 1.609344 km
    differs = OdometerCheck(OdometerOutcome.CONTRADICTED, Reason("odometer_differs", {}), number)
    assert replace(asked, odometer=differs).asks_km
    said = replace(asked.offer, odometer_stands=True)
    assert not replace(asked, odometer=differs, offer=said).asks_km, "a person has said which is right"
