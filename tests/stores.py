"""Fixtures for all that is kept: each test runs on SQLite and on a real Postgres, with a clock of its own."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from tests.postgres import binaries, server

from kilpi.store import Store, engines
from kilpi.store.store import FILE
from kilpi.store.tables import SCHEMA, VERSION_TABLE, metadata

KEPT = "kilpi_kept"


@dataclass
class FakeClock:
    """Stands still until it is told."""

    now: datetime = field(default=datetime(2026, 3, 2, 8, 0, tzinfo=UTC))

    def __call__(self) -> datetime:
        return self.now

    def tick(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@pytest.fixture(scope="session")
def postgres() -> Iterator[sa.Engine]:
    """A server, as a connection that may make databases."""
    folder = binaries()
    if folder is None and not os.environ.get("CI"):
        pytest.skip("no Postgres here; Debian: apt-get install postgresql")
    assert folder, "CI needs Postgres: apt-get install postgresql"
    with server(folder) as url:
        engine = sa.create_engine(
            sa.make_url(url).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT"
        )
        yield engine
        engine.dispose()


@pytest.fixture(scope="session")
def emptied(postgres: sa.Engine) -> Iterator[sa.Engine]:
    """A database that `empty` makes a new one of for each test: that takes 1 ms, creating one 100."""
    with postgres.connect() as connection:
        connection.execute(sa.text(f"CREATE DATABASE {KEPT}"))
    Store.open(postgres.url.set(drivername="postgresql", database=KEPT).render_as_string(False)).close()
    engine = sa.create_engine(postgres.url.set(database=KEPT), isolation_level="AUTOCOMMIT")
    yield engine
    engine.dispose()


def empty(connection: sa.Connection) -> None:
    """Ends whoever is in the database still, and leaves it as the migrations make it."""
    others = "pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    connection.execute(sa.text(f"SELECT pg_terminate_backend(pid, 5000) FROM {others}"))
    connection.execute(sa.text("SET session_replication_role = replica"))  # no guard of events, no order
    for table in metadata.sorted_tables:
        connection.execute(table.delete())
    connection.execute(sa.text(f"UPDATE {VERSION_TABLE} SET version_num = '{SCHEMA}'"))
    begin = "SELECT setval(format('%I.%I', schemaname, sequencename), start_value, false) FROM pg_sequences"
    connection.execute(sa.text(begin))


@pytest.fixture(scope="session")
def sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database with its tables: to make them takes longer than most tests."""
    folder = tmp_path_factory.mktemp("template")
    Store.open(folder).close()
    return folder / FILE


@pytest.fixture(params=["sqlite", "postgres"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """What `Store.open` takes, for a database of this test alone."""
    if request.param == "sqlite":
        kept = tmp_path / "kept"
        kept.mkdir()
        shutil.copy(request.getfixturevalue("sqlite"), kept / FILE)
        yield str(kept)
        return
    engine: sa.Engine = request.getfixturevalue("emptied")
    yield engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    with engine.connect() as connection:
        empty(connection)


@pytest.fixture
def clock() -> FakeClock:
    """The clock of the test's stores."""
    return FakeClock()


def no_power_cuts(monkeypatch: pytest.MonkeyPatch) -> None:
    """SQLite does not wait for the disk: faster, and no test here cuts the power."""
    monkeypatch.setattr(engines, "PRAGMAS", (*engines.PRAGMAS, "PRAGMA synchronous=OFF"))


@pytest.fixture
def open_store(
    place: str, tmp_path: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[], Store]]:
    """Opens the test's store once more, as another process would. No test here cuts the power."""
    no_power_cuts(monkeypatch)
    opened: list[Store] = []

    def open_one() -> Store:
        opened.append(Store.open(place, originals=tmp_path / "data" / "originals", clock=clock))
        return opened[-1]

    yield open_one
    for one in opened:
        one.close()


@pytest.fixture
def store(open_store: Callable[[], Store]) -> Store:
    """An empty store with originals."""
    return open_store()
