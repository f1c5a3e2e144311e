"""The store: one database, SQLite or Postgres, and the originals beside it. Everything goes through `write`
and `read`, so that each transaction begins, retries and fails in one way.
"""

from __future__ import annotations

import hashlib
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from kilpi.config import Settings
from kilpi.errors import StoreError, UsageError
from kilpi.store.engines import BUSY_S, WRITES, postgres_engine, sqlite_engine
from kilpi.store.originals import MB, Originals
from kilpi.store.schema import check_not_newer, schema_state, upgrade
from kilpi.store.tables import SCHEMA

FILE = "kilpi.db"
ORIGINALS = "originals"
TRIES = 5  # of a transaction that the database chose to break off (deadlock, serialisation)
PATIENCE_MS = 1_000  # how long a checkpoint waits for readers
NO_TEXT = {None, "22P05"}  # a NUL: psycopg itself refuses it in text, Postgres in JSON
BROKEN_OFF = {"40001", "40P01"}  # SQLSTATE serialization_failure, deadlock_detected
T = TypeVar("T")
Clock = Callable[[], datetime]
Row = dict[str, Any]


@dataclass
class Tx:
    """One transaction. It sees one moment: `now`, UTC; Postgres's own clock where machines share it."""

    connection: Connection
    clock: Clock | None = None

    @property
    def is_postgres(self) -> bool:
        """Whether row locks and advisory locks are needed, and can be had."""
        return self.connection.dialect.name == "postgresql"

    @cached_property
    def now(self) -> datetime:
        """When this transaction happens, UTC."""
        if self.clock is not None:
            return self.clock()
        if self.is_postgres:
            now: datetime = self.connection.execute(sa.select(sa.func.clock_timestamp())).scalar_one()
            return now.astimezone(UTC)
        return datetime.now(UTC)

    def lock(self, name: str, shared: bool = False) -> None:
        """Waits until no other transaction holds `name`; held until the end. In SQLite one writes at a time.

        A name is hashed before it leaves: it may hold a mark.
        """
        if not self.is_postgres:
            return
        number = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big", signed=True)
        take = sa.func.pg_advisory_xact_lock_shared if shared else sa.func.pg_advisory_xact_lock
        self.connection.execute(sa.select(take(number)))

    def rows(self, query: sa.Executable) -> list[Row]:
        """All rows of a query, by column name."""
        return [dict(row) for row in self.connection.execute(query).mappings()]

    def row(self, query: sa.Executable) -> Row | None:
        """The first row of a query, by column name, or None."""
        found = self.connection.execute(query).mappings().first()
        return None if found is None else dict(found)

    def run(self, statement: sa.Executable) -> int:
        """Runs a statement; how many rows it touched."""
        return self.connection.execute(statement).rowcount


@dataclass(frozen=True)
class Store:
    """An open store. Safe for threads; every process opens its own."""

    engine: Engine
    originals: Originals | None = None  # None: photos are only referenced where they lie
    clock: Clock | None = None

    @classmethod
    def open(
        cls, place: str | Path, *, originals: Path | None = None, clock: Clock | None = None, floor: int = 0
    ) -> Store:
        """`place`: a folder, for SQLite in its kilpi.db and originals/; or Postgres's address. `floor`: bytes
        that stay free where originals are kept.

        Upgrades the schema. Raises StoreError (cannot be used, or newer), UsageError, MissingExtra.
        """
        if isinstance(place, str) and "://" in place:
            engine = postgres_engine(place)
        else:
            engine = sqlite_engine(Path(place) / FILE)
            originals = originals or Path(place) / ORIGINALS
        store = cls(engine, Originals(originals, floor) if originals else None, clock)
        try:
            store.upgrade()
        except BaseException:
            store.close()
            raise
        return store

    @property
    def folder(self) -> Path | None:
        """The data folder: originals, cars' folders, texts and labels lie in it. None without originals."""
        return self.originals.folder.parent if self.originals else None

    def checkpoint(self) -> None:
        """What was overwritten or deleted is in no file of SQLite's any more, unless a reader needs it still.

        Postgres does the same by vacuuming. Where readers keep it waiting for a second, the next one does it.
        Raises StoreError.
        """
        if self.engine.dialect.name != "sqlite":
            return
        connection = self.engine.raw_connection()
        try:
            cursor = connection.cursor()
            for pragma in (
                f"busy_timeout={PATIENCE_MS}",
                "wal_checkpoint(TRUNCATE)",
                f"busy_timeout={BUSY_S * 1000}",
            ):
                cursor.execute(f"PRAGMA {pragma}")
                cursor.fetchall()
        except sqlite3.Error as error:
            raise StoreError(
                f"database: failed ({type(error).__name__}); see that it can be written"
            ) from None
        finally:
            connection.close()

    def upgrade(self) -> None:
        """Brings the schema up to date; one process at a time."""
        state = self.read(lambda tx: schema_state(tx.connection))
        check_not_newer(state)
        if state.found != SCHEMA:
            self.write(_upgrade)

    def close(self) -> None:
        """Closes all connections."""
        self.engine.dispose()

    def write(self, work: Callable[[Tx], T]) -> T:
        """Runs `work` in a transaction that may write; it may be run again, so it does nothing else.

        Raises StoreError where the database fails, UsageError for text that it cannot keep; its own message
        is left out, since it may hold a mark.
        """
        for attempt in range(1, TRIES + 1):
            try:
                with self._connect(True) as tx:
                    return work(tx)
            except sa.exc.DBAPIError as error:
                if attempt == TRIES or getattr(error.orig, "sqlstate", None) not in BROKEN_OFF:
                    raise _told(error) from None
                time.sleep(0.02 * attempt)
            except sa.exc.SQLAlchemyError as error:
                raise _told(error) from None
        raise AssertionError("unreachable")

    def read(self, work: Callable[[Tx], T]) -> T:
        """Runs `work` in a transaction that only reads. Raises StoreError, UsageError as `write` does."""
        try:
            with self._connect(False) as tx:
                return work(tx)
        except sa.exc.SQLAlchemyError as error:
            raise _told(error) from None

    @contextmanager
    def _connect(self, writes: bool) -> Iterator[Tx]:
        with self.engine.connect().execution_options(**{WRITES: writes}) as connection, connection.begin():
            yield Tx(connection, self.clock)


def open_store(folder: Path, settings: Settings) -> Store:
    """The store of an output or data folder, or the Postgres that KILPI_DATABASE_URL names, as `Store.open`.

    Photos that are sent are kept in the folder either way. Raises UsageError too where it names no Postgres:
    as a path it would be SQLite in a folder that nobody looks for or backs up.
    """
    place = settings.database_url.get_secret_value() or folder
    if isinstance(place, str) and "://" not in place:
        raise UsageError(
            "KILPI_DATABASE_URL is no address; postgresql://user:password@host/name is, and without it cases"
            " are kept in SQLite"
        )
    return Store.open(place, originals=folder / ORIGINALS, floor=settings.min_free_mb * MB)


def _upgrade(tx: Tx) -> None:
    tx.lock("schema")
    upgrade(tx.connection)


def _told(error: sa.exc.SQLAlchemyError) -> StoreError | UsageError:
    """The kind of the error and the next step; what the database says itself may hold what was written."""
    orig = getattr(error, "orig", None)
    kind = type(orig or error).__name__
    code = getattr(orig, "sqlite_errorname", None) or getattr(orig, "sqlstate", None)
    if isinstance(error, sa.exc.DataError) and code in NO_TEXT:  # the database works; nothing would mend it
        return UsageError("database: it keeps no text with a NUL character; leave that out")
    named = f"{kind} {code}" if code else kind
    if code in ("SQLITE_BUSY", "SQLITE_LOCKED"):
        return StoreError("database: another program holds it; end that one or try again")
    return StoreError(f"database: failed ({named}); see that it is there, whole, and can be written to")
