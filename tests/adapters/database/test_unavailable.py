"""A database that cannot be used: every way that it fails is StoreUnavailable, and leaves nothing halved."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from adapters.database import Database
from adapters.database.addresses import sqlite_file
from adapters.database.sqlite import SqliteConnections
from bot.errors import StoreUnavailable
from bot.ports import Json, Store
from tests.contracts.samples import an_order


def connections(database: Database) -> SqliteConnections:
    assert isinstance(database._connections, SqliteConnections)
    return database._connections


async def say(database: Database, pragma: str) -> None:
    """Say a PRAGMA to the one connection that writes, outside any transaction."""
    with closing(connections(database)._writer.raw_connection()) as connection:
        connection.cursor().execute(f"PRAGMA {pragma}")


async def write(store: Store, number: str) -> None:
    async with store.unit() as unit:
        await unit.orders.add(an_order(number), "new")
        await unit.facts.put(f"big {number}", "x" * 200_000)


def delete(file: Path) -> None:
    file.unlink()


@contextmanager
def diary(file: Path) -> Iterator[None]:
    """Write something else into the file, and see that it is still there after."""
    file.write_text("Dear diary, " * 1000)
    yield
    assert file.read_text() == "Dear diary, " * 1000


@contextmanager
def locked(file: Path) -> Iterator[None]:
    """Hold the file's write lock, as another program might."""
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield


async def test_disk_full(database: Database) -> None:
    """A full disk fails the whole unit and says so; what is there can be read, and writing goes on when there is room."""
    await write(database.store, "A")
    await say(database, "max_page_count=1")  # SQLite takes the size it has
    with pytest.raises(StoreUnavailable, match="disk full"):
        await write(database.store, "B")
    async with database.store.reading() as unit:
        assert await unit.orders.get("A") is not None
        assert await unit.orders.get("B") is None
    await say(database, "max_page_count=1000000")
    await write(database.store, "B")


async def test_read_only(database: Database) -> None:
    """A database that takes no writes says so, and can be read."""
    await write(database.store, "A")
    await say(database, "query_only=ON")
    with pytest.raises(StoreUnavailable, match="read-only"):
        await write(database.store, "B")
    with pytest.raises(StoreUnavailable, match="read-only"):
        await database.store.writable()
    async with database.store.reading() as unit:
        assert await unit.orders.get("A") is not None
        assert await unit.orders.get("B") is None


async def test_locked(url: str, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A database that another program keeps locked says so after a while, and works once it is let go."""
    monkeypatch.setattr("adapters.database.sqlite.PATIENCE", 0.05)
    async with await Database.open(url) as database:
        with locked(file):
            with pytest.raises(StoreUnavailable, match="locked by another process"):
                await write(database.store, "A")
            async with database.store.reading() as unit:
                assert await unit.orders.get("A") is None
        await write(database.store, "A")


async def test_writers_that_take_too_long(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """A unit whose turn does not come is refused."""
    monkeypatch.setattr("adapters.database.groups.TURN", 0.02)
    await connections(database)._groups._turns.acquire()
    with pytest.raises(StoreUnavailable, match="others wrote"):
        await write(database.store, "A")
    connections(database)._groups._turns.release()
    await write(database.store, "A")


async def test_gone(database: Database, file: Path) -> None:
    """A file that was deleted under us is noticed, instead of writing where nobody finds it again."""
    await write(database.store, "A")
    delete(file)
    with pytest.raises(StoreUnavailable, match="gone"):
        await write(database.store, "B")
    with pytest.raises(StoreUnavailable, match="gone"):
        async with database.store.reading():
            pass
    with pytest.raises(StoreUnavailable, match="gone"):
        await database.store.keeps("web:ann")


def spoil(file: Path) -> None:
    """Overwrite all but the header."""
    file.write_bytes(file.read_bytes()[:100] + b"\xff" * (file.stat().st_size - 100))


async def test_damaged(database: Database, file: Path) -> None:
    """A file whose pages are overwritten says so to whoever asks something by itself, as to whoever asks it in a unit."""
    await write(database.store, "A")
    await connections(database).close()
    spoil(file)
    with pytest.raises(StoreUnavailable, match="damaged"):
        async with database.store.reading() as unit:
            await unit.news.kept("web:ann")
    with pytest.raises(StoreUnavailable, match="damaged"):
        await database.store.keeps("web:ann")


async def test_replaced(database: Database, file: Path, tmp_path: Path) -> None:
    """A file that was replaced under us is noticed."""
    async with await Database.open(f"sqlite:///{tmp_path}/backup.sqlite3"):
        pass
    (tmp_path / "backup.sqlite3").replace(file)
    with pytest.raises(StoreUnavailable, match="replaced"):
        await write(database.store, "A")


async def test_no_database(file: Path, url: str) -> None:
    """A file that is no database is refused, and left as it is."""
    with diary(file), pytest.raises(StoreUnavailable, match="not a database"):
        await Database.open(url)


async def test_no_folder(tmp_path: Path) -> None:
    """A path through a file cannot be made, and is named."""
    (tmp_path / "file").touch()
    with pytest.raises(StoreUnavailable, match=r"till\.sqlite3"):
        await Database.open(f"sqlite:///{tmp_path}/file/till.sqlite3")


async def test_a_unit_inside_a_unit(database: Database) -> None:
    """A writing unit inside a writing unit would wait for itself: it is a RuntimeError at once."""
    async with database.store.unit():
        with pytest.raises(RuntimeError, match="wait for itself"):
            await write(database.store, "A")
    await write(database.store, "A")


async def test_a_job_whose_end_cannot_be_written(database: Database) -> None:
    """A job whose end the database does not take is not done again meanwhile, but struck when there is room."""
    calls, told = 0, asyncio.Event()

    class Ear(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            """Hear that it could not be written."""
            if "cannot be written" in record.getMessage():
                told.set()

    async def greet(_: Json) -> None:
        nonlocal calls
        calls += 1
        await say(database, "query_only=ON")

    async with database.store.unit() as unit:
        await database.jobs.defer(unit, "greet", {})
    database.jobs.handle("greet", greet)
    ear = Ear()
    log = logging.getLogger("adapters.database.handling")
    log.addHandler(ear)
    try:
        async with asyncio.timeout(10):
            drain = asyncio.create_task(database.jobs.drain())
            await told.wait()
            assert not drain.done()
            await say(database, "query_only=OFF")
            await drain
    finally:
        log.removeHandler(ear)
    await database.jobs.drain()
    assert calls == 1


async def test_errors_do_not_repeat_what_was_written(database: Database) -> None:
    """An error of the database holds none of the values that were to be written."""
    async with database.store.unit() as unit:
        with pytest.raises(DBAPIError) as caught:
            await unit.transaction.execute(text("INSERT INTO nowhere VALUES (:who)").bindparams(who="Example Street"))
    assert "Street" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "file"),
    [
        ("sqlite:///var/till.sqlite3", "var/till.sqlite3"),
        ("sqlite:////var/till.sqlite3", "/var/till.sqlite3"),
        ("sqlite+aiosqlite:///till.sqlite3", "till.sqlite3"),
    ],
)
def test_addresses(url: str, file: str) -> None:
    """Both forms of the address name a file, relative or from the root."""
    assert sqlite_file(url) == Path(file)


@pytest.mark.parametrize(
    "url",
    ["", "till.sqlite3", "sqlite://", "sqlite:///:memory:", "sqlite:///a?mode=ro", "mysql://user:hunter2@host/till"],
)
def test_other_addresses(url: str) -> None:
    """Any other address is a ValueError which says what is right, and not what stood there."""
    with pytest.raises(ValueError, match="sqlite:///FILE") as caught:
        sqlite_file(url)
    assert "hunter2" not in str(caught.value)
