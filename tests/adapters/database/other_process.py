"""Another process on the same database: `python -m tests.adapters.database.other_process PART URL`.

It says "ready" when it has come to the point at which the test wants it, and stays there until it is killed.
"""

from __future__ import annotations

import asyncio
import sys

from adapters.database import Database, Patience
from bot.ports import Json
from tests.contracts.samples import ANN, an_order


def ready() -> None:
    sys.stdout.write("ready\n")
    sys.stdout.flush()


async def half_way(database: Database) -> None:
    """Stop in the middle of a unit."""
    async with database.store.unit() as unit:
        await unit.orders.add(an_order("HALF"), "new")
        await unit.stock.shift("mug", 1, 0)
        await unit.news.add(ANN.key, "placed", "HALF")
        await database.jobs.defer(unit, "greet", {}, key="half")
        ready()
        await asyncio.Event().wait()


async def committed(database: Database) -> None:
    """Stop right after a unit has ended."""
    async with database.store.unit() as unit:
        await unit.orders.add(an_order("WHOLE"), "new")
        await database.jobs.defer(unit, "greet", {"n": 1}, key="whole")
    ready()
    await asyncio.Event().wait()


async def at_work(database: Database) -> None:
    """Stop in the middle of a job."""

    async def hang(_: Json) -> None:
        ready()
        await asyncio.Event().wait()

    database.jobs.handle("greet", hang)
    async with database.store.unit() as unit:
        await database.jobs.defer(unit, "greet", {"n": 1})
    await database.jobs.run()


async def deferring(database: Database) -> None:
    """Defer twenty jobs, a unit each."""
    for n in range(20):
        async with database.store.unit() as unit:
            await database.jobs.defer(unit, "greet", {"n": n})
    ready()


async def opening(_: Database) -> None:
    """Open the database, and no more."""
    ready()


PARTS = {part.__name__: part for part in (half_way, committed, at_work, deferring, opening)}


async def main(part: str, url: str) -> None:
    async with await Database.open(url, patience=Patience(lease=1.0)) as database:
        await PARTS[part](database)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
