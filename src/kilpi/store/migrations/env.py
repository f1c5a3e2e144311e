"""What Alembic runs: the steps, on the connection and in the transaction that `kilpi.store.schema` gives."""

from alembic import context

from kilpi.store.tables import VERSION_TABLE, metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table=VERSION_TABLE,
)
context.run_migrations()
