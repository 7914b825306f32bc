"""The tables, with an index for each question that is asked of them."""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
)

from adapters.database.columns import Instant, Name, Serial

metadata: Final = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# Amounts are whole minor units of the row's currency. What is searched for and may be missing is NULL, never "".
orders: Final = Table(
    "orders",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("state", String(16), nullable=False),
    Column("origin", String(16), nullable=False),
    Column("created", Instant, nullable=False),
    Column("expires", Instant, nullable=False),
    Column("asked_by", Text, nullable=False, unique=True),
    # whose it is
    Column("person", Text, nullable=False),
    Column("platform", String(32), nullable=False),
    Column("user_id", Text, nullable=False),
    Column("workspace", Text, nullable=False),
    Column("locale", String(35), nullable=False),
    Column("reply", Text, nullable=False),
    Column("address", Text),
    # what is asked
    Column("currency", String(3), nullable=False),
    Column("total", BigInteger, nullable=False),
    Column("discount", BigInteger),
    Column("code", Text, nullable=False),
    # `total` is without it: the version that knows no shipping of an order settles by what the goods come to
    Column("shipping", JSON(none_as_null=True)),
    Column("lines", JSON, nullable=False),
    Column("donation", JSON(none_as_null=True)),
    Column("terms", Text, nullable=False),
    # how it is paid
    Column("account", Text, nullable=False),
    Column("livemode", Boolean, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("session", Text, unique=True),
    Column("session_url", Text, nullable=False),
    Column("payment_intent", Text),
    Column("subscription", Text),
    Column("paid", BigInteger),
    Column("paid_at", Instant),
    Column("refunded", BigInteger),
    Column("disputed", Boolean, nullable=False),
    Column("ending", String(16), nullable=False),
    Column("late_payment", Text, nullable=False),
    Column("receipt", Text, nullable=False),
    # how it is delivered
    Column("tracking", Text, nullable=False),
    Column("problem", Text, nullable=False),
    Column("ship_to", Text, nullable=False),
    # "month" of a monthly purchase
    Column("every", String(16), nullable=False, server_default=""),
    # what a lost dispute took away
    Column("disputed_away", BigInteger),
    Index(None, "state", "created"),
    Index(None, "person", "created"),
    Index(None, "address", "created"),
    Index(None, "created"),
    Index(None, "code", "state"),
    Index(None, "payment_intent"),
    Index(None, "subscription"),
)

order_history: Final = Table(
    "order_history",
    metadata,
    Column("id", Serial, primary_key=True, autoincrement=True),
    Column("order_id", String(32), ForeignKey("orders.id"), nullable=False),
    Column("source", String(16)),
    Column("target", String(16), nullable=False),
    Column("at", Instant, nullable=False),
    Column("why", Text, nullable=False),
    Index(None, "order_id", "id"),
)

stock: Final = Table(
    "stock",
    metadata,
    Column("variant", Text, primary_key=True),
    Column("reserved", BigInteger, nullable=False),
    Column("sold", BigInteger, nullable=False),
    CheckConstraint("reserved >= 0", name="reserved"),
    CheckConstraint("sold >= 0", name="sold"),
)

refunds: Final = Table(
    "refunds",
    metadata,
    Column("number", Serial, primary_key=True, autoincrement=True),
    Column("id", String(48), nullable=False, unique=True),
    Column("order_id", String(32), ForeignKey("orders.id"), nullable=False),
    Column("currency", String(3), nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("reason", Text, nullable=False),
    Column("asked_by", Text, nullable=False),
    Column("asked_with", Text, nullable=False, unique=True),
    Column("stage", String(16), nullable=False),
    Column("asked_at", Instant, nullable=False),
    Column("decided_by", Text, nullable=False),
    Column("decided_at", Instant),
    Column("provider_id", Text),
    Column("why", Text, nullable=False),
    Index(None, "order_id", "number"),
)

# A dispute may be heard of before the payment is known to be an order's; so it points at the payment.
disputes: Final = Table(
    "disputes",
    metadata,
    Column("id", Text, primary_key=True),
    Column("account", Text, nullable=False),
    Column("livemode", Boolean, nullable=False),
    Column("payment_intent", Text, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("status", String(16), nullable=False),
    Column("reason", Text, nullable=False),
    Column("due", Instant),
    Column("heard", Instant, nullable=False),
    Index(None, "payment_intent"),
)

pledges: Final = Table(
    "pledges",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("person", Text, nullable=False),
    Column("account", Text, nullable=False),
    Column("subscription", Text, nullable=False),
    Column("cause", Text, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("state", String(16), nullable=False),
    Column("until", Instant),
    Column("donation", JSON(none_as_null=True)),
    Column("kind", String(16), nullable=False, server_default="donate"),
    Column("product", Text, nullable=False, server_default=""),
    Column("label", Text, nullable=False, server_default=""),
    # the invoice that could not be paid
    Column("unpaid", Text, nullable=False, server_default=""),
    Column("mend_by", Instant),
    Column("mend_url", Text, nullable=False, server_default=""),
    Column("ending", String(16), nullable=False, server_default=""),
    Index(None, "person"),
    Index(None, "kind", "state"),
    Index(None, "subscription"),
)

# Who an order is of stands in its row. None where a payment is known to be ours, and not for which order.
declines: Final = Table(
    "declines",
    metadata,
    Column("payment_intent", Text, primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("order_id", String(32), ForeignKey("orders.id")),
    Column("at", Instant, nullable=False),
    Index(None, "at"),
)

news: Final = Table(
    "news",
    metadata,
    Column("person", Text, primary_key=True),
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("kind", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("told_at", Instant),
    Column("kept", Boolean, nullable=False),
    Column("how", Text, nullable=False),
    Column("detail", Text, nullable=False, server_default=""),
)

# Numbers that count up without gaps: the row stays locked until the transaction ends, and a rollback takes it back.
counters: Final = Table(
    "counters",
    metadata,
    Column("kind", String(16), primary_key=True),
    Column("name", Text, primary_key=True),
    Column("value", BigInteger, nullable=False),
)

inbox: Final = Table(
    "inbox",
    metadata,
    Column("account", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("livemode", Boolean, nullable=False),
    Column("type", Text, nullable=False),
    Column("object_id", Text, nullable=False),
    Column("created", Instant, nullable=False),
    Column("received", Instant, nullable=False),
)

facts: Final = Table(
    "facts",
    metadata,
    Column("name", Name, primary_key=True),
    Column("value", Text, nullable=False),
    Column("changed", Instant, nullable=False),
)

# Written once, never changed. Its number comes from a counter, whose locked row keeps the last line the last.
audit: Final = Table(
    "audit",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False),
    Column("who", Text, nullable=False),
    Column("what", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("why", Text, nullable=False),
    Column("config", Text, nullable=False),
    Column("details", Text, nullable=False),
    Column("before", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
)

jobs: Final = Table(
    "jobs",
    metadata,
    Column("id", Serial, primary_key=True, autoincrement=True),
    Column("kind", Text, nullable=False),
    Column("payload", JSON, nullable=False),
    Column("at", Instant, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("error", Text, nullable=False),
    Column("parked_at", Instant),
    Index(None, "parked_at", "at"),
    sqlite_autoincrement=True,  # a number that staff was told of never comes to mean another job
)

job_keys: Final = Table(
    "job_keys",
    metadata,
    Column("key", Text, primary_key=True),
    Column("taken", Instant, nullable=False),
)

leases: Final = Table(
    "leases",
    metadata,
    Column("name", Text, primary_key=True),
    Column("holder", Text, nullable=False),
    Column("until", Instant, nullable=False),
)

# One for each step of a closing, ever.
rounds: Final = Table(
    "rounds",
    metadata,
    Column("closing", Text, primary_key=True),
    Column("days", Integer, primary_key=True, autoincrement=False),
    Column("feature", Text, nullable=False),
    Column("due", Instant, nullable=False),
    Column("opened", Instant, nullable=False),
    Column("stage", String(16), nullable=False),
    # up to where those concerned are looked up
    Column("person", Text, nullable=False),
    Column("order_id", Text, nullable=False),
    Column("ended", Instant),
)

# One for each person and step, ever: the key is what keeps anybody from being told twice.
tellings: Final = Table(
    "tellings",
    metadata,
    Column("closing", Text, primary_key=True),
    Column("days", Integer, primary_key=True, autoincrement=False),
    Column("person", Text, primary_key=True),
    Column("platform", String(32), nullable=False),
    Column("workspace", Text, nullable=False),
    Column("lane", String(48), nullable=False),
    Column("seat", Boolean, nullable=False),
    Column("outcome", String(16), nullable=False),
    Column("tries", Integer, nullable=False),
    Column("after", Instant),
    Column("at", Instant),
    Index(None, "closing", "days", "outcome", "lane", "person"),
)

# One row: the oldest version whose code can work with these tables (migrations.OLDEST).
compatibility: Final = Table(
    "compatibility",
    metadata,
    Column("oldest", String(32), primary_key=True),
)
