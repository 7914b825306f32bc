"""The changes of the tables lead to the tables."""

from __future__ import annotations

import re
import stat
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, inspect, text
from sqlalchemy.exc import OperationalError

from adapters.database import Database, migrate
from adapters.database.lock import Lock
from adapters.database.migrations import HEAD
from adapters.database.schema import alembic_config
from adapters.database.tables import metadata
from bot.errors import StoreUnavailable


def schema(connection: Connection) -> dict[str, list[str]]:
    """Give each table and index as the database keeps it, its parts in an order of their own."""
    rows = connection.execute(text("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL"))
    return {
        name: sorted(part.strip() for part in re.split(r",\s*\n|\n", sql))
        for name, sql in rows
        if not name.startswith(("alembic_", "sqlite_"))
    }


async def test_the_migrations_make_the_tables(url: str, tmp_path: Path) -> None:
    """A migrated database has the very tables, constraints and indexes that the code speaks of."""
    await migrate(url)
    migrated, made = create_engine(url), create_engine(f"sqlite:///{tmp_path}/made.sqlite3")
    metadata.create_all(made)
    try:
        with migrated.connect() as one, made.connect() as other:
            assert compare_metadata(MigrationContext.configure(one, opts={"compare_type": True}), metadata) == []
            assert schema(one) == schema(other)
            assert "orders" in schema(one)
    finally:
        migrated.dispose()
        made.dispose()


async def test_head(url: str) -> None:
    """The newest change is the one that the code believes it to be."""
    engine = create_engine("sqlite://")
    with engine.connect() as connection:
        assert ScriptDirectory.from_config(alembic_config(connection)).get_heads() == [HEAD]
    engine.dispose()


async def test_a_missing_database_is_made(tmp_path: Path) -> None:
    """A missing database is made with its folder, readable by its owner only, in either form of the address."""
    file = tmp_path / "var" / "100% new" / "till.sqlite3"
    async with await Database.open(f"sqlite+aiosqlite:///{file}") as database:
        await database.store.writable()
        assert {stat.S_IMODE(path.stat().st_mode) for path in file.parent.iterdir()} == {0o600}
    async with await Database.open(f"sqlite:///{file}") as database:
        await database.store.writable()


async def test_migrating_again_changes_nothing(url: str, file: Path) -> None:
    """A database that is up to date is left alone, also while another process runs on it."""
    async with await Database.open(url) as database:
        async with database.store.unit() as unit:
            await unit.facts.put("name", "value")
        with Lock(file).held():
            await migrate(url)
        async with database.store.reading() as unit:
            assert await unit.facts.get("name") == "value"


async def test_no_migration_under_a_running_process(url: str, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tables are not changed while another process runs on them."""
    monkeypatch.setattr("adapters.database.schema.PATIENCE", 0.05)
    with Lock(file).held(), pytest.raises(StoreUnavailable, match="another tillbot is running"):
        await migrate(url)
    await migrate(url)


async def test_a_newer_database(url: str, file: Path) -> None:
    """A database that a newer version has changed is refused, and left as it is."""
    await migrate(url)
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StoreUnavailable, match="newer"):
        await Database.open(url)
    with engine.begin() as connection:
        assert connection.execute(text("SELECT version_num FROM alembic_version")).scalar() == "9999"
    engine.dispose()


async def test_a_change_that_fails(url: str) -> None:
    """A change that fails half-way leaves nothing of itself behind."""
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE stock (variant TEXT)"))
    with pytest.raises(OperationalError, match="already exists"):
        await migrate(url)
    with engine.connect() as connection:
        assert inspect(connection).get_table_names() == ["stock"]
    engine.dispose()
