from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

import kilpi.store
from kilpi.errors import StoreError
from kilpi.store import SchemaState, Store, schema_state
from kilpi.store.schema import known_schemas
from kilpi.store.tables import SCHEMA, VERSION_TABLE, metadata


def test_the_migrations_make_exactly_the_tables(store: Store) -> None:
    def differences(tx: kilpi.store.Tx) -> list[object]:
        options = {"version_table": VERSION_TABLE, "compare_type": True}
        return list(compare_metadata(MigrationContext.configure(tx.connection, opts=options), metadata))

    assert store.read(differences) == []


def test_the_numbers_of_the_steps_are_those_that_are_known() -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(kilpi.store.__file__).parent / "migrations"))
    script = ScriptDirectory.from_config(config)
    assert script.get_current_head() == SCHEMA
    assert sorted(step.revision for step in script.walk_revisions()) == known_schemas()


def test_opening_again_changes_nothing(store: Store, open_store: Callable[[], Store]) -> None:
    assert open_store().read(lambda tx: schema_state(tx.connection)) == SchemaState(SCHEMA)


@pytest.mark.parametrize("found", ["0099", "abc"])
def test_a_newer_schema_is_refused_and_left_alone(
    store: Store, open_store: Callable[[], Store], found: str
) -> None:
    set_number(store, found)
    with pytest.raises(StoreError, match=f"{found}.*{SCHEMA}.*install"):
        open_store()
    assert store.read(lambda tx: schema_state(tx.connection)).found == found


def set_number(store: Store, found: str) -> None:
    statement = sa.text(f"UPDATE {VERSION_TABLE} SET version_num = :found")
    store.write(lambda tx: tx.connection.execute(statement, {"found": found}))


OPEN = "import sys; from kilpi.store import Store; Store.open(sys.argv[1]); print('alembic' in sys.modules)"


def test_many_may_begin_at_once(tmp_path: Path) -> None:
    command = [sys.executable, "-c", OPEN, str(tmp_path)]
    starting = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) for _ in range(3)]
    told = [process.communicate(timeout=60)[0] for process in starting]
    assert [process.returncode for process in starting] == [0, 0, 0], told


def test_a_database_that_is_up_to_date_is_opened_without_alembic(tmp_path: Path) -> None:
    Store.open(tmp_path).close()
    told = subprocess.check_output([sys.executable, "-c", OPEN, str(tmp_path)], text=True)
    assert told.strip() == "False"
