"""What could be a mark is told from words, figures and models: the files beside hold real ones."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from kilpi.adverts.strange_marks import (
    announces,
    announces_vin,
    could_be_mark,
    names_mark,
    names_one_of,
    of_another_car,
)
from kilpi.disclosure import mentions_vin

HERE = Path(__file__).parent
SAMPLES = HERE.parents[1] / "samples"
MODELS = (HERE / "model_names.txt").read_text(encoding="utf-8").splitlines()
ORDINARY = (HERE / "ordinary_texts.txt").read_text(encoding="utf-8").splitlines()


def test_no_model_is_taken_for_a_mark() -> None:
    for name in MODELS:
        for written in (name, name.upper(), name.lower(), f"{name} 2015"):
            assert not names_mark(written) and not of_another_car(written), written
        assert not could_be_mark(name, name), name
    assert len(MODELS) > 500


def test_no_ordinary_text_is_taken_for_a_mark_or_a_vin() -> None:
    for text in ORDINARY:
        assert not could_be_mark(text), text
        assert not of_another_car(text), text
        assert not mentions_vin(text) and not announces_vin(text), text


def test_no_text_of_the_samples_is() -> None:
    for path in sorted(SAMPLES.glob("*/car.toml")):
        for value in tomllib.loads(path.read_text(encoding="utf-8")).values():
            for text in value if isinstance(value, list) else [value]:
                assert not could_be_mark(str(text)) and not of_another_car(str(text)), text


@pytest.mark.parametrize(
    "text",
    [
        "Rek. 123 ABC",
        "Reknro 123 abc",
        "Rekisterinumero EK 12345, siisti",
        "rekisterinumero on klt-482",
        "Auton rek.nro: XGB-915.",
        "Reg.nr ABC 12D",
        "regnr abc12d",
        "Registration number AB12 CDE",
        "reg no ab12cde",
        "Kennzeichen B-MW 1234",
        "Kennzeichen: b mw 1234",
        "numero XGB-915",
        "Kilpi KL-1",
        "Kenteken AB-123-C",
    ],
)
def test_what_is_announced_as_a_mark_is_one(text: str) -> None:
    assert announces(text) and could_be_mark(text) and of_another_car(text)


@pytest.mark.parametrize(
    "mark",
    ["123 ABC", "EK 12345", "AB 12 345", "WX 12345", "AB12 CDE", "AB-123-CE", "B-NO 1234", "12-34-AB"]
    + ["1234 BCD", "KLT 482", "klt482", "ABC 12D", "EK12345", "ZH 123456", "AB-1234"]
    + ["W 12345 A", "W-12345-A", "P-1234-A"],
)
def test_what_a_country_writes_so_could_be_the_mark_of_a_car_without_one(mark: str) -> None:
    assert could_be_mark(f"Siisti auto {mark}, vaihto ok")
    assert names_mark(f"Octavia {mark.lower()}") or mark == "1234 BCD"
    assert not could_be_mark("Siisti auto, vaihto ok")


@pytest.mark.parametrize("text", ["E 220 D", "A-2000-D", "V-2015-B", "R 1250 T", "D4204T", "W12345A"])
def test_letters_that_stand_alone_beside_a_size_or_a_year_are_no_mark(text: str) -> None:
    assert not could_be_mark(f"Siisti auto {text}, vaihto ok") and not names_mark(f"Octavia {text}")


def test_beside_a_known_mark_another_is_told_by_its_hyphen() -> None:
    assert of_another_car("Vaihdossa tuli XGB-915") and of_another_car("AB-123-CE tuli vaihdossa")
    assert not of_another_car("Vaihdossa tuli TDI-150")


def test_a_chassis_number_that_is_announced_needs_no_17_signs() -> None:
    assert announces_vin("Alustanro: ZFA 192 000 1234567") and announces_vin("chassinummer 9BWZZZ3771234")
    assert not announces_vin("Alustanumero annetaan") and not announces_vin("VIN 2015")


def test_a_mark_of_another_car_of_the_run_is_found_as_people_write_it() -> None:
    marks = {"XGB915", "ABC123", "GLC300", "ON5"}
    for text in ("tuli xgb 915 vaihdossa", "XGB915", "abc-123"):
        assert names_one_of(text, marks), text
    for text in ("Mercedes GLC 300", "on 5 kpl", "XGB 9155", "XGB, 915"):
        assert not names_one_of(text, marks), text
