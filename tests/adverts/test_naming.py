from __future__ import annotations

from datetime import UTC, datetime

import pytest

from kilpi.adverts.naming import name_parts, spell_make, vehicle_name
from kilpi.types import Mark, Offer, Vehicle


def vehicle(
    make: str | None, model: str | None, trade: str | None = None, variant: str | None = None
) -> Vehicle:
    mark = Mark("ABC-123", "FI", "ordinary")
    now = datetime(2026, 1, 1, tzinfo=UTC)
    return Vehicle(mark, "test", now, make=make, model=model, trade_name=trade, variant=variant)


@pytest.mark.parametrize(
    ("given", "name"),
    [
        (vehicle("NISSAN", "LEAF", "LEAF", "TEKNA"), "Nissan Leaf Tekna"),
        (vehicle("NISSAN", "LEAF", None, "AZE0"), "Nissan Leaf"),
        (vehicle("BMW", "320D"), "BMW 320D"),
        (vehicle("SKODA", "KODIAQ"), "Škoda Kodiaq"),
        (vehicle("MERCEDES-BENZ", "C 220 D"), "Mercedes-Benz C 220 D"),
        (vehicle("TOYOTA", "TOYOTA C-HR"), "Toyota C-HR"),
        (vehicle("TOYOTA", "COROLLA", "COROLLA TOURING SPORTS"), "Toyota Corolla Touring Sports"),
        (vehicle("VOLKSWAGEN", None, "GOLF GTI"), "Volkswagen Golf GTI"),
        (vehicle("VOLKSWAGEN", "5D GOLF 1.5 TSI", "GOLF"), "Volkswagen Golf 1.5 TSI"),
        (vehicle("TOYOTA", "4D COROLLA SEDAN 1.6-NRE180L-DEFNKW/255", "COROLLA"), "Toyota Corolla Sedan 1.6"),
        (vehicle("NISSAN", "LEAF 40 KWH", "Leaf"), "Nissan Leaf 40 kWh"),
        (vehicle("NISSAN", "QASHQAI 1.3 DIG-T", "Qashqai"), "Nissan Qashqai 1.3 DIG-T"),
        (vehicle("KORAVENTO", "X"), "Koravento X"),
        (vehicle("KIA", "cee'd"), "Kia cee'd"),
    ],
)
def test_names(given: Vehicle, name: str) -> None:
    assert vehicle_name(given, Offer()) == name


def test_nothing_is_invented() -> None:
    assert vehicle_name(None, Offer()) == ""
    assert vehicle_name(None, Offer(make="VOLVO")) == "Volvo"
    assert vehicle_name(vehicle(None, "LEAF"), Offer()) == ""


def test_parts_and_makes() -> None:
    assert name_parts(vehicle("NISSAN", "LEAF", None, "TEKNA"), Offer()) == ("Nissan", "Leaf", "Tekna")
    assert spell_make("  citroen ") == "Citroën"
