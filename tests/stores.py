"""Fixtures for all that is kept: each test runs on SQLite and on a real Postgres, with a clock of its own."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
import sqlalchemy as sa
from tests.postgres import binaries, server

from kilpi.store import Store, engines

TEMPLATE = "kilpi_template"


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
    """A server with a migrated template, as a connection that may make databases."""
    folder = binaries()
    if folder is None and not os.environ.get("CI"):
        pytest.skip("no Postgres here; Debian: apt-get install postgresql")
    assert folder, "CI needs Postgres: apt-get install postgresql"
    with server(folder) as url:
        engine = sa.create_engine(
            sa.make_url(url).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT"
        )
        with engine.connect() as connection:
            connection.execute(sa.text(f"CREATE DATABASE {TEMPLATE}"))
        Store.open(address(engine, TEMPLATE)).close()
        yield engine
        engine.dispose()


def address(engine: sa.Engine, database: str) -> str:
    """The address of a database on the engine's server."""
    url = engine.url.set(drivername="postgresql", database=database)
    return url.render_as_string(hide_password=False)


@pytest.fixture(params=["sqlite", "postgres"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """What `Store.open` takes, for a database of this test alone."""
    if request.param == "sqlite":
        yield str(tmp_path / "kept")
        return
    engine: sa.Engine = request.getfixturevalue("postgres")
    name = f"kilpi_{uuid4().hex}"
    with engine.connect() as connection:
        connection.execute(sa.text(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}"))
        yield address(engine, name)
        connection.execute(sa.text(f"DROP DATABASE {name} WITH (FORCE)"))


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
