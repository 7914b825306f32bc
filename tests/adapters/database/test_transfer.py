"""A shop that is moved from SQLite to PostgreSQL: all of it arrives, is counted and checked, or nothing does."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from adapters.database import Database, tables
from adapters.database import transfer as transfer_module
from adapters.database.addresses import postgresql_url as parsed
from adapters.database.lock import Lock
from adapters.database.moved import undo_move
from adapters.database.transfer import transfer
from bot.errors import StoreUnavailable
from bot.ports import Json
from bot.shop import Stock
from tests.adapters.database.conftest import BRIEF
from tests.contracts.samples import ANN, a_full_order, a_pledge, an_event, an_order
from tests.postgresql import Server

FAR = datetime.now(UTC) + timedelta(days=30)


async def furnish(url: str, *, many: int = 3) -> None:
    """Fill every book of a shop, with jobs that wait, one that is parked, and one whose number is gone."""

    async def fail(_: Json) -> None:
        raise ValueError("12 Example Street")

    async with await Database.open(url, patience=BRIEF) as database:
        async with database.store.unit() as unit:
            await unit.orders.add(a_full_order("FULL"), "new")
            for number in range(many):
                await unit.orders.add(an_order(f"A{number}"), "new")
            await unit.stock.shift("mug", 2, 1)
            await unit.pledges.put(a_pledge("P"))
            await unit.news.add(ANN.key, "paid", "FULL")
            await unit.inbox.take(an_event("evt_1"))
            await unit.facts.put("name", "Zoé 🫖 \u2028")
            await unit.leases.take("gateway", "a process that is no more", 3600)
            await unit.orders.next_receipt("water", 2026)
            await database.jobs.defer(unit, "fail", {"n": 1})
            await database.jobs.defer(unit, "greet", {"n": 2}, key="once")
            await database.jobs.defer(unit, "greet", {"n": 3}, at=FAR)
            await database.jobs.defer(unit, "gone", {"n": 4})
        database.jobs.handle("fail", fail)
        gone: list[Json] = []

        async def do(payload: Json) -> None:
            gone.append(payload)

        database.jobs.handle("gone", do)
        async with asyncio.timeout(20):
            while not await database.jobs.parked():
                await database.jobs.drain()


def count(server: Server, url: str, table: str) -> int:
    ((many,),) = server.say(f"SELECT count(*) FROM {table}", database=str(parsed(url).database))  # noqa: S608 - our names
    return int(many)


async def test_everything_arrives(url: str, postgresql_url: str, server: Server) -> None:
    """Every row of every book is there, counted with a checksum, and the old shop is as it was."""
    await furnish(url)
    carried = {table.table: table for table in await transfer(url, postgresql_url)}
    assert set(carried) == {table.name for table in tables.metadata.sorted_tables} - {"leases", "compatibility"}
    for name, table in carried.items():
        assert count(server, postgresql_url, name) == table.rows
    assert carried["orders"].rows == 4
    assert len({table.checksum for table in carried.values() if table.rows}) > 5
    assert await undo_move(url)
    for address in (url, postgresql_url):
        async with await Database.open(address) as database, database.store.reading() as unit:
            assert await unit.orders.get("FULL") == a_full_order("FULL")
            assert len(await unit.orders.history("A1")) == 1
            assert await unit.stock.of("mug") == Stock(2, 1)
            assert await unit.pledges.get("P") == a_pledge("P")
            assert [news.subject for news in await unit.news.untold(ANN.key)] == ["FULL"]
            assert await unit.facts.get("name") == "Zoé 🫖 \u2028"


async def test_a_big_shop_arrives(url: str, postgresql_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What does not fit into one armful is carried in several, and progress is told all the way."""
    monkeypatch.setattr(transfer_module, "_ARMFUL", 7)
    await furnish(url, many=40)
    told: list[tuple[str, int, int]] = []
    carried = await transfer(url, postgresql_url, lambda *step: told.append(step))
    assert next(table.rows for table in carried if table.table == "orders") == 41
    assert [done for table, done, of in told if (table, of) == ("orders", 41)] == [0, 7, 14, 21, 28, 35, 41]


async def test_jobs_go_on_where_they_were(url: str, postgresql_url: str) -> None:
    """Jobs that wait are done at their time on the other side, those that are parked stay so, and keys stay taken."""
    await furnish(url)
    async with await Database.open(url) as old:
        parked = await old.jobs.parked()
    await transfer(url, postgresql_url)
    done: list[Json] = []

    async def do(payload: Json) -> None:
        done.append(payload)

    async with await Database.open(postgresql_url, patience=BRIEF) as database:
        for kind in ("greet", "fail", "gone"):
            database.jobs.handle(kind, do)
        async with database.store.unit() as unit:
            await database.jobs.defer(unit, "greet", {"n": 9}, key="once")
        await database.jobs.drain()
        assert done == [{"n": 2}]
        assert await database.jobs.parked() == parked
        async with database.store.unit() as unit:
            await database.jobs.defer(unit, "greet", {"n": 5})
            newest = (await unit.transaction.execute(text("SELECT max(id) FROM jobs"))).scalar_one()
            assert newest == 5  # not 4, which is gone, but which staff may have been told of
            waiting = await unit.transaction.execute(
                text("SELECT scheduled_at FROM procrastinate_jobs WHERE args @> '{\"id\": 3}'")
            )
            assert waiting.scalar_one() == FAR


async def test_numbers_go_on(url: str, postgresql_url: str) -> None:
    """What counts up goes on where it was: history, receipts, a person's news."""
    await furnish(url)
    await transfer(url, postgresql_url)
    async with await Database.open(postgresql_url) as database, database.store.unit() as unit:
        await unit.orders.add(an_order("NEW"), "new")
        assert len(await unit.orders.history("NEW")) == 1
        assert await unit.orders.next_receipt("water", 2026) == "2026-000002"
        assert (await unit.news.add(ANN.key, "paid", "NEW")).id == 2


async def test_only_into_an_empty_database(url: str, postgresql_url: str) -> None:
    """A database in which anything is kept is refused, and left as it is."""
    await furnish(url)
    async with await Database.open(postgresql_url) as there, there.store.unit() as unit:
        await unit.facts.put("name", "another shop's")
    with pytest.raises(StoreUnavailable, match="not empty"):
        await transfer(url, postgresql_url)
    async with await Database.open(postgresql_url) as there, there.store.reading() as unit:
        assert await unit.facts.get("name") == "another shop's"
        assert await unit.orders.newest() == []


async def test_not_from_under_a_running_shop(url: str, file: Path, postgresql_url: str) -> None:
    """A shop that runs is not moved: what it writes meanwhile would be lost."""
    await furnish(url)
    with Lock(file).held(), pytest.raises(StoreUnavailable, match="another tillbot is running"):
        await transfer(url, postgresql_url)


async def test_a_shop_that_moved_is_not_started_on_its_file_again(url: str, file: Path, postgresql_url: str) -> None:
    """Whoever opens the old file reads where the shop is, and sells nothing; undone, it is open again, once."""
    await furnish(url)
    await transfer(url, postgresql_url)
    for trial in (Database.open(url), transfer(url, postgresql_url)):
        with pytest.raises(StoreUnavailable, match=r"was moved to .* on 20[0-9-]+\. Set DATABASE_URL") as caught:
            await trial
        assert str(file) in str(caught.value)
    assert await undo_move(url)
    assert not await undo_move(url)
    async with await Database.open(url) as database, database.store.reading() as unit:
        assert await unit.orders.get("FULL") == a_full_order("FULL")


async def test_a_move_that_breaks_at_the_end_leaves_the_file_in_use(
    url: str, postgresql_url: str, server: Server
) -> None:
    """Where the server does not take it for good, the shop is where it was."""
    await furnish(url)
    name = str(parsed(postgresql_url).database)
    async with await Database.open(postgresql_url):
        pass
    server.say(
        """
        CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN RAISE EXCEPTION 'full' USING ERRCODE = '53100'; END $$;
        CREATE CONSTRAINT TRIGGER refuse AFTER INSERT ON stock DEFERRABLE INITIALLY DEFERRED
            FOR EACH ROW EXECUTE FUNCTION refuse();
        """,
        database=name,
    )
    with pytest.raises(StoreUnavailable):
        await transfer(url, postgresql_url)
    assert count(server, postgresql_url, "orders") == 0
    async with await Database.open(url) as database, database.store.reading() as unit:
        assert await unit.orders.get("FULL") == a_full_order("FULL")


async def test_all_or_nothing(url: str, postgresql_url: str, server: Server) -> None:
    """A row that the server refuses half-way leaves nothing there, is not repeated, and the next try goes through."""
    await furnish(url)
    name = str(parsed(postgresql_url).database)
    server.say("ALTER TABLE stock ADD CONSTRAINT none CHECK (sold < 0)", database=name)
    with pytest.raises(StoreUnavailable, match="cannot hold a row of stock") as caught:
        await transfer(url, postgresql_url)
    assert "mug" not in str(caught.value)
    for table in tables.metadata.sorted_tables:
        if table.name != "compatibility":
            assert count(server, postgresql_url, table.name) == 0, table.name
    server.say("ALTER TABLE stock DROP CONSTRAINT none", database=name)
    await transfer(url, postgresql_url)


async def test_what_arrives_otherwise_is_noticed(url: str, postgresql_url: str, server: Server) -> None:
    """A server that keeps something else than what was sent is found out by the checksum, and nothing stays there."""
    await furnish(url)
    name = str(parsed(postgresql_url).database)
    server.say(
        """
        CREATE FUNCTION alter_it() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.sold := NEW.sold + 1; RETURN NEW; END $$;
        CREATE TRIGGER alter_it BEFORE INSERT ON stock FOR EACH ROW EXECUTE FUNCTION alter_it();
        """,
        database=name,
    )
    with pytest.raises(StoreUnavailable, match="of stock, what arrived is not what was sent"):
        await transfer(url, postgresql_url)
    assert count(server, postgresql_url, "orders") == 0


async def test_what_cannot_be_moved(url: str, postgresql_url: str) -> None:
    """A shop that is not there, or is on a server already, is not moved; nothing is made of a wrong address."""
    with pytest.raises(StoreUnavailable, match="no shop"):
        await transfer(url, postgresql_url)
    with pytest.raises(ValueError, match="only a shop in SQLite"):
        await transfer(postgresql_url, postgresql_url)
    await furnish(url)
    with pytest.raises(ValueError, match="postgresql://"):
        await transfer(url, url)
