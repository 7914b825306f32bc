"""The store: units of work on the database, whichever it is."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from functools import cached_property
from typing import Any, Final

from adapters.database.audit import SqlAuditBook
from adapters.database.counters import count_up
from adapters.database.declines import SqlDeclineBook
from adapters.database.disputes import SqlDisputeBook
from adapters.database.facts import SqlFacts
from adapters.database.inbox import SqlInbox
from adapters.database.leases import SqlLeaseBook
from adapters.database.news import KEEPS, SqlNewsBook
from adapters.database.orders import SqlOrderBook
from adapters.database.people import SqlPeopleBook
from adapters.database.pledges import SqlPledgeBook
from adapters.database.refunds import SqlRefundBook
from adapters.database.rounds import SqlRoundBook
from adapters.database.stock import SqlStockBook
from adapters.database.transaction import Connections, Transaction
from bot.tracing import UNTRACED, Tracing


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
    def refunds(self) -> SqlRefundBook:
        """What was asked to go back, and what went."""
        return SqlRefundBook(self.transaction)

    @cached_property
    def disputes(self) -> SqlDisputeBook:
        """What payers' banks want back."""
        return SqlDisputeBook(self.transaction)

    @cached_property
    def declines(self) -> SqlDeclineBook:
        """Attempts to pay that were declined."""
        return SqlDeclineBook(self.transaction)

    @cached_property
    def news(self) -> SqlNewsBook:
        """What people are to be told."""
        return SqlNewsBook(self.transaction)

    @cached_property
    def inbox(self) -> SqlInbox:
        """Events received."""
        return SqlInbox(self.transaction)

    @cached_property
    def audit(self) -> SqlAuditBook:
        """What operators did."""
        return SqlAuditBook(self.transaction)

    @cached_property
    def rounds(self) -> SqlRoundBook:
        """Reminders, and who was told."""
        return SqlRoundBook(self.transaction)

    @cached_property
    def facts(self) -> SqlFacts:
        """Small things to remember."""
        return SqlFacts(self.transaction)

    @cached_property
    def people(self) -> SqlPeopleBook:
        """Forgetting people."""
        return SqlPeopleBook(self.transaction)

    @cached_property
    def leases(self) -> SqlLeaseBook:
        """What one holder has for a while."""
        return SqlLeaseBook(self.transaction)


class SqlStore:
    """Store on SQL."""

    def __init__(self, connections: Connections, tracing: Tracing = UNTRACED) -> None:
        self.tracing: Final = tracing
        self._connections = connections
        self._writers: set[asyncio.Task[Any] | None] = set()

    @asynccontextmanager
    async def unit(self) -> AsyncIterator[SqlUnit]:
        """Begin a writing unit. RuntimeError inside another one of the same task, which would wait for itself."""
        task = asyncio.current_task()
        if task in self._writers:
            raise RuntimeError("a writing unit inside a writing unit would wait for itself")
        self._writers.add(task)
        try:
            with self.tracing.span("unit of work"):
                async with self._connections.writing() as transaction:
                    yield SqlUnit(transaction)
                    await transaction.commit()
        finally:
            self._writers.discard(task)

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[SqlUnit]:
        """Begin a unit that only reads, of one consistent state."""
        async with self._connections.reading() as transaction:
            yield SqlUnit(transaction)

    @asynccontextmanager
    async def surveying(self) -> AsyncIterator[SqlUnit]:
        """Begin a unit that only reads, and goes through much."""
        async with self._connections.surveying() as transaction:
            yield SqlUnit(transaction)

    async def keeps(self, person: str) -> bool:
        """Tell whether news is kept for somebody, asked by itself."""
        return await self._connections.finds(KEEPS, whose=person)

    async def writable(self) -> None:
        """Write something small, as only that shows that the disk takes it. Raises StoreUnavailable."""
        async with self.unit() as unit:
            await count_up(unit.transaction, "check", "writable")
