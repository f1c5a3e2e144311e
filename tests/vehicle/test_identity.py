"""Plate, register, row and VIN together: who is asked, what is kept, what a contradiction does."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from tests.decision.test_verifier import plate
from tests.fakes import FakeRegister

from kilpi.adverts.wording import load_wording
from kilpi.errors import NotRegistered, RegisterError, RegisterUnavailable
from kilpi.registers.cache import CachedRegister, KeptAnswers
from kilpi.registers.chain import ChainRegister, Link
from kilpi.registers.file import FileRegister
from kilpi.types import Decision, Mark, Offer, Reason, Vehicle, Verdict
from kilpi.vehicle.identity import Identifier

MARK, VIN = Mark("ABC-123", "FI", "ordinary"), "WVWZZZAUZJW000417"
GOLF = Vehicle(
    MARK, "test", datetime(2026, 1, 1, tzinfo=UTC), make="VW", vin=VIN, first_registered=date(2018, 5, 1)
)
FITTING = Offer(make="Volkswagen", year=2018, vin=VIN)
ACCEPTED = Decision(Verdict.ACCEPTED, MARK, 0.99, (Reason("sure_enough", {"p": 0.99}),))
UNSURE = Decision(Verdict.REVIEW, MARK, 0.93, (Reason("not_sure_enough", {"p": 0.93, "threshold": 0.96}),))
BARE = Decision(Verdict.NO_PLATE, None, None, (Reason("no_plate"),))


@dataclass
class Register:
    """One car by mark and by VIN, or an error; remembers who was asked for and forgotten."""

    car: Vehicle = GOLF
    error: RegisterError | None = None
    asked: list[str] = field(default_factory=list)
    forgotten: list[Mark] = field(default_factory=list)

    def look_up(self, mark: Mark) -> Vehicle:
        return self.answer(mark.compact)

    def look_up_vin(self, vin: str) -> Vehicle:
        return self.answer(vin)

    def answer(self, asked: str) -> Vehicle:
        self.asked.append(asked)
        if self.error:
            raise self.error
        return self.car

    def forget(self, mark: Mark) -> None:
        self.forgotten.append(mark)


def codes(decision: Decision) -> list[str]:
    return [reason.code for reason in decision.reasons]


def test_an_accepted_mark_is_asked_for_as_ever() -> None:
    register = Register()
    found = Identifier(register, least=0.96).identify(ACCEPTED, (), FITTING)
    assert (found.vehicle, found.decision, found.in_vain) == (GOLF, ACCEPTED, False)
    assert not register.forgotten


def test_fitting_ties_lift_an_unsure_read_and_its_vehicle_is_kept() -> None:
    register = Register()
    found = Identifier(register, least=0.96).identify(UNSURE, (), FITTING)
    assert found.decision.verdict is Verdict.ACCEPTED and codes(found.decision) == ["ties_fit"]
    assert found.vehicle == GOLF and register.asked == ["ABC123"] and not register.forgotten


def test_where_no_tie_could_suffice_nobody_is_asked() -> None:
    register = Register()
    for offer in (Offer(), Offer(year=2018)):
        found = Identifier(register, least=0.97).identify(UNSURE, (), offer)
        assert (found.decision, found.vehicle, register.asked) == (UNSURE, None, [])


@pytest.mark.parametrize(("lookups", "least"), [(0, 0.96), (1, None)])
def test_none_allowed_or_no_measured_p_asks_for_nothing_unsure(lookups: int, least: float | None) -> None:
    register = Register()
    found = Identifier(register, lookups, least).identify(UNSURE, (), FITTING)
    assert found.decision == UNSURE and not register.asked


def test_a_contradiction_stays_in_review_with_both_values_and_nothing_is_kept() -> None:
    register = Register()
    found = Identifier(register, least=0.96).identify(UNSURE, (), Offer(make="Volvo", year=2018, vin=VIN))
    assert found.decision.verdict is Verdict.REVIEW and found.vehicle is None and found.in_vain
    assert codes(found.decision) == ["not_sure_enough", "contradiction_make"]
    assert register.forgotten == [MARK]


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (NotRegistered("x"), "not_registered"),
        (RegisterUnavailable("x"), "register_unavailable"),
        (RegisterUnavailable("x", lasting=True), "register_doubtful"),
    ],
)
def test_an_unsure_mark_without_an_answer_stays_unsure(error: RegisterError, code: str) -> None:
    register = Register(error=error)
    found = Identifier(register, least=0.96).identify(UNSURE, (), FITTING)
    assert codes(found.decision) == ["not_sure_enough", code]
    assert found.in_vain and register.forgotten == [MARK]


def test_a_doubted_country_is_settled_by_the_vin_in_its_own_register_alone() -> None:
    foreign = Decision(Verdict.REVIEW, MARK, 0.99, (Reason("country_unsure", {"countries": ["FI", "SE"]}),))
    register = Register()
    for offer in (Offer(mark="ABC123"), Offer(mark="ABC123", make="VW", year=2018)):
        assert Identifier(register, least=0.96).identify(foreign, (), offer).decision == foreign
    assert not register.asked, "nothing that could suffice is known"
    found = Identifier(register, least=0.96).identify(foreign, (), Offer(vin=VIN))
    assert codes(found.decision) == ["ties_fit"] and found.vehicle == GOLF
    other = Identifier(register, least=0.96).identify(foreign, (), Offer(vin=VIN[:-1] + "8"))
    assert other.decision.verdict is Verdict.REVIEW and other.vehicle is None
    assert register.forgotten == [MARK]


def test_the_rows_own_mark_lifts_by_itself_and_the_register_is_then_asked_as_ever() -> None:
    register = Register()
    alone = Identifier(None, least=0.96).identify(UNSURE, (), Offer(mark="ABC123"))
    assert alone.decision.verdict is Verdict.ACCEPTED and alone.vehicle is None
    found = Identifier(register, least=0.96).identify(UNSURE, (), Offer(mark="ABC123", make="Volvo"))
    assert found.decision.verdict is Verdict.REVIEW
    assert codes(found.decision) == ["ties_fit", "contradiction_make"]
    assert found.vehicle is None and found.in_vain and register.forgotten == [MARK]


def test_a_row_with_another_mark_goes_to_a_person_and_nobody_is_asked() -> None:
    register = Register()
    for decision in (ACCEPTED, UNSURE):
        found = Identifier(register, least=0.96).identify(decision, (), Offer(mark="ABC128"))
        assert found.decision.verdict is Verdict.REVIEW and not register.asked
        told = found.decision.reasons[-1]
        assert told == Reason("contradiction_mark", {"read": "ABC-123", "dealer": "ABC128"})


def test_another_year_or_vin_than_the_registers_goes_to_a_person() -> None:
    for offer, code in (
        (Offer(year=2013), "contradiction_year"),
        (Offer(vin=VIN[:-1] + "8"), "contradiction_vin"),
    ):
        found = Identifier(Register(), least=0.96).identify(ACCEPTED, (), offer)
        assert found.decision.verdict is Verdict.REVIEW and codes(found.decision)[-1] == code
        assert code not in load_wording("fi").reason(found.decision.reasons[-1])


@pytest.mark.parametrize("code", ["no_plate", "trade_plate", "unreadable"])
def test_a_car_without_a_plate_of_its_own_is_found_by_its_vin(code: str) -> None:
    bare = Decision(Verdict.REVIEW, None, None, (Reason(code),))
    register = Register()
    found = Identifier(register).identify(bare, (), FITTING)
    assert register.asked == [VIN] and found.vehicle == GOLF
    assert (found.decision.verdict, found.decision.mark) == (Verdict.ACCEPTED, MARK)
    assert codes(found.decision) == ["identified_by_vin"]


def test_a_vin_whose_car_contradicts_the_row_goes_to_a_person() -> None:
    for offer, code in (
        (Offer(vin=VIN, make="Volvo"), "contradiction_make"),
        (Offer(vin=VIN, mark="XYZ987"), "contradiction_mark"),
    ):
        found = Identifier(Register()).identify(BARE, (), offer)
        assert found.vehicle is None and codes(found.decision) == ["no_plate", code]


def test_a_plate_that_was_read_is_not_passed_over_for_a_vin_that_says_otherwise() -> None:
    other = Mark("XYZ-987", "FI", "ordinary")
    read = Decision(Verdict.REVIEW, other, 0.9, (Reason("unreadable", {"photos": 1}),))
    found = Identifier(Register()).identify(read, (), FITTING)
    assert found.vehicle is None and codes(found.decision) == ["unreadable", "contradiction_mark"]


def test_a_vin_of_another_car_than_a_plate_beside_the_trade_plate_goes_to_a_person() -> None:
    trade = Mark("KOE 1207", "FI", "trade", identifies_car=False)
    seen = Reason("marks_differ", {"marks": ["KOE 1207", "NVE-390"]})
    moved = Decision(Verdict.REVIEW, trade, 0.9, (Reason("trade_plate"), seen))
    found = Identifier(Register()).identify(moved, (), FITTING)
    assert found.vehicle is None
    assert found.decision.reasons[-1] == Reason(
        "contradiction_mark", {"read": "NVE-390", "dealer": "ABC-123"}
    )
    own = replace(seen, values={"marks": ["KOE 1207", "ABC-123"]})
    fits = replace(moved, reasons=(Reason("trade_plate"), own))
    assert Identifier(Register()).identify(fits, (), FITTING).vehicle == GOLF


@pytest.mark.parametrize("stand_in", ["0" * 17, "X" * 17, "12345678901234567", "WVWZZZ00000000000"])
def test_what_lists_have_in_a_vins_place_ties_nothing(stand_in: str) -> None:
    register = Register(car=replace(GOLF, vin=stand_in))
    unsure = replace(UNSURE, reasons=(Reason("maybe_covered", {"place": 1}),))
    found = Identifier(register, least=0.96).identify(unsure, (), Offer(vin=stand_in))
    assert found.decision.verdict is Verdict.REVIEW and found.vehicle is None


def test_a_register_without_countries_does_not_settle_which_it_is(tmp_path: Path) -> None:
    foreign = Decision(Verdict.REVIEW, MARK, 0.99, (Reason("country_unsure", {"countries": ["FI", "SE"]}),))
    for column, value, verdict in (
        ("", "", Verdict.REVIEW),
        (";country", ";FI", Verdict.ACCEPTED),
        (";country", ";SE", Verdict.REVIEW),
    ):
        path = tmp_path / "cars.csv"
        path.write_text(f"mark;make;vin{column}\nABC-123;VW;{VIN}{value}\n")
        found = Identifier(FileRegister.open(path), least=0.96).identify(foreign, (), Offer(vin=VIN))
        assert found.decision.verdict is verdict, (column, value)


def test_photos_of_another_car_than_the_vins_are_left_out() -> None:
    plates = (*(plate(photo, "ABC123") for photo in "ab"), plate("c", "XZ377"))
    said = Decision(Verdict.ACCEPTED, None, None, (Reason("answered_vin"),), plates)
    found = Identifier(Register()).identify(said, (), FITTING, confirmed=True)
    assert found.decision.mark == MARK and found.decision.strangers == ("c",)
    unknown = Identifier(Register(error=NotRegistered("x"))).identify(said, (), FITTING, confirmed=True)
    assert unknown.decision.strangers == (), "whose photos they are nobody knows then"


def test_without_a_vin_or_a_register_that_takes_them_there_is_no_plate() -> None:
    for register, offer in ((Register(), Offer()), (FakeRegister({}), FITTING), (None, FITTING)):
        assert Identifier(register).identify(BARE, (), offer).decision == BARE
    assert Identifier(Register(), lookups=0).identify(BARE, (), FITTING).decision == BARE
    failed = Identifier(Register(error=NotRegistered("x"))).identify(BARE, (), FITTING)
    assert codes(failed.decision) == ["no_plate", "not_registered"]
    assert failed.decision.reasons[-1].values == {"by": "vin"}, "a VIN was asked for, not a number"


def test_an_answer_asked_for_in_vain_is_not_among_the_kept_ones(tmp_path: Path) -> None:
    answers = KeptAnswers(tmp_path / "kept.sqlite")
    kept = ChainRegister([Link(CachedRegister(Register(), "one", answers))], "FI")
    Identifier(kept, least=0.96).identify(UNSURE, (), Offer(make="Volvo", year=2018, vin=VIN))
    assert answers.get("one", MARK, 0.0) == (False, None)
    Identifier(kept, least=0.96).identify(UNSURE, (), FITTING)
    assert answers.get("one", MARK, 0.0) == (True, GOLF)
