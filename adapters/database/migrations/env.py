"""What Alembic runs: the changes, on the connection and in the transaction that it is given."""

from alembic import context

from adapters.database.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    # SQLite can roll back a CREATE TABLE, once BEGIN is said by ourselves; Alembic assumes that it cannot.
    transactional_ddl=True,
    compare_type=True,
)
context.run_migrations()
