"""A copy of a shop in SQLite, made while it runs: whole, checked, and there only when it is complete."""

from __future__ import annotations

import os
import secrets
import sqlite3
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from shlex import join
from typing import Final
from urllib.parse import quote

from adapters.database.addresses import is_postgresql, postgresql_url, sqlite_file
from adapters.database.in_place import PATIENCE
from bot.errors import StoreUnavailable
from bot.placing import place


@dataclass(frozen=True, slots=True)
class Copied:
    """A backup that was made: how many bytes, and how many orders are in it."""

    size: int
    orders: int


def back_up(url: str, to: Path, *, replace: bool = False) -> Copied:
    """Copy the database of `url` to a file that only its owner can read, also while the shop runs.

    Raises ValueError for an address that is not SQLite's, FileExistsError where the file is there and is not to be
    replaced, and StoreUnavailable where there is no database, where it is damaged, or where the copy cannot be written.
    """
    source = sqlite_file(url)
    if not to.parent.is_dir():
        raise StoreUnavailable(f"{to}: there is no folder {to.parent}")
    if to.exists() and not replace:
        raise FileExistsError(to)
    if to.exists() and source.exists() and to.samefile(source):
        raise StoreUnavailable(f"{to}: is the database itself")
    beside = to.with_name(f".{to.name}.{secrets.token_hex(4)}")
    try:
        os.close(os.open(beside, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
        copied = _copy(source, beside)
        _put(beside, to, replace=replace)
    except sqlite3.Error as error:
        raise StoreUnavailable(f"{source}: not copied: {error.sqlite_errorname}") from error
    except FileExistsError:
        raise
    except OSError as error:
        raise StoreUnavailable(f"{to}: {error.strerror}") from error
    finally:
        for left in (beside, *(beside.with_name(beside.name + end) for end in ("-journal", "-wal", "-shm"))):
            with suppress(FileNotFoundError):
                left.unlink()
    return copied


def dump_command(url: str, to: Path) -> str:
    """Give the command that backs up a database of PostgreSQL's; its password is left to PGPASSWORD or ~/.pgpass."""
    named = postgresql_url(url).set(drivername="postgresql")._replace(password=None).render_as_string()
    return join(["pg_dump", "--format=custom", f"--file={to}", f"--dbname={named}"])


def is_server(url: str) -> bool:
    """Tell whether a database is backed up by its server's own means."""
    return is_postgresql(url)


#: All pages in one step, which is one state of the database: in write-ahead mode nobody waits for it, and nothing that is
#: written meanwhile makes it begin again. https://sqlite.org/backup.html
_ALL: Final = -1


def _copy(source: Path, to: Path) -> Copied:
    address = f"file:{quote(str(source.absolute()))}?mode=rw"  # never made where it is missing
    with (
        closing(sqlite3.connect(address, uri=True, timeout=PATIENCE)) as shop,
        closing(sqlite3.connect(to, isolation_level=None)) as copy,
    ):
        shop.backup(copy, pages=_ALL)
        copy.execute("PRAGMA journal_mode=DELETE")  # one file, with nothing beside it; the shop sets its own again
        (said,) = copy.execute("PRAGMA integrity_check(1)").fetchone()
        if said != "ok":
            raise StoreUnavailable(f"{source}: is damaged, and was not copied: {said}")
        if not copy.execute("SELECT 1 FROM sqlite_master WHERE name = 'orders'").fetchone():
            raise StoreUnavailable(f"{source}: is no shop")
        (orders,) = copy.execute("SELECT count(*) FROM orders").fetchone()
    return Copied(to.stat().st_size, int(orders))


def _put(beside: Path, to: Path, *, replace: bool) -> None:
    """Give the finished copy its name, on disk for good; one that came there meanwhile is not written over."""
    _sync(beside)
    if replace:
        beside.replace(to)
    else:
        place(beside, to)
    _sync(to.parent)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
