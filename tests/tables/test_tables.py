from __future__ import annotations

import io
import zipfile

import pytest
from tests.workbooks import xlsx

from kilpi.tables import NotATable, Table, plain_header, read_table
from kilpi.tables.calamine_child import as_text

WORDS = {"viite": "reference", "hinta": "price", "km": "km", "kuvaus": "description"}


def known(header: str) -> str | None:
    return WORDS.get(plain_header(header))


def table(text: str | bytes) -> Table:
    return read_table(text if isinstance(text, bytes) else text.encode(), known, ["reference"])


def cells(made: Table) -> list[tuple[str, ...]]:
    return [row.cells for row in made.rows]


@pytest.mark.parametrize(
    ("header", "plain"),
    [
        ("Hinta (€)", "hinta"),
        ("Hinta, €:", "hinta"),
        ("HINTA EUR", "hinta"),
        ("Hinta (sis. ALV 25,5 %)", "hinta"),
        ("Rek.nro", "reknro"),
        ("Ajettu [km]", "ajettu"),
        ("Teho (kW)", "teho"),
        ("Hinta (alv 0 %)", "hinta(alv0%)"),
        ("Teho (hv)", "teho(hv)"),
    ],
)
def test_headers_are_compared_without_units_that_change_nothing(header: str, plain: str) -> None:
    assert plain_header(header) == plain


@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_delimiters_and_line_ends(delimiter: str, end: str) -> None:
    lines = ["Lista 1.3.", "", "viite;hinta;km", "a;1;2", ";;", "b;3;4", "viite;hinta;km", "c;5;6"]
    made = table(end.join(lines).replace(";", delimiter))
    assert made.header == ("viite", "hinta", "km")
    assert cells(made) == [("a", "1", "2"), ("b", "3", "4"), ("c", "5", "6")]
    assert [row.line for row in made.rows] == [4, 6, 8], "lines as an editor counts them"


def test_a_whole_line_in_quotes_is_a_row() -> None:
    assert cells(table('viite;hinta;km\n"a;1;""2"""\n')) == [("a", "1", "2")]


def test_a_quoted_cell_may_run_over_lines_but_not_over_rows() -> None:
    made = table(
        'viite;hinta;km;kuvaus\na;1;2;"yksi\n\nkaksi; kolme"\nb;3;4;"neljä\nc;5;6;"viisi"\nd;7;8;x\n'
    )
    assert cells(made)[0] == ("a", "1", "2", "yksi\n\nkaksi; kolme")
    assert [row[0] for row in cells(made)] == ["a", "c", "d"]
    assert [(fault.line, fault.kept) for fault in made.faults] == [(5, False)]


def test_many_lone_quotes_cost_no_more_than_their_lines() -> None:
    made = table("viite;hinta;km\n" + 'a;"1;2\n' * 5000)
    assert len(made.faults) + len(made.rows) >= 2500


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (15900.0, "15900"),
        (15900.5, "15900.5"),
        (2.125, "2.125"),
        (True, "true"),
        (1e300, "1e+300"),
        ("x", "x"),
    ],
)
def test_values_of_workbooks_as_a_person_would_type_them(value: object, text: str) -> None:
    assert as_text(value) == text


def test_the_sheet_with_the_header_is_the_list() -> None:
    made = table(xlsx([["notes"]], [["Viite", "Hinta"], ["a", ("date", 43234)], ["b", ("formula",)]]))
    assert cells(made) == [("a", "2018-05-14"), ("b", "")]


def test_a_stray_cell_in_the_last_corner_ends_nothing() -> None:
    changed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(xlsx([["Viite"]]))) as source, zipfile.ZipFile(changed, "w") as target:
        for name in source.namelist():
            text = source.read(name).decode()
            stray = '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
            target.writestr(name, text.replace("</sheetData>", stray))
    with pytest.raises(NotATable, match="a cell far away from its list"):
        table(changed.getvalue())


def test_a_workbook_that_would_unpack_to_gigabytes_is_refused_unread() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as bomb:
        bomb.writestr("xl/worksheets/sheet1.xml", b" " * 120_000_000)
    with pytest.raises(NotATable, match="more than 100,000,000 bytes"):
        table(packed.getvalue())
