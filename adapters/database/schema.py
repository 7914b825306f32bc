"""Brings a database's tables up to date; a missing database is made."""

from __future__ import annotations

import asyncio
import os
from contextlib import ExitStack
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Final

from sqlalchemy import Connection, inspect, text
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.database.engine import PATIENCE, sqlite_file, unavailable, writing_engine
from adapters.database.lock import Lock
from adapters.database.migrations import HEAD
from bot.errors import StoreUnavailable

if TYPE_CHECKING:
    from alembic.config import Config

_FOLDER: Final = Path(__file__).parent / "migrations"


async def migrate(url: str) -> None:
    """Make the database if it is missing, and bring its tables up to date, all or nothing.

    Raises ValueError for an address that is none, and StoreUnavailable where it cannot be written, where another
    process is running on it, or where a newer tillbot has changed it.
    """
    file = sqlite_file(url)
    engine = writing_engine(file)
    try:
        await bring_up_to_date(engine, file, Lock(file))
    finally:
        await engine.dispose()


async def bring_up_to_date(engine: AsyncEngine, file: Path, lock: Lock) -> None:
    """Do what `migrate` says, on an engine that is there already."""
    _make(file)
    deadline = monotonic() + PATIENCE
    with unavailable(file):
        while await _current(engine) != HEAD:
            with ExitStack() as holding:
                try:
                    holding.enter_context(lock.held())
                except StoreUnavailable:
                    # Perhaps another process is making the same database right now, and is soon done.
                    if monotonic() > deadline:
                        raise
                    await asyncio.sleep(0.02)
                    continue
                async with engine.begin() as connection:
                    await connection.run_sync(_upgrade, file)


def _make(file: Path) -> None:
    """Make an empty file that only its owner can read: it will hold names and addresses. SQLite's others follow it."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    except OSError as error:
        raise StoreUnavailable(f"{file}: {error.strerror}") from error


async def _current(engine: AsyncEngine) -> str | None:
    """Give the last change that was made to the tables; None where there are none."""
    async with engine.begin() as connection:
        if not await connection.run_sync(lambda sync: inspect(sync).has_table("alembic_version")):
            return None
        return (await connection.execute(text("SELECT version_num FROM alembic_version"))).scalar()


def alembic_config(connection: Connection) -> Config:
    """Give Alembic what it needs to know; the rest is in migrations/env.py."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def _upgrade(connection: Connection, file: Path) -> None:
    from alembic import command
    from alembic.util import CommandError

    try:
        command.upgrade(alembic_config(connection), "head")
    except CommandError as error:
        raise StoreUnavailable(f"{file}: its tables were changed by a newer tillbot") from error
