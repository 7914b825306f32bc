"""The refund book: what was asked to go back, and what went."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, select

from adapters.database import tables
from adapters.database.transaction import Transaction, insert
from bot.money import Money
from bot.refunds import RefundEntry, Stage

_refunds = tables.refunds


class SqlRefundBook:
    """RefundBook on SQL."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def get(self, refund_id: str) -> RefundEntry | None:
        """Find a refund by its number."""
        return next(iter(await self._many(_refunds.c.id == refund_id)), None)

    async def asked_with(self, key: str) -> RefundEntry | None:
        """Find the refund that an interaction asked for."""
        return next(iter(await self._many(_refunds.c.asked_with == key)), None)

    async def of(self, order_id: str) -> Sequence[RefundEntry]:
        """Give an order's refunds, in the order in which they were written."""
        return await self._many(_refunds.c.order_id == order_id)

    async def put(self, entry: RefundEntry) -> None:
        """Write a refund, new or changed. ValueError where its interaction has asked for another."""
        known = await self.asked_with(entry.asked_with)
        if known is not None and known.id != entry.id:
            raise ValueError(f"refund {entry.id}: its interaction has asked for {known.id}")
        row = {
            "id": entry.id,
            "order_id": entry.order,
            "currency": entry.amount.currency,
            "amount": entry.amount.minor,
            "reason": entry.reason,
            "asked_by": entry.asked_by,
            "asked_with": entry.asked_with,
            "stage": entry.stage.value,
            "asked_at": entry.asked_at,
            "decided_by": entry.decided_by,
            "decided_at": entry.decided_at,
            "provider_id": entry.provider_id or None,
            "why": entry.why,
        }
        statement = insert(_refunds).values(row)
        changed = {name: statement.excluded[name] for name in row if name != "id"}
        await self._transaction.execute(statement.on_conflict_do_update(index_elements=["id"], set_=changed))

    async def _many(self, condition: ColumnElement[bool]) -> list[RefundEntry]:
        query = self._transaction.locking(select(_refunds).where(condition).order_by(_refunds.c.number))
        return [_entry(row) for row in await self._transaction.execute(query)]


def _entry(row: Any) -> RefundEntry:
    return RefundEntry(
        id=row.id,
        order=row.order_id,
        amount=Money(row.amount, row.currency),
        reason=row.reason,
        asked_by=row.asked_by,
        asked_with=row.asked_with,
        stage=Stage(row.stage),
        asked_at=row.asked_at,
        decided_by=row.decided_by,
        decided_at=row.decided_at,
        provider_id=row.provider_id or "",
        why=row.why,
    )
