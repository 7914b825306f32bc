"""Statements done in place: where they are asked for, without a thread, and everybody else of the process waits meanwhile.

The way to a thread and back costs more than most statements do. What may wait for a disk or for another process, which is how
a transaction begins and how it is committed, is done apart.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, CursorResult, Dialect, Engine, Executable, QueuePool, create_engine, make_url

from adapters.database.sqlite_dialect import COMPILED, IN_PLACE
from adapters.database.transaction import unbroken

T = TypeVar("T")


class InPlace:
    """A connection, as far as a transaction asks for it."""

    def __init__(self, connection: Connection, apart: Executor | None) -> None:
        self._connection = connection
        self._apart = apart

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
        await _do(self._connection.commit, self._apart)


def engine(file: Path, arguments: Mapping[str, Any], *, connections: int) -> Engine:
    """Make an engine of so many connections (0: of as many as are asked for), which any thread may use, one at a time."""
    return create_engine(
        make_url(IN_PLACE).set(database=str(file)),
        connect_args={**arguments, "check_same_thread": False},
        poolclass=QueuePool,
        pool_size=connections,
        max_overflow=0,
        # What is written is somebody's name and address: an error must not repeat it.
        hide_parameters=True,
        execution_options={"compiled_cache": COMPILED},
    )


@asynccontextmanager
async def begun(made: Engine, apart: Executor | None) -> AsyncIterator[InPlace]:
    """Give a connection on which a transaction has begun; what the block does not commit is rolled back.

    Begun and committed `apart`; where that is None there is nobody to wait for, and it is done in place too.
    """
    held: list[Connection] = []  # whoever is cancelled while it begins lets go of it all the same

    def begin() -> None:
        held.append(made.connect())
        held[0].begin()

    try:
        await (_do(begin, None) if apart is None else unbroken(_do(begin, apart)))
        yield InPlace(held[0], apart)
    finally:
        for connection in held:
            connection.close()


async def _do(work: Callable[[], T], apart: Executor | None) -> T:
    return work() if apart is None else await asyncio.get_running_loop().run_in_executor(apart, work)
