from __future__ import annotations

import json

import pytest
from pydantic import SecretStr

from kilpi.errors import NotRegistered, RegisterUnavailable
from kilpi.registers.client import Client, Reply
from kilpi.registers.limits import DailyBudget
from kilpi.registers.provider import provider
from kilpi.registers.rdw import RdwRegister
from kilpi.types import Mark, Vehicle

MARK = Mark("XX-000-X", "NL")
CAR = {"kenteken": "XX000X", "merk": "TESLA", "eerste_kleur": "N.v.t.", "export_indicator": "Ja"}


def look_up(vehicles: object, fuels: object) -> Vehicle:
    class Canned(Client):
        def send(self, method: str, url: str, headers=None, query=None, body=None) -> Reply:  # type: ignore[no-untyped-def]
            assert query == {"kenteken": "XX000X"}
            return Reply(200, json.dumps(vehicles if "m9d7" in url else fuels).encode())

    client = Canned("rdw", DailyBudget("rdw", None))
    return RdwRegister(provider("rdw"), client, SecretStr("")).look_up(MARK)


@pytest.mark.parametrize(
    ("vehicles", "lasting"), [([CAR, CAR], True), ([{**CAR, "kenteken": "YY111Y"}], True), ("?", False)]
)
def test_a_whole_reply_that_cannot_be_used_will_be_so_again(vehicles: object, lasting: bool) -> None:
    with pytest.raises(RegisterUnavailable) as told:
        look_up(vehicles, [])
    assert told.value.lasting == lasting


def test_an_electric_car() -> None:
    fuel = {
        "kenteken": "XX000X",
        "brandstof_omschrijving": "Elektriciteit",
        "netto_max_vermogen_elektrisch": "220.00",
    }
    car = look_up([CAR], [fuel])
    assert (car.fuels, car.power_kw, car.colour, car.status) == (("electricity",), 220.0, None, "exported")
    assert "colour" not in car.raw, "N.v.t. says that there is none"


def test_wltp_wins_over_nedc() -> None:
    fuel = {"kenteken": "XX000X", "emissie_co2_gecombineerd_wltp": "130", "co2_uitstoot_gecombineerd": "110"}
    car = look_up([CAR], [fuel])
    assert (car.co2_g_km, car.co2_cycle) == (130.0, "WLTP")


def test_no_fuel_rows_is_a_car_without_fuel() -> None:
    assert look_up([CAR], []).fuels == ()


def test_fuel_rows_of_another_car_are_refused() -> None:
    with pytest.raises(RegisterUnavailable, match="another car"):
        look_up([CAR], [{"kenteken": "XX000Y", "brandstof_omschrijving": "Diesel"}])


def test_none() -> None:
    with pytest.raises(NotRegistered):
        look_up([], [])


@pytest.mark.parametrize("vehicles", [{}, "no", [1], [CAR, CAR], None])
def test_other_shapes_are_malformed(vehicles: object) -> None:
    with pytest.raises(RegisterUnavailable, match="malformed"):
        look_up(vehicles, [])


@pytest.mark.parametrize(
    ("verdict", "recall", "told"),
    [
        ("Onlogisch", "Nee", ("illogical mileage",)),
        ("Logisch", "Nee", ()),
        ("Geen oordeel", "Ja", ("open recall",)),
    ],
)
def test_mileages_that_went_down_are_a_restriction(verdict: str, recall: str, told: tuple[str, ...]) -> None:
    said = {"tellerstandoordeel": verdict, "openstaande_terugroepactie_indicator": recall}
    assert look_up([{**CAR, **said}], []).restrictions == told
