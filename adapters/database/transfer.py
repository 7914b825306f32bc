"""Moves a shop from SQLite to PostgreSQL, and copies one the other way: each row counted and checked on the other side."""

from __future__ import annotations

import hashlib
import json
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Column, Table, func, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.database import tables
from adapters.database.addresses import is_postgresql, postgresql_url, sqlite_file
from adapters.database.moved import check_not_moved, mark, unmark
from adapters.database.patience import Patience
from adapters.database.postgresql import PostgresConnections
from adapters.database.postgresql_jobs import PostgresJobs
from adapters.database.schema import behind
from adapters.database.sqlite import SqliteConnections
from adapters.database.store import SqlStore, SqlUnit
from adapters.database.transaction import Transaction
from bot.errors import StoreUnavailable

#: Rows that are carried at once.
_ARMFUL: Final = 500
#: What is not carried: leases are of processes that are no more, and what the tables fit is known where they are made.
_LEFT: Final = frozenset({"leases", "compatibility"})
#: Checksums are added up, so that they do not depend on the order of the rows, in which databases differ.
_MODULUS: Final = 2**128


@dataclass(frozen=True, slots=True)
class Carried:
    """A table that was carried: its rows, and the sum of their checksums (128 bits, hexadecimal), equal on both sides."""

    table: str
    rows: int
    checksum: str


#: Called with a table's name, how many of its rows are done, and how many there are.
Progress = Callable[[str, int, int], None]


async def transfer(source: str, target: str, progress: Progress = lambda *_: None) -> Sequence[Carried]:
    """Carry all that is kept in `source`, a file of SQLite's, to `target`, an empty database of PostgreSQL's.

    The file is left as it is, but for a mark that keeps a shop from being started on it again. Nothing of it is in the
    target before everything is. Raises ValueError for addresses that are not of these kinds, and StoreUnavailable where a
    shop runs on the file or was moved from it, where the target is not empty, where either cannot be used, or where what
    arrived is not what was sent.
    """
    if is_postgresql(source):
        raise ValueError("only a shop in SQLite can be moved; DATABASE_URL names a server already")
    file, url = sqlite_file(source), postgresql_url(target, "the new address")
    if not file.exists():
        raise StoreUnavailable(f"{file}: there is no shop to be moved")
    ours, theirs = SqliteConnections(file), PostgresConnections(url)
    try:
        with ours.lock.held():
            await ours.bring_up_to_date()
            await check_not_moved(ours)
            await theirs.bring_up_to_date()
            async with ours.surveying() as reading, theirs.writing() as writing:
                await _close(writing, theirs.named)
                carried = [
                    await _carry(table, reading.whole, writing.whole, theirs.named, progress)
                    for table in tables.metadata.sorted_tables
                    if table.name not in _LEFT
                ]
                await _count_on(reading.whole, writing.whole)
                await _hand_over(theirs, writing, progress)
                await mark(ours, theirs.named)
                try:
                    await writing.commit()
                except BaseException:
                    await unmark(ours)
                    raise
    finally:
        await ours.close()
        await theirs.close()
    return carried


async def copy_down(source: str, file: Path) -> Sequence[Carried]:
    """Copy all that is kept in `source`, a database of PostgreSQL's, to a new file of SQLite's that is soon thrown away.

    The server is only read, of one consistent state, also while the shop runs. Raises ValueError for an address that is not
    PostgreSQL's, and StoreUnavailable where either cannot be used, or where the tables are of an older version.
    """
    theirs, ours = PostgresConnections(postgresql_url(source)), SqliteConnections(file)
    try:
        await ours.bring_up_to_date()
        async with theirs.reading() as reading, ours.carrying() as writing:
            if await reading.whole.run_sync(behind, theirs.named):
                raise StoreUnavailable(f"{theirs.named}: has no tables of this version; `tillbot migrate` makes them")
            carried = [
                await _carry(table, reading.whole, writing.whole, str(file), lambda *_: None)
                for table in tables.metadata.sorted_tables
                if table.name not in _LEFT
            ]
            await writing.commit()
    finally:
        await theirs.close()
        await ours.close()
    return carried


async def _close(writing: Transaction, named: str) -> None:
    """Keep everybody else out of the target until it is done, and make sure that nothing is there. Raises StoreUnavailable."""
    names = [table.name for table in tables.metadata.sorted_tables if table.name != "compatibility"]
    names.append("procrastinate_jobs")
    await writing.execute(text(f"LOCK TABLE {', '.join(names)} IN ACCESS EXCLUSIVE MODE"))
    for name in names:
        if (await writing.execute(text(f"SELECT 1 FROM {name} LIMIT 1"))).first() is not None:  # noqa: S608 - our names
            raise StoreUnavailable(f"{named}: is not empty, {name} has rows; a shop is moved into a new database only")


async def _carry(
    table: Table, reading: AsyncConnection, writing: AsyncConnection, named: str, progress: Progress
) -> Carried:
    """Carry a table, and read it again on the other side."""
    many = int((await reading.execute(select(func.count()).select_from(table))).scalar_one())
    progress(table.name, 0, many)
    rows = checksum = 0
    async for armful in _armfuls(reading, table):
        try:
            await writing.execute(table.insert(), armful)
        except DBAPIError as error:
            if getattr(error.orig, "sqlstate", "").startswith(("22", "23")):
                raise StoreUnavailable(f"{named}: cannot hold a row of {table.name}; nothing was moved") from None
            raise
        rows += len(armful)
        checksum += sum(_checksum(table, row) for row in armful)
        progress(table.name, rows, many)
    arrived = arrived_checksum = 0
    async for armful in _armfuls(writing, table):
        arrived += len(armful)
        arrived_checksum += sum(_checksum(table, row) for row in armful)
    if (arrived, arrived_checksum % _MODULUS) != (rows, checksum % _MODULUS):
        raise StoreUnavailable(f"{named}: of {table.name}, what arrived is not what was sent; nothing was moved")
    return Carried(table.name, rows, f"{checksum % _MODULUS:032x}")


async def _armfuls(connection: AsyncConnection, table: Table) -> AsyncIterator[list[dict[str, Any]]]:
    async with connection.stream(select(table)) as found:
        async for rows in found.mappings().partitions(_ARMFUL):
            yield [dict(row) for row in rows]


def _checksum(table: Table, row: Mapping[str, Any]) -> int:
    """Give the checksum of a row, from what the code would read of it: the same on every database."""
    values = [row[column.name] for column in table.columns]
    said = json.dumps(values, default=lambda value: value.isoformat(), sort_keys=True, ensure_ascii=False)
    return int.from_bytes(hashlib.sha256(said.encode(errors="surrogatepass")).digest()[:16])


async def _count_on(reading: AsyncConnection, writing: AsyncConnection) -> None:
    """Have the numbers that the database gives go on where they were: staff was told some of rows that are gone by now."""
    known = await reading.execute(text("SELECT 1 FROM sqlite_master WHERE name = 'sqlite_sequence'"))
    highest: Mapping[str, int] = {}
    if known.first() is not None:
        rows = await reading.execute(text("SELECT name, seq FROM sqlite_sequence"))
        highest = {str(row.name): int(row.seq) for row in rows}
    for table in tables.metadata.sorted_tables:
        column = table.autoincrement_column
        if column is None or not await _counted(writing, table, column):
            continue
        there = (await writing.execute(select(func.max(column)))).scalar() or 0
        last = max(int(there), highest.get(table.name, 0))
        if last:
            sequence = func.pg_get_serial_sequence(table.name, column.name)
            await writing.execute(select(func.setval(sequence, last)))


async def _counted(writing: AsyncConnection, table: Table, column: Column[Any]) -> bool:
    return (await writing.execute(select(func.pg_get_serial_sequence(table.name, column.name)))).scalar() is not None


async def _hand_over(theirs: PostgresConnections, writing: Transaction, progress: Progress) -> None:
    """Put every job that waits into Procrastinate's hands, at its time; what is parked stays so."""
    jobs = PostgresJobs(SqlStore(theirs), theirs.arguments, theirs.named, Patience())
    rows = tables.jobs.c
    query = select(rows.id, rows.kind, rows.at).where(rows.parked_at.is_(None)).order_by(rows.at, rows.id)
    waiting = (await writing.execute(query)).all()
    progress("procrastinate_jobs", 0, len(waiting))
    for number, job in enumerate(waiting, 1):
        await jobs.give_turn(SqlUnit(writing), job.kind, job.id, job.at)
        if number % _ARMFUL == 0 or number == len(waiting):
            progress("procrastinate_jobs", number, len(waiting))
