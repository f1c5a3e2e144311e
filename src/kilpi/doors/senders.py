"""Whose mail is read: listed addresses and domains, each with its dealer."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kilpi.doors.results import proven_domain
from kilpi.errors import UsageError


@dataclass(frozen=True, slots=True)
class Senders:
    """`dealers`: by address or "@domain". `checked_by`: whose DMARC result is believed; "": nobody's."""

    dealers: Mapping[str, str]
    checked_by: str = ""

    @classmethod
    def parse(cls, text: str, checked_by: str = "") -> Senders:
        """KILPI_MAIL_SENDERS: "a@x.example=X Oy, @y.example=Y Oy". Raises UsageError."""
        dealers = {}
        for part in filter(None, (part.strip() for part in text.split(","))):
            address, _, dealer = (piece.strip() for piece in part.partition("="))
            if not re.fullmatch(r"[^@\s]*@[^@\s]+", address) or not dealer:
                raise UsageError(
                    "KILPI_MAIL_SENDERS: expected address=dealer, or @domain=dealer, with commas"
                )
            dealers[address.lower()] = dealer
        if not dealers:
            raise UsageError("KILPI_MAIL_SENDERS: names nobody, so no mail would be read; list who may send")
        return cls(dealers, checked_by)

    def dealer_of(self, sender: str, results: Sequence[str]) -> str | None:
        """Whose cars a sender's are; None for one that is not listed, or not proven where that is asked.

        `results` are the mail's Authentication-Results (RFC 8601), the receiving server's first. What it
        proves is a domain: it must be the sender's.
        """
        domain = sender.rpartition("@")[2]
        if self.checked_by and proven_domain(results, self.checked_by) != domain:
            return None
        return self.dealers.get(sender, self.dealers.get(f"@{domain}"))
