"""Mail to cars and answers, against a real IMAP server and an SMTP sink."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from zipfile import ZipFile

import pytest
from pydantic import SecretStr
from tests.cases.helping import Told, review
from tests.fakes import write_car_photo
from tests.mail_server import PASSWORD, USER, Dovecot, dovecot, there
from tests.ports import free_port

from kilpi.cases import Kind, find, history, photos, work
from kilpi.config import Settings
from kilpi.doors import mail as mailing
from kilpi.doors.looks import looks
from kilpi.doors.mail import MailDoor
from kilpi.doors.senders import Senders
from kilpi.errors import StoreError, UsageError
from kilpi.store import Store

DEALER = "Auto Oy"


class Sink:
    """Keeps what is sent to it."""

    def __init__(self) -> None:
        self.mails: list[str] = []

    async def handle_DATA(self, server: object, session: object, envelope: object) -> str:  # noqa: N802
        self.mails.append(envelope.content.decode())  # type: ignore[attr-defined]
        return "250 OK"


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


def photo(tmp_path: Path, seed: int) -> bytes:
    return write_car_photo(tmp_path / f"made-{seed}.jpg", seed, (640, 480)).read_bytes()


def letter(
    subject: str, *files: tuple[str, bytes], text: str = "", sender: str = "sales@auto.example"
) -> bytes:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = f"Sales <{sender}>", "photos@example.org", subject
    mail["Message-ID"] = f"<{abs(hash((subject, files, text, sender)))}@auto.example>"
    mail.set_content(text or "Hello")
    for name, content in files:
        mail.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
    return mail.as_bytes()


def decided(door: MailDoor) -> None:
    work(door.store, Told(review(missing=("price",))))


def test_a_mail_is_a_car_and_is_answered(
    door: MailDoor, imap: Dovecot, smtp: tuple[Sink, int], tmp_path: Path
) -> None:
    files = [(f"IMG_{n}.jpg", photo(tmp_path, n)) for n in (1, 2)]
    imap.put(letter("Re: Nissan Leaf 2019", *files, ("offer.pdf", b"%PDF"), text="Hinta 15 900 e"))
    door.look()
    (case,) = find(door.store).cases
    assert (case.reference, case.dealer, len(photos(door.store, case.id))) == ("Nissan Leaf 2019", DEALER, 2)
    assert imap.count() == 1 and not smtp[0].mails  # its answer waits for the decision
    decided(door)
    door.look()
    (answer,) = smtp[0].mails
    assert imap.count() == 0 and imap.count("Kilpi-done") == 1
    assert f"https://cars.example.org/cars/{case.id}" in answer and "price" in answer
    assert "offer.pdf" in answer and "In-Reply-To" in answer and "ABC-987" not in answer
    beside = door.data / ".beside" / case.id / "mail.txt"
    assert "15 900" in beside.read_text()
    assert looks(door.store)[0].problem == ""


def test_several_cars_in_a_zip_and_a_list(door: MailDoor, imap: Dovecot, tmp_path: Path) -> None:
    packed = io.BytesIO()
    with ZipFile(packed, "w") as archive:
        for n, name in enumerate(("leaf/1.jpg", "leaf/2.jpg", "golf/1.jpg")):
            archive.writestr(name, photo(tmp_path, n + 10))
    imap.put(
        letter("kuvia", ("cars.zip", packed.getvalue()), ("stock.csv", b"reference;price\nleaf;15900\n"))
    )
    for _ in range(2):
        door.look()
        decided(door)
    cases = find(door.store).cases
    assert sorted((case.reference, len(photos(door.store, case.id))) for case in cases) == [
        ("golf", 1),
        ("leaf", 2),
    ]
    assert imap.count("Kilpi-done") == 1 and list((door.data / ".stock").iterdir())


def test_the_same_mail_twice_is_one_arrival(
    door: MailDoor, imap: Dovecot, smtp: tuple[Sink, int], tmp_path: Path
) -> None:
    sent = letter("leaf", ("1.jpg", photo(tmp_path, 20)))
    imap.put(sent)
    door.look()
    decided(door)
    imap.new_uidvalidity()
    imap.put(sent)
    again = MailDoor(door.store, door.data, door.settings)  # another process, which remembers nothing
    again.look()
    (case,) = find(door.store).cases
    assert [event.kind for event in history(door.store, case.id)].count(Kind.RECEIVED) == 1
    assert imap.count() == 0 and imap.count("Kilpi-done") == 2


@pytest.mark.parametrize("moment", ["move", "flag"])
def test_killed_between_commit_and_move(
    door: MailDoor, imap: Dovecot, smtp: tuple[Sink, int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    moment: str,
) -> None:  # fmt: skip
    import imap_tools

    imap.put(letter("leaf", ("1.jpg", photo(tmp_path, 30)), ("2.jpg", photo(tmp_path, 31))))
    door.look()
    decided(door)

    class Killed(BaseException):
        pass

    def kill(*arguments: object) -> None:
        raise Killed

    with monkeypatch.context() as patched, pytest.raises(Killed):
        patched.setattr(imap_tools.BaseMailBox, moment, kill)
        door.look()
    MailDoor(door.store, door.data, door.settings).look()
    assert len(find(door.store).cases) == 1
    assert imap.count() == 0 and imap.count("Kilpi-done") == 1
    assert len({answer.split("Message-ID: ")[1].split("\n")[0] for answer in smtp[0].mails}) == 1
    assert len(smtp[0].mails) == (1 if moment == "move" else 2)


def test_only_listed_senders(door: MailDoor, imap: Dovecot, smtp: tuple[Sink, int], tmp_path: Path) -> None:
    imap.put(letter("leaf", ("1.jpg", photo(tmp_path, 40)), sender="stranger@nowhere.example"))
    bounce = letter("leaf", ("1.jpg", photo(tmp_path, 40))).replace(
        b"Subject:", b"Auto-Submitted: auto-replied\nSubject:"
    )
    imap.put(bounce)
    imap.put(letter("golf", ("1.jpg", photo(tmp_path, 41)), sender="anyone@other.example"))
    door.look()
    assert [case.dealer for case in find(door.store).cases] == ["Other Oy"]
    assert imap.count("Kilpi-failed") == 2 and not smtp[0].mails


def test_nothing_of_use_is_said(door: MailDoor, imap: Dovecot, smtp: tuple[Sink, int]) -> None:
    imap.put(letter("leaf", ("clip.mp4", b"film"), ("1.jpg", b"\xff\xd8\xff\xe0broken")))
    door.look()
    (answer,) = smtp[0].mails
    assert "clip.mp4: a video" in answer and "1.jpg: " in answer
    assert imap.count("Kilpi-failed") == 1 and not find(door.store).cases


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
    imap.kill()
    door.look()
    assert looks(door.store)[0].problem
    imap.start()
    door.look()
    assert len(find(door.store).cases) == 1 and looks(door.store)[0].problem == ""


def test_senders_are_listed_and_proven_where_that_is_asked() -> None:
    senders = Senders.parse("a@x.example=X Oy, @y.example=Y Oy")
    assert senders.dealer_of("a@x.example", []) == "X Oy" and senders.dealer_of("b@y.example", []) == "Y Oy"
    assert senders.dealer_of("b@x.example", []) is None
    strict = Senders.parse("a@x.example=X Oy", "mx.example.org")
    good, forged = "mx.example.org; spf=pass; dmarc=pass header.from=x.example", "evil.example; dmarc=pass"
    assert strict.dealer_of("a@x.example", [good, forged]) == "X Oy"
    for results in ([], [forged], [forged, good], ["mx.example.org; dmarc=fail"]):
        assert strict.dealer_of("a@x.example", results) is None
    for nonsense in ("", "nobody", "a@x.example="):
        with pytest.raises(UsageError):
            Senders.parse(nonsense)


def test_passwords_do_not_travel_in_the_open(tmp_path: Path) -> None:
    settings = Settings(
        mail_host="mx.example.org", mail_user="u", mail_tls="none", mail_senders="a@x.example=X"
    )
    with pytest.raises(UsageError, match="KILPI_MAIL_TLS"):
        MailDoor(Store.open(tmp_path), tmp_path, settings)
