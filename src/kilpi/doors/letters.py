"""One mail as what it is to Kilpi: who sent it, about which car, which files, what its text says."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from email.header import decode_header, make_header
from email.message import Message
from email.utils import getaddresses
from typing import TYPE_CHECKING

from kilpi.doors.parts import cars_of, decoded, files_of, note_of, without
from kilpi.doors.senders import Senders
from kilpi.hashing import sha256_hex
from kilpi.photos.kinds import only_says_pictures
from kilpi.text import plain_text, visible

if TYPE_CHECKING:
    from imap_tools import MailMessage

LONGEST = 100_000  # characters of a text
OURS = "Kilpi"  # the subject of our answers where theirs may not be repeated: it says no car
ANSWERED = re.compile(r"^\s*(?:(?:re|fw|fwd|vs|vl|sv|vb|aw|wg)\s*:\s*)+", re.IGNORECASE)
SENT_ON = re.compile(r"^\s*(?:fw|fwd|vl|vb|wg)\s*:", re.IGNORECASE)
EARLIER = re.compile(r"-{2,}\s*(?:original|alkuperäinen|ursprungligt)", re.IGNORECASE)
RULE = re.compile(r"[_=-]{5,}")  # the line that Outlook draws above an earlier mail
_LABEL = r"^[\s*]*(?:{})\s*[*\s]*:"  # *Sent:* in a text that was made of bold words
FROM = re.compile(_LABEL.format("from|lähettäjä|från|von"), re.IGNORECASE)
HEAD = re.compile(
    _LABEL.format(
        "sent|date|to|cc|subject|lähetetty|päivä(?:ys|määrä)|vastaanottaja|kopio|aihe"
        "|skickat|datum|till|kopia|ämne|gesendet|an|betreff"
    ),
    re.IGNORECASE,
)
WROTE = re.compile(r"\b(?:wrote|kirjoitti|skrev|schrieb)\b[^:]{0,80}:\s*$", re.IGNORECASE)
ADDRESS = re.compile(r"[a-z0-9.!#$%&'*+/=?^_`{|}~-]+@[a-z0-9-]+(?:\.[a-z0-9-]+)*")  # RFC 5322, no quoting
MESSAGE_ID = re.compile(r"<[!-;=?-~]{1,900}>")  # printable ASCII without < and >; a line has 998 at most
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
    headers, cars = mail.obj, cars_of(mail.obj, lambda one: reference_of(subject_of(one)))
    files = files_of(headers, cars) + [
        note_of(folder, text) for folder, one in cars if (text := said_in(one))
    ]
    without(headers, [one for _, one in cars])
    told_id = "".join(ids_in(headers, "Message-ID").split())
    told = [told_id or sha256_hex(headers.as_bytes()), *(sha256_hex(content) for _, content in files)]
    subject = subject_of(headers)
    return Letter(
        sender=sender_of(headers),
        dealer=dealer_of(headers, senders),
        subject=subject,
        reference=reference_of(subject),
        files=tuple(files),
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
    """The Message-IDs of References and In-Reply-To, each once, the one that is answered itself last."""
    told = " ".join(ids_in(headers, name) for name in ("References", "In-Reply-To"))
    return tuple(reversed(dict.fromkeys(reversed(MESSAGE_ID.findall(told)))))[-MOST_IDS:]


def ids_in(headers: Message, name: str) -> str:
    """A header that holds Message-IDs; some programs fold long ones as encoded words."""
    told = str(headers.get(name, ""))
    return decoded(lambda: str(make_header(decode_header(told)))) if "=?" in told else told


def reference_of(subject: str) -> str:
    """The subject without "Re:" and the like; "" where it says no more than that there are pictures."""
    reference = ANSWERED.sub("", subject).strip()
    return "" if reference == OURS or only_says_pictures(reference) else reference[:200]


def subject_of(headers: Message) -> str:
    """A mail's subject on one line; "" where it has none that can be decoded."""
    from imap_tools.utils import decode_value

    told = headers.get("Subject", "")
    parts = decoded(lambda: "".join(decode_value(*part) for part in decode_header(told)))
    return " ".join(visible(parts).split())


def said_in(attached: Message) -> str:
    """What a mail says that is attached to another; all of it, for it was sent on."""
    from imap_tools import MailMessage

    mail = MailMessage.from_bytes(b"")
    mail.obj = attached
    return own_words(visible(decoded(lambda: mail.text or plain_text(mail.html)))[:LONGEST].splitlines())


def text_of(mail: MailMessage) -> str:
    """The text without what it quotes of earlier mails; of a mail that was sent on, all."""
    text = visible(mail.text or plain_text(mail.html))
    sent_on = SENT_ON.match(decoded(lambda: mail.subject)) is not None
    lines = text[:LONGEST].splitlines()
    return own_words(lines if sent_on else lines[: quote_begins(lines)])


def own_words(lines: Sequence[str]) -> str:
    """Lines without those that are marked as quoted."""
    return "\n".join(line for line in lines if not line.lstrip().startswith(">")).strip()


def quote_begins(lines: Sequence[str]) -> int:
    """From which line on all is an earlier mail, which programs put below an answer without marking it."""
    for at, line in enumerate(lines):
        head = FROM.match(line) is not None and _is_head(lines[at + 1 :])
        if head or EARLIER.match(line.strip()) or _wrote(lines, at):
            while at and (not lines[at - 1].strip() or RULE.fullmatch(lines[at - 1].strip())):
                at -= 1
            return at
    return len(lines)


def _is_head(lines: Sequence[str]) -> bool:
    """Whether lines go on the head of a mail, as Outlook writes it: Sent, To, Subject."""
    following = [line for line in lines if line.strip()][:5]
    return sum(HEAD.match(line) is not None for line in following) >= 2


def _wrote(lines: Sequence[str], at: int) -> bool:
    """Whether a line, or it and the one before, says who wrote what follows, and that is not marked."""
    if not WROTE.search(lines[at]):
        return False
    dated = any(char.isdigit() for char in " ".join(lines[max(0, at - 1) : at + 1]))
    following = next((line.strip() for line in lines[at + 1 :] if line.strip()), ">")
    return dated and not following.startswith(">")
