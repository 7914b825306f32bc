"""Whoever writes at the same time locks in one order, so that no two wait for each other: a server locks rows."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from adapters.database.store import SqlUnit
from bot.orders import Order
from bot.ports import Json, Unit
from bot.refunds import Stage
from bot.replicas import Replicas
from tests.bot.rig import SHOP, Rig, Time, World, opened
from tests.conformance.world import eventually

TWO = SHOP.replace('slack = ["boss"]', 'slack = ["boss", "deputy"]\napprovals = 2')


@pytest.fixture
async def rig(tmp_path: Path, postgresql_url: str) -> AsyncIterator[Rig]:
    async with opened(World(tmp_path, TWO, time=Time(datetime.now(UTC)), url=postgresql_url)) as running:
        yield running


@pytest.fixture
async def order(rig: Rig) -> Order:
    return await rig.paid(await rig.place("zine"))


async def waits(unit: Unit) -> None:
    """Wait until somebody waits for what the unit has locked."""
    assert isinstance(unit, SqlUnit)

    async def waiting() -> bool:
        found = await unit.transaction.execute(text("SELECT count(*) FROM pg_locks WHERE NOT granted"))
        return bool(found.scalar())

    await eventually(waiting, "nobody waits for the lock")


async def test_an_order_is_locked_before_its_refunds(rig: Rig, order: Order) -> None:
    """Who decides on a refund waits for whoever has the order, and holds meanwhile no entry that they need."""
    await rig.say(f"/shop refund {order.id} 1 torn", "boss")
    async with rig.database.store.unit() as unit:
        assert await unit.orders.get(order.id)
        deciding = asyncio.create_task(rig.press("shop.approve", f"{order.id}-R1", "deputy"))
        await waits(unit)
        (entry,) = await unit.refunds.of(order.id)
        await unit.refunds.put(replace(entry, reason="worn"))
    await deciding
    async with rig.database.store.reading() as unit:
        (entry,) = await unit.refunds.of(order.id)
    assert (entry.stage, entry.reason) == (Stage.DONE, "worn")


async def test_a_payment_is_held_before_its_disputes(rig: Rig, order: Order) -> None:
    """Who reminds of a dispute waits for whoever applies something of its payment, and holds no dispute meanwhile."""
    rig.stripe.dispute(order.payment_intent)
    await rig.deliver()
    async with rig.database.store.reading() as unit:
        (dispute,) = await unit.disputes.of(order.payment_intent)
    assert dispute.due is not None
    payload: Json = {"dispute": dispute.id, "due": dispute.due.isoformat(), "days": 1}
    async with rig.database.store.unit() as unit:
        await unit.orders.alone_with(order.payment_intent)
        assert await unit.orders.get(order.id)
        reminding = asyncio.create_task(rig.house.disputing.remind(payload))
        await waits(unit)
        assert [each.id for each in await unit.disputes.of(order.payment_intent)] == [dispute.id]
    await reminding
    async with rig.database.store.reading() as unit:
        assert await unit.facts.get(f"alert:dispute:{dispute.id}:{payload['due']}:1")


async def test_the_active_config_is_locked_before_signs_of_life(rig: Rig) -> None:
    """Who shows that it lives waits for whoever decides what is active, and holds meanwhile no sign that they look at."""
    replica = Replicas(rig.database.store)
    await replica.join("new")
    async with rig.database.store.unit() as unit:
        assert await unit.facts.get("config:active") == "new"
        beating = asyncio.create_task(replica.beat())
        await waits(unit)
        assert list(await unit.facts.named("replica:")) == [f"replica:{replica.id}"]
    await beating
    assert not replica.stale


async def test_who_buys_waits_for_nobody_over_what_is_noted_already(rig: Rig, order: Order) -> None:
    """That a product was sold is noted once: whoever sells it again locks nothing of that."""
    async with rig.database.store.unit() as unit:
        assert await unit.facts.get("sold:zine") == "Knots zine"  # locked from here on
        again = await asyncio.wait_for(rig.place("zine", who="bob"), timeout=5)
    assert again.id != order.id
