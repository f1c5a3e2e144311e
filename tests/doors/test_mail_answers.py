"""Mails that answer mails: which car they go on about, and what they change."""

from __future__ import annotations

import email
from decimal import Decimal
from pathlib import Path

import pytest
from tests.doors.mail_door import Sink, answer_to, decided, told_of, two_cars
from tests.doors.mails import DEALER, letter, photo
from tests.mail_server import Dovecot

from kilpi.cases import (
    Kind,
    find,
    history,
    photos,
)
from kilpi.doors.mail import MailDoor


@pytest.mark.parametrize("answered", ["ours", "own", "ours again", "ours alone"])
def test_who_answers_one_of_our_mails_goes_on_about_that_car(
    door: MailDoor, imap: Dovecot, smtp: tuple[Sink, int], tmp_path: Path, answered: str
) -> None:
    first = letter("Leaf 2019", ("1.jpg", photo(tmp_path, 100)))
    imap.put(first)
    for _ in range(2):
        door.look()
        decided(door)
    told = email.message_from_string(smtp[0].mails[0])["Message-ID"]
    if answered != "ours":
        told = email.message_from_bytes(first)["Message-ID"]
    if answered in ("ours again", "ours alone"):  # an answer to our answer to an answer
        imap.put(answer_to(letter("x", ("2.jpg", photo(tmp_path, 101))), told, "Re: Leaf 2019"))
        for _ in range(2):
            door.look()
            decided(door)
        last = email.message_from_string(smtp[0].mails[-1])
        told = str(last["Message-ID"])  # some programs keep no References
        if answered == "ours again":
            told = f"{last['References']} {told}"
    imap.put(answer_to(letter("x", ("3.jpg", photo(tmp_path, 102))), told, "SV: Re: Leaf 2019"))
    imap.put(answer_to(letter("x", ("4.jpg", photo(tmp_path, 103))), told, "Re: Golf 2020"))  # another car
    stranger = letter("x", ("5.jpg", photo(tmp_path, 104)), sender="a@other.example")
    imap.put(answer_to(stranger, told, "Re: Leaf 2019"))
    door.look()
    cases = {
        (case.dealer, case.reference): len(photos(door.store, case.id)) for case in find(door.store).cases
    }
    more = 3 if answered in ("ours again", "ours alone") else 2
    assert cases == {
        (DEALER, "Leaf 2019"): more,
        (DEALER, "Golf 2020"): 1,
        ("Other Oy", "Leaf 2019"): 1,
    }


def test_one_more_photo_takes_neither_price_nor_mileage_away(
    door: MailDoor, imap: Dovecot, smtp: tuple[Sink, int], tmp_path: Path
) -> None:
    imap.put(letter("Golf 2018", ("1.jpg", photo(tmp_path, 105)), text="Hinta 14 900 €, ajettu 81 000 km"))
    for text in ("Tässä vielä yksi kuva. Terv. Pekka", "Hinta on nyt 13 900 €"):
        for _ in range(2):
            door.look()
            decided(door)
        last = email.message_from_string(smtp[0].mails[-1])
        told = f"{last['References']} {last['Message-ID']}"
        more = letter("x", (f"{len(text)}.jpg", photo(tmp_path, 105 + len(text))), text=text)
        imap.put(answer_to(more, told, "Re: Golf 2018"))
        door.look()
    (case,) = find(door.store).cases
    offer = told_of(door, case)
    assert len(photos(door.store, case.id)) == 3
    assert (offer.price, offer.odometer_km) == (Decimal(13900), 81_000)


def test_an_answer_with_known_photos_of_another_car_joins_nothing(
    door: MailDoor, imap: Dovecot, smtp: tuple[Sink, int], tmp_path: Path
) -> None:
    imap.put(letter("golf", ("g.jpg", photo(tmp_path, 110))))
    imap.put(letter("leaf", ("l.jpg", photo(tmp_path, 111))))
    for _ in range(2):
        door.look()
        decided(door)
    told = next(m for m in map(email.message_from_string, smtp[0].mails) if "leaf" in m["Subject"])
    imap.put(answer_to(letter("x", ("g.jpg", photo(tmp_path, 110))), told["Message-ID"], "Re: leaf"))
    door.look()
    assert {case.reference: len(photos(door.store, case.id)) for case in find(door.store).cases} == {
        "golf": 1, "leaf": 1,
    }  # fmt: skip


def test_a_picture_that_every_mail_has_keeps_no_answer_from_its_car(
    door: MailDoor, imap: Dovecot, smtp: tuple[Sink, int], tmp_path: Path
) -> None:
    told = two_cars(door, imap, smtp, tmp_path)
    files = [("new.jpg", photo(tmp_path, 123)), ("banner.jpg", photo(tmp_path, 121))]  # it is golf's, too
    imap.put(answer_to(letter("x", *files, text="Hinta 7 777 €"), told, "Re: leaf"))
    for _ in range(2):
        door.look()
        decided(door)
    known = {case.reference: case for case in find(door.store).cases}
    assert {name: len(photos(door.store, case.id)) for name, case in known.items()} == {"golf": 1, "leaf": 2}
    assert told_of(door, known["leaf"]).price == 7777 and told_of(door, known["golf"]).price is None
    answer = smtp[0].mails[-1]
    assert "leaf: 2 photo" in answer and "banner.jpg: a picture of another car already" in answer


def test_an_answer_with_nothing_but_shared_pictures_is_still_about_its_car(
    door: MailDoor, imap: Dovecot, smtp: tuple[Sink, int], tmp_path: Path
) -> None:
    told = two_cars(door, imap, smtp, tmp_path, 122)
    imap.put(answer_to(letter("x", ("b.jpg", photo(tmp_path, 122)), text="Hinta 7 777 €"), told, "Re: leaf"))
    imap.put(
        answer_to(letter("x", ("1.jpg", photo(tmp_path, 121)), text="Ajettu 9 999 km"), told, "Re: leaf")
    )
    for _ in range(2):
        door.look()
        decided(door)
    offers = {case.reference: told_of(door, case) for case in find(door.store).cases}
    assert {name: (offer.price, offer.odometer_km) for name, offer in offers.items()} == {
        "golf": (None, None), "leaf": (Decimal(7777), 9999),
    }  # fmt: skip
    assert "your message has arrived" in smtp[0].mails[-1]


def test_an_answer_without_photos_says_what_was_missing(
    door: MailDoor, imap: Dovecot, smtp: tuple[Sink, int], tmp_path: Path
) -> None:
    told = two_cars(door, imap, smtp, tmp_path)
    imap.put(answer_to(letter("x", text="Hinta 12 900 €, ajettu 81 000 km"), told, "Re: leaf"))
    for _ in range(2):
        door.look()
        decided(door)
    known = {case.reference: case for case in find(door.store).cases}
    offers = {name: told_of(door, case) for name, case in known.items()}
    assert (offers["leaf"].price, offers["leaf"].odometer_km) == (Decimal(12900), 81_000)
    assert offers["golf"].price is None
    reruns = [event.data for event in history(door.store, known["leaf"].id) if event.kind is Kind.RERUN]
    assert reruns == [{"why": "notes"}]
    answer = smtp[0].mails[-1]
    assert "your message has arrived" in answer and "leaf: 1 photo" in answer
    assert imap.count() == 0 and imap.count("Kilpi-done") == 3 and imap.count("Kilpi-failed") == 0


def test_an_answer_with_photos_of_a_car_of_other_kilometres_is_another_car(
    door: MailDoor, imap: Dovecot, smtp: tuple[Sink, int], tmp_path: Path
) -> None:
    imap.put(letter("kuvia", ("1.jpg", photo(tmp_path, 130)), text="Hinta 14 900 €, ajettu 81 000 km"))
    later = ("Hinta 13 900 €, ajettu 81 500 km", "Vielä tämä: hinta 3 900 €, ajettu 281 000 km")
    for seed, text in enumerate(later, 131):
        for _ in range(2):
            door.look()
            decided(door)
        told = str(email.message_from_string(smtp[0].mails[0])["Message-ID"])
        more = letter("x", (f"{seed}.jpg", photo(tmp_path, seed)), text=text)
        imap.put(answer_to(more, told, "Re: Kilpi"))
        door.look()
    offers = [told_of(door, case) for case in find(door.store).cases]
    told_now = [(int(offer.price or 0), offer.odometer_km or 0) for offer in offers]
    assert sorted(told_now) == [(3900, 281_000), (13_900, 81_500)]


@pytest.mark.parametrize("subject", ["Re: mini", "hello"])
def test_a_text_that_answers_no_car_is_of_no_use(
    door: MailDoor, imap: Dovecot, smtp: tuple[Sink, int], tmp_path: Path, subject: str
) -> None:
    told = two_cars(door, imap, smtp, tmp_path)
    told = told if subject == "Re: mini" else "<x@y>"
    imap.put(answer_to(letter("x", text="Hinta 12 900 €"), told, subject))
    door.look()
    assert all(told_of(door, case).price is None for case in find(door.store).cases)
    assert "No photo in your mail could be used" in smtp[0].mails[-1] and imap.count("Kilpi-failed") == 1
