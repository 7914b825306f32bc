"""SQLite's cursor, as SQLAlchemy has it: one visit to the thread a statement, whatever the statement gives."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.database import tables
from adapters.database.sqlite import reading_engine, writing_engine
from adapters.database.sqlite_dialect import COMPILED
from adapters.database.sqlite_visits import ARMFUL, Connection
from tests.databases import ready

ROWS = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < :most) SELECT x FROM n"


class Counting(Connection):
    """A connection that counts the visits to its thread."""

    visits = 0

    async def _execute(self, fn: Any, *args: Any, **kwargs: Any) -> Any:
        self.visits += 1
        return await super()._execute(fn, *args, **kwargs)  # type: ignore[no-untyped-call]  # aiosqlite leaves it untyped


@pytest.fixture
async def connection() -> AsyncIterator[Counting]:
    made = await Counting(lambda: sqlite3.connect(":memory:", isolation_level=None), 1).opened()
    yield made
    await made.close()


@pytest.fixture
async def engine(file: Path) -> AsyncIterator[AsyncEngine]:
    made = writing_engine(file)
    yield made
    await made.dispose()


async def test_a_statement_is_one_visit(connection: Counting) -> None:
    """A statement is done, its rows are fetched and its cursor is closed in one visit."""
    async with connection.cursor() as cursor:
        await cursor.execute("SELECT ? AS one, ? AS other", (1, "2"))
        assert await cursor.fetchall() == [(1, "2")]
        assert [column[0] for column in cursor.description] == ["one", "other"]
        assert await cursor.fetchall() == []
    assert connection.visits == 1


async def test_what_is_in_no_transaction_is_not_rolled_back(connection: Counting) -> None:
    """Rolling back is a visit where something has begun, and is undone; else it is none."""
    await connection.rollback()
    assert connection.visits == 0
    for statement in ("CREATE TABLE t (x)", "BEGIN", "INSERT INTO t VALUES (1)"):
        await connection.cursor().execute(statement)
    await connection.rollback()
    cursor = await connection.cursor().execute("SELECT count(*) FROM t")
    assert await cursor.fetchall() == [(0,)]


@pytest.mark.parametrize("most", [0, 1, ARMFUL - 1, ARMFUL, ARMFUL + 1, 3 * ARMFUL])
async def test_however_many_rows(engine: AsyncEngine, most: int) -> None:
    """All rows come, once and in order, fetched at once or in portions of any size."""
    wanted = list(range(1, most + 1)) or [1]
    async with engine.connect() as connection:
        assert list((await connection.execute(text(ROWS), {"most": most})).scalars()) == wanted
        for portion in (1, 7, ARMFUL, ARMFUL * 2):
            async with connection.stream(text(ROWS), {"most": most}) as found:
                got = [row.x async for rows in found.partitions(portion) for row in rows]
            assert got == wanted


async def test_a_large_result_is_not_in_memory_whole(connection: Counting) -> None:
    """What is read in portions is fetched as it is asked for, and may be left unread."""
    cursor = await connection.cursor().execute(ROWS.replace(":most", "1000000000"))
    assert [x for (x,) in await cursor.fetchmany(ARMFUL + 2)] == list(range(1, ARMFUL + 3))
    await cursor.close()
    assert await cursor.fetchmany(1) == []


async def test_many_values_and_what_was_changed(engine: AsyncEngine) -> None:
    """A statement is done for each of many values; rows that it changes are counted, and given where it says RETURNING."""
    async with engine.begin() as connection:
        await connection.execute(text("CREATE TABLE t (id INTEGER PRIMARY KEY, x TEXT UNIQUE)"))
        await connection.execute(text("INSERT INTO t (x) VALUES (:x)"), [{"x": str(n)} for n in range(ARMFUL + 5)])
        changed = await connection.execute(text("UPDATE t SET x = 'y' || x WHERE id <= 3"))
        assert changed.rowcount == 3
        given = await connection.execute(text("DELETE FROM t RETURNING id"))
        assert sorted(given.scalars()) == list(range(1, ARMFUL + 6))


async def test_a_statement_that_fails(engine: AsyncEngine) -> None:
    """An error of SQLite's is SQLAlchemy's, and the connection goes on."""
    async with engine.begin() as connection:
        await connection.execute(text("CREATE TABLE t (x TEXT UNIQUE)"))
        await connection.execute(text("INSERT INTO t VALUES ('a')"))
        with pytest.raises(IntegrityError):
            await connection.execute(text("INSERT INTO t VALUES ('a')"))
        assert (await connection.execute(text("SELECT count(*) FROM t"))).scalar_one() == 1


async def test_what_was_compiled_serves_every_file(tmp_path: Path) -> None:
    """A statement that was compiled for one file is found compiled for the next, whether it is read or written."""
    query = select(tables.orders.c.id, tables.orders.c.state).where(tables.orders.c.id == "one that no other test asks")
    known: list[set[Any]] = []
    for name in ("one", "other"):
        ready(tmp_path / name)
        for made in (writing_engine(tmp_path / name), reading_engine(tmp_path / name)):
            async with made.connect() as connection:
                assert (await connection.execute(query)).all() == []
            await made.dispose()
            known.append(set(COMPILED))
    assert known[0] == known[1] == known[2] == known[3]
