"""The refund book: what was asked to go back, and what went."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, not_, or_, select

from adapters.database import tables
from adapters.database.transaction import Transaction, insert
from bot.money import Money
from bot.ports import Counted
from bot.refunds import OPEN, RefundEntry, Stage

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

    async def undone(self) -> Sequence[RefundEntry]:
        """Give everybody's refunds that are asked or approved, or failed with none as large done since, oldest first."""
        later = _refunds.alias()
        mended = exists().where(
            later.c.order_id == _refunds.c.order_id,
            later.c.number > _refunds.c.number,
            later.c.stage == Stage.DONE.value,
            later.c.amount >= _refunds.c.amount,
        )
        waits = _refunds.c.stage.in_([stage.value for stage in OPEN])
        return await self._many(or_(waits, and_(_refunds.c.stage == Stage.FAILED.value, not_(mended))))

    async def tallies(self) -> Sequence[Counted]:
        """Add everybody's refunds up."""
        parted = (tables.orders.c.kind, _refunds.c.stage, _refunds.c.currency)
        sums = (func.count().label("many"), func.sum(_refunds.c.amount).label("amount"))
        query = select(*parted, *sums).join_from(_refunds, tables.orders, _refunds.c.order_id == tables.orders.c.id)
        rows = await self._transaction.execute(query.group_by(*parted).order_by(*parted))
        return [Counted(row.kind, row.stage, row.many, Money(int(row.amount), row.currency)) for row in rows]

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
