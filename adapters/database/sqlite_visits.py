"""A connection to an SQLite file on which a statement, with its rows, is one visit to the connection's thread."""

from __future__ import annotations

import sqlite3
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple, Self

import aiosqlite

#: Rows that the visit of a statement brings with it. Nearly always these are all; where there are more, the rest is fetched
#: as it is asked for, so that a whole table can be read without being in memory.
ARMFUL: Final = 500
#: Rows of one visit where a cursor of aiosqlite's own is walked along, which the house does not do; its default.
_CHUNK: Final = 64


class _Answer(NamedTuple):
    """What a statement gave, as a cursor tells it (https://peps.python.org/pep-0249/#cursor-attributes)."""

    rows: Sequence[Any] = ()
    description: Any = None
    rowcount: int = -1
    lastrowid: int | None = None
    #: The real cursor, where it has more rows.
    rest: sqlite3.Cursor | None = None


class Cursor:
    """What SQLAlchemy asks of a cursor. The real one is made, read and closed in the visit of its statement.

    aiosqlite goes to the thread and back for each of these four, and each way there and back costs more than most of what
    is asked here.
    """

    arraysize = 1

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._answer = _Answer()
        self._rows: deque[Any] = deque()
        self._rest: sqlite3.Cursor | None = None

    @property
    def description(self) -> Any:
        """Name the columns; None where there are none."""
        return self._answer.description

    @property
    def rowcount(self) -> int:
        """Count the rows that were changed; -1 where none could be."""
        return self._answer.rowcount

    @property
    def lastrowid(self) -> int | None:
        """Give the id of the row that was written last."""
        return self._answer.lastrowid

    async def execute(self, statement: str, values: Any = ()) -> Self:
        """Do a statement, and fetch what it gives. Raises sqlite3.Error, and ValueError where the connection is closed."""
        return await self._do(_execute, statement, values)

    async def executemany(self, statement: str, values: Any) -> Self:
        """Do a statement once for each of some values. Raises as `execute` does."""
        return await self._do(_executemany, statement, values)

    async def fetchall(self) -> Sequence[Any]:
        """Give the rows that were not given yet."""
        if self._rest is not None:
            self._rows += await self._connection.visit(self._rest.fetchall)
        rows, self._rows = list(self._rows), deque()
        return rows

    async def fetchmany(self, size: int) -> Sequence[Any]:
        """Give so many rows at most; none when all were given."""
        if self._rest is not None and len(self._rows) < size:
            self._rows += await self._connection.visit(self._rest.fetchmany, size - len(self._rows))
        return [self._rows.popleft() for _ in range(min(size, len(self._rows)))]

    async def close(self) -> None:
        """Let go of what was not fetched."""
        rest, self._rest = self._rest, None
        if rest is not None:
            await self._connection.visit(rest.close)

    async def _do(self, what: Any, statement: str, values: Any) -> Self:
        self._answer = await self._connection.visit(what, self._connection._conn, statement, values)  # noqa: SLF001
        self._rows, self._rest = deque(self._answer.rows), self._answer.rest
        return self

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()


class Connection(aiosqlite.Connection):
    """aiosqlite's, with such cursors; what is in no transaction is not rolled back, which would be a visit for nothing."""

    def cursor(self) -> Cursor:  # type: ignore[override]  # SQLAlchemy enters it, and asks no more of aiosqlite's own
        """Give a cursor; nothing is asked for it."""
        return Cursor(self)

    async def visit(self, what: Any, *about: Any) -> Any:
        """Have the connection's thread do something. Raises what it raises, and ValueError where it is closed."""
        return await self._execute(what, *about)  # type: ignore[no-untyped-call]  # aiosqlite leaves it untyped

    async def opened(self) -> Self:
        """Be it, once it is made."""
        await self
        return self

    async def rollback(self) -> None:
        """Roll back what has begun."""
        if self.in_transaction:
            await super().rollback()


def connecting(file: Path, patience: float) -> Connection:
    """Give a connection that is made when it is awaited; it waits `patience` seconds for a lock, and begins nothing itself."""
    connection = Connection(lambda: sqlite3.connect(file, isolation_level=None, timeout=patience), _CHUNK)
    # As SQLAlchemy has it: a process that ends does not wait for a connection that nobody closed.
    connection._thread.daemon = True  # noqa: SLF001
    return connection


def _execute(connection: sqlite3.Connection, statement: str, values: Any) -> _Answer:
    cursor = connection.cursor()
    try:
        cursor.execute(statement, values)
        rows = cursor.fetchmany(ARMFUL) if cursor.description else ()
    except BaseException:
        cursor.close()
        raise
    answer = _Answer(rows, cursor.description, cursor.rowcount, cursor.lastrowid)
    if len(rows) == ARMFUL:
        return answer._replace(rest=cursor)
    cursor.close()
    return answer


def _executemany(connection: sqlite3.Connection, statement: str, values: Any) -> _Answer:
    cursor = connection.cursor()
    try:
        cursor.executemany(statement, values)
        return _Answer((), cursor.description, cursor.rowcount, cursor.lastrowid)
    finally:
        cursor.close()
