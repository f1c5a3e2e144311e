"""Which case a mail goes on about: one that came by a mail which this one answers, or by our answer to it.

What is known of a mail is in its cases' receipts, so this needs no table: a receipt begins with a digest of
the mail's Message-ID, and the Message-ID of our answer with the same.
"""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from kilpi.cases import Case, read_case
from kilpi.cases.case import OPEN
from kilpi.doors.letters import Letter
from kilpi.hashing import sha256_hex
from kilpi.store import Store, Tx
from kilpi.store.tables import cases
from kilpi.text import name_key

AT = "@kilpi.invalid>"  # the end of our own Message-IDs; RFC 2606 keeps the domain from being anybody's
DIGITS = 32  # of a digest
HEX = frozenset("0123456789abcdef")


def thread_of(message_id: str) -> str:
    """A mail's digest; of one of our answers, that of the mail which it answered."""
    own = message_id.removeprefix("<").removesuffix(AT)[:DIGITS]
    if message_id.endswith(AT) and len(own) == DIGITS and set(own) <= HEX:
        return own
    return sha256_hex(message_id.encode(errors="replace"))[:DIGITS]


def receipt_of(letter: Letter) -> str:
    """Under which a mail's cars are received."""
    return f"mail {_own(letter)}{letter.key[:DIGITS]}"


def answer_id(letter: Letter) -> str:
    """The Message-ID of the answer to a mail: the same answer twice is one mail."""
    return f"<{_own(letter)}{letter.key[:DIGITS]}{AT}"


def _own(letter: Letter) -> str:
    return thread_of(letter.message_id) if letter.message_id else letter.key[:DIGITS]


def case_answered(store: Store, letter: Letter, dealer: str) -> str:
    """The one open case of this dealer that a mail goes on about; "": none, or it is not clear which.

    Answering is not enough, for people answer an old mail to write about another car: the subject must name
    the same car, or none.
    """
    found = open_cases(store, [thread_of(one) for one in letter.answers], dealer)
    if letter.reference:
        found = [case for case in found if name_key(case.reference) == name_key(letter.reference)]
    return found[0].id if len(found) == 1 else ""


def open_cases(store: Store, threads: Sequence[str], dealer: str) -> list[Case]:
    """The dealer's open cases that came by these mails. Raises StoreError."""

    def look(tx: Tx) -> list[str]:
        found: dict[str, None] = {}
        for thread in dict.fromkeys(threads):
            mine = cases.c.receipt.startswith(f"mail {thread}") & (cases.c.dealer == dealer)
            query = sa.select(cases.c.id).where(mine).order_by(cases.c.id)
            found |= dict.fromkeys(row["id"] for row in tx.rows(query))
        return list(found)

    every = [read_case(store, case_id) for case_id in store.read(look)]
    return [case for case in every if case.state in OPEN]
