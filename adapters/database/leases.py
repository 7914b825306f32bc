"""Leases: what one holder has for a while, on the database's clock."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete, or_, update

from adapters.database import tables
from adapters.database.transaction import Transaction, insert

_leases = tables.leases


class SqlLeaseBook:
    """LeaseBook on SQL."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def take(self, name: str, holder: str, seconds: float) -> bool:
        """Take a lease, or renew it; False where another holds it."""
        now = self._transaction.now
        row = {"holder": holder, "until": now + timedelta(seconds=seconds)}
        statement = (
            insert(_leases)
            .values(name=name, **row)
            .on_conflict_do_update(
                index_elements=["name"], set_=row, where=or_(_leases.c.holder == holder, _leases.c.until <= now)
            )
            .returning(_leases.c.name)
        )
        return (await self._transaction.execute(statement)).scalar() is not None

    async def release(self, name: str, holder: str, *, after: float = 0.0) -> None:
        """Let go of a lease, at once or so many seconds from now; nothing where another holds it."""
        held = (_leases.c.name == name, _leases.c.holder == holder)
        if after <= 0:
            await self._transaction.execute(delete(_leases).where(*held))
            return
        until = self._transaction.now + timedelta(seconds=after)
        await self._transaction.execute(update(_leases).where(*held).values(holder="", until=until))

    async def clear(self) -> None:
        """Let go of every lease; for whoever knows that nobody else is left."""
        await self._transaction.execute(delete(_leases))
