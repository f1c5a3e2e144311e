"""Tokens for machines: shown once, kept as their sha256, with a role of their own."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from kilpi.errors import UsageError
from kilpi.store import Store, Tx, uuid7
from kilpi.store.tables import tokens
from kilpi.web.accounts import Role, checked_name, digest, name_taken
from kilpi.web.fields import Unfit, one_line

PREFIX = "kilpi_"  # so that a token that lies about is known for what it is
NOTED_S = 60.0  # use is written down at most so often


@dataclass(frozen=True, slots=True)
class Token:
    """One machine's right to come in; the secret itself is not kept."""

    id: str
    name: str
    role: Role
    dealer: str
    created: datetime
    used: datetime | None = None
    ended: datetime | None = None


def token_of(row: Mapping[str, Any]) -> Token:
    """A row of `tokens`."""
    same = {name: row[name] for name in ("id", "name", "dealer", "created", "used", "ended")}
    return Token(role=Role(row["role"]), **same)


def make(store: Store, name: str, role: Role, dealer: str = "") -> str:
    """A new token's secret. Raises UsageError."""
    name, dealer = checked_name(name), one_line(dealer)
    if role is Role.ADMIN:
        raise UsageError("token: a machine is staff or a dealer's, never an administrator")
    if (role is Role.DEALER) != bool(dealer):
        raise Unfit("token: a dealer's token needs the dealer's name, and no other has one", "dealer_name")
    secret = PREFIX + secrets.token_urlsafe(32)
    row = {"id": uuid7(), "digest": digest(secret), "name": name, "role": role.value, "dealer": dealer}

    def do(tx: Tx) -> None:
        tx.lock("users")
        if name_taken(tx, name):
            raise Unfit("token: this name is taken; choose another", "name_taken")
        tx.run(tokens.insert().values(**row, created=tx.now))

    store.write(do)
    return secret


def find(store: Store, secret: str) -> Token | None:
    """Whose token it is; None: ended, or never made."""

    def look(tx: Tx) -> tuple[Token, bool] | None:
        row = tx.row(sa.select(tokens).where(tokens.c.digest == digest(secret), tokens.c.ended.is_(None)))
        if row is None:
            return None
        used = row["used"]
        return token_of(row), used is None or tx.now - used >= timedelta(seconds=NOTED_S)

    found = store.read(look)
    if found is None:
        return None
    token, note = found
    if note:
        where = tokens.c.id == token.id
        store.write(lambda tx: tx.run(tokens.update().where(where).values(used=tx.now)))
    return token


def every(store: Store) -> list[Token]:
    """The newest first."""
    query = sa.select(tokens).order_by(tokens.c.id.desc())
    return [token_of(row) for row in store.read(lambda tx: tx.rows(query))]


def end(store: Store, token_id: str) -> None:
    """Not valid any more, from now on."""
    where = (tokens.c.id == token_id, tokens.c.ended.is_(None))
    store.write(lambda tx: tx.run(tokens.update().where(*where).values(ended=tx.now)))
