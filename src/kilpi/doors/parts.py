"""The files of a mail: what is attached, pictures in its text that are large enough to be photos, and what
mails hold that are attached to it. A file need not have a name to be one.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Iterator, Sequence
from email import message_from_bytes
from email.errors import MessageError
from email.message import Message
from typing import TYPE_CHECKING

from kilpi.hashing import sha256_hex
from kilpi.text import name_key, visible

if TYPE_CHECKING:
    from imap_tools.message import MailAttachment

LOGO = 30_000  # bytes: smaller pictures that the text shows are signatures and smileys
FILES = frozenset({"image", "video", "audio", "application"})  # what is a file also without a name
MAIL = "message/rfc822"
Named = Callable[[Message], str]  # a mail -> its own name for a car, "": none


def decoded(get: Callable[[], str]) -> str:
    """What `get` decodes; "" where that cannot be decoded: charsets and codings are the sender's."""
    try:
        return get()
    except (MessageError, ValueError, LookupError):  # UnicodeError is a ValueError
        return ""


def files_of(mail: Message, folders: Sequence[tuple[str, Message]]) -> list[tuple[str, bytes]]:
    """Name and content of each; `folders` are attached mails that are a car each (`cars_of`)."""
    found = []
    for number, file in enumerate(_files(mail, [one for _, one in folders]), 1):
        found += _file("", number, file)
    for folder, one in folders:
        for number, file in enumerate(_files(one, ()), len(found) + 1):
            found += _file(folder, number, file)
    return found


def cars_of(mail: Message, named: Named) -> list[tuple[str, Message]]:
    """The mails attached to a mail that are of a car each, with the folder that stands for it: where two or
    more name different cars. What one of them says or shows is none of the others'.
    """
    attached = [(named(one), one) for one in _attached(mail)]
    if len({name_key(name) for name, _ in attached if name}) < 2:
        return []
    return [(f"{name.replace('/', '-').replace(chr(92), '-')}/", one) for name, one in attached if name]


def note_of(folder: str, text: str) -> tuple[str, bytes]:
    """What an attached mail says, as a note beside its photos."""
    return f"{folder}mail-{sha256_hex(text.encode())[:12]}.txt", text.encode()


def without(mail: Message, attached: Sequence[Message]) -> None:
    """Takes attached mails out of a mail, which says then what it says itself."""
    ids = {id(one) for one in attached}
    for part in mail.walk():
        inside = part.get_payload()
        if part.get_content_maintype() == "multipart" and isinstance(inside, list):
            part.set_payload([one for one in inside if id(_inner(one)) not in ids])


def _file(folder: str, number: int, part: MailAttachment) -> list[tuple[str, bytes]]:
    name = visible(decoded(lambda: part.filename))
    in_text = part.content_disposition == "inline" or "Content-ID" in part.part
    in_text = in_text or not (name or part.content_disposition)
    if in_text and part.size < LOGO:
        return []
    kind = part.content_type.rpartition("/")[2]
    return [(folder + (name or f"file-{number}.{kind}"), part.payload)]


def _files(mail: Message, but: Sequence[Message]) -> Iterator[MailAttachment]:
    """The parts that are files, also those of attached mails, without those of `but`."""
    from imap_tools.message import MailAttachment

    for part in _leaves(mail):
        if (inside := _inner(part)) is not None:
            if not any(inside is one for one in but):
                yield from _files(inside, but)
        elif _is_file(part):
            yield MailAttachment(part)


def _is_file(part: Message) -> bool:
    if part.get_filename() is not None or "Content-ID" in part:
        return True
    if part.get_content_disposition() == "attachment" or part.get_content_type() == MAIL:
        return True
    signature = part.get_content_subtype().endswith("-signature")
    return part.get_content_maintype() in FILES and not signature


def _attached(mail: Message) -> Iterator[Message]:
    """The mails that are attached to a mail itself."""
    for part in _leaves(mail):
        if (inside := _inner(part)) is not None:
            yield inside


def _leaves(mail: Message) -> Iterator[Message]:
    """The parts that hold no others; an attached mail is one."""
    inside = mail.get_payload()
    if mail.get_content_maintype() != "multipart" or not isinstance(inside, list):
        yield mail
        return
    for part in inside:
        if isinstance(part, Message):
            yield from _leaves(part)


def _inner(part: object) -> Message | None:
    """The mail in a part; None: it is none. Some servers pack one as base64, against the rule."""
    if not isinstance(part, Message) or part.get_content_type() != MAIL:
        return None
    inside = part.get_payload()
    if not isinstance(inside, list) or not inside or not isinstance(inside[0], Message):
        return None
    if str(part.get("Content-Transfer-Encoding", "")).strip().lower() == "base64":
        try:
            unpacked = message_from_bytes(base64.b64decode(inside[0].as_bytes()))
        except (binascii.Error, ValueError, MessageError, LookupError):
            return inside[0]
        part.set_payload([unpacked])
        del part["Content-Transfer-Encoding"]
        return unpacked
    return inside[0]
