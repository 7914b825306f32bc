"""A copy of a shop that runs: whole, its owner's alone, and never in somebody's place."""

from __future__ import annotations

import asyncio
import stat
from pathlib import Path

import pytest

from adapters.database import Database
from adapters.database.backing_up import backup, dump_command
from bot.errors import StoreUnavailable
from tests.contracts.samples import an_order


def nothing(*_: object) -> None:
    """Show no progress."""


async def test_a_copy_of_a_running_shop_is_whole(tmp_path: Path) -> None:
    """Taken while orders are written, it opens as a shop, each order in it with its history."""
    url, target = f"sqlite:///{tmp_path}/till.sqlite3", tmp_path / "copies" / "till.backup"
    async with await Database.open(url) as database:
        with database.claimed():
            stop = asyncio.Event()

            async def write() -> int:
                number = 0
                while not stop.is_set():
                    async with database.store.unit() as unit:
                        await unit.orders.add(an_order(f"O{number}", session=f"cs_{number}"), "new")
                    number += 1
                return number

            writing = asyncio.create_task(write())
            await asyncio.sleep(0)
            await asyncio.to_thread(backup, url, target, replace=False, progress=nothing)
            stop.set()
            assert await writing > 0
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert [path.name for path in target.parent.iterdir()] == ["till.backup"]
    async with await Database.open(f"sqlite:///{target}") as copy, copy.store.reading() as unit:
        for order in await unit.orders.newest():
            assert len(await unit.orders.history(order.id)) == 1


async def test_it_never_takes_a_files_place_unasked(tmp_path: Path) -> None:
    """A file that is there stays, until replacing it is said."""
    url, target = f"sqlite:///{tmp_path}/till.sqlite3", tmp_path / "mine"
    async with await Database.open(url):
        pass
    target.write_text("mine")
    with pytest.raises(FileExistsError):
        backup(url, target, replace=False, progress=nothing)
    assert target.read_text() == "mine"
    backup(url, target, replace=True, progress=nothing)
    assert target.read_bytes().startswith(b"SQLite format 3")


def test_a_damaged_or_missing_shop_leaves_nothing_behind(tmp_path: Path) -> None:
    """What is no whole database is not kept as a backup, nor half of it."""
    with pytest.raises(StoreUnavailable, match="gone"):
        backup(f"sqlite:///{tmp_path}/none", tmp_path / "copy", replace=False, progress=nothing)
    (tmp_path / "bad").write_bytes(b"SQLite format 3\x00" + b"junk" * 4096)
    with pytest.raises(StoreUnavailable):
        backup(f"sqlite:///{tmp_path}/bad", tmp_path / "copy", replace=False, progress=nothing)
    assert [path.name for path in tmp_path.iterdir()] == ["bad"]


def test_a_server_has_a_program_of_its_own(tmp_path: Path) -> None:
    """For PostgreSQL it is said what to run, without the password."""
    url = "postgresql://till:geheim@db.example/shop"
    with pytest.raises(ValueError, match="pg_dump") as said:
        backup(url, tmp_path / "copy", replace=False, progress=nothing)
    assert "geheim" not in str(said.value)
    assert dump_command(url, Path("copy")) == "pg_dump --format=custom --file=copy 'postgresql://till@db.example/shop'"
