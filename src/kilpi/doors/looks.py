"""When each door last looked for something new, and why it could not: for /readyz and for alarms."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from kilpi.store import Store, Tx
from kilpi.store.tables import doors


@dataclass(frozen=True, slots=True)
class Look:
    """A door's last look. `problem` is "" where it could take in whatever was there."""

    name: str
    looked: datetime
    problem: str = ""


def note_look(store: Store, name: str, problem: str = "") -> None:
    """It looked now. Raises StoreError."""

    def do(tx: Tx) -> None:
        tx.lock(f"door {name}")
        values = {"looked": tx.now, "problem": problem}
        if not tx.run(doors.update().where(doors.c.name == name).values(**values)):
            tx.run(doors.insert().values(name=name, **values))

    store.write(do)


def forget_look(store: Store, name: str) -> None:
    """It was shut on purpose: nobody is to be alarmed that it does not look. Raises StoreError."""
    store.write(lambda tx: tx.run(doors.delete().where(doors.c.name == name)))


def looks(store: Store) -> list[Look]:
    """All doors that ever looked, by name. Raises StoreError."""
    query = sa.select(doors.c.name, doors.c.looked, doors.c.problem).order_by(doors.c.name)
    return [Look(**row) for row in store.read(lambda tx: tx.rows(query))]
