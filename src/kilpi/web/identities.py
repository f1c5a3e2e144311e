"""People whom an OpenID provider knows: which user each is, and who still waits for an administrator.

Of issuer and subject only the SHA-256 is kept, beside the name to show.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from kilpi.config import Settings
from kilpi.errors import UsageError
from kilpi.store import Store, Tx, uuid7
from kilpi.store.tables import identities, users
from kilpi.web.accounts import (
    NAME_MOST,
    Role,
    User,
    check_last_admin,
    checked_name,
    end_sessions,
    get_user,
    insert_user,
    name_taken,
)
from kilpi.web.fields import one_line
from kilpi.web.oidc import SignInFailed, roles_of
from kilpi.web.visitor import RANKS

NAMES = ("preferred_username", "name", "email")  # claims that a person is called by, the first that is there
WAITING_DAYS = 30  # after the last sign-in, who still has no access is forgotten
MOST_WAITING = 200  # people without access that are remembered; the oldest give way


@dataclass(frozen=True, slots=True)
class Waiting:
    """Somebody who signed in at the provider and has no access here."""

    id: str
    name: str


def role_in(claims: Mapping[str, Any], settings: Settings) -> tuple[Role, str] | None:
    """The role, and of a dealer's user the dealer, that the claims give; None: they give none.

    The highest role counts where several values are mapped. Raises UsageError for a mapping without sense.
    """
    given = claim(claims, settings.oidc_role_claim)
    values = given if isinstance(given, list) else str(given).split() if given is not None else []
    roles = roles_of(settings.oidc_roles)
    found = [roles[str(value)] for value in values if str(value) in roles]
    if not found:
        return None
    role = max(found, key=lambda one: RANKS[one])
    if role is not Role.DEALER:
        return role, ""
    dealer = one_line(str(claim(claims, settings.oidc_dealer_claim) or ""))
    return (role, dealer) if dealer else None


def claim(claims: Mapping[str, Any], path: str) -> Any:
    """A claim by its name, or by names with dots between (realm_access.roles); None: not there."""
    if path in claims:
        return claims[path]
    found: Any = claims
    for part in path.split(".") if path else ():
        found = found.get(part) if isinstance(found, Mapping) else None
    return None if found is claims else found


def user_for(store: Store, settings: Settings, claims: Mapping[str, Any]) -> User:
    """The user who just signed in at the provider, made or changed as the claims say.

    Without a role, by claims or by an administrator, the person waits. Raises SignInFailed.
    """
    told, digest = role_in(claims, settings), digest_of(settings.oidc_issuer, str(claims["sub"]))
    name = name_in(claims)

    def do(tx: Tx) -> User | None:
        tx.lock("users")
        row = tx.row(sa.select(identities).where(identities.c.digest == digest))
        if row is None:
            forget_oldest(tx)
            tx.run(identities.insert().values(digest=digest, name=name, created=tx.now, seen=tx.now))
        tx.run(identities.update().where(identities.c.digest == digest).values(name=name, seen=tx.now))
        user = get_user(tx, row["user_id"]) if row and row["user_id"] else None
        if user is None:
            return grant_in(tx, digest, name, *told, claimed=True) if told else None
        if told is None and row and row["claimed"] and not user.ended:
            end_sessions(tx, user.id)  # what the provider took away is gone here too
            return None
        if told is not None and (user.role, user.dealer) != told and not user.ended:
            return with_role(tx, digest, user, *told)
        return user

    try:
        user = store.write(do)
    except UsageError:
        raise SignInFailed("oidc_last_admin") from None
    if user is None:
        raise SignInFailed("oidc_waiting")
    if user.ended:
        raise SignInFailed("oidc_ended")
    return user


def name_in(claims: Mapping[str, Any]) -> str:
    """What a person is called, fit for a user's name."""
    for key in NAMES:
        text = one_line(str(claims.get(key) or ""))[: NAME_MOST - 4].strip()
        try:
            return checked_name(text)
        except UsageError:
            continue
    return "user"


def grant_in(tx: Tx, digest: str, name: str, role: Role, dealer: str, claimed: bool = False) -> User:
    """A user for an identity, under its name or the next free one. `claimed`: by the provider's claims."""
    free, number = name, 2
    while name_taken(tx, free):
        free, number = f"{name} {number}", number + 1
    user = insert_user(tx, uuid7(), free, role, dealer)
    tx.run(identities.update().where(identities.c.digest == digest).values(user_id=user.id, claimed=claimed))
    return user


def with_role(tx: Tx, digest: str, user: User, role: Role, dealer: str) -> User:
    """The user with another role; the open sessions end. Raises UsageError for the last administrator."""
    check_last_admin(tx, user)
    tx.run(identities.update().where(identities.c.digest == digest).values(claimed=True))
    tx.run(users.update().where(users.c.id == user.id).values(role=role.value, dealer=dealer))
    end_sessions(tx, user.id)
    return get_user(tx, user.id)


def waiting(store: Store) -> list[Waiting]:
    """Who has no access yet, the newest first."""
    query = sa.select(identities).where(identities.c.user_id.is_(None)).order_by(identities.c.seen.desc())
    return [Waiting(row["digest"], row["name"]) for row in store.read(lambda tx: tx.rows(query))]


def grant(store: Store, digest: str, role: Role, dealer: str) -> User:
    """Somebody who waits may come in from now on. Raises UsageError."""
    dealer = one_line(dealer)

    def do(tx: Tx) -> User:
        tx.lock("users")
        row = tx.row(sa.select(identities).where(identities.c.digest == digest))
        if row is None or row["user_id"]:
            raise UsageError("user: nobody of this id waits; load the page again")
        return grant_in(tx, digest, row["name"], role, dealer)

    return store.write(do)


def forget(store: Store, digest: str) -> None:
    """Somebody who waits is not to come in; signing in again makes the person wait again."""
    where = (identities.c.digest == digest) & identities.c.user_id.is_(None)
    store.write(lambda tx: tx.run(identities.delete().where(where)))


def forget_oldest(tx: Tx) -> None:
    """Makes room: anybody with an account at the provider can come to wait here. Nobody waits for ever."""
    long_ago = identities.c.seen < tx.now - timedelta(days=WAITING_DAYS)
    tx.run(identities.delete().where(identities.c.user_id.is_(None), long_ago))
    query = sa.select(identities.c.digest).where(identities.c.user_id.is_(None))
    rows = tx.rows(query.order_by(identities.c.seen.desc()).offset(MOST_WAITING - 1))
    for row in rows:
        tx.run(identities.delete().where(identities.c.digest == row["digest"]))


def digest_of(issuer: str, subject: str) -> str:
    """As what a person is kept: subjects are unique within an issuer."""
    return hashlib.sha256(f"{issuer.rstrip('/')}\n{subject}".encode()).hexdigest()
