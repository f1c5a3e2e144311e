"""Mail to cars and answers, against a real IMAP server and an SMTP sink."""

from __future__ import annotations

import email
import io
import os
from collections.abc import Iterator
from decimal import Decimal
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from pydantic import SecretStr
from tests.cases.helping import Told, review
from tests.doors.mails import DEALER, letter, photo
from tests.mail_server import PASSWORD, USER, Dovecot, dovecot, there
from tests.ports import free_port

from kilpi.adverts.dealer_stock import load_offer
from kilpi.cases import (
    Batch,
    Case,
    Kind,
    MadeCars,
    find,
    history,
    make_cars,
    photos,
    work,
)
from kilpi.cases.incoming.beside import Beside
from kilpi.config import Settings
from kilpi.doors import mail as mailing
from kilpi.doors.looks import looks
from kilpi.doors.mail import MailDoor
from kilpi.doors.raw_mail import fetch
from kilpi.errors import DoorError, OutputError, StoreError, UsageError
from kilpi.store import Store
from kilpi.types import Offer


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
    assert "/cars/" not in answer, "nobody there has an account"
    assert "price" in answer and "Leaf 2019: 2 photos, " in answer and "a line of text" in answer
    assert "offer.pdf" in answer and "In-Reply-To" in answer and "ABC-987" not in answer
    (beside,) = Beside(door.data).texts(case.id)
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


@pytest.fixture
def fetched(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Whether the head alone was fetched, one entry a time."""
    seen: list[bool] = []

    def noted(box: Any, uid: str, *, head: bool = False) -> Any:
        seen.append(head)
        return fetch(box, uid, head=head)

    monkeypatch.setattr(mailing, "fetch", noted)
    return seen


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


def test_a_file_and_a_folder_of_one_name_are_both_used(door: MailDoor, imap: Dovecot, tmp_path: Path) -> None:
    packed = io.BytesIO()
    with ZipFile(packed, "w") as archive:
        archive.writestr("1.jpg", photo(tmp_path, 80))
    imap.put(letter("kuvia", ("leaf", photo(tmp_path, 81)), ("leaf.zip", packed.getvalue())))
    door.look()
    assert sum(len(photos(door.store, case.id)) for case in find(door.store).cases) == 2 and not door.problem


def zipped(*named: tuple[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with ZipFile(packed, "w") as archive:
        for name, content in named:
            archive.writestr(name, content)
    return packed.getvalue()


def test_folders_and_subjects_of_one_name_are_other_cars(
    door: MailDoor, imap: Dovecot, tmp_path: Path
) -> None:
    for n, day in enumerate(("Monday", "Tuesday")):
        imap.put(letter(day, ("cars.zip", zipped(("auto/1.jpg", photo(tmp_path, 90 + n))))))
        imap.put(letter("Uusi auto", (f"{day}.jpg", photo(tmp_path, 95 + n))))
    door.look()
    cases = find(door.store).cases
    assert sorted(case.reference for case in cases) == ["Uusi auto", "Uusi auto", "auto", "auto"]
    assert {len(photos(door.store, case.id)) for case in cases} == {1}


def answer_to(raw: bytes, told: str, subject: str) -> bytes:
    mail = email.message_from_bytes(raw)
    del mail["Subject"]
    mail["Subject"], mail["In-Reply-To"] = subject, told
    return mail.as_bytes()


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


def told_of(door: MailDoor, case: Case) -> Offer:
    """What the mails of a case say of it."""
    return load_offer(case.reference, notes=Beside(door.data).texts(case.id))[0]


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


def test_passwords_do_not_travel_in_the_open(tmp_path: Path) -> None:
    settings = Settings(
        mail_host="mx.example.org", mail_user="u", mail_tls="none", mail_senders="a@x.example=X"
    )
    with pytest.raises(UsageError, match="KILPI_MAIL_TLS"):
        MailDoor(Store.open(tmp_path), tmp_path, settings)
