"""The book of declined payments."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select

from adapters.database import tables
from adapters.database.transaction import Transaction, insert

_declines = tables.declines
_orders = tables.orders


class SqlDeclineBook:
    """DeclineBook on SQL."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def counted(self, payment_intent: str) -> int:
        """Tell how many declines of a payment are written down."""
        query = select(func.max(_declines.c.number)).where(_declines.c.payment_intent == payment_intent)
        return int((await self._transaction.execute(query)).scalar() or 0)

    async def add(self, payment_intent: str, upto: int, order_id: str, at: datetime) -> None:
        """Write a payment's declines down as far as its `upto`-th."""
        known = await self.counted(payment_intent)
        rows = [
            {"payment_intent": payment_intent, "number": number, "order_id": order_id or None, "at": at}
            for number in range(known + 1, upto + 1)
        ]
        if rows:  # another replica may have written them meanwhile
            await self._transaction.execute(insert(_declines).values(rows).on_conflict_do_nothing())

    async def nth(self, many: int, since: datetime, *, person: str = "", address: str = "") -> datetime | None:
        """Give the instant of the `many`-th newest decline after `since`; None where there were fewer."""
        query = _of(select(_declines.c.at), since, person, address).order_by(_declines.c.at.desc())
        found: datetime | None = (await self._transaction.execute(query.offset(many - 1).limit(1))).scalar()
        return found

    async def many(self, since: datetime, *, person: str = "", address: str = "") -> int:
        """Count the declines after `since`."""
        query = _of(select(func.count()).select_from(_declines), since, person, address)
        return int((await self._transaction.execute(query)).scalar_one())


def _of(query: Select[Any], since: datetime, person: str, address: str) -> Select[Any]:
    query = query.where(_declines.c.at > since)
    if not (person or address):
        return query
    query = query.join(_orders, _orders.c.id == _declines.c.order_id)
    return query.where(_orders.c.person == person if person else _orders.c.address == address)
