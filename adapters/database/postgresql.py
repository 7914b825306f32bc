"""PostgreSQL: its address, a pool of connections, migrations that replicas do once, and what its errors mean to the house."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC
from typing import Any, Final

import psycopg
from psycopg import sql
from sqlalchemy import URL, Select, event, func, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from adapters.database.addresses import named
from adapters.database.schema import behind, upgrade
from adapters.database.transaction import Transaction, begun, unbroken
from bot.errors import StoreUnavailable

#: Connections of one process, not counting the few that Procrastinate holds.
POOL: Final = 10
#: Seconds for which a unit waits until a connection is free.
TURN: Final = 20
#: Seconds for which a row is waited for that another unit has locked, as the port Store promises.
PATIENCE: Final = 5
#: Seconds for which replicas wait until one of them has changed the tables.
CHANGING: Final = 120
#: The advisory lock under which the tables are changed: "till" and "bot", as numbers of 32 bits.
_CHANGE: Final = (0x74696C6C, 0x00626F74)

#: What an address does not say itself. A connection that has died is noticed after 25 s, and what a process that has
#: died left locked is free after a minute. https://www.postgresql.org/docs/current/libpq-connect.html
_USUAL: Final = {
    "connect_timeout": "5",
    "application_name": "tillbot",
    "keepalives_idle": "10",
    "keepalives_interval": "5",
    "keepalives_count": "3",
    "tcp_user_timeout": "25000",
}
_OPTIONS: Final = f"-c lock_timeout={PATIENCE}s -c idle_in_transaction_session_timeout=60s"

# Codes that say the database cannot be used now, not that we asked it wrongly, by code or by class (their first two
# characters): https://www.postgresql.org/docs/current/errcodes-appendix.html
_UNAVAILABLE: Final = {
    "08": "connection lost",
    "0A": "not to be done by this server",
    "25006": "read-only",
    "25P03": "a unit took too long",
    "28": "login refused",
    "3D": "no such database",
    "40001": "another unit was faster",
    "40P01": "another unit was faster",
    "42501": "permission denied",
    "53100": "disk full",
    "53": "out of resources",
    "55P03": "locked by another unit",
    "57014": "a statement took too long",
    "57P": "shut down",
    "58": "disk error",
    "XX": "damaged",
}


def _told(url: URL) -> URL:
    """Add to an address what it does not say itself."""
    said = {name: value for name, value in url.query.items() if isinstance(value, str)}
    options = f"{_OPTIONS} {said.get('options', '')}".strip()
    return url.set(query={**_USUAL, **url.query, "options": options})


class PostgresConnections:
    """A pool of connections to one database."""

    def __init__(self, url: URL) -> None:
        self.url = _told(url)
        self.named = named(url)
        # What is written is somebody's name and address: an error must not repeat it.
        self._writer = create_async_engine(
            self.url, pool_size=POOL, max_overflow=0, pool_timeout=TURN, pool_pre_ping=True, hide_parameters=True
        )
        event.listen(self._writer.sync_engine, "checkout", _as_the_database_has_it)
        self._reader = self._writer.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)

    @property
    def arguments(self) -> Mapping[str, Any]:
        """What psycopg connects with."""
        return dict(self._writer.dialect.create_connect_args(self.url)[1])

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[Transaction]:
        """Begin a transaction that writes. Each statement sees what is committed; what is read is locked row by row."""
        async with self._begun(self._writer, writing=True) as transaction:
            yield transaction

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Transaction]:
        """Begin a transaction that only reads."""
        async with self._begun(self._reader, writing=False) as transaction:
            yield transaction

    surveying = reading

    async def finds(self, asked: Select[Any], **values: str) -> bool:
        """Tell whether a query finds anything."""
        async with self.reading() as transaction:
            return (await transaction.execute(asked, values)).first() is not None

    async def bring_up_to_date(self) -> None:
        """Make the database if it is missing, and bring its tables up to date: one replica does, the others wait."""
        with self.unavailable():
            try:
                changing = await self._behind()
            except DBAPIError as error:
                if getattr(error.orig, "sqlstate", None) not in {"3D000", None} or not await self._make():
                    raise
                changing = await self._behind()
            if not changing:
                return
            async with self._writer.begin() as connection:
                await connection.execute(text(f"SET LOCAL lock_timeout = '{CHANGING}s'"))
                await connection.execute(select(func.pg_advisory_xact_lock(*_CHANGE)))
                if await connection.run_sync(behind, self.named):
                    await connection.run_sync(upgrade)

    async def close(self) -> None:
        """Close all connections."""
        await self._writer.dispose()

    @contextmanager
    def unavailable(self) -> Iterator[None]:
        """Turn what PostgreSQL says when it cannot work into StoreUnavailable; other errors lose what they repeat."""
        try:
            yield
        except PoolTimeout as error:
            raise StoreUnavailable(f"{self.named}: no connection was free for {TURN} s") from error
        except DBAPIError as error:
            why = "connection lost" if error.connection_invalidated else reason(error.orig)
            if why is None:
                _forget_values(error)
                raise
            raise StoreUnavailable(f"{self.named}: {why}") from None

    @asynccontextmanager
    async def _begun(self, engine: AsyncEngine, *, writing: bool) -> AsyncIterator[Transaction]:
        with self.unavailable():
            async with begun(engine) as connection:
                found = await unbroken(connection.execute(select(func.clock_timestamp())))
                yield Transaction(connection, found.scalar_one().astimezone(UTC), writing=writing)

    async def _behind(self) -> bool:
        async with self._writer.begin() as connection:
            return await connection.run_sync(behind, self.named)

    async def _make(self) -> bool:
        """Make the database, from the one that every server has; False where that is not the trouble."""
        arguments = {**self.arguments, "dbname": "postgres", "autocommit": True}
        try:
            async with await psycopg.AsyncConnection.connect(**arguments) as connection:
                there = await connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (self.url.database,))
                if await there.fetchone():
                    return False
                name = sql.Identifier(str(self.url.database))
                await connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'").format(name))
        except psycopg.errors.DuplicateDatabase:
            return True  # another replica was faster
        except psycopg.errors.UniqueViolation:
            return True  # likewise, by a hair
        except psycopg.OperationalError:
            return False  # what was said before says more
        return True


def _as_the_database_has_it(connection: Any, *_: object) -> None:
    """Let a connection that only read before begin as the database tells it to.

    SQLAlchemy leaves it with "READ WRITE" said of every transaction, which overrides a database that is set to be read-only.
    """
    if connection.read_only is not None:
        connection.set_read_only(None)


def reason(error: BaseException | None) -> str | None:
    """Say why the database cannot be used now; None where it was asked wrongly."""
    code = getattr(error, "sqlstate", None)
    if code is None:
        # libpq does not tell a server that is not there from one that refuses us
        unreached = isinstance(error, psycopg.OperationalError | psycopg.InterfaceError)
        return "cannot be reached, or refuses the login" if unreached else None
    return next((_UNAVAILABLE[part] for part in (code, code[:3], code[:2]) if part in _UNAVAILABLE), None)


def _forget_values(error: DBAPIError) -> None:
    """Leave of an error what kind it is: PostgreSQL repeats values, such as "Key (person)=(…) already exists"."""
    code = getattr(error.orig, "sqlstate", None)
    kind = f"{type(error.orig).__name__} ({code})"
    error.args = (kind,)
    if error.orig is not None:
        error.orig.args = (kind,)
