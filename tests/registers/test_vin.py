"""Look-ups by chassis number: every provider that takes one, files, chains, and what may not be mixed up."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from kilpi.cli import app
from kilpi.errors import NotRegistered, RegisterError, RegisterRefused, RegisterUnavailable
from kilpi.ports import VinRegister
from kilpi.registers import ADAPTERS, open_adapter
from kilpi.registers.cache import CachedRegister, KeptAnswers
from kilpi.registers.chain import ChainRegister, Link
from kilpi.registers.file import FileRegister
from kilpi.registers.simulator.scenarios import KEY, PLAYS
from kilpi.registers.simulator.server import EXPECTED, Fault, rehearsal_settings, serve
from kilpi.types import Mark, Vehicle

TAKES_VINS = [name for name in ADAPTERS if PLAYS[name].vin]
VIN = "WVWZZZAUZJW000417"
CAR = Vehicle(Mark("ABC-123", "FI"), "test", datetime(2026, 1, 1, tzinfo=UTC), vin=VIN)


def ask(name: str, fault: Fault = Fault.NONE, vin: str = "") -> Vehicle:
    with serve(name, fault) as server:
        register = open_adapter(name, rehearsal_settings(), origin=server.origin)
        assert isinstance(register, VinRegister)
        return register.look_up_vin(vin or server.play.vin)


def test_the_providers_that_take_vins() -> None:
    assert set(TAKES_VINS) >= {"traficom", "svv", "motorapi", "nrplade", "biluppgifter"}


@pytest.mark.parametrize("name", TAKES_VINS)
def test_a_vin_gives_the_same_car_as_its_mark(name: str) -> None:
    with serve(name) as server:
        register = open_adapter(name, rehearsal_settings(), origin=server.origin)
        assert isinstance(register, VinRegister)
        by_mark, by_vin = register.look_up(server.play.mark), register.look_up_vin(server.play.vin)
    assert (by_vin.mark.compact, by_vin.mark.country) == (by_mark.mark.compact, by_mark.mark.country)
    assert (by_vin.vin, by_vin.make, by_vin.colour) == (by_mark.vin, by_mark.make, by_mark.colour)


@pytest.mark.parametrize("fault", list(Fault))
@pytest.mark.parametrize("name", TAKES_VINS)
def test_every_fault_ends_as_it_must(name: str, fault: Fault, caplog: pytest.LogCaptureFixture) -> None:
    if fault is Fault.SLOW and name != "svv":
        pytest.skip("takes its time, and is the client's in every adapter")
    outcome, message = "found", ""
    with caplog.at_level(logging.DEBUG):
        try:
            ask(name, fault)
        except RegisterError as error:
            outcome, message = error.kind, str(error)
    assert outcome == EXPECTED.get(fault, "RegisterUnavailable"), message
    for secret in (PLAYS[name].vin, PLAYS[name].mark.text, KEY):
        assert secret not in message and secret not in caplog.text


@pytest.mark.parametrize("name", TAKES_VINS)
def test_another_vin_is_not_registered_and_what_is_none_costs_nothing(name: str) -> None:
    with pytest.raises(NotRegistered, match="VIN"):
        ask(name, vin=VIN)
    for wrong in ("", VIN[:-1], VIN[:-1] + "O"):
        with serve(name) as server:
            register = open_adapter(name, rehearsal_settings(), origin=server.origin)
            assert isinstance(register, VinRegister)
            with pytest.raises(RegisterRefused, match="17"):
                register.look_up_vin(wrong)
            assert server.requests == 0


def test_a_provider_without_vins_refuses() -> None:
    with pytest.raises(RegisterRefused, match="takes no VIN"):
        ask("dvla", vin=VIN)


def test_a_file_is_asked_by_its_vin_column(tmp_path: Path) -> None:
    path = tmp_path / "cars.csv"
    path.write_text(f"mark;valmistenumero;make\nABC-123;{VIN.lower()};VW\nABC-124;WVWZZZAUZJW000418;Seat\n")
    register = FileRegister.open(path)
    assert register.look_up_vin(VIN).mark.text == "ABC-123"
    with pytest.raises(NotRegistered):
        register.look_up_vin("WVWZZZAUZJW000419")


def test_a_vin_that_two_rows_have_names_no_car(tmp_path: Path) -> None:
    path = tmp_path / "cars.csv"
    path.write_text(f"mark;vin\nABC-123;{VIN}\nABC-124;{VIN}\n")
    with pytest.raises(RegisterUnavailable):
        FileRegister.open(path).look_up_vin(VIN)


class One:
    """Answers with one car or an error."""

    def __init__(self, answer: Vehicle | RegisterError) -> None:
        self.answer = answer

    def look_up(self, mark: Mark) -> Vehicle:
        if isinstance(self.answer, RegisterError):
            raise self.answer
        return self.answer

    def look_up_vin(self, vin: str) -> Vehicle:
        return self.look_up(CAR.mark)


class ByMarkOnly:
    def look_up(self, mark: Mark) -> Vehicle:
        raise AssertionError("not asked for marks here")


def test_a_chain_asks_on_until_a_register_knows_the_vin() -> None:
    links = [Link(ByMarkOnly()), Link(One(NotRegistered("no")), ("SE",), authoritative=True), Link(One(CAR))]
    assert ChainRegister(links, "FI").look_up_vin(VIN) == CAR
    with pytest.raises(RegisterUnavailable):
        ChainRegister([Link(One(RegisterUnavailable("no"))), links[1]], "FI").look_up_vin(VIN)
    with pytest.raises(RegisterRefused, match="VIN"):
        ChainRegister(links[:1], "FI").look_up_vin(VIN)


def test_answers_are_forgotten_through_the_chain_and_vins_are_never_kept(tmp_path: Path) -> None:
    answers = KeptAnswers(tmp_path / "kept.sqlite")
    chain = ChainRegister([Link(CachedRegister(One(CAR), "one", answers))], "FI")
    chain.look_up_vin(VIN)
    assert answers.get("one", CAR.mark, 0.0) == (False, None)
    chain.look_up(CAR.mark)
    assert answers.get("one", CAR.mark, 0.0)[0]
    chain.forget(CAR.mark)
    assert answers.get("one", CAR.mark, 0.0) == (False, None)


def test_look_up_by_vin_on_the_command_line(tmp_path: Path) -> None:
    path = tmp_path / "cars.csv"
    path.write_text(f"mark;country;vin;make\nABC-123;FI;{VIN};VW\n")
    runner = CliRunner()
    for arguments, typed in ((["--vin", VIN], None), (["--vin", "-"], VIN + "\n")):
        told = runner.invoke(app, ["look-up", *arguments, "--register", str(path), "--json"], input=typed)
        assert told.exit_code == 0
        found = json.loads(told.stdout)
        assert (found["mark"], found["country"], found["vehicle"]["make"]) == ("ABC-123", "FI", "VW")
    for arguments in ([], ["ABC-123", "--vin", VIN]):
        assert runner.invoke(app, ["look-up", *arguments, "--register", str(path)]).exit_code != 0
