"""Every adapter against every fault of its rehearsal server."""

from __future__ import annotations

import logging

import pytest
from pydantic import SecretStr

from kilpi.config import Settings
from kilpi.errors import KilpiError, RegisterError, RegisterRefused
from kilpi.registers import ADAPTERS, open_adapter
from kilpi.registers.simulator.scenarios import KEY, PLAYS
from kilpi.registers.simulator.server import EXPECTED, Fault, rehearsal_settings, rehearse, serve
from kilpi.text import compact_mark
from kilpi.types import Mark, Vehicle


def ask(name: str, fault: Fault, mark: Mark | None = None) -> Vehicle:
    with serve(name, fault) as server:
        return open_adapter(name, rehearsal_settings(), origin=server.origin).look_up(
            mark or server.play.mark
        )


@pytest.mark.parametrize("fault", list(Fault))
@pytest.mark.parametrize("name", ADAPTERS)
def test_every_fault_ends_as_it_must(name: str, fault: Fault, caplog: pytest.LogCaptureFixture) -> None:
    expected = EXPECTED.get(fault, "RegisterUnavailable")
    mark = PLAYS[name].mark
    with caplog.at_level(logging.DEBUG):
        try:
            vehicle = ask(name, fault)
            outcome, message = "found", ""
            assert compact_mark(vehicle.mark.text) == compact_mark(mark.text)
        except RegisterError as error:
            outcome, message = error.kind, str(error)
            assert error.__cause__ is None and (error.__context__ is None or error.__suppress_context__)
    assert outcome == expected, message
    for secret in (mark.text, compact_mark(mark.text), KEY):
        assert secret not in message
        assert secret not in caplog.text


@pytest.mark.parametrize("name", ADAPTERS)
def test_nothing_personal_reaches_the_vehicle(name: str) -> None:
    vehicle = ask(name, Fault.NONE)
    assert "LEAK" not in repr(vehicle) + repr(vehicle.raw)


@pytest.mark.parametrize("fault", [Fault.LATIN_1, Fault.MOJIBAKE])
@pytest.mark.parametrize("name", ADAPTERS)
def test_letters_survive_wrong_encodings(name: str, fault: Fault) -> None:
    right, other = ask(name, Fault.NONE), ask(name, fault)
    assert (other.make, other.colour, other.variant) == (right.make, right.colour, right.variant)


@pytest.mark.parametrize("name", ADAPTERS)
def test_unknown_marks_are_not_registered(name: str) -> None:
    known = PLAYS[name].mark
    other = Mark(known.text[:-1] + ("3" if known.text[-1].isdigit() else "Q"), known.country)
    with pytest.raises(RegisterError) as caught:
        ask(name, Fault.NONE, other)
    assert caught.value.kind == "NotRegistered"


@pytest.mark.parametrize("name", ADAPTERS)
def test_marks_that_a_provider_cannot_know_cost_no_request(name: str) -> None:
    own = PLAYS[name].mark
    for mark in (
        Mark(own.text, "XX"),
        Mark(own.text, own.country, identifies_car=False),
        Mark("A", own.country),
    ):
        with serve(name) as server:
            register = open_adapter(name, rehearsal_settings(), origin=server.origin)
            with pytest.raises(RegisterRefused):
                register.look_up(mark)
            assert server.requests == 0


@pytest.mark.parametrize("name", [name for name in ADAPTERS if name != "rdw"])
def test_a_missing_key_is_told_by_its_variable(name: str) -> None:
    empty = {field: SecretStr("") for field in Settings.model_fields if field.endswith(("_key", "_password"))}
    bare = rehearsal_settings(**empty)
    with pytest.raises(KilpiError, match="KILPI_") as caught:
        open_adapter(name, bare)
    assert KEY not in str(caught.value)


def test_wrong_key_is_refused() -> None:
    settings = rehearsal_settings(svv_key=SecretStr("wrong"))
    with serve("svv") as server, pytest.raises(RegisterRefused, match="403") as caught:
        open_adapter("svv", settings, origin=server.origin).look_up(server.play.mark)
    assert "wrong" not in str(caught.value)


def test_rehearse_reports_every_pair() -> None:
    told = rehearse(("svv",))
    assert [r.fault for r in told] == list(Fault)
    assert all(r.passed for r in told)


def test_http_is_refused_but_to_the_loopback() -> None:
    register = open_adapter("svv", rehearsal_settings(), origin="http://register.example")
    with pytest.raises(KilpiError, match="not https"):
        register.look_up(PLAYS["svv"].mark)
