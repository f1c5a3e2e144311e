"""The mail by which a dealer is asked for photos or figures of one car."""

from __future__ import annotations

from collections.abc import Sequence
from email.message import EmailMessage

from kilpi.config import Settings
from kilpi.doors.replies import reply_words


def can_send(settings: Settings) -> bool:
    """Whether there is a server that mail leaves by."""
    return bool(settings.smtp_host and (settings.smtp_from or settings.mail_user))


def ask_mail(
    to: str, reference: str, wanted: Sequence[str], note: str, link: str, settings: Settings, language: str
) -> EmailMessage:
    """The mail. `wanted` are words as the reader understands them. It names no mark; `reference` must not."""
    say = reply_words(language)["ask"]
    mail = EmailMessage()
    mail["From"] = settings.smtp_from or settings.mail_user
    mail["To"] = to
    mail["Subject"] = say["subject_of"].format(reference=reference) if reference else say["subject"]
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834
    lines = [say["hello"], "", *(f"- {word}" for word in wanted), *([note] if note else [])]
    mail.set_content("\n".join([*lines, "", say["link"], link, "", say["end"]]) + "\n")
    return mail
