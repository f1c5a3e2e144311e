"""The answer to a mail: which cars were made, what each still lacks, which files were of no use."""

from __future__ import annotations

import re
import smtplib
import ssl
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import EmailPolicy
from functools import lru_cache
from importlib.resources import files
from pathlib import PurePosixPath

from kilpi.adverts.personal import names_strange
from kilpi.adverts.strange_marks import names_mark
from kilpi.adverts.wording import Wording, load_wording
from kilpi.cases import Case, SentFile
from kilpi.cases.case import AT_WORK
from kilpi.cases.incoming.matching import NO_NAME
from kilpi.cases.incoming.newer_lists import NO_LIST, Listed
from kilpi.cases.incoming.sent_files import why_not
from kilpi.config import Settings
from kilpi.disclosure import redacted
from kilpi.doors.letters import OURS, Letter
from kilpi.doors.threads import answer_id
from kilpi.photos.kinds import OTHER, kind_by_name
from kilpi.store.originals import MB
from kilpi.types import Mark, Reason

TIMEOUT_S = 30.0


class IdsAsTheyAre(EmailPolicy):
    """Long Message-IDs (Exchange's) would be written as encoded words, by which no program finds a mail."""

    def fold(self, name: str, value: str) -> str:
        """A header as lines."""
        if name.lower() not in ("message-id", "in-reply-to", "references"):
            return str(super().fold(name, value))
        return f"{name}: {f'{self.linesep} '.join(value.split())}{self.linesep}"

    def fold_binary(self, name: str, value: str) -> bytes:
        """The same as bytes."""
        if name.lower() not in ("message-id", "in-reply-to", "references"):
            return bytes(super().fold_binary(name, value))
        return self.fold(name, value).encode("ascii", "replace")


IDS_AS_THEY_ARE = IdsAsTheyAre()
# Values of reasons that are marks or VINs. Personal marks (PU-HELIN) look like words: no pattern finds them.
SAYS_MARKS: Mapping[str, frozenset[str]] = {
    "marks_differ": frozenset({"marks"}),
    "split_unsure": frozenset({"marks"}),
    "ambiguous": frozenset({"others"}),
    "contradiction_mark": frozenset({"read", "dealer"}),
    "read_otherwise": frozenset({"read"}),
    "contradiction_vin": frozenset({"registered", "dealer"}),
}
_CAPITALS = re.compile("[A-Z]{1,3}")
NO_QUESTION = frozenset({"answered", "answered_vin", "answered_no_plate"})  # reasons that ask for nothing


@dataclass(frozen=True, slots=True)
class CarMade:
    """A car of a mail, as it stands when the answer is written."""

    case: Case
    photos: int
    link: bool = True  # whoever reads it may sign in


@lru_cache(maxsize=4)
def reply_words(language: str) -> dict[str, dict[str, str]]:
    """Phrases of the answer; English where a language has none."""
    folder = files("kilpi.doors") / "words"
    path = folder / f"{language}.toml"
    return tomllib.loads((path if path.is_file() else folder / "en.toml").read_text(encoding="utf-8"))


def reply_to(
    letter: Letter,
    cars: Sequence[CarMade],
    unused: Sequence[SentFile],
    settings: Settings,
    listed: Listed = NO_LIST,
    pictures: bool = True,
) -> EmailMessage:
    """The answer; `pictures`: whether any of the mail is a car's.

    It names no mark: mail is read by many servers on its way. So of the mail itself only the car's reference
    is repeated, and only where it holds none.
    """
    marks = [case.mark for case in named_in(cars, listed) if case.mark is not None]
    told = [case.id for case in named_in(cars, listed)]
    return answer_of(letter, lines_of(cars, unused, settings, listed, pictures), marks, settings, told)


def reply_too_large(letter: Letter, size: int, settings: Settings) -> EmailMessage:
    """The answer to a mail of `size` bytes, which was not read: what to do instead."""
    say = reply_words(settings.language)["reply"]
    told = say["too_large"].format(size=-(-size // MB), most=settings.mail_max_mb)
    lines = [told, "", say["smaller"]]
    if settings.public_url:
        lines += ["", say["browser"].format(link=settings.public_url.rstrip("/"))]
    return answer_of(letter, [*lines, "", say["end"]], [], settings)


def answer_of(
    letter: Letter,
    lines: Sequence[str],
    marks: Sequence[Mark],
    settings: Settings,
    told: Sequence[str] = (),
) -> EmailMessage:
    """A mail that answers a mail and tells of these cases (ids). Its subject is repeated only where it holds
    no mark.
    """
    mail = EmailMessage(policy=IDS_AS_THEY_ARE)
    mail["From"] = settings.smtp_from or settings.mail_user
    mail["To"] = letter.sender
    repeated = letter.reference == told_reference(letter.reference, marks)
    mail["Subject"] = f"Re: {letter.reference}" if letter.reference and repeated else OURS
    mail["Message-ID"] = answer_id(letter, told)
    mail["Auto-Submitted"] = "auto-replied"  # RFC 3834: nobody's program answers it
    if letter.message_id:
        mail["In-Reply-To"] = letter.message_id
        mail["References"] = " ".join([*letter.answers, letter.message_id])
    mail.set_content("\n".join(lines) + "\n")
    return mail


def named_in(cars: Sequence[CarMade], listed: Listed) -> list[Case]:
    """All cases that an answer names."""
    return [*(car.case for car in cars), *listed.unlisted]


def lines_of(
    cars: Sequence[CarMade],
    unused: Sequence[SentFile],
    settings: Settings,
    listed: Listed = NO_LIST,
    pictures: bool = True,
) -> list[str]:
    """The text, line by line; what came from others is redacted."""
    words = reply_words(settings.language)
    say, wording = words["reply"], load_wording(settings.language)
    marks = [case.mark for case in named_in(cars, listed) if case.mark is not None]
    lines = [say[opening(cars, listed, pictures)], ""]
    for car in cars:
        case = car.case
        state = wording.state(case.state.value)
        photos = counted(say["photos"], car.photos)
        reference = told_reference(name_of(case, say), marks)
        lines.append(say["car"].format(reference=reference, photos=photos, state=state))
        if settings.public_url and car.link:
            lines.append(say["link"].format(link=f"{settings.public_url.rstrip('/')}/cars/{case.id}"))
        if case.missing:
            lines.append(say["missing"].format(missing=redacted(", ".join(case.missing), marks)))
        asked = [why for why in case.reasons if why.code not in NO_QUESTION] if case.state == "review" else []
        if asked:
            why = redacted(" ".join(told_why(why, wording) for why in asked), marks)
            lines.append(say["why"].format(why=why))
    if any(car.case.missing for car in cars):
        lines += ["", say["missing_how"]]
    if any(car.case.state in AT_WORK for car in cars):
        pages = settings.public_url and all(car.link for car in cars)
        lines += ["", say["later_pages" if pages else "later"]]
    lines += list_lines(listed, say, marks)
    if unused:
        lines += ["", say["unused"]]
        told = [(told_name(one.path, marks), why_not(one, wording)) for one in unused]
        lines += [say["file"].format(name=name, why=why) for name, why in told]
    return [*lines, "", say["end"]]


def name_of(case: Case, say: Mapping[str, str]) -> str:
    """What a car is called in an answer: as its dealer does, else by what is known of it."""
    return case.title or say["unnamed"] if NO_NAME.fullmatch(case.reference) else case.reference


def counted(phrase: str, n: int) -> str:
    """A phrase with a number: the part before "|" where it is one, else the part behind it."""
    one, _, several = phrase.partition("|")
    return (one if n == 1 else several).format(n=n)


def opening(cars: Sequence[CarMade], listed: Listed, pictures: bool) -> str:
    """Which phrase an answer begins with."""
    if cars:
        return "hello" if pictures else "hello_text"
    return "hello_list" if listed.rows else "nothing"


def list_lines(listed: Listed, say: Mapping[str, str], marks: Sequence[Mark]) -> list[str]:
    """What a stock list names, and which cars it does not name any more."""
    lines = ["", say["listed"].format(rows=listed.rows)] if listed.rows else []
    if listed.unlisted:
        lines.append(say["unlisted"].format(cars=len(listed.unlisted)))
        names = [told_reference(case.reference or case.address, marks) for case in listed.unlisted]
        lines += [say["unlisted_car"].format(reference=name) for name in names]
    return lines


def told_reference(reference: str, marks: Sequence[Mark]) -> str:
    """The dealer's name for a car; of one that could hold any country's mark nothing."""
    text = redacted(reference, marks)
    if text != reference:  # its own mark, say, and what is left is told; but not the half of another form
        rest = any(_CAPITALS.fullmatch(word) for word in text.split())
        return "…" if rest else text
    return "…" if names_strange(text, None) or names_mark(text) else text


def told_name(path: str, marks: Sequence[Mark]) -> str:
    """A file's name as it may be told; its ending is none of a mark (".mp4")."""
    end = PurePosixPath(path).suffix if kind_by_name(path) != OTHER else ""
    name = path.removesuffix(end)
    if " " in name:  # a person's; a camera's (DSC01234) could be a mark as well, and is none
        return told_reference(name, marks) + end
    return redacted(name, marks) + end


def told_why(why: Reason, wording: Wording) -> str:
    """A reason without the marks that it names, and without another case's id."""
    if why.code not in wording.tables["reason"]:
        return wording.reason(Reason(why.code))
    hidden = SAYS_MARKS.get(why.code, frozenset())
    values = {
        name: (["…"] * len(value) if isinstance(value, list | tuple) else "…") if name in hidden else value
        for name, value in why.values.items()
        if name != "case"
    }
    return wording.reason(Reason(why.code, values))


def send(mail: EmailMessage, settings: Settings) -> None:
    """Raises OSError and smtplib.SMTPException."""
    context = ssl.create_default_context()
    host, port = settings.smtp_host, settings.smtp_port
    with (
        smtplib.SMTP_SSL(host, port, timeout=TIMEOUT_S, context=context)
        if settings.smtp_tls == "tls"
        else smtplib.SMTP(host, port, timeout=TIMEOUT_S)
    ) as server:
        if settings.smtp_tls == "starttls":
            server.starttls(context=context)
        if settings.smtp_user:
            server.login(settings.smtp_user, settings.smtp_password.get_secret_value())
        server.send_message(mail)
