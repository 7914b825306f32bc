"""The first tables: orders, stock, pledges, news, inbox, facts, jobs."""

from alembic import op
from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Integer,
    PrimaryKeyConstraint,
    String,
    Text,
    UniqueConstraint,
)

from adapters.database.columns import Instant, Name, Serial

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "counters",
        Column("kind", String(length=16), nullable=False),
        Column("name", Text(), nullable=False),
        Column("value", BigInteger(), nullable=False),
        PrimaryKeyConstraint("kind", "name", name=op.f("pk_counters")),
    )
    op.create_table(
        "facts",
        Column("name", Name, nullable=False),
        Column("value", Text(), nullable=False),
        Column("changed", Instant(), nullable=False),
        PrimaryKeyConstraint("name", name=op.f("pk_facts")),
    )
    op.create_table(
        "inbox",
        Column("account", Text(), nullable=False),
        Column("id", Text(), nullable=False),
        Column("livemode", Boolean(), nullable=False),
        Column("type", Text(), nullable=False),
        Column("object_id", Text(), nullable=False),
        Column("created", Instant(), nullable=False),
        Column("received", Instant(), nullable=False),
        PrimaryKeyConstraint("account", "id", name=op.f("pk_inbox")),
    )
    op.create_table(
        "job_keys",
        Column("key", Text(), nullable=False),
        Column("taken", Instant(), nullable=False),
        PrimaryKeyConstraint("key", name=op.f("pk_job_keys")),
    )
    op.create_table(
        "jobs",
        Column("id", Serial, autoincrement=True, nullable=False),
        Column("kind", Text(), nullable=False),
        Column("payload", JSON(), nullable=False),
        Column("at", Instant(), nullable=False),
        Column("attempts", Integer(), nullable=False),
        Column("error", Text(), nullable=False),
        Column("parked_at", Instant(), nullable=True),
        PrimaryKeyConstraint("id", name=op.f("pk_jobs")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_jobs_parked_at_at"), "jobs", ["parked_at", "at"])
    op.create_table(
        "news",
        Column("person", Text(), nullable=False),
        Column("id", BigInteger(), autoincrement=False, nullable=False),
        Column("kind", Text(), nullable=False),
        Column("subject", Text(), nullable=False),
        Column("at", Instant(), nullable=False),
        Column("told_at", Instant(), nullable=True),
        Column("kept", Boolean(), nullable=False),
        Column("how", Text(), nullable=False),
        PrimaryKeyConstraint("person", "id", name=op.f("pk_news")),
    )
    op.create_table(
        "orders",
        Column("id", String(length=32), nullable=False),
        Column("kind", String(length=16), nullable=False),
        Column("state", String(length=16), nullable=False),
        Column("origin", String(length=16), nullable=False),
        Column("created", Instant(), nullable=False),
        Column("expires", Instant(), nullable=False),
        Column("asked_by", Text(), nullable=False),
        Column("person", Text(), nullable=False),
        Column("platform", String(length=32), nullable=False),
        Column("user_id", Text(), nullable=False),
        Column("workspace", Text(), nullable=False),
        Column("locale", String(length=35), nullable=False),
        Column("reply", Text(), nullable=False),
        Column("address", Text(), nullable=True),
        Column("currency", String(length=3), nullable=False),
        Column("total", BigInteger(), nullable=False),
        Column("discount", BigInteger(), nullable=True),
        Column("code", Text(), nullable=False),
        Column("lines", JSON(), nullable=False),
        Column("donation", JSON(none_as_null=True), nullable=True),
        Column("terms", Text(), nullable=False),
        Column("account", Text(), nullable=False),
        Column("livemode", Boolean(), nullable=False),
        Column("attempt", Integer(), nullable=False),
        Column("session", Text(), nullable=True),
        Column("session_url", Text(), nullable=False),
        Column("payment_intent", Text(), nullable=True),
        Column("subscription", Text(), nullable=True),
        Column("paid", BigInteger(), nullable=True),
        Column("paid_at", Instant(), nullable=True),
        Column("refunded", BigInteger(), nullable=True),
        Column("disputed", Boolean(), nullable=False),
        Column("ending", String(length=16), nullable=False),
        Column("late_payment", Text(), nullable=False),
        Column("receipt", Text(), nullable=False),
        Column("tracking", Text(), nullable=False),
        Column("problem", Text(), nullable=False),
        Column("ship_to", Text(), nullable=False),
        PrimaryKeyConstraint("id", name=op.f("pk_orders")),
        UniqueConstraint("asked_by", name=op.f("uq_orders_asked_by")),
        UniqueConstraint("session", name=op.f("uq_orders_session")),
    )
    op.create_index(op.f("ix_orders_address_created"), "orders", ["address", "created"])
    op.create_index(op.f("ix_orders_created"), "orders", ["created"])
    op.create_index(op.f("ix_orders_payment_intent"), "orders", ["payment_intent"])
    op.create_index(op.f("ix_orders_person_created"), "orders", ["person", "created"])
    op.create_index(op.f("ix_orders_state_created"), "orders", ["state", "created"])
    op.create_index(op.f("ix_orders_subscription"), "orders", ["subscription"])
    op.create_table(
        "pledges",
        Column("id", String(length=32), nullable=False),
        Column("person", Text(), nullable=False),
        Column("account", Text(), nullable=False),
        Column("subscription", Text(), nullable=False),
        Column("cause", Text(), nullable=False),
        Column("currency", String(length=3), nullable=False),
        Column("amount", BigInteger(), nullable=False),
        Column("state", String(length=16), nullable=False),
        Column("until", Instant(), nullable=True),
        Column("donation", JSON(none_as_null=True), nullable=True),
        PrimaryKeyConstraint("id", name=op.f("pk_pledges")),
    )
    op.create_index(op.f("ix_pledges_person"), "pledges", ["person"])
    op.create_index(op.f("ix_pledges_subscription"), "pledges", ["subscription"])
    op.create_table(
        "stock",
        Column("variant", Text(), nullable=False),
        Column("reserved", BigInteger(), nullable=False),
        Column("sold", BigInteger(), nullable=False),
        CheckConstraint("reserved >= 0", name=op.f("ck_stock_reserved")),
        CheckConstraint("sold >= 0", name=op.f("ck_stock_sold")),
        PrimaryKeyConstraint("variant", name=op.f("pk_stock")),
    )
    op.create_table(
        "order_history",
        Column("id", Serial, autoincrement=True, nullable=False),
        Column("order_id", String(length=32), nullable=False),
        Column("source", String(length=16), nullable=True),
        Column("target", String(length=16), nullable=False),
        Column("at", Instant(), nullable=False),
        Column("why", Text(), nullable=False),
        ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_order_history_order_id")),
        PrimaryKeyConstraint("id", name=op.f("pk_order_history")),
    )
    op.create_index(op.f("ix_order_history_order_id_id"), "order_history", ["order_id", "id"])
