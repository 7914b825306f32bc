"""Refunds as rows of their own, disputes, what a lost one took away, and details of news."""

from alembic import op
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKeyConstraint,
    PrimaryKeyConstraint,
    String,
    Text,
    UniqueConstraint,
)

from adapters.database.columns import Instant, Serial

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Make the tables, and add columns that the version before lives with."""
    op.create_table(
        "refunds",
        Column("number", Serial, autoincrement=True, nullable=False),
        Column("id", String(length=48), nullable=False),
        Column("order_id", String(length=32), nullable=False),
        Column("currency", String(length=3), nullable=False),
        Column("amount", BigInteger(), nullable=False),
        Column("reason", Text(), nullable=False),
        Column("asked_by", Text(), nullable=False),
        Column("asked_with", Text(), nullable=False),
        Column("stage", String(length=16), nullable=False),
        Column("asked_at", Instant(), nullable=False),
        Column("decided_by", Text(), nullable=False),
        Column("decided_at", Instant(), nullable=True),
        Column("provider_id", Text(), nullable=True),
        Column("why", Text(), nullable=False),
        ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_refunds_order_id")),
        PrimaryKeyConstraint("number", name=op.f("pk_refunds")),
        UniqueConstraint("id", name=op.f("uq_refunds_id")),
        UniqueConstraint("asked_with", name=op.f("uq_refunds_asked_with")),
    )
    op.create_index(op.f("ix_refunds_order_id_number"), "refunds", ["order_id", "number"])
    op.create_table(
        "disputes",
        Column("id", Text(), nullable=False),
        Column("account", Text(), nullable=False),
        Column("livemode", Boolean(), nullable=False),
        Column("payment_intent", Text(), nullable=False),
        Column("currency", String(length=3), nullable=False),
        Column("amount", BigInteger(), nullable=False),
        Column("status", String(length=16), nullable=False),
        Column("reason", Text(), nullable=False),
        Column("due", Instant(), nullable=True),
        Column("heard", Instant(), nullable=False),
        PrimaryKeyConstraint("id", name=op.f("pk_disputes")),
    )
    op.create_index(op.f("ix_disputes_payment_intent"), "disputes", ["payment_intent"])
    op.add_column("orders", Column("disputed_away", BigInteger(), nullable=True))
    op.add_column("news", Column("detail", Text(), nullable=False, server_default=""))
