"""Moving: a shop in a file becomes one on a server, whole or not at all, counted and compared row by row."""

from __future__ import annotations

import hashlib
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, RowMapping, String, Table, func, select, text, true

from adapters.database import tables
from adapters.database.addresses import is_postgresql
from adapters.database.database import Database
from adapters.database.postgresql_jobs import PostgresJobs
from adapters.database.store import SqlUnit
from bot.errors import StoreUnavailable

#: Rows that are read and written at a time: memory does not grow with the shop.
_BATCH: Final = 500
#: What belongs to the processes that ran there, not to the shop.
_LEFT: Final = frozenset({"leases", "compatibility"})
_PROCESSES: Final = ("replica:", "config:active")


@dataclass(frozen=True, slots=True)
class Moved:
    """One table: how many rows, and SHA-256 over them in the order of their keys, the same on both sides."""

    table: str
    rows: int
    checksum: str


#: Is told a table, how many of its rows were written so far, and how many there are.
Progress = Callable[[str, int, int], None]


async def move(source: str, target: str, *, progress: Progress) -> list[Moved]:
    """Copy everything of `sqlite:///FILE` to an empty `postgresql://…`, which is made where it is missing.

    No shop may run on the file meanwhile. Jobs go along, with their instants and attempts. Raises ValueError for
    addresses that are not these; StoreUnavailable where either cannot be used, the target is not empty, or what came out
    there is not what went in. Then the target is as it was.
    """
    if is_postgresql(source):
        raise ValueError("DATABASE_URL names a server already; a move begins at sqlite:///FILE")
    if not is_postgresql(target):
        raise ValueError("--to needs postgresql://USER@HOST/DATABASE; PGPASSWORD or a password file says the password")
    async with await Database.open(source) as file, await Database.open(target) as server:
        if not isinstance(server.jobs, PostgresJobs):
            raise TypeError("a server's jobs are Procrastinate's")
        with file.claimed():
            async with file.store.reading() as before, server.store.unit() as after:
                await _refuse_all_but_empty(after)
                moved = [await _copy(before, after, table, progress) for table in _tables()]
                await _begin_turns(after, server.jobs)
        return moved


def _tables() -> list[Table]:
    return [table for table in tables.metadata.sorted_tables if table.name not in _LEFT]


async def _refuse_all_but_empty(unit: SqlUnit) -> None:
    for table in _tables():
        if (await unit.transaction.execute(select(func.count()).select_from(table).where(_moves(table)))).scalar_one():
            raise StoreUnavailable(f"the target has rows in {table.name} already: name an empty database")


async def _copy(before: SqlUnit, after: SqlUnit, table: Table, progress: Progress) -> Moved:
    query = select(func.count()).select_from(table).where(_moves(table))
    total = (await before.transaction.execute(query)).scalar_one()
    read, written = _Sum(), _Sum()
    progress(table.name, 0, total)
    async for rows in _rows(before, table):
        read.add(rows)
        await after.transaction.connection.execute(table.insert(), [dict(row) for row in rows])
        progress(table.name, read.rows, total)
    async for rows in _rows(after, table):
        written.add(rows)
    if (read.rows, read.checksum) != (written.rows, written.checksum) or read.rows != total:
        raise StoreUnavailable(f"{table.name} did not come out as it went in: nothing was moved")
    await _count_on(after, table)
    return Moved(table.name, read.rows, read.checksum)


async def _rows(unit: SqlUnit, table: Table) -> AsyncIterator[list[RowMapping]]:
    """Give a table's rows in the order of its key, texts by code point whatever the server's language is, some at a time."""
    key = list(table.primary_key.columns)
    server = unit.transaction.connection.dialect.name == "postgresql"
    plain = [column.collate("C") if server and isinstance(column.type, String) else column for column in key]
    last: tuple[Any, ...] | None = None
    while True:
        query = select(table).where(_moves(table)).order_by(*plain).limit(_BATCH)
        if last is not None:
            query = query.where(_behind(plain, last))
        rows = list((await unit.transaction.execute(query)).mappings())
        if rows:
            yield rows
            last = tuple(rows[-1][column.name] for column in key)
        if len(rows) < _BATCH:
            return


def _behind(key: list[Any], last: tuple[Any, ...]) -> ColumnElement[bool]:
    """Say that a row comes behind the last one: (a > x) or (a = x and b > y), and so on."""
    found: ColumnElement[bool] | None = None
    same: ColumnElement[bool] = true()
    for column, value in zip(key, last, strict=True):
        step = same & (column > value)
        found = step if found is None else found | step
        same = same & (column == value)
    if found is None:
        raise ValueError("a table without a key")
    return found


def _moves(table: Table) -> ColumnElement[bool]:
    if table is not tables.facts:
        return true()
    kept: ColumnElement[bool] = true()
    for prefix in _PROCESSES:
        kept = kept & table.c.name.not_like(f"{prefix}%")
    return kept


async def _count_on(unit: SqlUnit, table: Table) -> None:
    """Let a table's numbers go on behind the last one that was moved."""
    for column in table.primary_key.columns:
        if column.autoincrement is True:
            statement = text(
                f"SELECT setval(pg_get_serial_sequence('{table.name}', '{column.name}'), "  # noqa: S608 - names of ours
                f"greatest((SELECT max({column.name}) FROM {table.name}), 1), "
                f"(SELECT count(*) FROM {table.name}) > 0)"
            )
            await unit.transaction.connection.execute(statement)


async def _begin_turns(unit: SqlUnit, jobs: PostgresJobs) -> None:
    """Give each job that is not parked its turn."""
    query = select(tables.jobs.c.id, tables.jobs.c.kind, tables.jobs.c.at).where(tables.jobs.c.parked_at.is_(None))
    for job in (await unit.transaction.execute(query.order_by(tables.jobs.c.id))).all():
        await jobs.give_turn(unit, job.kind, job.id, job.at)


class _Sum:
    """Counts rows, and sums them up."""

    def __init__(self) -> None:
        self.rows = 0
        self._digest = hashlib.sha256()

    @property
    def checksum(self) -> str:
        """The sum so far."""
        return self._digest.hexdigest()

    def add(self, rows: list[RowMapping]) -> None:
        """Take rows in, in their order."""
        for row in rows:
            self.rows += 1
            written = json.dumps(dict(row), sort_keys=True, ensure_ascii=False, default=_instant)
            self._digest.update(written.encode() + b"\n")


def _instant(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat(timespec="microseconds")
    raise TypeError(type(value).__name__)
