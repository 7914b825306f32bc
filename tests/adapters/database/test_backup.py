"""A backup of a shop in SQLite: whole, checked, private, and there only when it is complete."""

from __future__ import annotations

import asyncio
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from adapters.database import Database
from adapters.database.backup import back_up, dump_command
from bot.errors import StoreUnavailable
from tests.contracts.samples import an_order


@pytest.fixture
def to(tmp_path: Path) -> Path:
    (tmp_path / "backups").mkdir()
    return tmp_path / "backups" / "monday.sqlite3"


@pytest.fixture
def alone(to: Path) -> Iterator[None]:
    """See that nothing stays beside the backup."""
    yield
    assert set(to.parent.iterdir()) <= {to}


def furnish(url: str) -> None:
    """Make a shop with two hundred orders."""

    async def sell() -> None:
        async with await Database.open(url) as database, database.store.unit() as unit:
            for n in range(200):
                await unit.orders.add(an_order(f"A{n}"), "new")

    asyncio.run(sell())


async def test_while_the_shop_writes(url: str, to: Path, alone: None) -> None:
    """A backup that is made while orders are written holds a whole state: each order with its history and its stock."""
    async with await Database.open(url) as database:
        stop = asyncio.Event()
        number = 0

        async def sell() -> None:
            nonlocal number
            while not stop.is_set():
                async with database.store.unit() as unit:
                    await unit.orders.add(an_order(f"A{number}"), "new")
                    await unit.stock.shift("mug", 1, 0)
                number += 1

        copied = None
        selling = asyncio.create_task(sell())
        for _ in range(5):
            before = number
            copied = await asyncio.to_thread(back_up, url, to, replace=True)
            assert before <= copied.orders <= number + 1
        stop.set()
        await selling
    async with await Database.open(f"sqlite:///{to}") as restored, restored.store.unit() as unit:
        orders = await unit.orders.newest(most=100_000)
        assert copied is not None
        assert len(orders) == copied.orders > 0
        assert (await unit.stock.of("mug")).reserved == len(orders)
        assert len(await unit.orders.history(orders[0].id)) == 1
    for left in to.parent.glob("*.sqlite3-*"):
        left.unlink()


def test_a_file_of_its_owner(url: str, to: Path, alone: None) -> None:
    """A backup is one file that nobody else can read."""
    furnish(url)
    copied = back_up(url, to)
    assert stat.S_IMODE(to.stat().st_mode) == 0o600
    assert (copied.size, copied.orders) == (to.stat().st_size, 200)


def test_a_file_that_is_there(url: str, to: Path, alone: None) -> None:
    """A file that is there is written over only where that is said."""
    furnish(url)
    to.write_text("Dear diary")
    with pytest.raises(FileExistsError):
        back_up(url, to)
    assert to.read_text() == "Dear diary"
    back_up(url, to, replace=True)
    assert to.read_bytes().startswith(b"SQLite format 3")


def test_not_onto_itself(url: str, file: Path, tmp_path: Path) -> None:
    """A backup never replaces the database it is made of, by whatever name."""
    furnish(url)
    link = tmp_path / "link.sqlite3"
    link.symlink_to(file)
    before = file.stat().st_ino
    with pytest.raises(StoreUnavailable, match="itself"):
        back_up(url, link, replace=True)
    assert file.stat().st_ino == before
    assert link.is_symlink()


def test_nothing_to_back_up(url: str, file: Path, to: Path, alone: None) -> None:
    """Where there is no database none is made, and no backup either."""
    with pytest.raises(StoreUnavailable, match="CANTOPEN"):
        back_up(url, to)
    assert not file.exists()
    assert not to.exists()


def test_a_damaged_database(url: str, file: Path, to: Path, alone: None) -> None:
    """A damaged database is not backed up as if it were whole, and the last good backup stays."""
    furnish(url)
    to.write_text("the last good one")
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        (root,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'ix_pledges_person'").fetchone()
        (size,) = connection.execute("PRAGMA page_size").fetchone()
    with file.open("r+b") as raw:
        raw.seek((root - 1) * size)
        raw.write(b"\xff" * size)
    with pytest.raises(StoreUnavailable, match="damaged"):
        back_up(url, to, replace=True)
    assert to.read_text() == "the last good one"


def test_another_kind_of_file(file: Path, url: str, to: Path, alone: None) -> None:
    """A database of something else is no shop."""
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("CREATE TABLE diary (text)")
    with pytest.raises(StoreUnavailable, match="no shop"):
        back_up(url, to)


def test_nowhere_to_put_it(url: str, tmp_path: Path) -> None:
    """A backup into a folder that is not there names the file, and why."""
    furnish(url)
    with pytest.raises(StoreUnavailable, match=r"monday\.sqlite3: there is no folder .*/nowhere$"):
        back_up(url, tmp_path / "nowhere" / "monday.sqlite3")


def test_the_command_for_a_server() -> None:
    """For a server its own command is given, without the password, safe to paste into a shell."""
    said = dump_command("postgresql://ann:hunter2@db.example:5433/tills?sslmode=require", Path("my backup.dump"))
    assert said == (
        "pg_dump --format=custom '--file=my backup.dump' "
        "'--dbname=postgresql://ann@db.example:5433/tills?sslmode=require'"
    )


def test_where_there_are_no_hard_links(url: str, to: Path, alone: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """A memory stick has no hard links: the copy is made all the same, and writes over nothing."""

    def refuse(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr("os.link", refuse)
    furnish(url)
    assert back_up(url, to).orders == 200
    before = to.read_bytes()
    with pytest.raises(FileExistsError):
        back_up(url, to)
    assert to.read_bytes() == before
