"""One transaction, as the books see it: its connection, its instant, and whether it may write."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Coroutine, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any, Final, Protocol, TypeVar

from sqlalchemy import CursorResult, Dialect, Executable, Select, Table, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

T = TypeVar("T")

#: Values in one IN (...): every database takes more, and none is quicker with them.
_PORTION: Final = 500


@dataclass(frozen=True, slots=True)
class Query:
    """A query that is made once, with names for what differs: making one costs SQLAlchemy more than doing it."""

    plain: Select[Any]
    #: The same, which locks the rows that it finds; and which keeps others only from changing them.
    locking: Select[Any]
    sharing: Select[Any]


def prepared(made: Select[Any]) -> Query:
    """Make a query that is asked again and again; what differs is a `bindparam`."""
    return Query(made, made.with_for_update(), made.with_for_update(read=True))


class Statements(Protocol):
    """A connection, as far as a transaction asks for it."""

    @property
    def dialect(self) -> Dialect:
        """What its statements are written in."""
        ...

    async def execute(
        self, statement: Executable, rows: Sequence[Mapping[str, Any]] | Mapping[str, Any] | None = None, /
    ) -> CursorResult[*tuple[Any, ...]]:
        """Do a statement, with some values; for each of some rows where they are given."""
        ...

    async def commit(self) -> None:
        """Commit."""
        ...


@dataclass(frozen=True, slots=True)
class Transaction:
    """A transaction that has begun.

    What is in `before` is done as the last of it, before it is committed. What is in `after` is called once it is
    committed, and never if it is not.
    """

    connection: Statements
    now: datetime
    writing: bool
    #: Whether somebody else does the statements, so that whoever waits for one can be cancelled meanwhile.
    apart: bool = True
    #: Whether it is committed with others, later: whoever does that settles it then.
    grouped: bool = False
    before: list[Callable[[], Awaitable[None]]] = field(default_factory=list)
    after: list[Callable[[], None]] = field(default_factory=list)

    @property
    def whole(self) -> AsyncConnection:
        """SQLAlchemy's own connection, for what only that can do. TypeError where statements are done in place."""
        if not isinstance(self.connection, AsyncConnection):
            raise TypeError("statements are done in place")
        return self.connection

    async def execute(
        self, statement: Executable, rows: Sequence[Mapping[str, Any]] | Mapping[str, Any] | None = None
    ) -> CursorResult[*tuple[Any, ...]]:
        """Have the database do a statement, whole, with some values; for each of some rows where they are given.

        A row beside its statement costs less than one in it, which is made into a part of the statement value by value.
        """
        doing = self.connection.execute(statement, rows)
        return await (unbroken(doing) if self.apart else doing)

    async def find(self, asked: Query, **values: Any) -> CursorResult[*tuple[Any, ...]]:
        """Ask a query that was made once; a writing transaction locks what it finds, as `locking` says."""
        return await self.execute(asked.locking if self.writing else asked.plain, values)

    async def share(self, asked: Query, **values: Any) -> CursorResult[*tuple[Any, ...]]:
        """Ask it; a writing transaction keeps others from changing what it finds."""
        return await self.execute(asked.sharing if self.writing else asked.plain, values)

    def locking(self, query: Select[Any]) -> Select[Any]:
        """Lock the rows that a writing transaction reads; SQLite, with one writer at a time, leaves it out."""
        return query.with_for_update() if self.writing else query

    async def claim(self, name: str) -> bool:
        """Be alone with a name until the transaction ends, for what has no row to lock: one that is not there yet, or a count.

        False where that needs nothing: a transaction that only reads, or SQLite, where the one writer is alone anyway.
        """
        if not self.writing or self.connection.dialect.name == "sqlite":
            return False
        await self.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))").bindparams(name=name))
        return True

    async def commit(self) -> None:
        """Do what was put off, commit, and call what waited for that; in a group, when that is committed."""
        for last in self.before:
            await last()
        await unbroken(self._commit())

    def settle(self) -> None:
        """Call what waited for the commit."""
        for call in self.after:
            call()

    async def _commit(self) -> None:
        await self.connection.commit()
        if not self.grouped:
            self.settle()


class Connections(Protocol):
    """How units get their transactions on one kind of database."""

    def writing(self) -> AbstractAsyncContextManager[Transaction]:
        """Begin a transaction that writes; what is not committed in the block is rolled back. Raises StoreUnavailable."""
        ...

    def reading(self) -> AbstractAsyncContextManager[Transaction]:
        """Begin a transaction that only reads, of one consistent state. Raises StoreUnavailable."""
        ...

    def surveying(self) -> AbstractAsyncContextManager[Transaction]:
        """Begin one that only reads, and keeps nobody else of the process waiting however long that takes."""
        ...

    async def finds(self, asked: Select[Any], **values: str) -> bool:
        """Tell whether a query finds anything, outside of any transaction of ours. Raises StoreUnavailable."""
        ...

    async def bring_up_to_date(self) -> None:
        """Make the database if it is missing, and bring its tables up to date, all or nothing. Raises StoreUnavailable."""
        ...

    async def close(self) -> None:
        """Close all connections."""
        ...


@asynccontextmanager
async def begun(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """Give a connection on which a transaction has begun; what the block does not commit is rolled back."""
    connection = engine.connect()
    try:
        await unbroken(_begin(connection))
        yield connection
    finally:
        if connection.sync_connection is not None:
            await unbroken(connection.close())


async def _begin(connection: AsyncConnection) -> None:
    await connection.start()
    await connection.begin()


async def unbroken(work: Coroutine[Any, Any, T]) -> T:
    """Do something to its end, and only then be cancelled.

    A connection whose statement was broken off is in an unknown state: it would be thrown away, holding its locks until
    its thread notices. What is done here lasts as long as the database may be locked, at most.
    """
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        while not task.done():
            try:
                await asyncio.wait({task})
            except asyncio.CancelledError:
                continue
        if not task.cancelled():
            task.exception()  # looked at, so that nobody reports it as lost
        raise


def insert(table: Table) -> postgresql.Insert:
    """Begin an INSERT that can say ON CONFLICT. SQLite has it from PostgreSQL, and SQLAlchemy writes it for both."""
    return postgresql.insert(table)


def portions(values: Collection[str]) -> Iterator[list[str]]:
    """Part values into lists that one statement can hold, in an order that is always the same."""
    rest = iter(sorted(values))
    while some := list(islice(rest, _PORTION)):
        yield some
