"""SQLite: one connection that writes, a few that read, the file they are on, and what its errors mean to the house."""

from __future__ import annotations

import asyncio
import os
import sqlite3
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic, sleep
from typing import Any, Final

from sqlalchemy import Connection as Begun
from sqlalchemy import Engine, Select, event, make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from adapters.database import in_place
from adapters.database.groups import TURN, Groups
from adapters.database.in_place import BLINK, PATIENCE
from adapters.database.lock import Lock
from adapters.database.schema import behind, upgrade
from adapters.database.sqlite_dialect import COMPILED, NAMED
from adapters.database.sqlite_errors import primary, unavailable
from adapters.database.sqlite_visits import Connection, connecting
from adapters.database.transaction import Transaction, begun
from bot.errors import StoreUnavailable

Instants = Callable[[], datetime]

#: Connections that are kept for those who read at the same time; those that go through much have a thread each.
READERS: Final = 4


def host_clock() -> datetime:
    """Tell the time of this host, which is SQLite's clock too: it has no other, and tells no microseconds."""
    return datetime.now(UTC)


class SqliteConnections:
    """Connections to one file. Writers of this process take turns, in the order of asking."""

    def __init__(self, file: Path, clock: Instants = host_clock, *, lasting: bool = True) -> None:
        self.file = file
        self.lock = Lock(file)
        self._writer = in_place.engine(file, connections=1, timeout=0)
        let_write(self._writer, lasting=lasting)
        self._apart = ThreadPoolExecutor(1, thread_name_prefix="sqlite") if lasting else None
        self._groups = Groups(file, self._writer, self._apart)
        self._reader = in_place.engine(file, connections=READERS, timeout=PATIENCE)
        let_read(self._reader)
        self._surveyor = reading_engine(file)
        self.clock = clock
        self._identity: tuple[int, int] | None = None

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[Transaction]:
        """Begin a transaction that writes."""
        async with self._groups.unit(self.check, self.clock) as transaction:
            yield transaction

    @asynccontextmanager
    async def carrying(self) -> AsyncIterator[Transaction]:
        """Begin a transaction that writes very much, each statement on a thread."""
        async with self._groups.alone(), self._apart_engine() as engine:
            with unavailable(self.file):
                async with begun(engine) as connection:
                    yield Transaction(connection, self.clock(), writing=True)

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Transaction]:
        """Begin a transaction that only reads, in place: nobody who writes is waited for (https://sqlite.org/wal.html)."""
        self.check()
        with unavailable(self.file):
            async with in_place.begun(self._reader) as connection:
                yield Transaction(connection, self.clock(), writing=False, apart=False)

    @asynccontextmanager
    async def surveying(self) -> AsyncIterator[Transaction]:
        """Begin a transaction that only reads, each statement on a thread."""
        self.check()
        with unavailable(self.file):
            async with begun(self._surveyor) as connection:
                yield Transaction(connection, self.clock(), writing=False)

    async def finds(self, asked: Select[Any], **values: str) -> bool:
        """Tell whether a query finds anything, in place."""
        self.check()
        with unavailable(self.file):
            return in_place.finds(self._reader, asked, values)

    async def bring_up_to_date(self) -> None:
        """Make the file if it is missing, and bring its tables up to date, all or nothing, holding its lock."""
        _make(self.file)
        deadline = monotonic() + PATIENCE
        with unavailable(self.file):
            while await self._behind():
                with ExitStack() as holding:
                    try:
                        holding.enter_context(self.lock.held())
                    except StoreUnavailable:
                        # Perhaps another process is making the same database right now, and is soon done.
                        if monotonic() > deadline:
                            raise
                        await asyncio.sleep(0.02)
                        continue
                    async with self._apart_engine() as engine, engine.begin() as connection:
                        await connection.run_sync(upgrade)
        self._identity = identity(self.file)

    async def close(self) -> None:
        """Close all connections."""
        await self._groups.end()
        await self._surveyor.dispose()
        self._reader.dispose()
        self._writer.dispose()
        if self._apart is not None:
            self._apart.shutdown()

    async def _behind(self) -> bool:
        async with self._apart_engine() as engine, engine.begin() as connection:
            return await connection.run_sync(behind, str(self.file))

    @asynccontextmanager
    async def _apart_engine(self) -> AsyncIterator[AsyncEngine]:
        """Give an engine that writes on a thread, for a while."""
        engine = writing_engine(self.file)
        try:
            yield engine
        finally:
            await engine.dispose()

    def check(self) -> None:
        """Make sure that the file is the one that was opened. Raises StoreUnavailable."""
        if identity(self.file) != self._identity:
            raise StoreUnavailable(f"{self.file}: replaced by another file; restart to use that")


def _make(file: Path) -> None:
    """Make an empty file that only its owner can read: it will hold names and addresses. SQLite's others follow it."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    except OSError as error:
        raise StoreUnavailable(f"{file}: {error.strerror}") from error


def writing_engine(file: Path) -> AsyncEngine:
    """Make an engine that writes, each statement on a thread."""
    engine = _engine(file, pool_size=1, pool_timeout=TURN)
    let_write(engine.sync_engine)
    return engine


def let_write(engine: Engine, *, lasting: bool = True) -> None:
    """Have the connections of an engine write, each transaction alone.

    What is not `lasting` waits for no disk: a copy that is thrown away.
    """
    synchronous = "synchronous=FULL" if lasting else "synchronous=OFF"
    # Deleted rows are overwritten: who is erased is not to be read out of the file's free pages.
    pragmas = ("journal_mode=WAL", synchronous, "foreign_keys=ON", "secure_delete=ON")
    event.listen(engine, "connect", lambda connection, _: _say(connection, pragmas))
    event.listen(engine, "begin", lambda connection: _begin(connection, "BEGIN IMMEDIATE"))


def reading_engine(file: Path) -> AsyncEngine:
    """Make the engine that only reads; a transaction of it sees one state, whatever is written meanwhile."""
    engine = _engine(file, pool_size=READERS, pool_timeout=TURN)
    let_read(engine.sync_engine)
    return engine


def let_read(engine: Engine) -> None:
    """Have the connections of an engine read only."""
    event.listen(engine, "connect", lambda connection, _: _say(connection, ("query_only=ON",)))
    event.listen(engine, "begin", lambda connection: _begin(connection, "BEGIN"))


def _engine(file: Path, **pool: int) -> AsyncEngine:
    url = make_url(NAMED).set(database=str(file))
    patience = PATIENCE

    async def connect() -> Connection:
        return await connecting(file, patience).opened()

    # What is written is somebody's name and address: an error must not repeat it.
    return create_async_engine(
        url,
        async_creator=connect,
        max_overflow=0,
        hide_parameters=True,
        execution_options={"compiled_cache": COMPILED},
        **pool,
    )


def _say(connection: Any, pragmas: tuple[str, ...]) -> None:
    cursor = connection.cursor()
    for pragma in pragmas:
        _insist(cursor, f"PRAGMA {pragma}")
    cursor.close()


def _insist(cursor: Any, statement: str) -> None:
    """Do a statement, and again while others hold the file: where several make one, SQLite itself does not wait for WAL.

    It says so at once, whatever the timeout, to whoever would have to wait for somebody who waits for them
    (https://sqlite.org/c3ref/busy_handler.html).
    """
    deadline = monotonic() + PATIENCE
    while True:
        try:
            cursor.execute(statement)
        except sqlite3.OperationalError as error:
            if primary(error) != sqlite3.SQLITE_BUSY or monotonic() > deadline:
                raise
            sleep(BLINK)
        else:
            return


def _begin(connection: Begun, statement: str) -> None:
    connection.exec_driver_sql(statement)


def identity(file: Path) -> tuple[int, int]:
    """Tell which file this is, so that one that was deleted or replaced under us is noticed. Raises StoreUnavailable.

    SQLite itself would go on writing into the deleted file, where nobody finds it again.
    """
    try:
        found = os.stat(file)  # noqa: PTH116 - asked at each unit, and a Path costs more than the question
    except OSError as error:
        raise StoreUnavailable(f"{file}: gone") from error
    return found.st_dev, found.st_ino
