"""Statements done in place: where they are asked for, without a thread, and everybody else of the process waits meanwhile.

The way to a thread and back costs more than most statements do. While another process writes, the beginning of a transaction
is tried again and again, with others' work between.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
from sqlite3 import SQLITE_BUSY
from time import monotonic
from typing import Any, Final

from sqlalchemy import Connection, CursorResult, Dialect, Engine, Executable, QueuePool, Select, create_engine, make_url
from sqlalchemy.exc import OperationalError

from adapters.database.sqlite_dialect import COMPILED, IN_PLACE, PlaceDialect
from adapters.database.sqlite_errors import primary

#: Seconds for which a locked database is waited for, and until it is tried again.
PATIENCE: Final = 5
BLINK: Final = 0.005


class InPlace:
    """A connection, as far as a transaction asks for it."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    @property
    def dialect(self) -> Dialect:
        """What its statements are written in."""
        return self._connection.dialect

    async def execute(
        self, statement: Executable, rows: Sequence[Mapping[str, Any]] | Mapping[str, Any] | None = None, /
    ) -> CursorResult[*tuple[Any, ...]]:
        """Do a statement."""
        return self._connection.execute(statement, rows)

    async def commit(self) -> None:
        """Commit."""
        self._connection.commit()


def engine(file: Path, *, connections: int, timeout: float) -> Engine:
    """Make an engine that keeps so many connections, and makes more where they are asked for at the same time.

    Any thread may use one. Nobody waits for one: who waited in place would keep those from going on who hold the others.
    A statement waits `timeout` seconds for a lock, in place.
    """
    return create_engine(
        make_url(IN_PLACE).set(database=str(file)),
        connect_args={"isolation_level": None, "timeout": timeout, "check_same_thread": False},
        poolclass=QueuePool,
        pool_size=connections,
        max_overflow=-1,
        # What is written is somebody's name and address: an error must not repeat it.
        hide_parameters=True,
        execution_options={"compiled_cache": COMPILED},
    )


@asynccontextmanager
async def begun(made: Engine) -> AsyncIterator[InPlace]:
    """Give a connection on which a transaction has begun; what the block does not commit is rolled back."""
    with made.connect() as connection:
        await begin(connection)
        yield InPlace(connection)


def finds(made: Engine, asked: Select[Any], values: Mapping[str, str]) -> bool:
    """Tell whether a query finds anything: by the driver alone, for one statement sees one state without a transaction."""
    text, names = _written(asked)
    connection = made.raw_connection()
    try:
        driver: Any = connection.driver_connection
        return bool(driver.execute(text, [values[name] for name in names]).fetchall())
    finally:
        connection.close()


@cache
def _written(asked: Select[Any]) -> tuple[str, Sequence[str]]:
    """Give a query as SQLite takes it, and the names of its values in their order."""
    compiled = asked.compile(dialect=PlaceDialect())
    return str(compiled), compiled.positiontup or ()


async def begin(connection: Connection) -> None:
    """Begin a transaction, waiting for another process that writes."""
    deadline = monotonic() + PATIENCE
    while True:
        try:
            connection.begin()
        except OperationalError as error:
            if primary(error.orig) != SQLITE_BUSY or monotonic() > deadline:
                raise
            await asyncio.sleep(BLINK)
        else:
            return
