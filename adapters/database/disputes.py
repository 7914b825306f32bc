"""The dispute book: what payers' banks want back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, func, select

from adapters.database import tables
from adapters.database.transaction import Transaction, insert
from bot.money import Money
from bot.ports import Counted, Dispute

_disputes = tables.disputes


class SqlDisputeBook:
    """DisputeBook on SQL."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def get(self, dispute_id: str) -> Dispute | None:
        """Find a dispute."""
        return next(iter(await self._many(_disputes.c.id == dispute_id)), None)

    async def of(self, payment_intent: str) -> Sequence[Dispute]:
        """Give the disputes of a payment, in the order in which they were heard of."""
        return await self._many(_disputes.c.payment_intent == payment_intent)

    async def put(self, dispute: Dispute) -> None:
        """Write a dispute, new or changed."""
        row = {
            "id": dispute.id,
            "account": dispute.account,
            "livemode": dispute.livemode,
            "payment_intent": dispute.payment_intent,
            "currency": dispute.amount.currency,
            "amount": dispute.amount.minor,
            "status": dispute.status,
            "reason": dispute.reason,
            "due": dispute.due,
        }
        statement = insert(_disputes).values(row | {"heard": self._transaction.now})
        changed = {name: statement.excluded[name] for name in row if name != "id"}
        await self._transaction.execute(statement.on_conflict_do_update(index_elements=["id"], set_=changed))

    async def open(self) -> Sequence[Dispute]:
        """Give everybody's disputes that are open, in the order in which they were heard of."""
        return await self._many(_disputes.c.status == "open")

    async def tallies(self) -> Sequence[Counted]:
        """Add all disputes up."""
        kind = func.coalesce(tables.orders.c.kind, "").label("kind")
        parted = (kind, _disputes.c.status, _disputes.c.currency)
        sums = (func.count().label("many"), func.sum(_disputes.c.amount).label("amount"))
        query = select(*parted, *sums).select_from(
            _disputes.outerjoin(tables.orders, _disputes.c.payment_intent == tables.orders.c.payment_intent)
        )
        rows = await self._transaction.execute(query.group_by(*parted).order_by(*parted))
        return [Counted(row.kind, row.status, row.many, Money(int(row.amount), row.currency)) for row in rows]

    async def _many(self, condition: ColumnElement[bool]) -> list[Dispute]:
        query = select(_disputes).where(condition).order_by(_disputes.c.heard, _disputes.c.id)
        return [_dispute(row) for row in await self._transaction.execute(self._transaction.locking(query))]


def _dispute(row: Any) -> Dispute:
    return Dispute(
        id=row.id,
        account=row.account,
        livemode=row.livemode,
        payment_intent=row.payment_intent,
        amount=Money(row.amount, row.currency),
        status=row.status,
        reason=row.reason,
        due=row.due,
    )
