"""Rounds of reminders, and who was told in each."""

from alembic import op
from sqlalchemy import Boolean, Column, Integer, PrimaryKeyConstraint, String, Text

from adapters.database.columns import Instant

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Make their tables."""
    op.create_table(
        "rounds",
        Column("closing", Text(), nullable=False),
        Column("days", Integer(), autoincrement=False, nullable=False),
        Column("feature", Text(), nullable=False),
        Column("due", Instant(), nullable=False),
        Column("opened", Instant(), nullable=False),
        Column("stage", String(length=16), nullable=False),
        Column("person", Text(), nullable=False),
        Column("order_id", Text(), nullable=False),
        Column("ended", Instant(), nullable=True),
        PrimaryKeyConstraint("closing", "days", name=op.f("pk_rounds")),
    )
    op.create_table(
        "tellings",
        Column("closing", Text(), nullable=False),
        Column("days", Integer(), autoincrement=False, nullable=False),
        Column("person", Text(), nullable=False),
        Column("platform", String(length=32), nullable=False),
        Column("workspace", Text(), nullable=False),
        Column("lane", String(length=48), nullable=False),
        Column("seat", Boolean(), nullable=False),
        Column("outcome", String(length=16), nullable=False),
        Column("tries", Integer(), nullable=False),
        Column("after", Instant(), nullable=True),
        Column("at", Instant(), nullable=True),
        PrimaryKeyConstraint("closing", "days", "person", name=op.f("pk_tellings")),
    )
    op.create_index(
        op.f("ix_tellings_closing_days_outcome_lane_person"),
        "tellings",
        ["closing", "days", "outcome", "lane", "person"],
    )
