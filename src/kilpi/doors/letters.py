"""One mail as what it is to Kilpi: who sent it, about which car, which files, what its text says."""

from __future__ import annotations

import re
from dataclasses import dataclass
from email.utils import parseaddr
from typing import TYPE_CHECKING

from kilpi.doors.senders import Senders
from kilpi.hashing import sha256_hex
from kilpi.photos.kinds import only_says_pictures
from kilpi.text import plain_text, shown

if TYPE_CHECKING:
    from imap_tools import MailMessage

NOTE = "mail.txt"  # what the text is called beside the photos: a dealer's note like any other
LONGEST = 100_000  # characters of a text
LOGO = 30_000  # bytes: smaller pictures that the text shows are signatures and smileys
ANSWERED = re.compile(r"^\s*(?:(?:re|fw|fwd|vs|vl|sv|vb|aw|wg)\s*:\s*)+", re.IGNORECASE)
QUOTED = re.compile(r"^(?:>|-{2,}\s*(?:original|alkuperäinen|ursprungligt))", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail. `files` are (name, content). `key` is the same whenever this mail with these files comes."""

    sender: str  # the address, lower case
    dealer: str | None  # whose cars they are; None: the sender is not listed
    subject: str
    reference: str  # the dealer's own name for the car; "": the subject says none
    files: tuple[tuple[str, bytes], ...]
    text: str
    message_id: str
    key: str
    automatic: bool  # written by a program, to which nobody answers


def letter_of(mail: MailMessage, senders: Senders) -> Letter:
    """What a mail holds."""
    sender = parseaddr(str(mail.obj.get("From", "")))[1].lower()
    files = tuple(files_of(mail))
    message_id = str(mail.obj.get("Message-ID", "")).strip()
    told = [message_id or sha256_hex(mail.obj.as_bytes()), *(sha256_hex(content) for _, content in files)]
    subject = " ".join(mail.subject.split())
    kind = str(mail.obj.get("Auto-Submitted", "no")).strip().lower()
    return Letter(
        sender=sender,
        dealer=senders.dealer_of(sender, [str(v) for v in mail.obj.get_all("Authentication-Results", [])]),
        subject=subject,
        reference=reference_of(subject),
        files=files,
        text=text_of(mail),
        message_id=message_id,
        key=sha256_hex("\n".join(told).encode()),
        automatic=kind != "no" or str(mail.obj.get("Return-Path", "")).strip() == "<>",
    )


def files_of(mail: MailMessage) -> list[tuple[str, bytes]]:
    """Attachments, and pictures in the text that are large enough to be photos."""
    found = []
    for number, part in enumerate(mail.attachments, 1):
        shown_in_text = part.content_disposition == "inline" or bool(part.content_id)
        if shown_in_text and part.size < LOGO:
            continue
        name = shown(part.filename) or f"file-{number}.{part.content_type.rpartition('/')[2]}"
        found.append((name, part.payload))
    return found


def reference_of(subject: str) -> str:
    """The subject without "Re:" and the like; "" where it says no more than that there are pictures."""
    reference = ANSWERED.sub("", subject).strip()
    return "" if only_says_pictures(reference) else reference[:200]


def text_of(mail: MailMessage) -> str:
    """The text without what it quotes of earlier mails."""
    text = mail.text or plain_text(mail.html)
    lines = []
    for line in text[:LONGEST].splitlines():
        if QUOTED.match(line.strip()):
            if not line.strip().startswith(">"):
                break  # from here on all is the earlier mail
            continue
        lines.append(line)
    return "\n".join(lines).strip()
