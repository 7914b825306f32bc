"""SQLite's engines: one connection that writes, a few that read, and what its errors mean to the house."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from bot.errors import StoreUnavailable

#: Seconds for which a locked database is waited for.
PATIENCE: Final = 5
#: Seconds for which a unit waits until it is its turn to write.
TURN: Final = 20
#: Connections that read at the same time; each has a thread of its own.
READERS: Final = 4

# Result codes that say the database cannot be used now, not that we asked it wrongly (https://sqlite.org/rescode.html).
_UNAVAILABLE: Final = {
    sqlite3.SQLITE_PERM: "permission denied",
    sqlite3.SQLITE_BUSY: "locked by another process",
    sqlite3.SQLITE_LOCKED: "locked",
    sqlite3.SQLITE_NOMEM: "out of memory",
    sqlite3.SQLITE_READONLY: "read-only",
    sqlite3.SQLITE_IOERR: "disk error",
    sqlite3.SQLITE_CORRUPT: "damaged",
    sqlite3.SQLITE_FULL: "disk full",
    sqlite3.SQLITE_CANTOPEN: "cannot be opened",
    sqlite3.SQLITE_PROTOCOL: "locked",
    sqlite3.SQLITE_NOTADB: "not a database",
}
_PRIMARY: Final = 0xFF  # the primary code is the lowest byte of an extended one


def sqlite_file(url: str) -> Path:
    """Give the file of a `sqlite:///path` or `sqlite+aiosqlite:///path` address.

    Raises ValueError for any other, without repeating it: an address may hold a password.
    """
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise ValueError("DATABASE_URL is no database address; write sqlite:///FILE") from None
    if parsed.drivername not in {"sqlite", "sqlite+aiosqlite"}:
        raise ValueError(f"DATABASE_URL names {parsed.drivername}; write sqlite:///FILE")
    if not parsed.database or parsed.database == ":memory:" or parsed.query:
        raise ValueError("DATABASE_URL needs a file, without options; write sqlite:///FILE")
    return Path(parsed.database)


def writing_engine(file: Path) -> AsyncEngine:
    """Make the engine that writes: one connection, so that writers in this process queue up instead of locking out."""
    engine = _engine(file, pool_size=1, pool_timeout=TURN)
    pragmas = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON")
    event.listen(engine.sync_engine, "connect", lambda connection, _: _say(connection, pragmas))
    event.listen(engine.sync_engine, "begin", lambda connection: _begin(connection, "BEGIN IMMEDIATE"))
    return engine


def reading_engine(file: Path) -> AsyncEngine:
    """Make the engine that only reads; a transaction of it sees one state, whatever is written meanwhile."""
    engine = _engine(file, pool_size=READERS, pool_timeout=TURN)
    event.listen(engine.sync_engine, "connect", lambda connection, _: _say(connection, ("query_only=ON",)))
    event.listen(engine.sync_engine, "begin", lambda connection: _begin(connection, "BEGIN"))
    return engine


def _engine(file: Path, **pool: int) -> AsyncEngine:
    url = make_url("sqlite+aiosqlite://").set(database=str(file))
    connect = {"isolation_level": None, "timeout": PATIENCE}  # None: we say BEGIN ourselves
    # What is written is somebody's name and address: an error must not repeat it.
    return create_async_engine(url, connect_args=connect, max_overflow=0, hide_parameters=True, **pool)


def _say(connection: Any, pragmas: tuple[str, ...]) -> None:
    cursor = connection.cursor()
    for pragma in pragmas:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin(connection: Connection, statement: str) -> None:
    connection.exec_driver_sql(statement)


@contextmanager
def unavailable(file: Path) -> Iterator[None]:
    """Turn what SQLite says when it cannot work into StoreUnavailable; errors of ours pass as they are."""
    try:
        yield
    except PoolTimeout as error:
        raise StoreUnavailable(f"{file}: no connection was free for {TURN} s") from error
    except DBAPIError as error:
        code = getattr(error.orig, "sqlite_errorcode", None)
        why = "closed" if error.connection_invalidated else _UNAVAILABLE.get((code or 0) & _PRIMARY)
        if why is None:
            raise
        raise StoreUnavailable(f"{file}: {why}") from error


def identity(file: Path) -> tuple[int, int]:
    """Tell which file this is, so that one that was deleted or replaced under us is noticed. Raises StoreUnavailable.

    SQLite itself would go on writing into the deleted file, where nobody finds it again.
    """
    try:
        found = os.stat(file)  # noqa: PTH116 - asked at each unit, and a Path costs more than the question
    except OSError as error:
        raise StoreUnavailable(f"{file}: gone") from error
    return found.st_dev, found.st_ino
