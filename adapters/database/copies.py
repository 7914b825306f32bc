"""A copy on which one task plays, and that is thrown away: nobody waits for a disk there, or for anybody else."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from adapters.database import in_place
from adapters.database.sqlite import CONNECT, Instants, SqliteConnections, let_read, unavailable
from adapters.database.transaction import Transaction


class CopyConnections(SqliteConnections):
    """Connections to a copy: all is done in place, also what is read."""

    def __init__(self, file: Path, clock: Instants) -> None:
        super().__init__(file, clock, lasting=False)
        self._apart = None
        self._here = in_place.engine(file, CONNECT, connections=0)
        let_read(self._here)

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Transaction]:
        """Begin a transaction that only reads."""
        self.check()
        with unavailable(self.file):
            async with in_place.begun(self._here, None) as connection:
                yield Transaction(connection, self.clock(), writing=False, apart=False)

    async def close(self) -> None:
        """Close all connections."""
        self._here.dispose()
        await super().close()
