"""Where cases are kept: a database (SQLite or Postgres) and the photos as they came."""

from kilpi.store.ids import uuid7
from kilpi.store.originals import Originals, sha256_of
from kilpi.store.schema import SchemaState, schema_state
from kilpi.store.store import Row, Store, Tx, open_store

__all__ = [
    "Originals",
    "Row",
    "SchemaState",
    "Store",
    "Tx",
    "open_store",
    "schema_state",
    "sha256_of",
    "uuid7",
]
