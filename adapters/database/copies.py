"""A copy on which one task plays, and that is thrown away: nobody waits for a disk there, or for anybody else."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from adapters.database.sqlite import Instants, SqliteConnections
from adapters.database.transaction import Transaction


class CopyConnections(SqliteConnections):
    """Connections to a copy: all is done in place, also what is read."""

    def __init__(self, file: Path, clock: Instants) -> None:
        super().__init__(file, clock, lasting=False)

    @asynccontextmanager
    async def surveying(self) -> AsyncIterator[Transaction]:
        """Begin a transaction that only reads, and goes through much."""
        async with self.reading() as transaction:
            yield transaction
