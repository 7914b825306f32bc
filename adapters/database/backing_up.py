"""Backing up: a copy of a shop's file, taken while the shop runs, whole and proved before it has its name."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Final

from sqlalchemy import URL

from adapters.database.addresses import is_postgresql, postgresql_url, sqlite_file
from bot.errors import StoreUnavailable

#: Pages that are copied before writers get their turn: https://sqlite.org/backup.html
_PAGES: Final = 256
#: Seconds to wait between two of these.
_REST: Final = 0.005

#: Is told how many pages are copied, and how many there are.
Progress = Callable[[int, int], None]


def backup(url: str, target: Path, *, replace: bool, progress: Progress) -> None:
    """Copy `sqlite:///FILE` to a file of its own by SQLite's online backup, readable by its owner only.

    It has its name only when it is whole: copied, checked (`PRAGMA integrity_check`) and on the disk. Raises
    FileExistsError unless it may `replace`; ValueError for a server, with what to say there; StoreUnavailable.
    """
    if is_postgresql(url):
        raise ValueError(f"a server is backed up by its own program: {dump_command(url, target)}")
    source = sqlite_file(url)
    if not source.exists():
        raise StoreUnavailable(f"{source}: gone")
    if target.exists() and not replace:
        raise FileExistsError(str(target))
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(f".{target.name}.{os.getpid()}.partial")
    try:
        os.close(os.open(partial, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
        _copy(source, partial, progress)
        if replace:
            partial.replace(target)
        else:
            os.link(partial, target)  # unlike a rename, it never takes somebody's place
        _settle(target.parent)
    except sqlite3.Error as error:
        raise StoreUnavailable(f"{source}: {error}") from error
    finally:
        partial.unlink(missing_ok=True)


def dump_command(url: str, target: Path) -> str:
    """Say how PostgreSQL is backed up; without the password, which PGPASSWORD or a password file says."""
    parsed = postgresql_url(url)
    address = URL.create("postgresql", parsed.username, None, parsed.host, parsed.port, parsed.database, parsed.query)
    return f"pg_dump --format=custom --file={target} '{address.render_as_string()}'"


def _copy(source: Path, partial: Path, progress: Progress) -> None:
    with (
        closing(sqlite3.connect(f"{source.resolve().as_uri()}?mode=ro", uri=True, timeout=5)) as reading,
        closing(sqlite3.connect(partial)) as writing,
    ):
        reading.backup(
            writing, pages=_PAGES, sleep=_REST, progress=lambda _, left, total: progress(total - left, total)
        )
        writing.execute("PRAGMA journal_mode = DELETE")  # one file, with nothing beside it
        found = writing.execute("PRAGMA integrity_check").fetchall()
        if found != [("ok",)]:
            raise StoreUnavailable(f"{source}: the copy is damaged, so it was not kept")
    descriptor = os.open(partial, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _settle(folder: Path) -> None:
    """Have the folder remember the file's name through a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
