"""A database with a clock of its own, as in a rehearsal."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from adapters.database import Database
from bot.ports import Json


async def test_a_clock_of_its_own(url: str) -> None:
    """Units and jobs go by the clock that the database was given, and follow it when it is put forward."""
    instants = [datetime(2017, 1, 31, 23, 59, tzinfo=UTC)]
    done: list[Json] = []

    async def close(payload: Json) -> None:
        done.append(payload)

    async with await Database.open(url, clock=lambda: instants[-1]) as database:
        database.jobs.handle("close", close)
        async with database.store.unit() as unit:
            assert unit.now == instants[0]
            await database.jobs.defer(unit, "close", {}, at=unit.now + timedelta(minutes=1))
        await database.jobs.drain()
        assert done == []
        instants.append(instants[0] + timedelta(minutes=1))
        await database.jobs.drain()
        assert done == [{}]
