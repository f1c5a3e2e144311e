"""Where cases are kept: a database (SQLite or Postgres) and the photos as they came."""

from kilpi.archives import sha256_of
from kilpi.store.ids import first_id, uuid7
from kilpi.store.originals import Originals
from kilpi.store.schema import SchemaState, schema_state
from kilpi.store.store import Row, Store, Tx, open_store

__all__ = [
    "Originals",
    "Row",
    "SchemaState",
    "Store",
    "Tx",
    "first_id",
    "open_store",
    "schema_state",
    "sha256_of",
    "uuid7",
]
