"""A shop moves from its file to a server: everything or nothing, and its jobs go on there."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from adapters.database import Database, Patience, tables
from adapters.database.moving import move
from bot.errors import StoreUnavailable
from bot.ports import Json
from tests.contracts.samples import a_pledge, an_event, an_order
from tests.postgresql import Server

QUICK = Patience(first=0.01, most=0.05, attempts=2)
NOON = datetime(2026, 3, 2, 12, 0, 0, 123456, tzinfo=UTC)


def nothing(*_: object) -> None:
    """Show no progress."""


@pytest.fixture
async def source(tmp_path: Path) -> str:
    """Keep a shop with something in many tables, and more orders than are read at a time."""
    url = f"sqlite:///{tmp_path}/till.sqlite3"
    async with await Database.open(url, patience=QUICK) as database:
        async with database.store.unit() as unit:
            for number in range(1203):
                await unit.orders.add(an_order(f"O{number:04}é", session=f"cs_{number}", created=NOON), "new, “said”")
            await unit.stock.shift("mug/blue", 3, 2)
            await unit.pledges.put(a_pledge("P"))
            await unit.inbox.take(an_event("evt_1"))
            await unit.news.add("slack:T1/U1", "paid", "O0001é")
            await unit.facts.put("sold:mug", "Mug, naïve")
            await unit.facts.put("replica:dead", "{}")
            await unit.leases.take("gateway", "somebody", 3600)
            await unit.orders.next_receipt("", 2026)
            await database.jobs.defer(unit, "tell", {"person": "slack:T1/U1", "id": 1})
            await database.jobs.defer(unit, "tell", {"later": True}, at=unit.now + timedelta(days=1), key="once")

        async def fail(_: Json) -> None:
            raise ZeroDivisionError

        database.jobs.handle("bad", fail)
        async with database.store.unit() as unit:
            await database.jobs.defer(unit, "bad", {})
        while not await database.jobs.parked():
            await database.jobs.drain()
    return url


async def test_everything_is_there_and_goes_on(source: str, server: Server) -> None:
    """Rows, instants and texts are the same; numbers go on; due jobs are done, later ones wait, parked ones are shown."""
    target = server.empty()
    shown: list[tuple[str, int, int]] = []
    moved = {each.table: each for each in await move(source, target, progress=lambda *each: shown.append(each))}
    assert moved["orders"].rows == 1203
    assert ("orders", 1203, 1203) in shown
    assert len({each.checksum for each in moved.values() if each.rows}) > 5
    done: list[Json] = []
    heard = asyncio.Event()

    async def tell(payload: Json) -> None:
        done.append(payload)
        heard.set()

    async with await Database.open(source) as old, await Database.open(target, patience=QUICK) as new:
        async with old.store.reading() as before, new.store.reading() as after:
            for number in ("O0000é", "O1202é"):
                assert await before.orders.get(number) == await after.orders.get(number)
                assert await before.orders.history(number) == await after.orders.history(number)
            assert await after.pledges.get("P") == await before.pledges.get("P")
            assert await after.facts.named("") == {"sold:mug": "Mug, naïve"}
            many = select(func.count()).select_from(tables.leases)
            assert (await after.transaction.execute(many)).scalar_one() == 0
        new.jobs.handle("tell", tell)
        await new.jobs.drain()
        assert done == [{"person": "slack:T1/U1", "id": 1}]
        assert [job.kind for job in await new.jobs.parked()] == ["bad"]
        async with new.store.unit() as unit:
            await unit.orders.note("O0000é", "after the move")
            assert await unit.orders.next_receipt("", 2026) == "2026-000002"
            await new.jobs.defer(unit, "tell", {"again": True}, key="once")
            await new.jobs.defer(unit, "tell", {"fresh": True})
        await new.jobs.drain()
        assert done[1:] == [{"fresh": True}]
    server.drop(target)


async def test_a_target_that_is_not_empty_is_left_as_it_is(source: str, server: Server) -> None:
    """A server where a shop is already is refused."""
    target = server.database()
    async with await Database.open(target) as there, there.store.unit() as unit:
        await unit.orders.add(an_order("MINE"), "new")
    with pytest.raises(StoreUnavailable, match="has rows in orders"):
        await move(source, target, progress=nothing)
    async with await Database.open(target) as there, there.store.reading() as unit:
        assert [order.id for order in await unit.orders.newest()] == ["MINE"]
    server.drop(target)


async def test_a_move_that_breaks_off_moves_nothing(source: str, server: Server) -> None:
    """Stopped half-way, the target is empty as before, and takes the next try."""
    target = server.empty()

    def stop(table: str, done: int, _: int) -> None:
        if table == "orders" and done:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await move(source, target, progress=stop)
    assert {each.table: each.rows for each in await move(source, target, progress=nothing)}["orders"] == 1203
    server.drop(target)


async def test_not_while_the_shop_runs(source: str, server: Server) -> None:
    """A file that a process works on is not moved from under it."""
    target = server.empty()
    async with await Database.open(source) as running:
        with running.claimed(), pytest.raises(StoreUnavailable, match="another tillbot"):
            await _elsewhere(source, target)
    server.drop(target)


async def _elsewhere(source: str, target: str) -> None:
    """Move in another process: a lock is held for a whole process."""
    import sys

    code = (
        "import asyncio, sys; from adapters.database.moving import move; "
        "asyncio.run(move(sys.argv[1], sys.argv[2], progress=lambda *_: None))"
    )
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", code, source, target, stderr=asyncio.subprocess.PIPE
    )
    _, said = await process.communicate()
    if process.returncode:
        raise StoreUnavailable(said.decode().splitlines()[-1])


async def test_addresses_that_are_none(source: str) -> None:
    """A move goes from a file to a server, and no other way."""
    with pytest.raises(ValueError, match="needs postgresql"):
        await move(source, source, progress=nothing)
    with pytest.raises(ValueError, match="names a server already"):
        await move("postgresql:///x", "postgresql:///y", progress=nothing)
