"""Mail to cars and answers, against a real IMAP server and an SMTP sink."""

from __future__ import annotations

import io
from pathlib import Path
from zipfile import ZipFile

import pytest
from tests.doors.mail_door import Sink, decided, zipped
from tests.doors.mails import DEALER, letter, photo
from tests.mail_server import Dovecot

from kilpi.cases import (
    Kind,
    find,
    history,
    photos,
)
from kilpi.cases.incoming.beside import Beside
from kilpi.config import Settings
from kilpi.doors.looks import looks
from kilpi.doors.mail import MailDoor
from kilpi.errors import UsageError
from kilpi.store import Store


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


def test_a_file_and_a_folder_of_one_name_are_both_used(door: MailDoor, imap: Dovecot, tmp_path: Path) -> None:
    packed = io.BytesIO()
    with ZipFile(packed, "w") as archive:
        archive.writestr("1.jpg", photo(tmp_path, 80))
    imap.put(letter("kuvia", ("leaf", photo(tmp_path, 81)), ("leaf.zip", packed.getvalue())))
    door.look()
    assert sum(len(photos(door.store, case.id)) for case in find(door.store).cases) == 2 and not door.problem


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


def test_passwords_do_not_travel_in_the_open(tmp_path: Path) -> None:
    settings = Settings(
        mail_host="mx.example.org", mail_user="u", mail_tls="none", mail_senders="a@x.example=X"
    )
    with pytest.raises(UsageError, match="KILPI_MAIL_TLS"):
        MailDoor(Store.open(tmp_path), tmp_path, settings)
