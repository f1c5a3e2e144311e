"""Users, their passwords, and the links by which they come in first. Of secrets only the sha256 is kept."""

from __future__ import annotations

import hashlib
import secrets
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from kilpi.store import Store, Tx, uuid7
from kilpi.store.tables import links, sessions, tokens, users
from kilpi.web.fields import Unfit, one_line

OWNER = "owner"
ENTER, INVITE = "enter", "invite"  # what a link is for
ENTER_S, INVITE_S = 3600.0, 7 * 86_400.0
PASSWORD_LEAST, PASSWORD_MOST = 10, 200  # characters
NAME_MOST = 60
HASHER = PasswordHasher()  # argon2id; the library's defaults are RFC 9106's second recommendation
NOBODY = HASHER.hash("nobody")  # checked for names that do not exist, so that both take as long


class Role(StrEnum):
    """What a user may do; each may do all that those before may, a dealer with the own cars only."""

    DEALER = "dealer"
    STAFF = "staff"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class User:
    """One who may come in. `dealer` is set for dealers' users alone."""

    id: str
    name: str
    role: Role
    dealer: str = ""
    has_password: bool = False
    ended: bool = False


def user_of(row: Mapping[str, Any]) -> User:
    """A row of `users`."""
    return User(
        row["id"],
        row["name"],
        Role(row["role"]),
        row["dealer"],
        row["password"] is not None,
        row["ended"] is not None,
    )


def digest(secret: str) -> str:
    """As what a secret of 256 random bits is kept."""
    return hashlib.sha256(secret.encode()).hexdigest()


def key_of(name: str) -> str:
    """A user's name as compared. Postgres takes no NUL, which nobody's name has."""
    return unicodedata.normalize("NFKC", name.replace("\0", "")).casefold().strip()


def checked_name(name: str) -> str:
    """A name as it is kept. Raises UsageError."""
    name = " ".join(unicodedata.normalize("NFC", name).split())
    if not name or len(name) > NAME_MOST or not name.isprintable() or key_of(name) in ("kilpi", "person"):
        raise Unfit(f"name: 1 to {NAME_MOST} letters, digits or signs, and not Kilpi's own", "bad_name")
    return name


def check_password(password: str) -> None:
    """Raises UsageError for one that is too short or too long."""
    if not PASSWORD_LEAST <= len(password) <= PASSWORD_MOST:
        raise Unfit(f"password: {PASSWORD_LEAST} to {PASSWORD_MOST} characters", "bad_password")


def add_user(store: Store, name: str, role: Role, dealer: str = "") -> User:
    """A new user without a password. Raises UsageError (a name that is taken, a dealer without a dealer)."""
    name, dealer = checked_name(name), one_line(dealer)

    def do(tx: Tx) -> User:
        tx.lock("users")
        if name_taken(tx, name):
            raise Unfit("user: this name is taken; choose another", "name_taken")
        return insert_user(tx, uuid7(), name, role, dealer)

    return store.write(do)


def insert_user(tx: Tx, user_id: str, name: str, role: Role, dealer: str) -> User:
    """The row of a user whose name is free. Raises UsageError (a dealer's user without a dealer)."""
    if (role is Role.DEALER) != bool(dealer):
        raise Unfit("user: a dealer's user needs the dealer's name, and nobody else has one", "dealer_name")
    row = {"id": user_id, "name": name, "name_key": key_of(name), "role": role.value, "dealer": dealer}
    tx.run(users.insert().values(**row, created=tx.now))
    return get_user(tx, user_id)


def name_taken(tx: Tx, name: str) -> bool:
    """Whether a user, or a token that is valid, is called so: the history must name one of them."""
    if tx.row(sa.select(users.c.id).where(users.c.name_key == key_of(name))):
        return True
    found = tx.rows(sa.select(tokens.c.name).where(tokens.c.ended.is_(None)))
    return any(key_of(row["name"]) == key_of(name) for row in found)


def get_user(tx: Tx, user_id: str) -> User:
    """One user. Raises UsageError."""
    row = tx.row(sa.select(users).where(users.c.id == user_id))
    if row is None:
        raise Unfit("user: there is none of this id", "no_user")
    return user_of(row)


def all_users(store: Store) -> list[User]:
    """By name, those that were ended too."""
    return [
        user_of(row) for row in store.read(lambda tx: tx.rows(sa.select(users).order_by(users.c.name_key)))
    ]


def sign_in(store: Store, name: str, password: str) -> User | None:
    """The user of this name and password; None: not both are right. Takes as long either way."""
    row = store.read(lambda tx: tx.row(sa.select(users).where(users.c.name_key == key_of(name))))
    kept = row["password"] if row and row["password"] and row["ended"] is None else None
    try:
        HASHER.verify(kept or NOBODY, password[: PASSWORD_MOST + 1])
    except (VerificationError, InvalidHashError):
        return None
    return user_of(row) if row and kept else None


def set_password(store: Store, user_id: str, password: str) -> None:
    """A new password; all sessions and links of the user end. Raises UsageError."""
    check_password(password)
    hashed = HASHER.hash(password)

    def do(tx: Tx) -> None:
        tx.run(users.update().where(users.c.id == user_id).values(password=hashed))
        _end_all(tx, user_id)

    store.write(do)


def end_user(store: Store, user_id: str) -> None:
    """May not come in any more, from now on; what was done stays under the name. Raises UsageError."""

    def do(tx: Tx) -> None:
        tx.lock("users")
        check_last_admin(tx, get_user(tx, user_id))
        tx.run(users.update().where(users.c.id == user_id).values(ended=tx.now, password=None))
        _end_all(tx, user_id)

    store.write(do)


def check_last_admin(tx: Tx, user: User) -> None:
    """Raises UsageError where nobody could add users any more without this one."""
    others = (users.c.role == "admin") & users.c.ended.is_(None) & (users.c.id != user.id)
    if user.role is Role.ADMIN and tx.row(sa.select(users.c.id).where(others)) is None:
        raise Unfit("user: the last administrator stays; make another one first", "last_admin")


def end_sessions(tx: Tx, user_id: str) -> None:
    """Signs a user out everywhere."""
    tx.run(sessions.delete().where(sessions.c.user_id == user_id))


def _end_all(tx: Tx, user_id: str) -> None:
    end_sessions(tx, user_id)
    tx.run(links.delete().where(links.c.user_id == user_id))


def owner(store: Store) -> User:
    """The first administrator, made where there is none: who holds the terminal may come in."""
    query = sa.select(users).where(users.c.role == "admin", users.c.ended.is_(None)).order_by(users.c.created)
    row = store.read(lambda tx: tx.row(query))
    return user_of(row) if row else add_user(store, OWNER, Role.ADMIN)


def make_link(store: Store, user_id: str, purpose: str) -> str:
    """A new one-time link's secret; the user's former links of this purpose end."""
    secret, seconds = secrets.token_urlsafe(32), ENTER_S if purpose == ENTER else INVITE_S

    def do(tx: Tx) -> None:
        tx.run(links.delete().where((links.c.user_id == user_id) & (links.c.purpose == purpose)))
        ends = tx.now + timedelta(seconds=seconds)
        row = {"digest": digest(secret), "user_id": user_id, "purpose": purpose, "ends": ends}
        tx.run(links.insert().values(**row))

    store.write(do)
    return secret


def use_link(store: Store, secret: str, purpose: str, use: bool = True) -> User | None:
    """Whose link it is, once; None: used, ended or never made. `use=False` only looks."""

    def do(tx: Tx) -> User | None:
        where = (links.c.digest == digest(secret), links.c.purpose == purpose)
        row = tx.row(sa.select(links).where(*where).with_for_update())
        if row is None or row["ends"] <= tx.now:
            return None
        if use:
            tx.run(links.delete().where(*where))
        user = get_user(tx, row["user_id"])
        return None if user.ended else user

    return store.write(do)
