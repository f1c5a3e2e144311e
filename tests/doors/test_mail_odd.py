"""Mails that are odd, too large or in the way, and machines that fail."""

from __future__ import annotations

import email
from email.message import EmailMessage
from pathlib import Path

import pytest
from pydantic import SecretStr
from tests.doors.mail_door import Sink, decided, nested, sent_raw
from tests.doors.mails import letter, photo
from tests.mail_server import Dovecot

from kilpi.cases import (
    Batch,
    MadeCars,
    find,
    make_cars,
)
from kilpi.config import Settings
from kilpi.doors import mail as mailing
from kilpi.doors.looks import looks
from kilpi.doors.mail import MailDoor
from kilpi.errors import DoorError, OutputError, StoreError
from kilpi.store import Store


def test_a_mail_that_is_too_large_is_not_fetched_and_its_sender_told(
    door: MailDoor, imap: Dovecot, smtp: tuple[Sink, int], fetched: list[bool], tmp_path: Path
) -> None:
    small = MailDoor(door.store, door.data, door.settings.model_copy(update={"mail_max_mb": 1}))
    imap.put(letter("XYZ-123", ("1.jpg", b"\xff\xd8" + bytes(1_500_000))))
    imap.put(letter("Golf", ("2.jpg", photo(tmp_path, 1))))
    imap.put(letter("Golf", ("3.jpg", bytes(1_500_000)), sender="stranger@else.example"))
    assert small.look() is True, "the small one waits for its car"
    assert imap.count() == 1 and imap.count("Kilpi-failed") == 2
    assert fetched == [True, True, False, True], "of the large one and the stranger's the head alone"
    (answer,) = smtp[0].mails
    text = str(email.message_from_string(answer).get_payload())
    assert "3 MB" in text and "1 MB at most" in text and "several mails" in text.replace("=\n", "")
    assert "XYZ-123" not in answer and "To: sales@auto.example" in answer and "In-Reply-To" in answer
    decided(small)
    small.look()
    assert len(smtp[0].mails) == 2 and imap.count() == 0 and imap.count("Kilpi-done") == 1
    (case,) = find(door.store).cases
    assert case.reference == "Golf" and small.look() is False


def test_a_large_mail_waits_until_its_answer_can_be_sent(
    door: MailDoor, imap: Dovecot, smtp: tuple[Sink, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    small = MailDoor(door.store, door.data, door.settings.model_copy(update={"mail_max_mb": 1}))
    imap.put(letter("Golf", ("1.jpg", bytes(1_500_000))))

    def away(mail: EmailMessage, settings: Settings) -> None:
        raise OSError

    with monkeypatch.context() as patch:
        patch.setattr(mailing, "send", away)
        assert small.look() is False and "an answer could not be sent" in small.problem
    assert imap.count() == 1 and not smtp[0].mails
    small.look()
    assert imap.count("Kilpi-failed") == 1 and len(smtp[0].mails) == 1


def test_where_the_machine_fails_the_mail_stays(
    door: MailDoor, imap: Dovecot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    imap.put(letter("leaf", ("1.jpg", photo(tmp_path, 50))))

    def fail(*arguments: object) -> object:
        raise StoreError("database: failed")

    with monkeypatch.context() as patched:
        patched.setattr(mailing, "make_cars", fail)
        door.look()
    assert imap.count() == 1 and looks(door.store)[0].problem == "database: failed"
    wrong = door.settings.model_copy(update={"mail_password": SecretStr("wrong")})
    refused = MailDoor(door.store, door.data, wrong)
    assert refused.look() is False and "KILPI_MAIL_PASSWORD" in looks(door.store)[0].problem
    imap.kill()
    assert door.look() is False and isinstance(door.failed, DoorError)
    assert "cannot be reached" in looks(door.store)[0].problem
    imap.start()
    door.look()
    assert len(find(door.store).cases) == 1 and looks(door.store)[0].problem == ""


def test_an_odd_mail_of_a_stranger_is_put_aside_unopened(
    door: MailDoor, imap: Dovecot, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    imap.put(b"From: x@evil.example\r\nMessage-ID: <1@x>\r\nSubject: =?utf-8?B?a?=\r\n\r\nhi")
    imap.put(nested(1500).replace(b"sales@auto.example", b"x@evil.example"))
    imap.put(letter("leaf", ("1.jpg", photo(tmp_path, 60))))
    door.look()
    assert [case.reference for case in find(door.store).cases] == ["leaf"]
    assert imap.count("Kilpi-failed") == 2 and door.problem == ""
    assert "evil" not in caplog.text


def test_what_cannot_be_decoded_is_left_out_and_the_car_is_made(
    door: MailDoor, imap: Dovecot, smtp: tuple[Sink, int], tmp_path: Path
) -> None:
    one = ("1.jpg", photo(tmp_path, 61))
    named = sent_raw(("@@.jpg", photo(tmp_path, 62)), Subject="a")
    imap.put(sent_raw(one, Subject="=?utf-8?B?a?="))
    imap.put(named.replace(b'filename="@@.jpg"', b'filename="=?nosuch?B?a?="'))
    imap.put(sent_raw(("3.jpg", photo(tmp_path, 63)), Message_ID="<folded\r\n @auto.example>"))
    texts = [b"charset=idna", b'charset="a\0b"', b"charset=nosuch", b"charset=raw_unicode_escape"]
    for n, charset in enumerate(texts):
        raw = letter(f"text-{n}", (f"t{n}.jpg", photo(tmp_path, 64 + n)), text="\\ud800 " + "x" * 70)
        imap.put(raw.replace(b'charset="utf-8"', charset, 1))
    for _ in range(2):
        door.look()
        decided(door)
    assert len(find(door.store).cases) == 7 and door.problem == ""
    door.look()
    assert imap.count() == 0 and imap.count("Kilpi-done") == 7 and len(smtp[0].mails) == 7


def test_a_mail_that_makes_us_stumble_is_tried_and_put_aside(
    door: MailDoor, imap: Dovecot, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    imap.put(nested(1500))
    imap.put(letter("leaf", ("1.jpg", photo(tmp_path, 70))))
    for n in range(mailing.TRIES):
        assert imap.count("Kilpi-failed") == 0, n
        door.look()
    assert imap.count("Kilpi-failed") == 1 and not door.stumbled
    assert [case.reference for case in find(door.store).cases] == ["leaf"]
    assert "RecursionError" in caplog.text and "sales" not in caplog.text and "deep" not in caplog.text


def test_a_mail_that_our_own_side_cannot_take_stays_and_the_others_go_on(
    door: MailDoor, imap: Dovecot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    imap.put(letter("leaf", ("1.jpg", photo(tmp_path, 71))))
    imap.put(letter("golf", ("2.jpg", photo(tmp_path, 72))))
    make = make_cars

    def full(store: Store, data: Path, batch: Batch, country: str) -> MadeCars:
        if batch.reference == "leaf":
            raise OutputError("disk: full")
        return make(store, data, batch, country)

    monkeypatch.setattr(mailing, "make_cars", full)
    for _ in range(mailing.TRIES + 1):
        door.look()
    assert [case.reference for case in find(door.store).cases] == ["golf"] and door.problem == "disk: full"
    assert imap.count() == 2 and imap.count("Kilpi-failed") == 0


def test_without_room_mail_waits(door: MailDoor, imap: Dovecot, tmp_path: Path) -> None:
    imap.put(letter("leaf", ("1.jpg", photo(tmp_path, 73))))
    assert door.store.originals is not None
    object.__setattr__(door.store.originals, "floor", 1 << 60)
    door.look()
    assert imap.count() == 1 and "KILPI_MIN_FREE_MB" in door.problem and not find(door.store).cases
    object.__setattr__(door.store.originals, "floor", 0)
    door.look()
    assert len(find(door.store).cases) == 1
