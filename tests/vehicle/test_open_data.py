"""Shares counted from a file that looks like Traficom's open data."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from kilpi.cli import app
from kilpi.errors import UsageError
from kilpi.types import Mark
from kilpi.vehicle import open_data
from kilpi.vehicle.open_data import count_cars, table_of
from kilpi.vehicle.ties import load_shares
from kilpi.vocabulary import Colour

HEADER = "ajoneuvoluokka;ensirekisterointipvm;vari;merkkiSelvakielinen;jarnro\n"


def written(tmp_path: Path, rows: list[str], header: str = HEADER) -> Path:
    path = tmp_path / "open.csv"
    path.write_text(header + "".join(f"{row};{n}\n" for n, row in enumerate(rows)), encoding="latin-1")
    return path


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(open_data, "FEWEST", 10)


ROWS = [
    *["M1;2015-04-01;9;Volkswagen, VW"] * 6,
    *["M1G;2016-04-01;0;Skoda"] * 2,
    *["N1;1999-12-31;Y;Citroën"] * 2,
    *["L3e;2015-04-01;2;Honda"] * 9,
    "M1;;;",
    "M1;2015",
]


def test_cars_and_vans_are_counted_and_unknown_values_nowhere(tmp_path: Path, few: None) -> None:
    counts = count_cars(written(tmp_path, ROWS))
    assert counts.cars == 11 and counts.makes == {"Volkswagen": 6, "Skoda": 2, "Citroën": 2}
    assert counts.colours == {"white": 6, "black": 2, "silver": 2}
    assert counts.years == {2015: 6, 2016: 2, 1999: 2}


def test_the_table_takes_the_place_of_the_shipped_shares(tmp_path: Path, few: None) -> None:
    path = tmp_path / "shares.toml"
    path.write_text(table_of(count_cars(written(tmp_path, ROWS)), "open.csv"), encoding="utf-8")
    shares = load_shares(path)
    assert shares.make_tie("VW", Mark("ABC-123", "FI")).misread == pytest.approx(0.6)
    assert shares.make_tie("Lada", Mark("ABC-123", "FI")).misread == 0.001
    assert shares.misread["year"] == pytest.approx(0.8) and shares.misread["vin"] == 0.0001
    assert shares.colour["white"] == pytest.approx(0.6) and shares.colour["pink"] == 0.001
    assert set(shares.colour) == {str(colour) for colour in Colour}
    assert shares.make_tie("VW", Mark("ABC 123", "SE")).misread == load_shares().make["elsewhere"]


@pytest.mark.parametrize("text", ["", "[make]\n", "[make]\nother = 2.0\n", "make = 1\n", "\x00"])
def test_other_files_are_no_shares(tmp_path: Path, text: str) -> None:
    path = tmp_path / "shares.toml"
    path.write_text(text)
    with pytest.raises(UsageError, match=r"shares\.toml: holds no shares"):
        load_shares(path)


def test_files_that_are_not_traficoms_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no column ajoneuvoluokka"):
        count_cars(written(tmp_path, [], "a;b\n"))
    with pytest.raises(UsageError, match="holds 11 cars"):
        count_cars(written(tmp_path, ROWS))
    with pytest.raises(UsageError, match="cannot be read"):
        count_cars(tmp_path / "missing.csv")


def test_the_command_writes_the_table(tmp_path: Path, few: None) -> None:
    out = tmp_path / "mine.toml"
    done = CliRunner().invoke(
        app, ["registers", "table", str(written(tmp_path, ROWS)), "-o", str(out), "--json"]
    )
    assert done.exit_code == 0 and json.loads(done.output)["cars"] == 11
    assert load_shares(out).make["Volkswagen"] == pytest.approx(0.6)
