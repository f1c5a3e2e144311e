from __future__ import annotations

import json
from pathlib import Path

import pytest

from kilpi.errors import NotRegistered, RegisterRefused, RegisterUnavailable, UsageError
from kilpi.registers.file import FileRegister
from kilpi.registers.maps import load_map
from kilpi.registers.values import FIELDS, WORDS, check_word
from kilpi.types import Mark

ROWS = """mark;country;make;model;colour;power_kw;fuels;first_registered
ABC-123;FI;Škoda;Octavia;harmaa;85,0;petrol/electricity;2019-05-02
ÄÖÅ-2;FI;Volvo;V60;svart;110;diesel;20.3.2020
"""


def write(folder: Path, text: str, name: str = "stock.csv", encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "latin-1", "utf-16"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
def test_every_usual_csv_gives_the_same_car(tmp_path: Path, encoding: str, delimiter: str) -> None:
    text = (
        ROWS.replace("85,0", "85.0")
        .replace(";", delimiter)
        .replace("Š", "S" if encoding == "latin-1" else "Š")
    )
    register = FileRegister.open(write(tmp_path, text, encoding=encoding))
    car = register.look_up(Mark("ÄÖÅ-2", "FI"))
    assert (car.make, car.colour, car.power_kw, car.fuels) == ("Volvo", "black", 110.0, ("diesel",))
    assert car.first_registered is not None and car.first_registered.isoformat() == "2020-03-20"
    assert not register.problems


def test_mark_is_found_however_it_is_spelled(tmp_path: Path) -> None:
    register = FileRegister.open(write(tmp_path, ROWS))
    for text in ("ÄÖÅ-2", "äöå 2", "A\u0308O\u0308A\u030a-2", "ÄÖÅ2"):
        assert register.look_up(Mark(text)).make == "Volvo"


def test_umlauts_are_not_folded(tmp_path: Path) -> None:
    with pytest.raises(NotRegistered) as caught:
        FileRegister.open(write(tmp_path, ROWS)).look_up(Mark("AOA-2", "FI"))
    assert "AOA" not in str(caught.value)


def test_country_counts_where_both_name_one(tmp_path: Path) -> None:
    register = FileRegister.open(
        write(tmp_path, "mark,country,make\nABC123,SE,Saab\nABC-123,FI,Lada\nXYZ-1,,Fiat\n")
    )
    assert register.look_up(Mark("ABC-123", "FI")).make == "Lada"
    assert register.look_up(Mark("ABC123", "SE")).make == "Saab"
    assert register.look_up(Mark("XYZ-1", "FI")).mark == Mark("XYZ-1", "FI")
    with pytest.raises(NotRegistered):
        register.look_up(Mark("ABC123", "NO"))
    with pytest.raises(RegisterRefused, match="several countries"):
        register.look_up(Mark("ABC123"))


def test_bad_rows_are_told_by_line_and_the_rest_loads(tmp_path: Path) -> None:
    text = (
        "mark;make;colour;power_kw\nABC-1;A;spotted;many\n;B;red;1\n\nABC-2;C;red;77\nABC-3;D;red;77;extra\n"
    )
    register = FileRegister.open(write(tmp_path, text))
    assert [(p.line, p.column, p.kept) for p in register.problems] == [
        (2, "colour", True),
        (2, "power_kw", True),
        (3, None, False),
        (6, None, False),
    ]
    assert len(register) == 2
    first = register.look_up(Mark("ABC-1"))
    assert (first.make, first.colour, first.power_kw) == ("A", None, None)
    assert all("spotted" not in str(p) and "many" not in str(p) for p in register.problems)


def test_doubled_marks_are_refused_not_guessed(tmp_path: Path) -> None:
    register = FileRegister.open(write(tmp_path, "mark,country,make\nABC-1,FI,A\nabc1,,B\nABC-2,FI,C\n"))
    assert [p.line for p in register.problems] == [2, 3]
    with pytest.raises(RegisterUnavailable, match="more than once"):
        register.look_up(Mark("ABC-1", "FI"))
    assert register.look_up(Mark("ABC-2", "FI")).make == "C"


def test_unknown_columns_never_get_in(tmp_path: Path) -> None:
    register = FileRegister.open(write(tmp_path, "mark,make,owner,insurance\nABC-1,A,Someone,Insurer\n"))
    car = register.look_up(Mark("ABC-1"))
    assert register.ignored_columns == ("owner", "insurance")
    assert "Someone" not in repr(car) + repr(car.raw)
    assert "Insurer" not in repr(car) + repr(car.raw)


def test_traficom_columns_and_codes(tmp_path: Path) -> None:
    text = "rekisteritunnus;merkkiSelvakielinen;vari;kayttovoima;korityyppi;ajoneuvoluokka\n"
    car = FileRegister.open(write(tmp_path, text + "ABC-1;Ford;8;39;AC;M1G\n")).look_up(Mark("ABC-1"))
    assert (car.colour, car.body, car.vehicle_class) == ("grey", "estate", "car")
    assert car.fuels == ("petrol", "electricity")
    assert car.raw["colour"] == {"from": "vari", "value": "8"}


def test_codes_count_only_under_traficoms_own_headers(tmp_path: Path) -> None:
    register = FileRegister.open(write(tmp_path, "mark,colour\nABC-1,8\n"))
    assert register.look_up(Mark("ABC-1")).colour is None
    assert len(register.problems) == 1


@pytest.mark.parametrize("wrap", [lambda rows: rows, lambda rows: {"vehicles": rows}])
def test_json(tmp_path: Path, wrap: object) -> None:
    rows = [{"mark": "ABC-1", "fuels": ["petrol", "lpg"], "power_kw": 77.5, "doors": 5}, "no", {"make": "A"}]
    register = FileRegister.open(write(tmp_path, json.dumps(wrap(rows)), "stock.json"))  # type: ignore[operator]
    car = register.look_up(Mark("ABC-1"))
    assert (car.fuels, car.power_kw, car.doors) == (("petrol", "lpg"), 77.5, 5)
    assert [p.line for p in register.problems] == [2, 3]


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("a.csv", "", "is empty"),
        ("a.csv", "make;model\nA;B\n", "no column holds the mark"),
        ("a.json", "{", "is not JSON"),
        ("a.json", '{"cars": 1}', "list of objects"),
    ],
)
def test_useless_files_are_named(tmp_path: Path, name: str, text: str, words: str) -> None:
    with pytest.raises(UsageError, match=words) as caught:
        FileRegister.open(write(tmp_path, text, name))
    assert name in str(caught.value)


def test_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"none\.csv"):
        FileRegister.open(tmp_path / "none.csv")


def test_consumption_and_lists(tmp_path: Path) -> None:
    text = "mark,litres_per_100km,consumption_cycle,restrictions\nABC-1,5.2,wltp,18;10\n"
    car = FileRegister.open(write(tmp_path, text)).look_up(Mark("ABC-1"))
    assert car.consumption is not None
    assert (car.consumption.litres_per_100km, car.consumption.cycle) == (5.2, "WLTP")
    assert car.restrictions == ("18", "10")


def test_every_header_and_word_of_the_map_is_one_of_ours() -> None:
    words = load_map("file")
    assert set(words["headers"]) == {"mark", "country", *FIELDS}
    assert set(words["coded"].values()) <= set(WORDS)
    for name, table in words["words"].items():
        assert all(check_word(name, word) == word for word in table.values())
