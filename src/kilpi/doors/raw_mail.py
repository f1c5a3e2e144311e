"""A mail as the server gave it, not looked into: what imap-tools makes of one may raise anything."""

from __future__ import annotations

import imaplib
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from imap_tools import BaseMailBox, MailMessage

SIZE = re.compile(rb"RFC822\.SIZE (\d{1,18})", re.IGNORECASE)


class Raw:
    """`size` is that of the whole mail in bytes, as the server says it, also where the head alone is here."""

    def __init__(self, fetched: Sequence[Any]) -> None:
        parts = [part for part in fetched if isinstance(part, tuple)]
        told = [*(part[0] for part in parts), *(part for part in fetched if isinstance(part, bytes))]
        self.content: bytes = parts[-1][1] if parts else b""
        self.flags = {flag.decode("ascii", "replace") for one in told for flag in imaplib.ParseFlags(one)}
        found = next((match for one in told if (match := SIZE.search(one))), None)
        self.size = int(found[1]) if found else len(self.content)

    def message(self) -> MailMessage:
        """Opened. May raise anything."""
        from imap_tools import MailMessage

        opened: MailMessage = MailMessage.from_bytes(self.content)
        return opened


def fetch(box: BaseMailBox, uid: str, *, head: bool = False) -> Raw | None:
    """A mail, or its head alone; None: it is not there any more. What the connection raises is raised."""
    box.email_message_class = Raw  # type: ignore[assignment]
    found = box.fetch(uid_list=[uid], mark_seen=False, headers_only=head)
    return cast("Raw | None", next(iter(found), None))
