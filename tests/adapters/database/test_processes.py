"""Several processes on one database, and processes that are killed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from adapters.database import Database, Patience
from bot.errors import StoreUnavailable
from bot.ports import Json
from bot.shop import Stock
from tests.adapters.database.conftest import BRIEF, Start
from tests.contracts.samples import ANN


@pytest.fixture
async def opened(either: str) -> AsyncIterator[Database]:
    async with await Database.open(either, patience=BRIEF) as database:
        yield database


async def kill(process: asyncio.subprocess.Process) -> None:
    process.kill()
    await process.wait()


async def test_killed_in_a_unit(either: str, opened: Database, start: Start) -> None:
    """A process that is killed in the middle of a unit leaves nothing of it, and nothing locked."""
    await kill(await start("half_way", either))
    async with asyncio.timeout(4), opened.store.unit() as unit:
        assert await unit.orders.get("HALF") is None
        assert await unit.orders.history("HALF") == []
        assert await unit.stock.all() == {}
        assert await unit.news.untold(ANN.key) == []
        assert (await unit.news.add(ANN.key, "placed", "A")).id == 1
        await opened.jobs.defer(unit, "greet", {}, key="half")
    done: list[Json] = []

    async def greet(payload: Json) -> None:
        done.append(payload)

    opened.jobs.handle("greet", greet)
    await opened.jobs.drain()
    assert done == [{}]


async def test_killed_after_a_unit(either: str, opened: Database, start: Start) -> None:
    """What a unit committed is there, with its job, if the process is killed the moment after."""
    await kill(await start("committed", either))
    done: list[Json] = []

    async def greet(payload: Json) -> None:
        done.append(payload)

    opened.jobs.handle("greet", greet)
    await opened.jobs.drain()
    assert done == [{"n": 1}]
    async with opened.store.unit() as unit:
        assert await unit.orders.get("WHOLE") is not None
        assert await unit.stock.of("mug") == Stock()


async def test_one_process_works(database: Database, start: Start, url: str) -> None:
    """While a process does jobs no other can, and is told on which file; reading and writing go on beside it."""
    process = await start("at_work", url)
    for work in (database.jobs.run, database.jobs.drain):
        with pytest.raises(StoreUnavailable, match=f"another tillbot is running on {url.removeprefix('sqlite:///')}"):
            await work()
    async with database.store.unit() as unit:
        await unit.facts.put("name", "value")
    await kill(process)


async def test_killed_at_work(either: str, opened: Database, start: Start) -> None:
    """The job of a process that was killed is taken over: at once on a file, else when it gave no sign of life for long."""
    await kill(await start("at_work", either))
    calls: asyncio.Queue[Json] = asyncio.Queue()
    opened.jobs.handle("greet", calls.put)
    run = asyncio.create_task(opened.jobs.run())
    async with asyncio.timeout(20):
        assert await calls.get() == {"n": 1}
    run.cancel()
    await asyncio.wait({run})
    assert calls.empty()


async def test_two_processes_defer(either: str, opened: Database, start: Start) -> None:
    """What two other processes defer at the same time is all done, each once."""
    numbers: list[int] = []
    all_done = asyncio.Event()

    async def greet(payload: Json) -> None:
        number = payload["n"]
        assert isinstance(number, int)
        numbers.append(number)
        if len(numbers) == 40:
            all_done.set()

    opened.jobs.handle("greet", greet)
    run = asyncio.create_task(opened.jobs.run())
    async with asyncio.timeout(60):
        await asyncio.gather(start("deferring", either), start("deferring", either))
        await all_done.wait()
    run.cancel()
    await asyncio.wait({run})
    await opened.jobs.drain()
    assert sorted(numbers) == sorted([*range(20)] * 2)


async def test_two_processes_make_the_same_database(missing: str, start: Start) -> None:
    """Processes that find no database make it together, and none of them fails."""
    await asyncio.gather(start("opening", missing), start("opening", missing))
    async with await Database.open(missing) as database:
        await database.store.writable()


async def test_a_commit_wakes_the_jobs(url: str) -> None:
    """What is deferred in the process that does the jobs is begun when its unit commits, without waiting for a look."""
    calls: asyncio.Queue[Json] = asyncio.Queue()
    async with await Database.open(url, patience=Patience(look=3600.0)) as database, asyncio.timeout(10):
        database.jobs.handle("greet", calls.put)
        run = asyncio.create_task(database.jobs.run())
        for n in range(3):
            async with database.store.unit() as unit:
                await database.jobs.defer(unit, "greet", {"n": n})
                await asyncio.sleep(0.05)  # whoever is woken before the commit looks in vain
            assert await calls.get() == {"n": n}
        run.cancel()
        await asyncio.wait({run})
