"""What more than one process needs: leases, which versions fit, and on PostgreSQL the tables of Procrastinate."""

from alembic import op
from sqlalchemy import Column, PrimaryKeyConstraint, String, Text

from adapters.database.columns import Instant

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make them."""
    op.create_table(
        "leases",
        Column("name", Text(), nullable=False),
        Column("holder", Text(), nullable=False),
        Column("until", Instant(), nullable=False),
        PrimaryKeyConstraint("name", name=op.f("pk_leases")),
    )
    op.create_table(
        "compatibility",
        Column("oldest", String(length=32), nullable=False),
        PrimaryKeyConstraint("oldest", name=op.f("pk_compatibility")),
    )
    connection = op.get_bind()
    if connection.dialect.name == "postgresql":
        from procrastinate.schema import SchemaManager

        # Its script is many statements, with per cent signs that are none of ours: past everything that reads them.
        cursor = connection.connection.cursor()
        cursor.execute(SchemaManager.get_schema())
        cursor.close()
