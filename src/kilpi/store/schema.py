"""Which schema a database has, and its upgrade. A newer one is refused: an older Kilpi would spoil it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import Connection

import kilpi.store.desk_tables  # noqa: F401 (all tables are known)
from kilpi.errors import StoreError
from kilpi.store.tables import SCHEMA, VERSION_TABLE


@dataclass(frozen=True, slots=True)
class SchemaState:
    """The database's schema and the one that this Kilpi needs. `found` is None in an empty database."""

    found: str | None
    needed: str = SCHEMA


def schema_state(connection: Connection) -> SchemaState:
    """Looks without changing anything."""
    if not sa.inspect(connection).has_table(VERSION_TABLE):
        return SchemaState(None)
    return SchemaState(connection.execute(sa.text(f"SELECT version_num FROM {VERSION_TABLE}")).scalar())


def check_not_newer(state: SchemaState) -> None:
    """Raises StoreError where the database was made by a newer Kilpi, or not by Kilpi at all."""
    if state.found is None or state.found in known_schemas():
        return
    raise StoreError(
        f"database: its schema is {state.found!r}, this Kilpi knows schemas up to {SCHEMA}; "
        "install the Kilpi that wrote it, or a newer one"
    )


def known_schemas() -> list[str]:
    """Every number up to the newest."""
    return [f"{number:04}" for number in range(1, int(SCHEMA) + 1)]


def upgrade(connection: Connection) -> SchemaState:
    """Runs the missing steps in the caller's transaction, which must hold the lock for it.

    Gives the state as it was before. Raises StoreError for a newer schema.
    """
    state = schema_state(connection)
    check_not_newer(state)
    if state.found == state.needed:
        return state
    # Alembic is slow to import and seldom needed.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    return state
