"""Which parts of a mail are files, as programs attach and forward them."""

from __future__ import annotations

from email import base64mime
from email.message import EmailMessage
from pathlib import Path

import pytest
from imap_tools import MailMessage
from tests.doors.mail_door import Sink, decided, told_of
from tests.doors.mails import photo
from tests.mail_server import Dovecot

from kilpi.cases import find, photos
from kilpi.doors.letters import Letter, letter_of
from kilpi.doors.mail import MailDoor
from kilpi.doors.parts import LOGO
from kilpi.doors.senders import Senders

PHOTO, OTHER = b"\xff\xd8" + bytes(LOGO), b"\xff\xd8" + bytes(LOGO + 1)


def mail(subject: str, text: str = "hello") -> EmailMessage:
    made = EmailMessage()
    made["From"], made["Subject"], made["Message-ID"] = "sales@auto.example", subject, f"<{len(subject)}@x>"
    made.set_content(text)
    return made


def read(made: EmailMessage | bytes) -> Letter:
    raw = made if isinstance(made, bytes) else made.as_bytes()
    return letter_of(MailMessage.from_bytes(raw), Senders.parse("sales@auto.example=Auto Oy", ""))


def test_files_without_a_name_are_files() -> None:
    """Scanners, telephones and some programs name none; their photos were dropped without a word."""
    made = mail("leaf")
    made.add_attachment(PHOTO, "image", "jpeg")
    made.add_attachment(OTHER, "application", "octet-stream")
    made.add_attachment(PHOTO, "image", "heic", disposition="inline")
    assert read(made).files == (
        ("file-1.jpeg", PHOTO), ("file-2.octet-stream", OTHER), ("file-3.heic", PHOTO)
    )  # fmt: skip


def test_logos_and_signatures_are_none() -> None:
    made = mail("leaf")
    made.add_attachment(PHOTO[:900], "image", "png", disposition="inline")
    made.add_attachment(PHOTO, "application", "pgp-signature", disposition="inline")
    assert read(made).files == ()


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "base64"])
def test_a_mail_that_is_attached_gives_its_photos_and_text(packed: bool) -> None:
    inside = mail("golf 17", "Hinta 15 900 €")
    inside.add_attachment(PHOTO, "image", "jpeg", filename="a.jpg")
    made = mail("VL: golf")
    made.add_attachment(inside)
    raw = made.as_bytes()
    if packed:
        plain = inside.as_bytes()
        head = b"Content-Type: message/rfc822\nContent-Transfer-Encoding: "
        raw = raw.replace(head + b"8bit", head + b"7bit")
        before, _, after = raw.partition(plain)
        assert after, "it stands there as it is"
        before = before.replace(head + b"7bit", head + b"base64")
        raw = before + base64mime.body_encode(plain).encode() + after
    letter = read(raw)
    assert (letter.reference, letter.files) == ("golf", (("a.jpg", PHOTO),))
    assert "15 900" in letter.text


def forwarded(*attached: EmailMessage) -> bytes:
    made = mail("Fwd: cars", "Here they are, 12 000 € each")
    for one in attached:
        made.add_attachment(one)
    return made.as_bytes()


def with_photo(subject: str, text: str, content: bytes) -> EmailMessage:
    made = mail(subject, text)
    made.add_attachment(content, "image", "jpeg")
    return made


def test_mails_that_name_different_cars_are_a_folder_each() -> None:
    letter = read(forwarded(with_photo("golf/17", "A", PHOTO), with_photo("leaf", "B", OTHER)))
    names = [name.rpartition("/")[0] for name, _ in letter.files]
    assert names == ["golf-17", "leaf", "golf-17", "leaf"]
    assert "A" not in letter.text and "Here they are" in letter.text


def test_mails_of_one_car_or_of_none_that_is_named_are_one_car() -> None:
    letter = read(forwarded(with_photo("golf", "A", PHOTO), with_photo("Re: Golf", "B", OTHER)))
    assert [name for name, _ in letter.files] == ["file-1.jpeg", "file-2.jpeg"]
    letter = read(forwarded(with_photo("kuvia", "A", PHOTO), with_photo("golf", "B", OTHER)))
    assert [name for name, _ in letter.files] == ["file-1.jpeg", "file-2.jpeg"]


def test_two_cars_forwarded_in_one_mail_are_two_with_their_own_prices(
    door: MailDoor, imap: Dovecot, smtp: tuple[Sink, int], tmp_path: Path
) -> None:
    """They were one car, whose text told two prices."""
    golf, leaf = photo(tmp_path, 301), photo(tmp_path, 302)
    cars = (with_photo("golf 17", "Hinta 15 900 €", golf), with_photo("leaf 18", "Hinta 9 900 €", leaf))
    imap.put(forwarded(*cars))
    for _ in range(2):
        door.look()
        decided(door)
    found = {case.reference: case for case in find(door.store).cases}
    assert {name: str(told_of(door, case).price) for name, case in found.items()} == {
        "golf 17": "15900", "leaf 18": "9900"
    }  # fmt: skip
    assert {len(photos(door.store, case.id)) for case in found.values()} == {1}
    assert imap.count("Kilpi-done") == 1
    (answer,) = smtp[0].mails
    assert "golf 17" in answer and "leaf 18" in answer and "rfc822" not in answer
