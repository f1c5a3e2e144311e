"""Texts beside a case: what a later one does not speak of stays, and what it says goes first."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

from kilpi.adverts.dealer_stock import load_offer
from kilpi.cases import Beside
from kilpi.types import Offer

CASE = "018f-ab12"


def told(beside: Beside, *texts: str) -> Offer:
    """Of mails that came one after the other."""
    for number, text in enumerate(texts):
        assert beside.put(CASE, {f"mail-{number}.txt": text.encode()})
    return load_offer("golf", notes=beside.texts(CASE))[0]


def test_a_second_mail_takes_nothing_away(tmp_path: Path) -> None:
    offer = told(Beside(tmp_path), "Hinta 14 900 €, ajettu 81 000 km", "Tässä vielä yksi kuva. Terv. Pekka")
    assert (offer.price, offer.odometer_km) == (Decimal(14900), 81_000)


def test_the_newest_price_counts_and_the_mileage_stays(tmp_path: Path) -> None:
    offer = told(Beside(tmp_path), "Hinta 14 900 €, ajettu 81 000 km", "Hinta 13 900 €", "Hinta 13 500 €")
    assert (offer.price, offer.odometer_km) == (Decimal(13500), 81_000)


def test_a_newer_mail_that_is_not_clear_leaves_no_older_price(tmp_path: Path) -> None:
    offer = told(Beside(tmp_path), "Hinta 14 900 €, 81 000 km", "Hinta 13 900 € tai hinta 12 900 €")
    assert offer.price is None and offer.odometer_km == 81_000
    assert [name for name, _ in offer.unclear] == ["price"]


def test_an_amount_of_something_else_leaves_the_older_price(tmp_path: Path) -> None:
    assert told(Beside(tmp_path), "Hinta 14 900 €", "Rahoitus 199 €/kk").price == Decimal(14900)


def test_a_mail_that_is_read_again_changes_nothing(tmp_path: Path) -> None:
    beside = Beside(tmp_path)
    told(beside, "Hinta 14 900 €", "Hinta 13 900 €")
    assert not beside.put(CASE, {"mail-0.txt": "Hinta 14 900 €".encode()})  # after a kill
    assert load_offer("golf", notes=beside.texts(CASE))[0].price == Decimal(13900)


def test_a_file_of_the_same_name_replaces_the_former_and_goes_first(tmp_path: Path) -> None:
    beside = Beside(tmp_path)
    beside.put(CASE, {"car.toml": b"", "info.txt": b"Hinta 14 900", "1.txt": b"Hinta 9 900"})
    beside.put(CASE, {"car.toml": b"[car]", "info.txt": b"Terv. Pekka"})
    assert [path.name for path in beside.texts(CASE)] == ["newer-999-info.txt", "1.txt", "car.toml"]
    beside.put(CASE, {"info.txt": b"Hinta 8 900"})
    assert [path.name for path in beside.texts(CASE)] == ["newer-998-info.txt", "1.txt", "car.toml"]
    assert not beside.put(CASE, {"info.txt": b"Hinta 8 900"})
