from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path

import pytest
from tests.workbooks import xlsx

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


def test_a_vin_in_a_row_that_was_left_out_is_nobodys(tmp_path: Path) -> None:
    vin, other = "TMBJG7NE1F0000935", "WVWZZZAUZJW000417"
    twice = f"XGB-915,FI,{vin}\nXGB-915,FI,{vin}\nZZZ-111,FI,{vin}\nABC-123,FI,{other}\n"
    nowhere = f"DEF-456,,{vin}\nGHI-789,FI,{vin}\nABC-123,FI,{other}\n"
    for rows in (twice, nowhere):
        register = FileRegister.open(write(tmp_path, "mark,country,vin\n" + rows))
        with pytest.raises(RegisterUnavailable):
            register.look_up_vin(vin)
        assert register.look_up_vin(other).mark == Mark("ABC-123", "FI")
        with pytest.raises(NotRegistered):
            register.look_up_vin("0" * 17)


def test_a_file_without_countries_names_none(tmp_path: Path) -> None:
    register = FileRegister.open(write(tmp_path, "mark,make\nABC-123,Saab\n"))
    assert register.look_up(Mark("ABC-123", "FI")).mark.country is None


def test_country_counts_where_both_name_one(tmp_path: Path) -> None:
    register = FileRegister.open(write(tmp_path, "mark,country,make\nABC123,SE,Saab\nABC-123,FI,Lada\n"))
    assert register.look_up(Mark("ABC-123", "FI")).make == "Lada"
    assert register.look_up(Mark("ABC123", "SE")).make == "Saab"
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
    assert "column colour: 'spotted' is not a word" in str(register.problems[0])
    assert "column power_kw: 'many' is not a number" in str(register.problems[1])
    assert first.raw["power_kw"]["problem"] == "is not a number (line 2)"


def test_doubled_marks_are_refused_not_guessed(tmp_path: Path) -> None:
    register = FileRegister.open(write(tmp_path, "mark,country,make\nABC-1,FI,A\nabc1,,B\nABC-2,FI,C\n"))
    assert [p.line for p in register.problems] == [2, 3]
    with pytest.raises(RegisterUnavailable, match="more than once") as told:
        register.look_up(Mark("ABC-1", "FI"))
    assert told.value.lasting
    assert register.look_up(Mark("ABC-2", "FI")).make == "C"


def test_no_co2_is_a_figure_only_of_cars_that_burn_nothing(tmp_path: Path) -> None:
    rows = "A-1;electricity;0\nA-2;diesel;0\nA-3;petrol+electricity;0\nA-4;diesel;119\nA-5;;0\n"
    register = FileRegister.open(write(tmp_path, "mark;fuels;co2\n" + rows))
    assert [register.look_up(Mark(f"A-{n}")).co2_g_km for n in range(1, 6)] == [0, None, None, 119, None]


def test_noughts_in_columns_that_do_not_apply_are_nothing(tmp_path: Path) -> None:
    header = "mark;make;model;displacement_cc;mass_kg;odometer_km;first_registered;co2;fuels"
    register = FileRegister.open(
        write(tmp_path, f"{header}\nA-1;Nissan;Leaf;0;0,0;0;00000000;0;electricity\n")
    )
    car = register.look_up(Mark("A-1"))
    assert (car.displacement_cc, car.mass_kg, car.odometer_km, car.first_registered) == (
        None,
        None,
        None,
        None,
    )
    assert car.co2_g_km == 0 and not register.problems


def test_a_row_that_stands_twice_word_for_word_is_one(tmp_path: Path) -> None:
    rows = "ABC-1;Ford;2\nABC-1;Ford;2\nABC-2;Ford;many\nABC-2;Ford;some\n"
    register = FileRegister.open(write(tmp_path, "mark;make;doors\n" + rows))
    assert register.look_up(Mark("ABC-1")).make == "Ford"
    with pytest.raises(RegisterUnavailable, match="more than once"):
        register.look_up(Mark("ABC-2"))


def test_an_import_is_as_old_as_its_first_use_in_whatever_order_the_columns_stand(tmp_path: Path) -> None:
    for header, row in (
        ("ensirekisterointipvm;kayttoonottopvm", "2019-05-03;20120704"),
        ("kayttoonottopvm;ensirekisterointipvm", "20120704;2019-05-03"),
    ):
        register = FileRegister.open(write(tmp_path, f"mark;make;{header}\nABC-1;Ford;{row}\n"))
        assert str(register.look_up(Mark("ABC-1")).first_registered) == "2012-07-04"
        assert not register.problems
    half = write(tmp_path, "mark;make;ensirek;käyttöönotto\nABC-1;Ford;2019-05-03;20120000\n")
    register = FileRegister.open(half)
    assert register.look_up(Mark("ABC-1")).first_registered is None and len(register.problems) == 1


@pytest.mark.parametrize("said", ["UOPLYST", "ei tiedossa", "Okänd", "?", "-", "N/A"])
def test_words_that_say_nothing_are_nothing(tmp_path: Path, said: str) -> None:
    register = FileRegister.open(
        write(tmp_path, f"mark;make;model;variant;colour\nA-1;VW;Golf;{said};{said}\n")
    )
    car = register.look_up(Mark("A-1"))
    assert (car.model, car.variant, car.colour, register.problems) == ("Golf", None, None, ())


@pytest.mark.parametrize("written", ["04", "4", "4.0"])
def test_codes_that_a_spreadsheet_made_numbers_of(tmp_path: Path, written: str) -> None:
    register = FileRegister.open(write(tmp_path, f"mark;make;kayttovoima\nABC-1;Ford;{written}\n"))
    assert register.look_up(Mark("ABC-1")).fuels == ("electricity",)


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
        ("a.csv", "mark;make\n", "holds no vehicle"),
        ("a.csv", "mark;make\n;A\n", "holds no vehicle"),
        ("a.csv", "rek.nro;merkki;hinta;km\nABC-1;Ford;15900;84200\n", "is a price list, not a register"),
        ("a.csv", "mark;price\nABC-1;15900\n", "is a price list, not a register"),
        ("a.csv", "mark;owner\nABC-1;Somebody\n", "no column about the vehicle"),
        ("a.csv", "PK\x03\x04 and no more", "workbook, and damaged"),
        ("a.csv", "<html><table><td>rekisteritunnus</td>", "is a web page"),
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


TODAY = date.today()


@pytest.mark.parametrize(
    ("column", "written", "value"),
    [
        ("first_registered", "14.5.2018 0:00", "2018-05-14"),
        ("first_registered", "14.5.2018 klo 12.30.00", "2018-05-14"),
        ("first_registered", "5/14/2018 12:00:00 AM", "2018-05-14"),
        ("first_registered", "5/2018", "2018-05-01"),
        ("next_inspection", "31.12.2026 0.00.00", "2026-12-31"),
        ("odometer_km", "201 000 km", "201000"),
        ("odometer_km", "1.201.000", "1201000"),
        ("power_kw", "96.000", "96.0"),
        ("displacement_cc", "1498 cm3", "1498"),
        ("body", "Maastoauto", "suv"),
        ("body", "5-ovinen viistoperä", "hatchback"),
        ("body", "Herrgårdsvagn", "estate"),
        ("colour", "Tummansininen", "blue"),
        ("gearbox", "Automatlåda", "automatic"),
        ("vehicle_class", "Henkilöauto (M1)", "car"),
    ],
)
def test_values_as_people_and_spreadsheets_write_them(
    tmp_path: Path, column: str, written: str, value: str
) -> None:
    register = FileRegister.open(write(tmp_path, f"mark;make;{column}\nABC-1;Ford;{written}\n"))
    assert str(getattr(register.look_up(Mark("ABC-1")), column)) == value
    assert not register.problems


@pytest.mark.parametrize(
    ("column", "written", "words"),
    [
        ("odometer_km", "201.000", "is not clear"),
        ("displacement_cc", "2.000", "is not clear"),
        ("power_kw", "1.100", "is not clear"),
        ("displacement_cc", "2.0", "is not between 40"),  # litres
        ("mass_kg", "2", "is not between 30"),  # tonnes
        ("first_registered", "5/4/2018", "day or month first"),
        ("first_registered", (TODAY + timedelta(days=1)).isoformat(), "is a day to come"),
        ("odometer_date", "2118-05-14", "is a day to come"),
        ("next_inspection", "2118-05-14", "is too far away"),
        ("first_registered", "1218-05-14", "before there were cars"),
        ("make", "x" * 600, "has 600 characters"),
        ("odometer_km", "x" * 40_000, "has 40,000 characters"),
    ],
)
def test_values_that_are_not_clear_or_cannot_be_are_refused_with_column_and_value(
    tmp_path: Path, column: str, written: str, words: str
) -> None:
    register = FileRegister.open(write(tmp_path, f"mark;model;{column}\nABC-1;Focus;{written}\n"))
    car = register.look_up(Mark("ABC-1"))
    assert (car.model, getattr(car, column)) == ("Focus", None)
    (problem,) = register.problems
    assert (problem.column, problem.kept) == (column, True)
    assert words in str(problem)
    assert written[:20] in str(problem) or len(written) > 1000


def test_a_lone_quote_loses_its_own_row_and_never_counts_as_not_registered(tmp_path: Path) -> None:
    text = 'mark;make;model\nKLT-482;Volkswagen;"Golf\nABC-123;Ford;Focus\nABC-124;Ford;Ka\n'
    register = FileRegister.open(write(tmp_path, text))
    assert register.look_up(Mark("ABC-123")).model == "Focus"
    assert register.look_up(Mark("ABC-124")).model == "Ka"
    with pytest.raises(RegisterUnavailable, match="line 2") as caught:
        register.look_up(Mark("KLT-482"))
    assert "482" not in str(caught.value)
    with pytest.raises(NotRegistered):
        register.look_up(Mark("XYZ-9"))


def test_sep_line_title_rows_and_workbooks(tmp_path: Path) -> None:
    register = FileRegister.open(write(tmp_path, "sep=;\n" + ROWS))
    assert register.look_up(Mark("ABC-123")).make == "Škoda"
    path = tmp_path / "register.csv"
    rows = [["Rekisteriote"], [], ["Rek.nro", "Merkki", "Ensirekisteröinti", "Mittarilukema"]]
    path.write_bytes(xlsx([*rows, ["KLT-482", "Volkswagen", ("date", 43234), 201000.0]]))
    car = FileRegister.open(path).look_up(Mark("KLT-482"))
    assert (car.make, str(car.first_registered), car.odometer_km) == ("Volkswagen", "2018-05-14", 201000)


def test_a_row_without_a_country_among_others_is_refused_with_its_column(tmp_path: Path) -> None:
    register = FileRegister.open(write(tmp_path, "mark,country,make\nABC-1,FI,Ford\nXYZ-1,,Fiat\n"))
    assert "line 3, column country: '' is no country" in str(register.problems[0])
    with pytest.raises(RegisterUnavailable, match="line 3"):
        register.look_up(Mark("XYZ-1", "SE"))


def test_json_that_is_none_is_refused_row_by_row(tmp_path: Path) -> None:
    text = (
        '[{"mark": "ABC-1", "power_kw": NaN, "make": "Ford"}, {"mark": "ABC-2", "make": "A", "make": "B"},'
        ' {"mark": "ABC-3", "make": "Fiat", "co2_g_km": 1e400}]'
    )
    register = FileRegister.open(write(tmp_path, text, "r.json"))
    assert register.look_up(Mark("ABC-1")).power_kw is None
    assert [str(problem).partition(": ")[0] for problem in register.problems] == [
        "line 1, column power_kw",
        "line 2, column make",
        "line 3, column co2_g_km",
    ]
    assert "'nan' is not a number" in str(register.problems[0])
    with pytest.raises(RegisterUnavailable):
        register.look_up(Mark("ABC-2"))


def test_countries_in_words_and_cells_without_a_value(tmp_path: Path) -> None:
    text = "mark;maa;make;colour;odometer_km\nABC-1;Suomi;Ford;-;#REF!\nABC-2;Atlantis;Fiat;;\n"
    register = FileRegister.open(write(tmp_path, text))
    car = register.look_up(Mark("ABC-1", "FI"))
    assert (car.mark.country, car.colour, car.odometer_km) == ("FI", None, None)
    assert [str(problem) for problem in register.problems] == [
        "line 2, column odometer_km: '#REF!' is a spreadsheet's error; the cell is left out"
        " (the rest of the row is used)",
        "line 3, column maa: 'Atlantis' is not a two-letter country code (row left out)",
    ]


def test_a_list_with_prices_may_tell_of_its_cars_and_of_no_others(tmp_path: Path) -> None:
    register = FileRegister.open(
        write(tmp_path, "mark;make;first_registered;hinta\nABC-1;Ford;2.5.2019;9900\n")
    )
    assert register.look_up(Mark("ABC-1")).make == "Ford"
    with pytest.raises(RegisterUnavailable, match="has prices"):
        register.look_up(Mark("XYZ-9"))


def test_no_message_holds_the_rows_mark(tmp_path: Path) -> None:
    register = FileRegister.open(write(tmp_path, "mark;make;odometer_km\nKLT-482;Ford;klt 4 8 2\n"))
    assert "482" not in str(register.problems[0]) and "4 8 2" not in str(register.problems[0])
