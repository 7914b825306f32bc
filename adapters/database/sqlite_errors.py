"""What SQLite's errors mean to the house."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from bot.errors import StoreUnavailable

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
#: The primary code is the lowest byte of an extended one.
_PRIMARY: Final = 0xFF


def primary(error: BaseException | None) -> int:
    """Give the primary result code of an error of SQLite's; 0 where it has none."""
    return getattr(error, "sqlite_errorcode", 0) & _PRIMARY


@contextmanager
def unavailable(file: Path) -> Iterator[None]:
    """Turn what SQLite says when it cannot work into StoreUnavailable; errors of ours pass as they are."""
    try:
        yield
    except PoolTimeout as error:
        raise StoreUnavailable(f"{file}: no connection was free in time") from error
    except DBAPIError as error:
        code = primary(error.orig)
        why = "closed" if error.connection_invalidated else _UNAVAILABLE.get(code)
        if why is None:
            raise
        raise StoreUnavailable(f"{file}: {why}") from error
    except sqlite3.Error as error:  # of the driver's own connection
        if primary(error) not in _UNAVAILABLE:
            raise
        raise StoreUnavailable(f"{file}: {_UNAVAILABLE[primary(error)]}") from error
