"""Notes, mails and texts of stock systems in plain words."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from tests.adverts.stock_files import car_file, words

from kilpi.adverts.dealer_stock import load_offer, notes_in


def test_texts_of_stock_systems_become_plain_text(tmp_path: Path) -> None:
    text = "<p>Hieno</p> auto &amp;amp; siisti<br>Huollettu\u200b \u202eabc\ufeff, 10 < 20 <3"
    offer, _ = load_offer(
        "a", car_file(tmp_path, f'description = "{text}"\nequipment = "<li>Koukku</li><li>Navi"\n')
    )
    assert offer.description == "Hieno\n\nauto & siisti\nHuollettu abc, 10 < 20 <3"
    assert offer.equipment == ("Koukku", "Navi")


@pytest.mark.parametrize(
    ("text", "price", "km"),
    [
        ("Hinta 15900e, ajettu 84tkm", 15900, 84000),
        ("VW Golf 2018, ajettu 84 200 km. Hinta: 15 900 €\nrahoitus alk. 199 €/kk", 15900, 84200),
        ("Myydään Golf vm. 2018\n84 200 km\n15.900,-\nJakohihna vaihdettu 80 000 km", 15900, 84200),
        ("Pris: 249 000 SEK\nMiltal 8420", 249000, 84200),
        ("Till salu, gått 8 420, pris 15 900:-", 15900, None),
        ("Mätarställning: 8420. Pris 15 900:-", 15900, None),
        ("Mätarställning: 84 200. Pris 15 900:-", 15900, 84200),
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
