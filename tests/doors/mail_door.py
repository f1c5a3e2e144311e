"""Mails as people and machines send them, and what is asked of a mail door."""

from __future__ import annotations

import email
import io
from pathlib import Path
from zipfile import ZipFile

from tests.cases.helping import Told, review
from tests.doors.mails import letter, photo
from tests.mail_server import Dovecot

from kilpi.adverts.dealer_stock import load_offer
from kilpi.cases import (
    Case,
    work,
)
from kilpi.cases.incoming.beside import Beside
from kilpi.doors.mail import MailDoor
from kilpi.types import Offer


class Sink:
    """Keeps what is sent to it."""

    def __init__(self) -> None:
        self.mails: list[str] = []

    async def handle_DATA(self, server: object, session: object, envelope: object) -> str:  # noqa: N802
        self.mails.append(envelope.content.decode())  # type: ignore[attr-defined]
        return "250 OK"


def decided(door: MailDoor) -> None:
    work(door.store, Told(review(missing=("price",))))


def sent_raw(*files: tuple[str, bytes], **headers: str) -> bytes:
    """A mail of a listed sender whose headers, of any kind, are replaced or added."""
    mail = email.message_from_bytes(letter("leaf", *files))
    for name in headers:
        del mail[name.replace("_", "-")]
        mail[name.replace("_", "-")] = "@@"
    raw = mail.as_bytes()
    for value in headers.values():
        raw = raw.replace(b"@@", value.encode("latin-1"), 1)
    return raw


def nested(depth: int) -> bytes:
    inside = (b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(depth))
    return b"From: sales@auto.example\r\nMessage-ID: <deep@x>\r\n" + b"".join(inside) + b"hi"


def zipped(*named: tuple[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with ZipFile(packed, "w") as archive:
        for name, content in named:
            archive.writestr(name, content)
    return packed.getvalue()


def answer_to(raw: bytes, told: str, subject: str) -> bytes:
    mail = email.message_from_bytes(raw)
    del mail["Subject"]
    mail["Subject"], mail["In-Reply-To"] = subject, told
    return mail.as_bytes()


def told_of(door: MailDoor, case: Case) -> Offer:
    """What the mails of a case say of it."""
    return load_offer(case.reference, notes=Beside(door.data).texts(case.id))[0]


def two_cars(door: MailDoor, imap: Dovecot, smtp: tuple[Sink, int], tmp_path: Path, *shared: int) -> str:
    """Golf and leaf, one photo each and the shared ones, are answered. The Message-ID of leaf's answer."""
    for n, name in enumerate(("leaf", "golf")):
        files = [(f"{n}.jpg", photo(tmp_path, 120 + n)), *((f"s{s}.jpg", photo(tmp_path, s)) for s in shared)]
        imap.put(letter(name, *files))
        for _ in range(2):
            door.look()
            decided(door)
    told = (email.message_from_string(one) for one in smtp[0].mails)
    return next(one["Message-ID"] for one in told if "leaf" in one["Subject"])
