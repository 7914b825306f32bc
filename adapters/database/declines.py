"""The book of declined payments."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from sqlalchemy import bindparam, func, select

from adapters.database import tables
from adapters.database.transaction import Transaction, insert

_declines = tables.declines
_orders = tables.orders
#: Those after an instant: all, a person's, and those from an address.
_SINCE: Final = {
    "": select(_declines.c.at).where(_declines.c.at > bindparam("since")),
    **{
        column.name: select(_declines.c.at)
        .join(_orders, _orders.c.id == _declines.c.order_id)
        .where(_declines.c.at > bindparam("since"), column == bindparam("whose"))
        for column in (_orders.c.person, _orders.c.address)
    },
}
_NTH: Final = {
    whose: asked.order_by(_declines.c.at.desc()).offset(bindparam("before")).limit(1) for whose, asked in _SINCE.items()
}
_MANY: Final = {whose: asked.with_only_columns(func.count()) for whose, asked in _SINCE.items()}


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
        column, values = _of(since, person, address)
        values["before"] = many - 1
        found: datetime | None = (await self._transaction.execute(_NTH[column], values)).scalar()
        return found

    async def many(self, since: datetime, *, person: str = "", address: str = "") -> int:
        """Count the declines after `since`."""
        column, values = _of(since, person, address)
        return int((await self._transaction.execute(_MANY[column], values)).scalar_one())


def _of(since: datetime, person: str, address: str) -> tuple[str, dict[str, Any]]:
    """Name the column by which they are told apart, "" for all, with the values that are asked for."""
    column = "person" if person else "address" if address else ""
    return column, {"since": since, **({"whose": person or address} if column else {})}
