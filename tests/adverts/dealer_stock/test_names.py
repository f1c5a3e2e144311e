"""Make and model as dealers' lists and car.toml give them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from tests.workbooks import xlsx

from kilpi.adverts.dealer_stock import load_offer, read_stock_list
from kilpi.adverts.listing import TemplateWriter
from kilpi.types import Mark, Offer

MARK = Mark("KLT-482", "FI")


def row(tmp_path: Path, header: str, *cells: str) -> tuple[Offer, str]:
    """The offer of a list's one row, and in words what of the row was not used."""
    path = tmp_path / "stock.csv"
    path.write_text(f"viite;{header}\na;{';'.join(cells)}\n", encoding="utf-8")
    offer, problems = load_offer("a", stock=read_stock_list(path))
    return offer, "\n".join(str(problem.error) for problem in problems)


@pytest.mark.parametrize("name", ["Malli", "Auton malli", "model", "Model name", "Modell", "Bilmodell"])
def test_a_model_is_read(tmp_path: Path, name: str) -> None:
    offer, said = row(tmp_path, f"Merkki;{name}", "Škoda", "Octavia  Combi")
    assert (offer.make, offer.model, said) == ("Škoda", "Octavia Combi", "")


def test_so_it_is_in_a_workbook_and_in_car_toml(tmp_path: Path) -> None:
    rows = [["Rek.nro", "Merkki", "Malli"], ["KLT-482", "Peugeot", "508"]]
    (tmp_path / "stock.xlsx").write_bytes(xlsx(rows))
    offer, problems = load_offer("a", stock=read_stock_list(tmp_path / "stock.xlsx"), mark=MARK)
    assert (offer.make, offer.model, problems) == ("Peugeot", "508", ())
    (tmp_path / "car.toml").write_text('märke = "Saab"\nmodell = 9.3\n')
    offer, problems = load_offer("a", tmp_path / "car.toml")
    assert (offer.make, offer.model, problems) == ("Saab", "9.3", ())


@pytest.mark.parametrize(
    "name", ["Merkki ja malli", "Merkki/Malli", "Make and model", "make_and_model", "Märke och modell"]
)
@pytest.mark.parametrize(
    ("written", "make", "model"),
    [
        ("Skoda Octavia 1.4", "Skoda", "Octavia 1.4"),
        ("LAND ROVER Discovery Sport", "LAND ROVER", "Discovery Sport"),
        ("Range Rover Evoque", "Range Rover", "Evoque"),
        ("Alfa Romeo Giulia", "Alfa Romeo", "Giulia"),
        ("Alfa 159", "Alfa", "159"),
        ("Aston Martin DB9", "Aston Martin", "DB9"),
        ("Mercedes-Benz C 180", "Mercedes-Benz", "C 180"),
        ("Mercedes Benz C 180", "Mercedes Benz", "C 180"),
        ("mercedes E 220", "mercedes", "E 220"),
        ("DS Automobiles DS 7", "DS Automobiles", "DS 7"),
        ("DS 7 Crossback", "DS", "7 Crossback"),
        ("Great Wall Steed", "Great Wall", "Steed"),
        ("Lynk & Co 01", "Lynk & Co", "01"),
        ("Lynk and Co 01", "Lynk and Co", "01"),
        ("Rolls-Royce Ghost", "Rolls-Royce", "Ghost"),
        ("Citroen C4", "Citroen", "C4"),
        ("Audi, A4 Avant", "Audi", "A4 Avant"),
        ("VW / Golf", "VW", "Golf"),
        ("Rover 75", "Rover", "75"),
        ("Volvo", "Volvo", None),
    ],
)
def test_one_column_for_both_is_parted(
    tmp_path: Path, name: str, written: str, make: str, model: str | None
) -> None:
    offer, said = row(tmp_path, name, written)
    assert (offer.make, offer.model, said) == (make, model, "")


def test_a_make_that_is_not_known_is_not_guessed(tmp_path: Path) -> None:
    offer, said = row(tmp_path, "Merkki ja malli", "Oma Rakenne 3")
    assert (offer.make, offer.model) == (None, None)
    assert "stock.csv:2: Merkki ja malli: 'Oma Rakenne 3' begins with no make that is known" in said


def test_columns_of_their_own_stand_over_one_for_both(tmp_path: Path) -> None:
    offer, said = row(tmp_path, "Merkki ja malli;Merkki;Malli", "VW Golf 1.4", "VW", "Golf")
    assert (offer.make, offer.model) == ("VW", "Golf")
    assert "'Golf 1.4' says model a second time" in said


def test_a_model_that_begins_with_its_make_tells_the_make(tmp_path: Path) -> None:
    assert row(tmp_path, "Malli", "VW Golf")[0] == Offer("a", make="VW", model="Golf")
    assert row(tmp_path, "Malli", "Golf")[0] == Offer("a", model="Golf")
    assert row(tmp_path, "Malli", "Genesis")[0] == Offer("a", model="Genesis")
    offer, _ = row(tmp_path, "Merkki;Malli", "BMW", "Mini Cooper")
    assert (offer.make, offer.model) == ("BMW", "Mini Cooper")


@pytest.mark.parametrize(
    "model", ["WVWZZZ1KZAW123456", "Golf anna@auto.example", "Golf " + "x" * 60, "((((", '"Golf\nvariant"']
)
def test_what_a_person_could_not_say_is_no_model(tmp_path: Path, model: str) -> None:
    offer, said = row(tmp_path, "Merkki;Malli;Hinta", "VW", model, "9900")
    assert (offer.make, offer.model, str(offer.price)) == ("VW", None, "9900")
    assert "Malli: " in said and "is no name" in said
    assert "WVWZZZ" not in said
    offer, said = row(tmp_path, "Merkki ja malli", f"VW {model}" if model[0] != '"' else '"VW\nGolf"')
    assert offer.model is None or "\n" not in offer.model


def test_a_row_is_enough_for_an_advert_without_a_register(tmp_path: Path) -> None:
    offer, said = row(tmp_path, "Merkki ja malli;Vm;Hinta;Km", "skoda octavia", "2015", "9900", "84200")
    listing = TemplateWriter("en").write(None, offer)
    assert (listing.missing, listing.title, said) == ((), "Škoda octavia 2015", "")
    for name in ("make", "model", "year"):
        assert TemplateWriter("en").write(None, replace(offer, **{name: None})).is_draft  # type: ignore[arg-type]


@pytest.mark.parametrize("header", ["Merkki;Malli", "Merkki ja malli"])
def test_a_rows_own_mark_is_no_part_of_a_name(tmp_path: Path, header: str) -> None:
    name = "VW;Golf k-l-t 482" if ";" in header else "VW Golf klt482"
    offer, said = row(tmp_path, f"Rek.nro;{header}", f"KLT-482;{name}")
    assert (offer.make, offer.model) == ("VW", None)
    assert "holds the registration mark" in said and "482" not in said
