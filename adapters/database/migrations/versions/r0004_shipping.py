"""Orders remember where they ship and at what price."""

from alembic import op
from sqlalchemy import JSON, Column

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add the column; the orders so far ship at the rate that was chosen on Stripe's page, which it does not know."""
    op.add_column("orders", Column("shipping", JSON(none_as_null=True), nullable=True))
