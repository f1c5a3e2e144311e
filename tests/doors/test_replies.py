"""What a mail is answered."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from email.message import EmailMessage
from typing import Any

import pytest
from tests.doors.mails import DEALER, letter

from kilpi.cases import (
    Case,
    SentFile,
    SentKind,
    State,
)
from kilpi.cases.incoming.dealers import may_sign_in
from kilpi.cases.incoming.newer_lists import NO_LIST, Listed
from kilpi.config import Settings
from kilpi.doors.letters import letter_of
from kilpi.doors.replies import CarMade, reply_to
from kilpi.doors.senders import Senders
from kilpi.store import Store
from kilpi.types import Mark, Reason
from kilpi.web.accounts import Role, add_user

ID = "018f0000-0000-7000-8000-00000000ab12"


def made(reference: str, **more: Any) -> CarMade:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    values = {"mark": Mark("ABC-123", "FI"), "state": State.REVIEW, **more}
    return CarMade(Case(ID, DEALER, reference, "", "", 1, at, at, **values), 2)


def test_who_may_sign_in_gets_a_link(store: Store) -> None:
    assert not may_sign_in(store, DEALER)
    add_user(store, "pekka", Role.DEALER, DEALER)
    assert may_sign_in(store, DEALER) and not may_sign_in(store, "Other Oy")
    car = made("leaf")
    assert f"/cars/{ID}" in written("leaf", car).get_content()
    assert "/cars/" not in written("leaf", replace(car, link=False)).get_content()


def test_a_car_without_a_name_is_called_by_what_is_known() -> None:
    unnamed = made("photos-24f837")
    assert "Your car: 2 photos, " in written("kuvia", unnamed).get_content()
    titled = replace(unnamed, case=replace(unnamed.case, title="VW Golf 2018"))
    assert "VW Golf 2018: 2 photos" in written("kuvia", titled).get_content()


def written(
    subject: str, *cars: CarMade, unused: tuple[SentFile, ...] = (), listed: Listed = NO_LIST
) -> EmailMessage:
    from imap_tools import MailMessage

    senders = Senders.parse(f"sales@auto.example={DEALER}")
    told = letter_of(MailMessage.from_bytes(letter(subject)), senders)
    settings = Settings(language="en", smtp_from="k@kilpi.example", public_url="https://cars.example.org")
    return reply_to(told, cars, unused, settings, listed)


def test_an_answer_says_what_a_stock_list_names_and_no_mark() -> None:
    gone = tuple(made(name).case for name in ("leaf", "ABC-123"))
    said = written("lista", listed=Listed(41, gone)).get_content()
    assert "your stock list has arrived" in said and "Cars in the stock list: 41." in said
    assert "no longer names: 2" in said and "  leaf" in said and "ABC" not in said
    assert "stock list" not in written("leaf", made("leaf")).get_content()
    assert "No photo in your mail could be used" in written("leaf").get_content()


@pytest.mark.parametrize(
    "subject",
    ["ABC-123", "Re: Leaf abc 123", "a b c 1 2 3", "XYZ-987 sold", "NO ABC123"]
    + ["Re: leaf ek 12345", "123 EFG", "AB12 CDE", "Leaf wvwzzzauzjw000417"],
)
def test_an_answer_repeats_no_mark(subject: str) -> None:
    both = (
        Reason("marks_differ", {"marks": ["PU-HELIN", "ABC-128"]}),
        Reason("ambiguous", {"others": ["VIP"]}),
    )
    twin = Reason("mark_of_another_car", {"case": "other-case", "differ": ["dealer"]})
    odd = Reason("some_new_code", {"mark": "QQQ-111", "case": "other-case"})
    unused = (SentFile(f"{subject}.mp4", "", SentKind.LEFT_OUT, "video"),)
    answer = written(subject, made(subject, reasons=(*both, twin, odd)), unused=unused)
    for name in ("Message-ID", "In-Reply-To", "References"):
        del answer[name]  # signs by chance, of which a few may be "12345"
    said = answer.as_string()
    assert answer["Subject"] == "Kilpi" and f"https://cars.example.org/cars/{ID}" in said
    for never in (
        "ABC-123",
        "abc 123",
        "a b c 1",
        "XYZ",
        "ABC123",
        "HELIN",
        "ABC-128",
        "VIP",
        "QQQ",
        "12345",
        "EFG",
        "CDE",
        "000417",
        "other-case",
    ):
        assert never not in said, never
    assert ".mp4: a video" in said


def test_an_answer_names_the_car_where_that_is_no_mark() -> None:
    answer = written("SV: Nissan Leaf 2019", made("Nissan Leaf 2019"))
    assert answer["Subject"] == "Re: Nissan Leaf 2019" and "Nissan Leaf 2019: 2 photo" in answer.as_string()
