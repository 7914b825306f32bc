"""The stock book: how much of each variant is reserved and sold."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from sqlalchemy import bindparam, select, update

from adapters.database import tables
from adapters.database.transaction import Transaction, insert, prepared
from bot.shop import Stock

_stock = tables.stock
_COUNTS: Final = prepared(select(_stock.c.reserved, _stock.c.sold).where(_stock.c.variant == bindparam("of")))
_ALL: Final = select(_stock.c.variant, _stock.c.reserved, _stock.c.sold)
_shifted = {"reserved": _stock.c.reserved + bindparam("more_reserved"), "sold": _stock.c.sold + bindparam("more_sold")}
_SHIFT: Final = (
    update(_stock)
    .where(_stock.c.variant == bindparam("of"), _shifted["reserved"] >= 0, _shifted["sold"] >= 0)
    .values(_shifted)
    .returning(_stock.c.variant)
)


class SqlStockBook:
    """StockBook on SQL.

    A row of stock is what all who buy the same thing wait for. So what a unit adds to one that it has not looked at is
    added where it commits, as the last that it does, in one order of the variants.
    """

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction
        self._looked_at: set[str] = set()
        self._due: dict[str, Stock] = {}

    async def of(self, variant: str) -> Stock:
        """Give one variant's counts, locked until the unit ends."""
        await self._settle()
        self._looked_at.add(variant)
        found = await self._find(variant)
        if found is None and self._transaction.writing:
            await self._ensure(variant)  # a row that is not there cannot be locked
            found = await self._find(variant)
        return found or Stock()

    async def all(self) -> Mapping[str, Stock]:
        """Give every variant's counts."""
        await self._settle()
        rows = await self._transaction.execute(_ALL)
        return {variant: Stock(reserved, sold) for variant, reserved, sold in rows}

    async def shift(self, variant: str, reserved: int, sold: int) -> None:
        """Add to the counts, at the latest where the unit commits. A count below zero is a ValueError, and stays as it was."""
        if variant in self._looked_at:
            await self._shift(variant, reserved, sold)
            return
        if not self._due:
            self._transaction.before.append(self._settle)
        due = self._due.get(variant, Stock())
        self._due[variant] = Stock(due.reserved + reserved, due.sold + sold)

    async def _settle(self) -> None:
        due = sorted(self._due.items())
        self._due.clear()
        for variant, more in due:
            await self._shift(variant, more.reserved, more.sold)

    async def _shift(self, variant: str, reserved: int, sold: int) -> None:
        if await self._add(variant, reserved, sold):
            return
        await self._ensure(variant)
        if not await self._add(variant, reserved, sold):
            raise ValueError(f"stock of {variant} would fall below zero ({reserved:+} reserved, {sold:+} sold)")

    async def _find(self, variant: str) -> Stock | None:
        row = (await self._transaction.find(_COUNTS, of=variant)).first()
        return None if row is None else Stock(row.reserved, row.sold)

    async def _ensure(self, variant: str) -> None:
        statement = insert(_stock).values(variant=variant, reserved=0, sold=0).on_conflict_do_nothing()
        await self._transaction.execute(statement)

    async def _add(self, variant: str, reserved: int, sold: int) -> bool:
        values = {"of": variant, "more_reserved": reserved, "more_sold": sold}
        return (await self._transaction.execute(_SHIFT, values)).scalar() is not None
