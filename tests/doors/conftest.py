"""A mail door between a Dovecot and an SMTP server that keeps what it is sent."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from tests.doors.mail_door import Sink
from tests.doors.mails import DEALER
from tests.mail_server import PASSWORD, USER, Dovecot, dovecot, there
from tests.ports import free_port

from kilpi.config import Settings
from kilpi.doors import mail as mailing
from kilpi.doors.mail import MailDoor
from kilpi.doors.raw_mail import fetch
from kilpi.store import Store


@pytest.fixture(scope="module")
def imap() -> Iterator[Dovecot]:
    if not there() and not os.environ.get("CI"):
        pytest.skip("no dovecot here; Debian: apt-get install dovecot-imapd")
    with dovecot() as server:
        yield server


@pytest.fixture
def smtp() -> Iterator[tuple[Sink, int]]:
    from aiosmtpd.controller import Controller

    sink, port = Sink(), free_port()
    controller = Controller(sink, hostname="127.0.0.1", port=port)
    controller.start()
    yield sink, port
    controller.stop()


@pytest.fixture
def door(imap: Dovecot, smtp: tuple[Sink, int], tmp_path: Path) -> Iterator[MailDoor]:
    settings = Settings(
        mail_host="127.0.0.1", mail_port=imap.port, mail_tls="none", mail_user=USER,
        mail_password=SecretStr(PASSWORD),
        mail_senders=f"sales@auto.example={DEALER}, @other.example=Other Oy",
        smtp_host="127.0.0.1", smtp_port=smtp[1], smtp_tls="none", smtp_from="kilpi@example.org",
        language="en", public_url="https://cars.example.org",
    )  # fmt: skip
    store = Store.open(tmp_path / "data")
    for folder in ("INBOX", "Kilpi-done", "Kilpi-failed"):
        box = imap.connect()
        status, found = box.select(folder)
        if status == "OK" and found[0] != b"0":
            box.store("1:*", "+FLAGS", "\\Deleted")
            box.expunge()
        box.logout()
    yield MailDoor(store, tmp_path / "data", settings)
    store.close()


@pytest.fixture
def fetched(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Whether the head alone was fetched, one entry a time."""
    seen: list[bool] = []

    def noted(box: Any, uid: str, *, head: bool = False) -> Any:
        seen.append(head)
        return fetch(box, uid, head=head)

    monkeypatch.setattr(mailing, "fetch", noted)
    return seen
