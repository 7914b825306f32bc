"""The append-only log of what operators did."""

from alembic import op
from sqlalchemy import BigInteger, Column, PrimaryKeyConstraint, String, Text

from adapters.database.columns import Instant

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Make its table."""
    op.create_table(
        "audit",
        Column("number", BigInteger(), autoincrement=False, nullable=False),
        Column("at", Instant(), nullable=False),
        Column("who", Text(), nullable=False),
        Column("what", Text(), nullable=False),
        Column("subject", Text(), nullable=False),
        Column("why", Text(), nullable=False),
        Column("config", Text(), nullable=False),
        Column("details", Text(), nullable=False),
        Column("before", String(length=64), nullable=False),
        Column("hash", String(length=64), nullable=False),
        PrimaryKeyConstraint("number", name=op.f("pk_audit")),
    )
