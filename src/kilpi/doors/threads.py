"""Which case a mail goes on about: one that came by a mail which it answers, or that our answer told of.

What is known of a mail is in its cases, so this needs no table: a receipt begins with a digest of the mail's
Message-ID. The Message-ID of our answer begins with the id of the one case that it tells of, else with that
digest.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from uuid import UUID

import sqlalchemy as sa

from kilpi.cases import Case, Kind, history, read_case
from kilpi.cases.case import OPEN
from kilpi.cases.projection import standing
from kilpi.doors.letters import Letter
from kilpi.hashing import sha256_hex
from kilpi.store import Store, Tx
from kilpi.store.tables import cases
from kilpi.text import name_key

AT = "@kilpi.invalid>"  # the end of our own Message-IDs; RFC 2606 keeps the domain from being anybody's
DIGITS = 32  # of a digest, and of a case's id
HEX = frozenset("0123456789abcdef")


def thread_of(message_id: str) -> str:
    """A mail's digest; of one of our answers, the case's id, or the digest of the mail which it answered."""
    own = message_id.removeprefix("<").removesuffix(AT)[:DIGITS]
    if message_id.endswith(AT) and len(own) == DIGITS and set(own) <= HEX:
        return own
    return sha256_hex(message_id.encode(errors="replace"))[:DIGITS]


def receipt_of(letter: Letter) -> str:
    """Under which a mail's cars are received."""
    return f"mail {_own(letter)}{letter.key[:DIGITS]}"


def answer_id(letter: Letter, told: Sequence[str] = ()) -> str:
    """The Message-ID of the answer to a mail, which tells of these cases (ids): the same answer twice is one
    mail.
    """
    own = UUID(told[0]).hex if len(told) == 1 else _own(letter)
    return f"<{own}{letter.key[:DIGITS]}{AT}"


def _own(letter: Letter) -> str:
    return thread_of(letter.message_id) if letter.message_id else letter.key[:DIGITS]


def case_answered(store: Store, letter: Letter, dealer: str) -> str:
    """The one open case of this dealer that a mail goes on about; "": none, or it is not clear which.

    Of the mails that it answers the nearest counts that any such case came by, or was told of in. Cars that
    are gone count as well: of two cars of one mail, what is said once one is sold may be of that one.
    Answering is not enough, for people answer an old mail to write about another car: the subject must name
    the same car, or none. Raises StoreError.
    """
    for message_id in reversed(letter.answers):
        found = list(cases_of(store, thread_of(message_id), dealer))
        if letter.reference:
            found = [case for case in found if name_key(case.reference) == name_key(letter.reference)]
        if found:
            return found[0].id if len(found) == 1 and found[0].state in OPEN else ""
    return ""


def cases_of(store: Store, thread: str, dealer: str) -> Iterator[Case]:
    """The dealer's cases that came by a mail, or that an answer of ours told of, each once; in place of one
    that was joined to another, that one. Raises StoreError.
    """
    came = cases.c.receipt.startswith(f"mail {thread}") | (cases.c.id == str(UUID(thread)))
    query = sa.select(cases.c.id).where(came, cases.c.dealer == dealer).order_by(cases.c.id)

    def look(tx: Tx) -> list[str]:
        return [row["id"] for row in tx.rows(query)]

    found = (now_of(store, case_id) for case_id in store.read(look))
    yield from {case.id: case for case in found}.values()


def now_of(store: Store, case_id: str) -> Case:
    """A case, or the one that it was joined to."""
    seen: set[str] = set()
    while case_id not in seen:
        seen.add(case_id)
        ends = [one for one in standing(history(store, case_id)) if one.kind is Kind.WITHDRAWN]
        case_id = next((str(one.data["into"]) for one in reversed(ends) if one.data.get("into")), case_id)
    return read_case(store, case_id)
