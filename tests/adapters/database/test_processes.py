"""Several processes on one file, and processes that are killed."""

from __future__ import annotations

import asyncio

import pytest

from adapters.database import Database
from adapters.database import jobs as jobs_module
from bot.errors import StoreUnavailable
from bot.ports import Json
from bot.shop import Stock
from tests.adapters.database.conftest import Start
from tests.contracts.samples import ANN


async def kill(process: asyncio.subprocess.Process) -> None:
    process.kill()
    await process.wait()


async def test_killed_in_a_unit(database: Database, start: Start) -> None:
    """A process that is killed in the middle of a unit leaves nothing of it, and nothing locked."""
    await kill(await start("half_way"))
    async with asyncio.timeout(4), database.store.unit() as unit:
        assert await unit.orders.get("HALF") is None
        assert await unit.orders.history("HALF") == []
        assert await unit.stock.all() == {}
        assert await unit.news.untold(ANN.key) == []
        assert (await unit.news.add(ANN.key, "placed", "A")).id == 1
        await database.jobs.defer(unit, "greet", {}, key="half")
    done: list[Json] = []

    async def greet(payload: Json) -> None:
        done.append(payload)

    database.jobs.handle("greet", greet)
    await database.jobs.drain()
    assert done == [{}]


async def test_killed_after_a_unit(database: Database, start: Start) -> None:
    """What a unit committed is there, with its job, if the process is killed the moment after."""
    await kill(await start("committed"))
    done: list[Json] = []

    async def greet(payload: Json) -> None:
        done.append(payload)

    database.jobs.handle("greet", greet)
    await database.jobs.drain()
    assert done == [{"n": 1}]
    async with database.store.unit() as unit:
        assert await unit.orders.get("WHOLE") is not None
        assert await unit.stock.of("mug") == Stock()


async def test_one_process_works(database: Database, start: Start, url: str) -> None:
    """While a process does jobs no other can, and is told on which file; reading and writing go on beside it."""
    process = await start("at_work")
    for work in (database.jobs.run, database.jobs.drain):
        with pytest.raises(StoreUnavailable, match=f"another tillbot is running on {url.removeprefix('sqlite:///')}"):
            await work()
    async with database.store.unit() as unit:
        await unit.facts.put("name", "value")
    await kill(process)


async def test_killed_at_work(database: Database, start: Start) -> None:
    """The job of a process that was killed is taken over at once."""
    await kill(await start("at_work"))
    done: list[Json] = []

    async def greet(payload: Json) -> None:
        done.append(payload)

    database.jobs.handle("greet", greet)
    async with asyncio.timeout(4):
        await database.jobs.drain()
    assert done == [{"n": 1}]


async def test_two_processes_defer(database: Database, start: Start) -> None:
    """What two other processes defer at the same time is all done, each once."""
    numbers: list[int] = []
    all_done = asyncio.Event()

    async def greet(payload: Json) -> None:
        number = payload["n"]
        assert isinstance(number, int)
        numbers.append(number)
        if len(numbers) == 40:
            all_done.set()

    database.jobs.handle("greet", greet)
    run = asyncio.create_task(database.jobs.run())
    async with asyncio.timeout(60):
        await asyncio.gather(start("deferring"), start("deferring"))
        await all_done.wait()
    run.cancel()
    await asyncio.wait({run})
    await database.jobs.drain()
    assert sorted(numbers) == sorted([*range(20)] * 2)


async def test_two_processes_make_the_same_database(url: str, start: Start) -> None:
    """Processes that find no database make it together, and none of them fails."""
    await asyncio.gather(start("opening"), start("opening"))
    async with await Database.open(url) as database:
        await database.store.writable()


async def test_a_commit_wakes_the_jobs(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is deferred in the process that does the jobs is begun when its unit commits, without waiting for a look."""
    monkeypatch.setattr(jobs_module, "POLL", 3600.0)
    calls: asyncio.Queue[Json] = asyncio.Queue()
    database.jobs.handle("greet", calls.put)
    run = asyncio.create_task(database.jobs.run())
    async with asyncio.timeout(10):
        for n in range(3):
            async with database.store.unit() as unit:
                await database.jobs.defer(unit, "greet", {"n": n})
                await asyncio.sleep(0.05)  # whoever is woken before the commit looks in vain
            assert await calls.get() == {"n": n}
    run.cancel()
    await asyncio.wait({run})
