"""The answer to a mail: which cars were made, what each still lacks, which files were of no use."""

from __future__ import annotations

import smtplib
import ssl
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from functools import lru_cache
from importlib.resources import files

from kilpi.adverts.wording import load_wording
from kilpi.cases import Case, SentFile
from kilpi.cases.case import AT_WORK
from kilpi.cases.sent_files import why_not
from kilpi.config import Settings
from kilpi.doors.letters import Letter

TIMEOUT_S = 30.0
NO_QUESTION = frozenset({"answered", "answered_vin", "answered_no_plate"})  # reasons that ask for nothing


@dataclass(frozen=True, slots=True)
class CarMade:
    """A car of a mail, as it stands when the answer is written."""

    case: Case
    photos: int


@lru_cache(maxsize=4)
def reply_words(language: str) -> dict[str, dict[str, str]]:
    """Phrases of the answer; English where a language has none."""
    folder = files("kilpi.doors") / "words"
    path = folder / f"{language}.toml"
    return tomllib.loads((path if path.is_file() else folder / "en.toml").read_text(encoding="utf-8"))


def reply_to(
    letter: Letter, cars: Sequence[CarMade], unused: Sequence[SentFile], settings: Settings
) -> EmailMessage:
    """The answer. It names no mark: mail is read by many servers on its way."""
    mail = EmailMessage()
    mail["From"] = settings.smtp_from or settings.mail_user
    mail["To"] = letter.sender
    mail["Subject"] = f"Re: {letter.subject}" if letter.subject else "Kilpi"
    mail["Message-ID"] = f"<{letter.key[:32]}@kilpi.invalid>"  # the same answer twice is one mail
    mail["Auto-Submitted"] = "auto-replied"  # RFC 3834: nobody's program answers it
    if letter.message_id:
        mail["In-Reply-To"] = mail["References"] = letter.message_id
    mail.set_content("\n".join(lines_of(cars, unused, settings)) + "\n")
    return mail


def lines_of(cars: Sequence[CarMade], unused: Sequence[SentFile], settings: Settings) -> list[str]:
    """The text, line by line."""
    words = reply_words(settings.language)
    say, wording = words["reply"], load_wording(settings.language)
    lines = [say["hello"] if cars else say["nothing"], ""]
    for car in cars:
        case = car.case
        state = wording.state(case.state.value)
        lines.append(say["car"].format(reference=case.reference, photos=car.photos, state=state))
        if settings.public_url:
            lines.append(say["link"].format(link=f"{settings.public_url.rstrip('/')}/cars/{case.id}"))
        if case.missing:
            lines.append(say["missing"].format(missing=", ".join(case.missing)))
        asked = [why for why in case.reasons if why.code not in NO_QUESTION] if case.state == "review" else []
        if asked:
            lines.append(say["why"].format(why=" ".join(map(wording.reason, asked))))
    if any(car.case.state in AT_WORK for car in cars):
        lines += ["", say["later"]]
    if unused:
        lines += ["", say["unused"]]
        lines += [say["file"].format(name=one.path, why=why_not(one, wording)) for one in unused]
    return [*lines, "", say["end"]]


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
