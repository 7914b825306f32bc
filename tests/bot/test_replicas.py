"""Replicas agree which config is active: an edit leads, a sleeper follows, and nobody sells at a price that is not active."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from adapters.database import Database
from bot.errors import Outdated
from bot.replicas import GONE, Replicas, check_active
from tests.databases import ready


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    async with await Database.open(ready(tmp_path / "till.sqlite3")) as opened:
        yield opened


async def sells(database: Database, digest: str) -> bool:
    """Tell whether an order could be written now at the prices of a version."""
    async with database.store.unit() as unit:
        try:
            await check_active(unit, digest)
        except Outdated:
            return False
    return True


async def die(database: Database, replica: Replicas) -> None:
    """Let a replica have died so long ago that it is taken to be gone."""
    async with database.store.unit() as unit:
        then = (unit.now - GONE - timedelta(seconds=1)).isoformat()
        await unit.facts.put(f"replica:{replica.id}", json.dumps({"digest": replica.mine, "at": then}))


async def test_alone_every_version_sells(database: Database) -> None:
    """Where no replica ever joined, as with a file, nothing is asked."""
    assert await sells(database, "old")


async def test_an_edit_leads_and_the_others_follow(database: Database) -> None:
    """From the first edit on only the new prices are taken, and the other replica sells again once it has them."""
    one, other = Replicas(database.store), Replicas(database.store)
    await one.join("old")
    await other.join("old")
    await one.edited("new")
    await other.beat()
    assert (one.stale, other.stale) == (False, True)
    assert (await sells(database, "old"), await sells(database, "new")) == (False, True)
    await other.edited("new")
    assert not other.stale


async def test_an_edit_of_a_stale_one_does_not_lead(database: Database) -> None:
    """Who already fell behind and is edited to a third version stays behind: two hands must not fight."""
    one, other = Replicas(database.store), Replicas(database.store)
    await one.join("old")
    await other.join("old")
    await one.edited("new")
    await other.edited("another")
    assert other.stale
    assert await sells(database, "new")
    assert "active is new" in other.says


async def test_a_sleeper_brings_no_old_prices_back(database: Database) -> None:
    """A replica that starts with an older file while a current one lives takes no orders."""
    one, sleeper = Replicas(database.store), Replicas(database.store)
    await one.join("new")
    await sleeper.join("old")
    assert sleeper.stale
    assert not await sells(database, "old")


async def test_where_nobody_current_lives_the_one_that_is_there_leads(database: Database) -> None:
    """After the last replica with the active version has died or left, another one may sell with what it has."""
    one, other = Replicas(database.store), Replicas(database.store)
    await one.join("new")
    await other.join("old")
    seen = [other.stale]
    await die(database, one)
    await other.beat()
    assert [*seen, other.stale] == [True, False]
    third = Replicas(database.store)
    await other.leave()
    await third.join("third")
    assert not third.stale
    assert (await sells(database, "old"), await sells(database, "third")) == (False, True)


async def test_the_long_dead_are_forgotten(database: Database) -> None:
    """Signs of replicas that died long ago do not pile up."""
    one = Replicas(database.store)
    await one.join("old")
    async with database.store.unit() as unit:
        then = (unit.now - GONE * 61).isoformat()
        await unit.facts.put("replica:dead", json.dumps({"digest": "x", "at": then}))
    await Replicas(database.store).join("new")
    async with database.store.reading() as unit:
        assert set(await unit.facts.named("replica:")) >= {f"replica:{one.id}"}
        assert await unit.facts.get("replica:dead") is None
