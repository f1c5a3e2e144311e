"""Who is signed in: a random cookie, of which only the sha256 is kept, and an end that always comes."""

from __future__ import annotations

import hmac
import secrets
from datetime import timedelta

import sqlalchemy as sa

from kilpi.store import Store, Tx
from kilpi.store.tables import sessions, users
from kilpi.web.accounts import User, digest, user_of

IDLE_S = 12 * 3600.0  # a session that is not used for so long is over
LONGEST_S = 14 * 86_400.0  # and so is one that began so long ago
NOTED_S = 60.0  # use is written down at most so often


def begin(store: Store, user_id: str) -> str:
    """A new session's cookie."""
    cookie = secrets.token_urlsafe(32)

    def do(tx: Tx) -> None:
        over = (sessions.c.seen <= tx.now - timedelta(seconds=IDLE_S)) | (
            sessions.c.created <= tx.now - timedelta(seconds=LONGEST_S)
        )
        tx.run(sessions.delete().where(over))
        row = {"digest": digest(cookie), "user_id": user_id, "created": tx.now, "seen": tx.now}
        tx.run(sessions.insert().values(**row))

    store.write(do)
    return cookie


def find(store: Store, cookie: str) -> User | None:
    """Whose session it is; None: it is over."""
    joined = sa.select(users, sessions.c.seen, sessions.c.created.label("began")).join(
        sessions, sessions.c.user_id == users.c.id
    )
    query = joined.where(sessions.c.digest == digest(cookie), users.c.ended.is_(None))

    def look(tx: Tx) -> tuple[User, bool] | None:
        row = tx.row(query)
        if row is None or tx.now - row["seen"] >= timedelta(seconds=IDLE_S):
            return None
        if tx.now - row["began"] >= timedelta(seconds=LONGEST_S):
            return None
        return user_of(row), tx.now - row["seen"] >= timedelta(seconds=NOTED_S)

    found = store.read(look)
    if found is None:
        return None
    if found[1]:
        where = sessions.c.digest == digest(cookie)
        store.write(lambda tx: tx.run(sessions.update().where(where).values(seen=tx.now)))
    return found[0]


def end(store: Store, cookie: str) -> None:
    """Signs out."""
    store.write(lambda tx: tx.run(sessions.delete().where(sessions.c.digest == digest(cookie))))


def csrf_token(cookie: str) -> str:
    """What a form must hold to be believed: only a page of ours, shown to this session, can know it."""
    return hmac.new(cookie.encode(), b"kilpi form", "sha256").hexdigest()
