"""The store: units of work on the database."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.database.counters import count_up
from adapters.database.engine import TURN, identity, unavailable
from adapters.database.facts import SqlFacts
from adapters.database.inbox import SqlInbox
from adapters.database.news import SqlNewsBook
from adapters.database.orders import SqlOrderBook
from adapters.database.pledges import SqlPledgeBook
from adapters.database.stock import SqlStockBook
from adapters.database.transaction import Transaction, begun
from bot.errors import StoreUnavailable

Instants = Callable[[], datetime]


def host_clock() -> datetime:
    """Tell the time of this host, which is SQLite's clock too: it has no other, and tells no microseconds."""
    return datetime.now(UTC)


class SqlUnit:
    """One transaction, with its books."""

    def __init__(self, transaction: Transaction) -> None:
        self.transaction = transaction

    @property
    def now(self) -> datetime:
        """The database's clock when the unit began (UTC, to the microsecond)."""
        return self.transaction.now

    @cached_property
    def orders(self) -> SqlOrderBook:
        """Orders and their history."""
        return SqlOrderBook(self.transaction)

    @cached_property
    def stock(self) -> SqlStockBook:
        """Stock counts."""
        return SqlStockBook(self.transaction)

    @cached_property
    def pledges(self) -> SqlPledgeBook:
        """Monthly gifts."""
        return SqlPledgeBook(self.transaction)

    @cached_property
    def news(self) -> SqlNewsBook:
        """What people are to be told."""
        return SqlNewsBook(self.transaction)

    @cached_property
    def inbox(self) -> SqlInbox:
        """Events received."""
        return SqlInbox(self.transaction)

    @cached_property
    def facts(self) -> SqlFacts:
        """Small things to remember."""
        return SqlFacts(self.transaction)


class SqlStore:
    """Store on SQLite."""

    def __init__(self, file: Path, *, writing: AsyncEngine, reading: AsyncEngine, clock: Instants = host_clock) -> None:
        self._file = file
        self._identity = identity(file)
        self._writing = writing
        self._reading = reading
        self._clock = clock
        self._writers = asyncio.Lock()
        self._writer: asyncio.Task[Any] | None = None

    @asynccontextmanager
    async def unit(self) -> AsyncIterator[SqlUnit]:
        """Begin a writing unit. RuntimeError inside another one of the same task, which would wait for itself."""
        task = asyncio.current_task()
        if task is self._writer:
            raise RuntimeError("a writing unit inside a writing unit would wait for itself")
        async with self._turn():
            self._writer = task
            try:
                self._check()
                with unavailable(self._file):
                    async with begun(self._writing) as connection:
                        transaction = Transaction(connection, self._clock(), writing=True)
                        yield SqlUnit(transaction)
                        await transaction.commit()
            finally:
                self._writer = None

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[SqlUnit]:
        """Begin a unit that only reads, of one consistent state."""
        self._check()
        with unavailable(self._file):
            async with begun(self._reading) as connection:
                yield SqlUnit(Transaction(connection, self._clock(), writing=False))

    async def writable(self) -> None:
        """Write something small, as only that shows that the disk takes it. Raises StoreUnavailable."""
        async with self.unit() as unit:
            await count_up(unit.transaction, "check", "writable")

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        """Wait for the turn to write, in the order of asking."""
        try:
            async with asyncio.timeout(TURN):
                await self._writers.acquire()
        except TimeoutError:
            raise StoreUnavailable(f"{self._file}: others wrote for {TURN} s") from None
        try:
            yield
        finally:
            self._writers.release()

    def _check(self) -> None:
        if identity(self._file) != self._identity:
            raise StoreUnavailable(f"{self._file}: replaced by another file; restart to use that")
