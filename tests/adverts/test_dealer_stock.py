from __future__ import annotations

import unicodedata
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from tests.workbooks import xlsx

from kilpi.adverts.dealer_stock import StockList, load_offer, notes_in, read_car_file, read_stock_list
from kilpi.errors import LabelError, NotUsed
from kilpi.types import Mark, Offer, Problem

MARK = Mark("KLT-482", "FI")


def car_file(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "leaf" / "car.toml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def stock(tmp_path: Path, text: str | bytes, encoding: str = "utf-8") -> StockList:
    path = tmp_path / "stock.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
    return read_stock_list(path)


def find(listed: StockList, reference: str, mark: Mark | None = None) -> Offer | None:
    """The offer of the row that is used for a car, under the car's own reference."""
    line = listed.line(reference, mark)
    return replace(line.offer, reference=reference) if line else None


def problems_of(listed: StockList, reference: str, mark: Mark | None = None) -> tuple[Problem, ...]:
    """What is wrong with the rows of a car: the one that is used, then those that are not."""
    line = listed.line(reference, mark)
    return (*(line.problems if line else ()), *listed.lost(reference, mark))


def words(problems: tuple[Problem, ...]) -> str:
    return "\n".join(str(problem.error) for problem in problems)


def test_car_file(tmp_path: Path) -> None:
    text = 'hinta = 19900\nkm = 84500\nequipment = ["Koukku", " Navi "]\nplace = "Turku"\nmärke = "Nissan"\n'
    offer, problems = load_offer("leaf", car_file(tmp_path, text))
    assert offer == Offer(
        "leaf", Decimal(19900), "EUR", 84500, ("Koukku", "Navi"), place="Turku", make="Nissan"
    )
    assert problems == ()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('\n\nprice = "19.900"\n', "car.toml:3: price: '19.900' is not clear"),
        ("price = 19.900\n", "car.toml:1: price: '19.900' is not clear"),
        ("price = -5", "car.toml:1: price: '-5' is not clear"),
        ("price = 0", "car.toml:1: price: '0' is no price"),
        ("price = true", "price: 'True' is not a number"),
        ("km = 1.5", "whole kilometres"),
        ("km = 9000000", "more than"),
        ('km = "52 000 miles"', "in miles"),
        ('currency = "euro money"', "ISO 4217"),
        ("equipment = [1]", "list of texts"),
        ("description = [3]", "description: '[3]' is not a text"),
        ("price = 1\nhinta = 2", "a second time"),
        ("price = 1\nkm = ", "car.toml:2: 'km =' is not understood"),
        ('price = 1\ncolour = "red"', "car.toml:2: unknown key 'colour' ('red') is not used"),
    ],
)
def test_what_is_not_used_of_a_car_file_is_named_by_line_and_value(
    tmp_path: Path, text: str, message: str
) -> None:
    offer, problems = load_offer("leaf", car_file(tmp_path, text))
    assert message in words(problems)
    assert offer.reference == "leaf"


def test_one_bad_line_does_not_throw_a_car_file_away(tmp_path: Path) -> None:
    text = 'price = 15 900 €\nkm = 84 tkm\nprise = 5\nplace = "Turku"\n???\n'
    offer, problems = load_offer("leaf", car_file(tmp_path, text))
    assert (offer.price, offer.odometer_km, offer.place) == (Decimal(15900), 84000, "Turku")
    assert "car.toml:3: unknown key 'prise' ('5')" in words(problems)
    assert "car.toml:5: '???' is not understood" in words(problems)


@pytest.mark.parametrize(
    ("written", "price", "currency"),
    [
        ("15900", "15900", "EUR"),
        ("15 900,-", "15900", "EUR"),
        ("15.900,-", "15900", "EUR"),
        ("15 900:-", "15900", "EUR"),
        ("15'900.-", "15900", "EUR"),
        ("22900 EUR", "22900", "EUR"),
        ("9.900,00 €", "9900", "EUR"),
        ("9,900.50 €", "9900.50", "EUR"),
        ("15 900,00 e", "15900", "EUR"),
        ("15\u00a0900 euroa", "15900", "EUR"),
        ("€ 15\u202f900", "15900", "EUR"),
        ("１５９００", "15900", "EUR"),
        ("15900 € (sis. ALV 25,5 %)", "15900", "EUR"),
        ("249 000 SEK", "249000", "SEK"),
        ("£9500", "9500", "GBP"),
        ("15900.0", "15900", "EUR"),
    ],
)
def test_prices_as_people_write_them(tmp_path: Path, written: str, price: str, currency: str) -> None:
    offer = find(stock(tmp_path, f'viite;hinta\na;"{written}"\n'), "a")
    assert offer is not None
    assert (str(offer.price), offer.currency) == (price, currency)


@pytest.mark.parametrize(
    "written",
    [
        "19.900",
        "19,900 €",
        "249 000 kr",
        "alk. 9900",
        "9900 + alv",
        "tarjous",
        "15 90",
        "n. 9900",
        "9-10 000",
    ],
)
def test_prices_that_are_not_clear_are_named_with_column_and_value(tmp_path: Path, written: str) -> None:
    listed = stock(tmp_path, f"viite;Hinta (€);km\na;{written};84200\n")
    offer = find(listed, "a")
    assert offer is not None
    assert (offer.price, offer.odometer_km) == (None, 84200), "the rest of the row is used"
    assert f"stock.csv:2: Hinta (€): '{written}' " in words(listed.problems)
    assert f"'{written}'" in dict(offer.unclear)["price"]


@pytest.mark.parametrize(
    ("header", "written", "km"),
    [
        ("km", "84 200 km", 84200),
        ("Ajettu (tkm)", "84,2", 84200),
        ("Ajettu", "84 tkm", 84000),
        ("Körsträcka (mil)", "8 420", 84200),
        ("Miltal", "8420", 84200),
        ("Mätarställning", "8420 mil", 84200),
        ("Mittarilukema [km]", "84200.0", 84200),
    ],
)
def test_mileages_as_people_write_them(tmp_path: Path, header: str, written: str, km: int) -> None:
    offer = find(stock(tmp_path, f'viite;{header}\na;"{written}"\n'), "a")
    assert offer is not None
    assert offer.odometer_km == km


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le", "mac_roman", "cp850"]
)
def test_stock_list_as_spreadsheets_write_it(tmp_path: Path, encoding: str) -> None:
    text = (
        "Viite;Rek.nro;Hinta;Mittarilukema;Varusteet;Kuvaus\r\n"
        'leaf;ABC-123;"19 900,00";84 500 km;Koukku, Navi;Käytetty, siisti\r\n'
    )
    offers = stock(tmp_path, text, encoding)
    assert offers.problems == ()
    offer = find(offers, "Leaf")
    assert offer is not None
    assert (offer.price, offer.currency, offer.odometer_km) == (Decimal(19900), "EUR", 84500)
    assert (offer.equipment, offer.description) == (("Koukku", "Navi"), "Käytetty, siisti")


def test_a_workbook_with_title_rows_is_read_as_the_same_list(tmp_path: Path) -> None:
    rows: list[list[object]] = [
        ["Autotalo Esimerkki Oy", None, None, None],
        ["Hinnat 1.3.", None, None, None],
        [],
        ["Kohdenro", "Hinta (€)", "Ajettu", "Kuvaus"],
        [117, 15900, 84200.0, "Siisti"],
        [118, ("formula",), 120000, None],
    ]
    listed = stock(tmp_path, xlsx([["nothing here"]], rows))
    first, second = find(listed, "0117"), find(listed, "118")
    assert first is not None and second is not None
    assert (first.price, first.odometer_km, first.description) == (Decimal(15900), 84200, "Siisti")
    assert (second.price, second.odometer_km) == (None, 120000)


def test_the_sep_line_and_the_guards_of_exports_are_understood(tmp_path: Path) -> None:
    offer = find(stock(tmp_path, 'sep=;\nviite;puh;hinta\n="0117";\'+358 40;15900\n'), "0117")
    assert offer is not None
    assert (offer.contact, offer.price) == ("+358 40", Decimal(15900))


def test_a_lone_quote_loses_its_own_row_only(tmp_path: Path) -> None:
    text = (
        "reference;mark;price;km;description\n"
        'golf;KLT-482;15900;84200;"Hieno auto\nleaf;NVE-390;22900;38900;Nice.\n'
        'yaris;RTK-264;9900;120000;"Hieno "uusi" auto"\nsaab;XAB-1;5000;300000;"Kaksi\n\nkappaletta; kyllä"\n'
    )
    listed = stock(tmp_path, text)
    assert [line.offer.reference for line in listed.lines] == ["leaf", "yaris", "saab"]
    assert words(listed.problems).endswith("stock.csv:2: has a quote that does not close; row left out")
    assert listed.lines[1].offer.description == 'Hieno "uusi" auto'
    assert listed.lines[2].offer.description == "Kaksi\n\nkappaletta; kyllä"
    assert "stock.csv:2" in words(problems_of(listed, "golf", MARK)), "said in the car's own record too"
    assert problems_of(listed, "leaf") == ()


def test_a_quote_that_closes_in_another_row_does_not_swallow_it(tmp_path: Path) -> None:
    text = 'viite;hinta;km;kuvaus\na;15900;84200;"alku\nb;9900;1200;loppu"\nc;100;1;x\n'
    listed = stock(tmp_path, text)
    assert "c" in [line.offer.reference for line in listed.lines]
    assert all("9900" not in str(line.offer.description) for line in listed.lines)
    assert "stock.csv:2" in words(listed.problems)


def test_a_cell_over_the_limit_is_named_and_the_rest_of_its_row_used(tmp_path: Path) -> None:
    listed = stock(tmp_path, f"viite;hinta;kuvaus\na;15900;{'x' * 140_000}\nb;9900;y\n")
    offer = find(listed, "a")
    assert offer is not None
    assert (offer.price, offer.description) == (Decimal(15900), None)
    assert "stock.csv:2: column 'kuvaus' has 140,000 characters" in words(listed.problems)
    assert find(listed, "b") is not None


def test_columns_that_are_not_read_are_named_once_and_with_their_values_for_each_car(tmp_path: Path) -> None:
    listed = stock(tmp_path, "viite;rek;Moottori;hinta alv 0;huom\na;KLT-482;1.5;12000;WVWZZZAUZJW000417\n")
    assert "stock.csv:1: columns that are not read: 'Moottori', 'hinta alv 0', 'huom'" in words(
        listed.problems
    )
    (problem,) = problems_of(listed, "a")
    assert isinstance(problem.error, NotUsed)
    assert "'Moottori' '1.5', 'hinta alv 0' '12000'" in str(problem.error)
    assert "WVWZZZ" not in str(problem.error) and "KLT" not in str(problem.error)


def test_a_name_from_a_mac_is_the_same_name(tmp_path: Path) -> None:
    listed = stock(tmp_path, "reference;price\nkäytetty-golf;15900\n")
    assert find(listed, unicodedata.normalize("NFD", "käytetty-golf")) is not None


def test_a_row_is_found_by_mark_too_but_never_by_a_similar_one(tmp_path: Path) -> None:
    offers = stock(tmp_path, "registration,price\nabc 123,100\n")
    found = find(offers, "car-7", Mark("ABC-123", "FI"))
    assert found is not None
    assert (found.reference, found.price) == ("car-7", Decimal(100))
    assert find(offers, "car-7", Mark("ABC-128", "FI")) is None
    assert find(offers, "car-7") is None
    assert find(offers, "abc-123") is not None, "a folder named like the mark"


def test_rows_that_no_car_can_be_told_from_are_named_by_line(tmp_path: Path) -> None:
    listed = stock(tmp_path, "reference,price,km\na,100,1\n\n,5,5\nc,5,5,5\nd,7,8\n")
    assert [line.offer.reference for line in listed.lines] == ["a", "d"]
    assert [problem.where.rpartition(":")[2] for problem in listed.problems] == ["4", "5"]


@pytest.mark.parametrize(
    "text", ["reference,price\na,100\nA,200\nb,300\n", "mark,price\nKLT-482,1\nklt482,2\nX-1,3\n"]
)
def test_two_rows_for_one_car_are_both_left_out_and_named(tmp_path: Path, text: str) -> None:
    listed = stock(tmp_path, text)
    assert find(listed, "a", MARK) is None
    assert [problem.where.rpartition(":")[2] for problem in listed.problems] == ["2", "3"]
    assert "KLT" not in words(listed.problems).upper()
    assert len(problems_of(listed, "a", MARK)) == 2
    assert len(listed.lines) == 1


def test_two_columns_may_name_a_car_and_two_may_tell_its_mileage(tmp_path: Path) -> None:
    text = "Id;Varastonumero;Ajettu;Mittarilukema;Hinta\n1;117;84200;84 200 km;9900\n2;118;5;6;100\n"
    text += "117;3;1;1;5\n"
    listed = stock(tmp_path, text)
    first, other = find(listed, "1"), find(listed, "118")
    assert first is not None and other is not None
    assert (first.odometer_km, other.odometer_km) == (84200, None)
    assert "Mittarilukema: '6' says odometer_km a second time" in words(listed.problems)
    assert find(listed, "117") is None, "two rows have it, in two columns"


def test_a_row_that_is_there_twice_is_one_row(tmp_path: Path) -> None:
    listed = stock(tmp_path, "reference,price\na,100\na,100\n")
    assert find(listed, "a") is not None
    assert "repeats line 2" in words(problems_of(listed, "a") + listed.left_out[0].problems)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"price\n5\n", ":1: no column says which car a row is"),
        (b"reference,hinta,price\na,1,2\n", ":1: two columns for price"),
        (b"%PDF-1.7\n...", "is a PDF, not a list"),
        (b"<html><table><tr><td>viite</td></tr></table></html>", "is a web page, not a list"),
        (b"PK\x03\x04 and no more", "workbook, and damaged"),
        (xlsx([["hinta"], [5]]), "is an Excel workbook in which no column says which car"),
    ],
)
def test_a_list_of_no_use_is_refused(tmp_path: Path, content: bytes, message: str) -> None:
    with pytest.raises(LabelError) as error:
        stock(tmp_path, content)
    assert message in str(error.value)


def test_a_row_of_another_mark_than_was_given_tells_nothing_else(tmp_path: Path) -> None:
    listed = stock(tmp_path, "reference,mark,price,km,make\n17,XGB-915,4800,213000,Skoda\n")
    mark = Mark("KLT-482", "FI")
    offer, problems = load_offer("17", None, listed, mark=mark, given=True)
    assert offer == Offer(reference="17", mark="XGB915")
    assert "stock.csv:2: has another mark than was given" in words(problems)
    assert not any("XGB" in one or "KLT" in one for one in words(problems))
    # What was only read may be the mistake, and so may be a person's that is the row's.
    assert load_offer("17", None, listed, mark=mark)[0].price == Decimal(4800)
    assert load_offer("17", None, listed, mark=Mark("XGB-915", "FI"), given=True)[0].price == Decimal(4800)


def test_texts_of_stock_systems_become_plain_text(tmp_path: Path) -> None:
    text = "<p>Hieno</p> auto &amp;amp; siisti<br>Huollettu\u200b \u202eabc\ufeff, 10 < 20 <3"
    offer, _ = load_offer(
        "a", car_file(tmp_path, f'description = "{text}"\nequipment = "<li>Koukku</li><li>Navi"\n')
    )
    assert offer.description == "Hieno\n\nauto & siisti\nHuollettu abc, 10 < 20 <3"
    assert offer.equipment == ("Koukku", "Navi")


def test_car_file_goes_before_the_list_and_the_list_before_a_note(tmp_path: Path) -> None:
    listed = stock(tmp_path, "reference,price,km\nleaf,100,5000\nother,200,1\n")
    path = car_file(tmp_path, "price = 300")
    note = tmp_path / "info.txt"
    note.write_text("Hinta 15 900 €, ajettu 84 tkm, puh. 040 123")
    offer, problems = load_offer("leaf", path, listed, [note])
    assert (offer.price, offer.odometer_km) == (Decimal(300), 5000)
    assert "stock.csv:2: price 100 is not used" in words(problems)
    assert "info.txt:1: price 15,900 is not used" in words(problems)
    assert load_offer("leaf", None, listed)[0].price == Decimal(100)
    assert load_offer("leaf", None, None, [note])[0].price == Decimal(15900)
    assert load_offer("unknown", None, listed) == (Offer(reference="unknown"), ())


@pytest.mark.parametrize(
    ("text", "price", "km"),
    [
        ("Hinta 15900e, ajettu 84tkm", 15900, 84000),
        ("VW Golf 2018, ajettu 84 200 km. Hinta: 15 900 €\nrahoitus alk. 199 €/kk", 15900, 84200),
        ("Myydään Golf vm. 2018\n84 200 km\n15.900,-\nJakohihna vaihdettu 80 000 km", 15900, 84200),
        ("Pris: 249 000 SEK\nMiltal 8420", 249000, 84200),
        ("Till salu, gått 8 420 mil, pris 15 900:-", 15900, 84200),
        ("Price €15,900, mileage 84,200 km", 15900, 84200),
        ("Asking price 15900 euros.\nDriven 84200 km, serviced at 80 000 km", 15900, 84200),
        ("Hinta 15 900 €, talvirenkaat 500 €, takuu 1 000 km", 15900, None),
        ("Hinta 17900 nyt 15900 €, ajettu n. 84 000 km", None, None),
        ("Hinta 15.900 €, kysy lisää", None, None),
        ("hinta 15,9t€ ajettu 84tkm", None, 84000),
        ("Golf 2018. Mil: 8420. Pris: 15 900 euro", 15900, 84200),
        ("Hinta 15 eur", None, None),
        ("Toimintamatka 400 km, 199 €/kk", None, None),
        ("Soita 040 123 4567, siisti auto", None, None),
    ],
)
def test_a_note_in_plain_words(tmp_path: Path, text: str, price: int | None, km: int | None) -> None:
    note = tmp_path / "info.txt"
    note.write_text(text, encoding="utf-8")
    offer, problems = load_offer("golf", None, None, [note])
    assert (offer.price, offer.odometer_km) == (price and Decimal(price), km)
    assert words(problems), "what is not used is said"


def test_a_pasted_mail(tmp_path: Path) -> None:
    note = tmp_path / "viesti.eml"
    note.write_bytes(
        b"From: a@b.example\nSubject: Golf\nContent-Type: text/html; charset=iso-8859-1\n\n"
        b"<p>Hinta&nbsp;15&nbsp;900&nbsp;&euro;<br>Mittarissa 84 200 km, p\xe4iv\xe4\xe4</p>"
    )
    offer, _ = load_offer("golf", None, None, [note])
    assert (offer.price, offer.odometer_km) == (Decimal(15900), 84200)


def test_notes_are_the_text_files_of_a_folder(tmp_path: Path) -> None:
    for name in ("b.TXT", "a.eml", "1.jpg", ".hidden.txt", "car.toml"):
        (tmp_path / name).write_text("x")
    assert [path.name for path in notes_in(tmp_path)] == ["a.eml", "b.TXT"]
    assert notes_in(tmp_path / "absent") == []


def test_no_message_holds_the_cars_mark(tmp_path: Path) -> None:
    listed = stock(tmp_path, "mark;price;muuta;km\nKLT-482;KLT 482;k l t 4 8 2;klt482 km\n")
    said = words(listed.problems + problems_of(listed, "x", MARK)).upper()
    assert "482" not in said


def test_read_car_file_raises_only_where_it_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(LabelError, match=r"car\.toml"):
        read_car_file(tmp_path / "car.toml")


def test_the_rows_mark_year_and_vin_are_there_to_be_held_against_plate_and_register(tmp_path: Path) -> None:
    listed = stock(
        tmp_path, "viite;rek;vuosimalli;valmistenumero;hinta\na;KLT-482;vm. 2018;wvwzzzauzjw000417;100\n"
    )
    offer, problems = load_offer("a", stock=listed)
    assert (offer.mark, offer.year, offer.vin) == ("KLT482", 2018, "WVWZZZAUZJW000417")
    assert not problems and "KLT" not in repr(offer) and "WVWZZZ" not in repr(offer)


def test_a_row_found_by_the_mark_that_was_read_does_not_bear_that_mark_out(tmp_path: Path) -> None:
    listed = stock(tmp_path, "viite;rek;hinta\nb;KLT-482;100\n")
    offer, _ = load_offer("a", stock=listed, mark=Mark("KLT-482", "FI"))
    assert offer.price == 100 and offer.mark is None


def test_a_folder_named_by_its_mark_is_the_dealers_own_word(tmp_path: Path) -> None:
    listed = stock(tmp_path, "rek;hinta\nKLT-482;100\n")
    assert load_offer("klt 482", stock=listed, mark=Mark("KLT-482", "FI"))[0].mark == "KLT482"


@pytest.mark.parametrize("value", ["18", "2015 tai 2018", "", "20180"])
def test_a_year_that_is_none_is_named(value: str, tmp_path: Path) -> None:
    listed = stock(tmp_path, f"viite;vuosimalli;hinta\na;{value};100\n")
    offer, problems = load_offer("a", stock=listed)
    assert offer.year is None and len(problems) == bool(value)


@pytest.mark.parametrize("value", ["WVWZZZAUZJW00041", "WVWZZZAUZJW00O417", "later"])
def test_a_vin_that_is_not_whole_is_not_used(value: str, tmp_path: Path) -> None:
    listed = stock(tmp_path, f"viite;vin;hinta\na;{value};100\n")
    offer, problems = load_offer("a", stock=listed)
    assert offer.vin is None and len(problems) == 1


def test_a_car_file_may_hold_vin_and_year(tmp_path: Path) -> None:
    (tmp_path / "car.toml").write_text('vin = "WVWZZZAUZJW000417"\nyear = 2018\n')
    offer, problems = load_offer("a", tmp_path / "car.toml")
    assert (offer.vin, offer.year, problems) == ("WVWZZZAUZJW000417", 2018, ())


GOLF, OCTAVIA = "WVWZZZAUZJW000417", "TMBJG7NE1F0000935"


@pytest.mark.parametrize(
    "text",
    [
        f"viite;vin;valmistenumero;hinta\na;{GOLF};{OCTAVIA};100\n",
        f"viite;rek;vin;hinta\na;KLT-482;{GOLF};100\nb;ABC-123;{GOLF};200\n",  # filled down
    ],
)
def test_a_vin_of_which_the_list_is_not_sure_ties_nothing(text: str, tmp_path: Path) -> None:
    offer, problems = load_offer("a", stock=stock(tmp_path, text))
    assert offer.vin is None and offer.price == 100 and len(problems) == 1
    assert GOLF not in str(problems[0].error) and OCTAVIA not in str(problems[0].error)


def test_two_vins_of_one_car_tie_nothing(tmp_path: Path) -> None:
    (tmp_path / "car.toml").write_text(f'vin = "{GOLF}"\n')
    for other, vin in ((OCTAVIA, None), (GOLF, GOLF)):
        listed = stock(tmp_path, f"viite;vin;hinta\na;{other};100\n")
        offer, problems = load_offer("a", tmp_path / "car.toml", listed)
        assert offer.vin == vin and len(problems) == (vin is None)


def test_a_row_named_by_zeros_is_no_cars_without_a_reference(tmp_path: Path) -> None:
    listed = stock(tmp_path, "viite;rek;hinta\n0;ABC-123;15000\n")
    assert load_offer("", stock=listed)[0].price is None
    assert load_offer("000", stock=listed)[0].price == 15000


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Hinta 12 500 € tai hinta 13 900 €", "'12 500 €', '13 900 €'"),
        ("Hinta 12", "'12'"),
        ("Hinta noin 12 000 €", "'12 000 €'"),
    ],
)
def test_what_is_not_clear_is_told_without_words_of_ours(tmp_path: Path, text: str, said: str) -> None:
    """It stands in answers to dealers, of any language, who have no car.toml."""
    note = tmp_path / "newer-999-mail-0123456789ab.txt"
    note.write_text(text)
    assert load_offer("golf", notes=[note])[0].unclear == (("price", said),)


def test_what_is_not_clear_in_a_list_names_the_row_of_a_list_that_dealers_know(tmp_path: Path) -> None:
    for name, ending in (("stock.csv", " (stock.csv:2)"), ("0123456789abcdef", "")):
        (tmp_path / name).write_text("viite;hinta\ngolf;19.900\n")
        offer, _ = load_offer("golf", stock=read_stock_list(tmp_path / name))
        assert offer.unclear == (("price", f"'19.900'{ending}"),)
