"""Declined payments, each as a row, so that bursts of them are seen."""

from alembic import op
from sqlalchemy import Column, ForeignKeyConstraint, Integer, PrimaryKeyConstraint, String, Text

from adapters.database.columns import Instant

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "declines",
        Column("payment_intent", Text(), nullable=False),
        Column("number", Integer(), autoincrement=False, nullable=False),
        Column("order_id", String(length=32), nullable=True),
        Column("at", Instant(), nullable=False),
        ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_declines_order_id")),
        PrimaryKeyConstraint("payment_intent", "number", name=op.f("pk_declines")),
    )
    op.create_index(op.f("ix_declines_at"), "declines", ["at"])
