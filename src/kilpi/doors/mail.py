"""A mailbox: one mail, one or several cars. What is known of a mail is in the mailbox and in the cases.

A mail stays in its mailbox until its cases are written and its answer is sent; only then is it moved. Whoever
is killed in between finds it again; the same mail (Message-ID and the hashes of its files) is the same
arrival, so nothing is made twice. UIDs are used within one connection and never kept: a changed UIDVALIDITY
means nothing here.

Anybody can write anything to a mailbox. Whatever we stumble over in a mail is that mail's: it is tried a few
times and put aside, and the others go on. Where our own side fails (database, disk), a mail stays.
"""

from __future__ import annotations

import io
import logging
import smtplib
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from email.parser import BytesHeaderParser
from typing import TYPE_CHECKING

from kilpi.cases import Batch, MadeCars, Received, SentFile, SentKind, keep, make_cars, photos, read_case
from kilpi.cases.case import AT_WORK
from kilpi.cases.incoming.dealers import may_sign_in
from kilpi.cases.incoming.newer_lists import NO_LIST, Listed
from kilpi.cases.incoming.sent_files import originals_of
from kilpi.cases.incoming.sent_more import tell_case
from kilpi.config import Settings
from kilpi.doors.letters import Letter, dealer_of, is_automatic, letter_of
from kilpi.doors.looks import looks, note_look
from kilpi.doors.mailbox import mailbox_trouble, open_mailbox, sending_trouble
from kilpi.doors.raw_mail import Raw, fetch
from kilpi.doors.replies import CarMade, reply_to, reply_too_large, send
from kilpi.doors.senders import Senders
from kilpi.doors.threads import case_answered, receipt_of
from kilpi.errors import DoorError, KilpiError, OutputError, StoreError, UsageError, as_kilpi_error
from kilpi.hashing import sha256_hex
from kilpi.store import Store
from kilpi.store.originals import MB

if TYPE_CHECKING:
    from pathlib import Path

    from imap_tools import BaseMailBox

EVERY_S = 30.0
ANSWER_S = 600.0  # how long an answer waits for the cars to be decided; then it says that they are in work
GIVE_UP_S = 3600.0  # how long an answer is tried; the cars are made, so the mail is moved then
TRIES = 5  # at a mail that makes us stumble, before it is put aside
ANSWERED = "\\Answered"
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
OTHERS = "other_cars_photo"  # why a picture is not used that other cars have
BAD = frozenset({SentKind.REFUSED, SentKind.LEFT_OUT})
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Taken:
    """A mail whose cases are written and whose answer is still due."""

    cars: tuple[Received, ...]
    unused: tuple[SentFile, ...]
    since: float
    used: bool = False  # a car was made of it or told of, or it held a stock list
    photos: bool = False  # some of its pictures are a car's now, or were already
    listed: Listed = NO_LIST
    size: int = 0  # bytes of a mail that is too large to be read


@dataclass(frozen=True, slots=True)
class Step:
    """What is done with a mail next. `folder` "": it stays where it is, and another look goes on with it."""

    folder: str
    key: str = ""
    answered: bool = False


@dataclass
class MailDoor:
    """One mailbox. Raises UsageError where the settings cannot be used."""

    store: Store
    data: Path
    settings: Settings
    changed: Callable[[], object] = lambda: None
    told: Callable[[MadeCars], object] = lambda made: None
    clock: Callable[[], float] = time.monotonic
    every_s: float = EVERY_S
    taken: dict[str, Taken] = field(default_factory=dict)  # by the letter's key
    stumbled: Counter[str] = field(default_factory=Counter)  # by the sha256 of the mail
    failed: KilpiError | None = field(default=None, init=False)  # in the last look
    senders: Senders = field(init=False)

    def __post_init__(self) -> None:
        settings = self.settings
        if not settings.mail_host or not settings.mail_user:
            raise UsageError("mail: set KILPI_MAIL_HOST, KILPI_MAIL_USER and KILPI_MAIL_PASSWORD")
        for kind, host, tls in (
            ("MAIL", settings.mail_host, settings.mail_tls),
            ("SMTP", settings.smtp_host, settings.smtp_tls),
        ):
            if tls == "none" and host and host not in LOOPBACK:
                raise UsageError(f"KILPI_{kind}_TLS: none is for this machine alone; use tls or starttls")
        self.senders = Senders.parse(settings.mail_senders, settings.mail_checked_by)

    @property
    def name(self) -> str:
        """As it is called on /readyz."""
        return f"mail {self.settings.mail_user}"

    def run(self, stop: threading.Event) -> None:
        """Looks until it is told to stop."""
        while not stop.is_set():
            self.look()
            stop.wait(self.every_s)

    def look(self) -> bool:
        """Reads what is there; whether an answer is still due, and all goes well.

        Raises nothing: what went wrong is noted with the look, and the next one tries again.
        """
        self.failed = None
        try:
            originals_of(self.store).check_room()  # else each mail would be fetched in vain
            with open_mailbox(self.settings) as box:
                for uid in box.uids():
                    self._one(box, uid)
        except KilpiError as error:
            self._say(error)
        except Exception as error:  # imaplib.IMAP4.error is a plain Exception
            self._say(DoorError(mailbox_trouble(error, self.settings)))
        try:
            note_look(self.store, self.name, self.problem)
        except StoreError as error:
            self._say(error)
        return bool(self.taken) and self.failed is None

    @property
    def problem(self) -> str:
        """What went wrong in the last look; "": nothing."""
        return str(self.failed or "")

    def _say(self, error: KilpiError) -> None:
        self.failed = error
        log.error("%s: %s", self.name, error)

    def _one(self, box: BaseMailBox, uid: str) -> None:
        """One mail, whatever is in it: what goes wrong with it is its own. Its head is looked at first."""
        raw = fetch(box, uid, head=True)
        step = self._tried(raw, self._by_head) if raw else None
        if raw is not None and step is None:
            raw = fetch(box, uid)
            step = self._tried(raw, self._read) if raw else None
        if step is None:
            return  # moved by somebody meanwhile
        if step.answered:
            box.flag(uid, [ANSWERED], True)  # a kill between this and the move sends no second answer
        if step.folder:
            box.move(uid, step.folder)
            self.taken.pop(step.key, None)

    def _tried(self, raw: Raw, read: Callable[[Raw], Step | None]) -> Step | None:
        """What `read` says is to be done; where it fails for our own side's sake, the mail stays."""
        try:
            return read(raw)
        except (StoreError, OutputError, OSError) as error:
            self._say(as_kilpi_error(error, "a mail"))
            looks(self.store)  # raises where the database is away: then all mail waits
            return Step("")
        except Exception as error:
            return self._stumble(sha256_hex(raw.content), type(error).__name__)

    def _by_head(self, raw: Raw) -> Step | None:
        """What to do with a mail of which only the head was fetched; None: it is to be read.

        Who sent it is looked at before anything else: a stranger's mail is not opened, and not answered.
        """
        head = BytesHeaderParser().parsebytes(raw.content)
        if dealer_of(head, self.senders) is None or is_automatic(head):
            log.info("%s: a mail from nobody listed, or from a program, is put aside", self.name)
            return Step(self.settings.mail_failed)
        if raw.size <= self.settings.mail_max_mb * MB:
            return None
        log.warning("%s: a mail of %d MB is too large and put aside", self.name, raw.size // MB)
        letter = letter_of(raw.message(), self.senders)
        taken = self.taken.get(letter.key) or Taken((), (), self.clock(), size=raw.size)
        return self._done(raw, letter, taken)

    def _read(self, raw: Raw) -> Step:
        """What to do with a whole mail; nothing of it is touched in the mailbox here."""
        letter = letter_of(raw.message(), self.senders)
        if letter.dealer is None:
            return Step(self.settings.mail_failed)
        taken = self.taken.get(letter.key) or self._take(letter, letter.dealer)
        return self._done(raw, letter, taken)

    def _done(self, raw: Raw, letter: Letter, taken: Taken) -> Step:
        """Its answer, once that can be said, and where it goes then."""
        self.taken[letter.key] = taken
        out = ANSWERED in raw.flags
        if not out and self.settings.smtp_host:
            out = self._answered(letter, taken)
            if not out:
                return Step("")
        folder = self.settings.mail_done if taken.used else self.settings.mail_failed
        return Step(folder, letter.key, answered=out and ANSWERED not in raw.flags)

    def _stumble(self, digest: str, kind: str) -> Step:
        """A mail that could not be read, by the sha256 of its bytes: of them nothing is told."""
        self.stumbled[digest] += 1
        log.error("%s: a mail could not be read (%s)", self.name, kind)
        if self.stumbled[digest] < TRIES:
            return Step("")
        del self.stumbled[digest]
        return Step(self.settings.mail_failed)

    def _take(self, letter: Letter, dealer: str) -> Taken:
        """Its files into the store, its cars into cases; a second time the same cases."""
        sent = [keep(self.store, dealer, name, io.BytesIO(content)) for name, content in letter.files]
        every = [one for file in sent for one in (file, *file.members)]
        unused = tuple(one for one in every if one.kind in BAD)
        good = [(one.path, one.sha256) for one in sent if one.kind not in BAD]
        joins = case_answered(self.store, letter, dealer)
        if not any(one.kind in (SentKind.PHOTO, SentKind.LIST) for one in every):
            told = self._told(letter, dealer, joins)
            return Taken(told, unused, self.clock(), used=bool(told))
        if letter.text:
            note = keep(self.store, dealer, letter.note, io.BytesIO(letter.text.encode()))
            good.append((letter.note, note.sha256))
        batch = Batch(
            tuple(good),
            by="mail",
            owner=dealer,
            dealer=dealer,
            reference=letter.reference,
            receipt=receipt_of(letter),
            joins=joins,
        )
        made = make_cars(self.store, self.data, batch, self.settings.country)
        self.changed()
        self.told(made)
        aside = {sha256 for received in made.cars for sha256 in received.aside}
        others = [replace(one, kind=SentKind.LEFT_OUT, why=OTHERS) for one in every if one.sha256 in aside]
        return Taken(
            made.cars,
            (*unused, *others),
            self.clock(),
            used=bool(made.cars) or made.stock,
            photos=any(one.kind is SentKind.PHOTO and one.sha256 not in aside for one in every),
            listed=made.listed,
        )

    def _told(self, letter: Letter, dealer: str, case_id: str) -> tuple[Received, ...]:
        """The car that a mail without photos goes on about, with its text beside it."""
        if not letter.text or not case_id:
            return ()
        texts = {letter.note: letter.text.encode()}
        received = tell_case(self.store, self.data, case_id, texts, dealer=dealer, by="mail")
        if received is None:
            return ()
        self.changed()
        self.told(MadeCars((received,)))
        return (received,)

    def _answered(self, letter: Letter, taken: Taken) -> bool:
        """Whether the answer is out, or not to be had. It waits until the cars are decided."""
        cars = [self._now(received) for received in unique(taken.cars)]
        waited = self.clock() - taken.since
        if any(car.case.state in AT_WORK for car in cars) and waited < ANSWER_S:
            return False
        if taken.size:
            answer = reply_too_large(letter, taken.size, self.settings)
        else:
            answer = reply_to(letter, cars, taken.unused, self.settings, taken.listed, taken.photos)
        try:
            send(answer, self.settings)
        except (OSError, smtplib.SMTPException) as error:
            self._say(DoorError(f"an answer could not be sent: {sending_trouble(error, self.settings)}"))
            return waited > GIVE_UP_S
        return True

    def _now(self, received: Received) -> CarMade:
        case = read_case(self.store, received.case.id)
        return CarMade(case, len(photos(self.store, case.id)), may_sign_in(self.store, case.dealer))


def unique(cars: Sequence[Received]) -> list[Received]:
    """Each case once."""
    return list({received.case.id: received for received in cars}.values())
