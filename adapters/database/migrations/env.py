"""What Alembic runs: the changes, on the connection and in the transaction that it is given."""

from alembic import context

from adapters.database.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    compare_type=True,
    # Procrastinate's tables are its own.
    include_name=lambda name, kind, _: kind != "table" or not str(name).startswith("procrastinate_"),
)
context.run_migrations()  # in the transaction of the connection, which whoever gave it commits or rolls back
