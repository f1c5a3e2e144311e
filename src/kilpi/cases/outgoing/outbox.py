"""News of cases for other programs: written with the event, in its transaction, and sent later by whoever
can.

A delivery holds no mark and no name: which case, which event, which state. Its id stays the same however
often it is sent, so a receiver acts on each once.
"""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import sqlalchemy as sa

from kilpi.cases.case import Case, Event, Kind
from kilpi.errors import CaseChanged, UsageError
from kilpi.store import Row, Store, Tx, uuid7
from kilpi.store.tables import deliveries, hooks

LEASE_S = 120.0  # longer than one attempt may take
KEEP_DAYS = 30  # what was delivered is listed for so long
SECRET_BYTES = 32  # Standard Webhooks asks for 24 to 64
MOST = 500


@dataclass(frozen=True, slots=True)
class Hook:
    """Where news goes. `kinds` None: of every event; `dealer` "": of every dealer's cases."""

    id: str
    url: str
    secret: str  # "whsec_" and base64, as Standard Webhooks writes them
    dealer: str
    kinds: tuple[str, ...] | None
    created: datetime


@dataclass(frozen=True, slots=True)
class Delivery:
    """One piece of news for one hook. `free_at` None: delivered, or given up (dead)."""

    id: str
    hook_id: str
    case_id: str
    seq: int
    kind: str
    state: str
    at: datetime
    free_at: datetime | None
    attempts: int
    delivered: datetime | None
    error: str

    @property
    def dead(self) -> bool:
        """Given up: only a person has it sent again."""
        return self.free_at is None and self.delivered is None

    @property
    def body(self) -> bytes:
        """The same bytes at every attempt."""
        told = {
            "type": f"case.{self.kind}",
            "timestamp": self.at.isoformat(),
            "data": {"id": self.case_id, "seq": self.seq, "state": self.state},
        }
        return json.dumps(told).encode()


@dataclass(frozen=True, slots=True)
class OnItsWay:
    """A delivery that this sender has, and where it goes. `attempts` counts this time too."""

    delivery: Delivery
    hook: Hook
    token: str


def add_hook(store: Store, url: str, dealer: str = "", kinds: Sequence[str] = ()) -> Hook:
    """From now on, news goes there; its secret is in the answer. Raises UsageError."""
    known = {kind.value for kind in Kind}
    if unknown := sorted(set(kinds) - known):
        raise UsageError(f"hook: {', '.join(unknown)} happens to no case; {', '.join(sorted(known))} do")
    secret = "whsec_" + base64.b64encode(os.urandom(SECRET_BYTES)).decode()

    def do(tx: Tx) -> Hook:
        hook = Hook(uuid7(), url, secret, dealer, tuple(kinds) or None, tx.now)
        values = {"url": url, "secret": secret, "dealer": dealer, "created": hook.created}
        tx.run(hooks.insert().values(id=hook.id, kinds=list(kinds) or None, **values))
        return hook

    return store.write(do)


def list_hooks(store: Store) -> list[Hook]:
    """All, the oldest first."""
    return store.read(lambda tx: [_hook(row) for row in tx.rows(sa.select(hooks).order_by(hooks.c.id))])


def host_of(hook: Hook) -> str:
    """Where a hook leads, for people: the rest of its address may hold a token."""
    return urlsplit(hook.url).hostname or ""


def remove_hook(store: Store, hook_id: str) -> bool:
    """Nothing more goes there, and what waited is forgotten. Whether there was such a hook."""

    def do(tx: Tx) -> bool:
        tx.lock("hooks")
        tx.run(deliveries.delete().where(deliveries.c.hook_id == hook_id))
        return bool(tx.run(hooks.delete().where(hooks.c.id == hook_id)))

    return store.write(do)


def note(tx: Tx, case: Case, event: Event) -> None:
    """The deliveries of an event. `case` is as it is after it."""
    tx.lock("hooks", shared=True)  # none is removed between this look and the rows
    rows = [
        {
            "id": f"msg_{uuid7()}",
            "hook_id": hook.id,
            "case_id": case.id,
            "seq": event.seq,
            "kind": event.kind.value,
            "state": case.state.value,
            "at": event.at,
            "free_at": event.at,
        }
        for hook in map(_hook, tx.rows(sa.select(hooks)))
        if hook.dealer in ("", case.dealer) and (hook.kinds is None or event.kind in hook.kinds)
    ]
    if rows:
        tx.connection.execute(deliveries.insert(), rows)


def due_hooks(store: Store) -> list[str]:
    """The hooks that a delivery is due for, by id."""

    def look(tx: Tx) -> list[str]:
        due = sa.select(deliveries.c.hook_id).where(deliveries.c.free_at <= tx.now).distinct()
        return [row["hook_id"] for row in tx.rows(due.order_by(deliveries.c.hook_id))]

    return store.read(look)


def take(store: Store, hook_id: str | None = None) -> OnItsWay | None:
    """The delivery that is due longest, now this sender's for LEASE_S; None: none is due.

    `hook_id`: of this hook alone.
    """
    return store.write(lambda tx: _take(tx, hook_id))


def _take(tx: Tx, hook_id: str | None) -> OnItsWay | None:
    due = sa.select(deliveries).where(deliveries.c.free_at <= tx.now)
    if hook_id is not None:
        due = due.where(deliveries.c.hook_id == hook_id)
    row = tx.row(
        due.order_by(deliveries.c.free_at, deliveries.c.id).limit(1).with_for_update(skip_locked=True)
    )
    if row is None:
        return None
    token, until = uuid7(), tx.now + timedelta(seconds=LEASE_S)
    values = {"token": token, "free_at": until, "attempts": row["attempts"] + 1}
    tx.run(deliveries.update().where(deliveries.c.id == row["id"]).values(**values))
    hook = tx.row(sa.select(hooks).where(hooks.c.id == row["hook_id"]))
    assert hook is not None, "a foreign key holds them together"
    return OnItsWay(_delivery({**row, **values}), _hook(hook), token)


def sent(store: Store, one: OnItsWay) -> None:
    """It was taken over there. Raises CaseChanged where the lease was lost: it goes out once more."""
    _end(store, one, lambda tx: {"delivered": tx.now, "free_at": None, "error": ""})


def later(store: Store, one: OnItsWay, wait_s: float, error: str) -> None:
    """To be tried again. `error` is a status or a kind. Raises CaseChanged."""
    _end(store, one, lambda tx: {"free_at": tx.now + timedelta(seconds=wait_s), "error": error})


def bury(store: Store, one: OnItsWay, error: str) -> None:
    """Given up. Raises CaseChanged."""
    _end(store, one, lambda tx: {"free_at": None, "error": error})


def _end(store: Store, one: OnItsWay, values: Any) -> None:
    def do(tx: Tx) -> None:
        mine = (deliveries.c.id == one.delivery.id, deliveries.c.token == one.token)
        if not tx.run(deliveries.update().where(*mine).values(token=None, **values(tx))):
            raise CaseChanged(f"delivery {one.delivery.id}: another sender has it; it goes out once more")

    store.write(do)


def resend(store: Store, ids: Sequence[str] = (), dead: bool = False) -> int:
    """These, or all that were given up, go out again under their ids. How many."""
    chosen: sa.ColumnElement[bool] = deliveries.c.id.in_(list(ids))
    if dead:
        chosen = deliveries.c.free_at.is_(None) & deliveries.c.delivered.is_(None)

    def do(tx: Tx) -> int:
        values = {"free_at": tx.now, "attempts": 0, "delivered": None, "token": None}
        return tx.run(deliveries.update().where(chosen).values(**values))

    return store.write(do)


def list_deliveries(store: Store, dead: bool = False, limit: int = 100) -> list[Delivery]:
    """The newest first; `dead`: only what was given up."""
    query = sa.select(deliveries).order_by(deliveries.c.id.desc()).limit(min(limit, MOST))
    if dead:
        query = query.where(deliveries.c.free_at.is_(None), deliveries.c.delivered.is_(None))
    return store.read(lambda tx: [_delivery(row) for row in tx.rows(query)])


@dataclass(frozen=True, slots=True)
class Outgoing:
    """What is not delivered. `oldest` is when the first event of what waits happened."""

    waiting: int
    dead: int
    oldest: datetime | None


def backlog(store: Store) -> Outgoing:
    """For alarms."""
    waits = deliveries.c.free_at.is_not(None)
    dead = deliveries.c.free_at.is_(None) & deliveries.c.delivered.is_(None)
    query = sa.select(
        sa.func.coalesce(sa.func.sum(sa.case((waits, 1), else_=0)), 0),
        sa.func.coalesce(sa.func.sum(sa.case((dead, 1), else_=0)), 0),
        sa.func.min(sa.case((waits, deliveries.c.at))),
    )
    return store.read(lambda tx: Outgoing(*tx.connection.execute(query).one()))


def forget_delivered(store: Store) -> int:
    """What was delivered long ago is not listed any more. How many."""

    def do(tx: Tx) -> int:
        return tx.run(deliveries.delete().where(deliveries.c.delivered < tx.now - timedelta(days=KEEP_DAYS)))

    return store.write(do)


def _hook(row: Row) -> Hook:
    kinds = tuple(row["kinds"]) if row["kinds"] else None
    return Hook(**{**row, "kinds": kinds})


def _delivery(row: Row) -> Delivery:
    return Delivery(**{name: value for name, value in row.items() if name != "token"})
