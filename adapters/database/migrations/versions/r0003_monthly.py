"""Monthly purchases beside monthly gifts, payments of theirs that failed, and coupons counted by their orders."""

from alembic import op
from sqlalchemy import Column, String, Text

from adapters.database.columns import Instant

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add the columns, with defaults that the version before lives with, and the indexes."""
    op.add_column("orders", Column("every", String(length=16), nullable=False, server_default=""))
    op.create_index(op.f("ix_orders_code_state"), "orders", ["code", "state"])
    op.add_column("pledges", Column("kind", String(length=16), nullable=False, server_default="donate"))
    for name in ("product", "label", "unpaid", "mend_url"):
        op.add_column("pledges", Column(name, Text(), nullable=False, server_default=""))
    op.add_column("pledges", Column("mend_by", Instant(), nullable=True))
    op.add_column("pledges", Column("ending", String(length=16), nullable=False, server_default=""))
    op.create_index(op.f("ix_pledges_kind_state"), "pledges", ["kind", "state"])
