"""Connections as Kilpi wants them, to SQLite or to Postgres."""

from __future__ import annotations

import os
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import URL, Connection, Engine

from kilpi.errors import MissingExtra, StoreError, UsageError

WRITES = "kilpi_writes"  # execution option: this connection's transactions will write
BUSY_S = 30  # how long one writer of SQLite waits for another
PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",  # what was acknowledged survives a power cut, not only a killed process
    "PRAGMA foreign_keys=ON",
    f"PRAGMA busy_timeout={BUSY_S * 1000}",
    "PRAGMA secure_delete=ON",  # erased text is overwritten in the file
)


def sqlite_engine(path: Path) -> Engine:
    """The engine for a file, which is made with its folder if need be: file 0600, new folders 0700."""
    try:
        make_private_folder(path.parent)
        # Narrow from the start; the -wal and -shm files take their rights from it.
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        path.chmod(0o600)
    except OSError as error:
        raise StoreError(f"database {path}: {error.strerror}; give a folder that can be written to") from None
    engine = sa.create_engine(URL.create("sqlite", database=str(path)), hide_parameters=True)
    sa.event.listen(engine, "connect", _set_up)
    sa.event.listen(engine, "begin", _begin)
    return engine


def make_private_folder(folder: Path) -> None:
    """Makes the folder and its missing parents, 0700. One that is there stays as it is. Raises OSError."""
    for parent in [*reversed(folder.parents), folder]:
        if not parent.is_dir():
            parent.mkdir(mode=0o700, exist_ok=True)


def _set_up(connection: Any, record: object) -> None:
    connection.isolation_level = None  # transactions begin where `_begin` says, not where the driver guesses
    for pragma in PRAGMAS:
        connection.execute(pragma).close()


def _begin(connection: Connection) -> None:
    """A writer takes the lock at once: a reader that turns writer would fail where others wait."""
    writes = connection.get_execution_options().get(WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def postgres_engine(url: str) -> Engine:
    """The engine for postgresql://. Raises UsageError or MissingExtra, which never show the address."""
    try:
        parsed = sa.make_url(url)
    except sa.exc.ArgumentError:
        raise UsageError("KILPI_DATABASE_URL: not an address; expected postgresql://user@host/name") from None
    if parsed.drivername not in ("postgres", "postgresql", "postgresql+psycopg"):
        raise UsageError(
            f"KILPI_DATABASE_URL: {parsed.drivername} is not supported; "
            "use postgresql://, or unset it for SQLite"
        )
    if find_spec("psycopg") is None:
        raise MissingExtra("Postgres needs an optional part: pip install 'kilpi[postgres]'")
    return sa.create_engine(
        parsed.set(drivername="postgresql+psycopg"),
        hide_parameters=True,  # an error's text would hold what was written
        pool_pre_ping=True,  # a server that was restarted in between
        isolation_level="READ COMMITTED",
    )
