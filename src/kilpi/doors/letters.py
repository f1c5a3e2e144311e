"""One mail as what it is to Kilpi: who sent it, about which car, which files, what its text says."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from email.errors import MessageError
from email.message import Message
from email.utils import getaddresses
from functools import partial
from typing import TYPE_CHECKING

from kilpi.doors.senders import Senders
from kilpi.hashing import sha256_hex
from kilpi.photos.kinds import only_says_pictures
from kilpi.text import plain_text, visible

if TYPE_CHECKING:
    from imap_tools import MailMessage

LONGEST = 100_000  # characters of a text
LOGO = 30_000  # bytes: smaller pictures that the text shows are signatures and smileys
OURS = "Kilpi"  # the subject of our answers where theirs may not be repeated: it says no car
ANSWERED = re.compile(r"^\s*(?:(?:re|fw|fwd|vs|vl|sv|vb|aw|wg)\s*:\s*)+", re.IGNORECASE)
QUOTED = re.compile(r"^(?:>|-{2,}\s*(?:original|alkuperäinen|ursprungligt))", re.IGNORECASE)
ADDRESS = re.compile(r"[a-z0-9.!#$%&'*+/=?^_`{|}~-]+@[a-z0-9-]+(?:\.[a-z0-9-]+)*")  # RFC 5322, no quoting
MESSAGE_ID = re.compile(r"<[!-;=?-~]+>")  # printable ASCII without < and >
MOST_IDS = 50  # of the mails that a mail answers


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail. `files` are (name, content). `key` is the same whenever this mail with these files comes."""

    sender: str  # the address, lower case
    dealer: str | None  # whose cars they are; None: the sender is not listed
    subject: str
    reference: str  # the dealer's own name for the car; "": the subject says none
    files: tuple[tuple[str, bytes], ...]
    text: str
    message_id: str  # on one line; "": it has none that can be written into another mail
    answers: tuple[str, ...]  # Message-IDs of the mails that it answers, the oldest first
    key: str
    automatic: bool  # written by a program, to which nobody answers

    @property
    def note(self) -> str:
        """What the text is called beside the photos, a note like any other: each mail's is its own."""
        return f"mail-{self.key[:12]}.txt"


def letter_of(mail: MailMessage, senders: Senders) -> Letter:
    """What a mail holds. What of it cannot be decoded is left out; some mails raise anything at all."""
    headers, files = mail.obj, tuple(files_of(mail))
    told_id = "".join(str(headers.get("Message-ID", "")).split())
    told = [told_id or sha256_hex(headers.as_bytes()), *(sha256_hex(content) for _, content in files)]
    subject = " ".join(visible(decoded(lambda: mail.subject)).split())
    return Letter(
        sender=sender_of(headers),
        dealer=dealer_of(headers, senders),
        subject=subject,
        reference=reference_of(subject),
        files=files,
        text=decoded(lambda: text_of(mail)),
        message_id=told_id if MESSAGE_ID.fullmatch(told_id) else "",
        answers=answered_ids(headers),
        key=sha256_hex("\n".join(told).encode(errors="replace")),
        automatic=is_automatic(headers),
    )


def sender_of(headers: Message) -> str:
    """The one plain address in the one From; "" where there are several, or it is spelt to be misread.

    Servers that check a mail, and programs that show it, would not agree on who sent it.
    """
    told = [str(value) for value in headers.get_all("From", [])]
    found = [address.lower() for _, address in getaddresses(told)]
    plain = len(told) == len(found) == 1 and ADDRESS.fullmatch(found[0]) is not None
    return found[0] if plain else ""


def dealer_of(headers: Message, senders: Senders) -> str | None:
    """Whose cars the sender's are; None: not listed, or not proven."""
    results = [str(value) for value in headers.get_all("Authentication-Results", [])]
    return senders.dealer_of(sender_of(headers), results)


def is_automatic(headers: Message) -> bool:
    """Whether a program wrote it (RFC 3834), or a server that could not deliver."""
    kind = str(headers.get("Auto-Submitted", "no")).strip().lower()
    return kind != "no" or str(headers.get("Return-Path", "")).strip() == "<>"


def answered_ids(headers: Message) -> tuple[str, ...]:
    """The Message-IDs of References and In-Reply-To, each once."""
    told = " ".join(str(headers.get(name, "")) for name in ("References", "In-Reply-To"))
    return tuple(dict.fromkeys(MESSAGE_ID.findall(told)))[-MOST_IDS:]


def decoded(get: Callable[[], str]) -> str:
    """What `get` decodes; "" where that cannot be decoded: charsets and codings are the sender's."""
    try:
        return get()
    except (MessageError, ValueError, LookupError):  # UnicodeError is a ValueError
        return ""


def files_of(mail: MailMessage) -> list[tuple[str, bytes]]:
    """Attachments, and pictures in the text that are large enough to be photos."""
    found = []
    for number, part in enumerate(mail.attachments, 1):
        shown_in_text = part.content_disposition == "inline" or "Content-ID" in part.part
        if shown_in_text and part.size < LOGO:
            continue
        name = visible(decoded(partial(getattr, part, "filename")))
        found.append((name or f"file-{number}.{part.content_type.rpartition('/')[2]}", part.payload))
    return found


def reference_of(subject: str) -> str:
    """The subject without "Re:" and the like; "" where it says no more than that there are pictures."""
    reference = ANSWERED.sub("", subject).strip()
    return "" if reference == OURS or only_says_pictures(reference) else reference[:200]


def text_of(mail: MailMessage) -> str:
    """The text without what it quotes of earlier mails."""
    text = visible(mail.text or plain_text(mail.html))
    lines = []
    for line in text[:LONGEST].splitlines():
        if QUOTED.match(line.strip()):
            if not line.strip().startswith(">"):
                break  # from here on all is the earlier mail
            continue
        lines.append(line)
    return "\n".join(lines).strip()
