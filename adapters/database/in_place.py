"""SQLite without a thread: each statement is done where it is asked for, and everybody else of the process waits meanwhile.

For a copy on which one task plays. There is nobody else to wait, and the way to a thread and back costs more than most
statements do.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, CursorResult, Dialect, Engine, Executable, QueuePool, create_engine, make_url

from adapters.database.sqlite import CONNECT, Instants, SqliteConnections, let_read, let_write, unavailable
from adapters.database.transaction import Transaction


class InPlace:
    """A connection, as far as a transaction asks for it."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    @property
    def dialect(self) -> Dialect:
        """What its statements are written in."""
        return self._connection.dialect

    async def execute(
        self, statement: Executable, rows: Sequence[Mapping[str, Any]] | None = None, /
    ) -> CursorResult[*tuple[Any, ...]]:
        """Do a statement."""
        return self._connection.execute(statement, rows)

    async def commit(self) -> None:
        """Commit."""
        self._connection.commit()


class CopyConnections(SqliteConnections):
    """Connections to a copy that is thrown away."""

    def __init__(self, file: Path, clock: Instants) -> None:
        super().__init__(file, clock, lasting=False)
        url = make_url("sqlite://").set(database=str(file))
        self._engines = [create_engine(url, connect_args=dict(CONNECT), poolclass=QueuePool, pool_size=0) for _ in "12"]
        let_write(self._engines[0], lasting=False)
        let_read(self._engines[1])

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[Transaction]:
        """Begin a transaction that writes."""
        async with self.turn():
            self.check()
            with unavailable(self.file), self._begun(self._engines[0], writing=True) as transaction:
                yield transaction

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Transaction]:
        """Begin a transaction that only reads."""
        self.check()
        with unavailable(self.file), self._begun(self._engines[1], writing=False) as transaction:
            yield transaction

    async def close(self) -> None:
        """Close all connections."""
        for engine in self._engines:
            engine.dispose()
        await super().close()

    @contextmanager
    def _begun(self, engine: Engine, *, writing: bool) -> Iterator[Transaction]:
        with engine.connect() as connection:
            connection.begin()
            yield Transaction(InPlace(connection), self.clock(), writing=writing, apart=False)
