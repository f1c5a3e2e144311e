"""Another model of the same make in the dealer's row, by names that are known."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from kilpi.types import Mark, Offer, Vehicle
from kilpi.vehicle.crosscheck import against
from kilpi.vehicle.models import other_model


def of_register(make: str, model: str, trade_name: str | None = None) -> Vehicle:
    return Vehicle(Mark("ABC-123", "FI"), "test", datetime(2026, 11, 30, tzinfo=UTC), make, model, trade_name)


@pytest.mark.parametrize(
    ("make", "registered", "dealers"),
    [
        ("VOLKSWAGEN", "5D GOLF 1.5 TSI", "Passat Variant"),
        ("Volkswagen, VW", "T-ROC", "Tiguan"),
        ("BMW", "X3 XDRIVE20D", "X5"),
        ("BMW", "318I", "520d xDrive"),
        ("BMW", "5ER REIHE", "320d"),
        ("MERCEDES-BENZ", "C 180", "E 220 CDI"),
        ("Mercedes-Benz", "GLE 350 D", "GLC"),
        ("VOLVO", "V70 2.4D-BW/274", "V60 D4"),
        ("TESLA", "MODEL 3", "Model S"),
        ("AUDI", "A4 AVANT", "RS6"),
        ("PEUGEOT", "308", "3008"),
        ("KIA", "CEE'D", "Rio"),
        ("ŠKODA", "OCTAVIA", "Fabia"),
        ("HONDA", "CR-V", "HR-V"),
        ("TOYOTA", "COROLLA", "Avensis"),
    ],
)
def test_another_model_is_found(make: str, registered: str, dealers: str) -> None:
    assert other_model(of_register(make, registered), Offer(model=dealers))
    assert other_model(of_register(make, "?", registered), Offer(model=dealers))


@pytest.mark.parametrize(
    ("make", "registered", "dealers"),
    [
        ("VOLKSWAGEN", "5D GOLF", "Golf Variant"),
        ("VOLKSWAGEN", "1K", "Golf"),  # a type code
        ("VOLKSWAGEN", "TRANSPORTER", "Caravelle 2.0"),
        ("BMW", "320D", "3-sarja Touring"),
        ("BMW", "320D", "Touring 190 hv"),
        ("BMW", "5ER REIHE", "520d"),
        ("MERCEDES-BENZ", "E 220 D", "E-sarja farmari"),
        ("MERCEDES-BENZ", "GLC 220 D 4MATIC", "GLC"),
        ("VOLVO", "XC 60", "XC60 D4 AWD"),
        ("VOLVO", "V70 XC", "XC70"),
        ("FORD", "FOCUS C-MAX", "C-Max"),
        ("FORD", "TRANSIT CUSTOM", "Tourneo Custom"),
        ("AUDI", "SQ5", "Q5"),
        ("AUDI", "RS6", "A6"),
        ("KIA", "CEE'D", "Ceed SW"),
        ("TOYOTA", "COROLLA VERSO", "Verso"),
        ("TOYOTA", "RAV 4", "RAV4 Hybrid"),
        ("LAND ROVER", "DISCOVERY SPORT", "Discovery Sport"),
        ("NISSAN", "QASHQAI+2", "Qashqai +2"),
        ("CITROËN", "C4 CACTUS", "C4"),
        ("Zastava", "YUGO", "Golf"),
    ],
)
def test_what_may_be_the_same_model_or_is_not_known_contradicts_nothing(
    make: str, registered: str, dealers: str
) -> None:
    assert not other_model(of_register(make, registered), Offer(model=dealers))


def test_the_reason_has_both_names_and_another_make_is_told_once() -> None:
    golf = of_register("VOLKSWAGEN", "5D GOLF 1.5 TSI", "Golf")
    (reason,) = against(golf, None, Offer(make="VW", model="Passat"))
    assert (reason.code, reason.values) == ("contradiction_model", {"registered": "Golf", "dealer": "Passat"})
    (reason,) = against(golf, None, Offer(make="Skoda", model="Passat"))
    assert reason.code == "contradiction_make"
    assert not against(golf, None, Offer(make="VW"))
