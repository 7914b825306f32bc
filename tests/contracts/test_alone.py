"""What is heard of a payment and what makes it an order's see each other, on every database."""

from __future__ import annotations

import asyncio

from adapters.database import Database
from bot.ports import Store
from tests.contracts.samples import an_order


async def test_one_at_a_time_applies_something_of_a_payment(address: str, store: Store) -> None:
    """Of two units on two replicas, the second sees what the first wrote, although it began before that committed."""
    began, written = asyncio.Event(), asyncio.Event()

    async def settle() -> None:
        async with store.unit() as unit:
            await unit.orders.alone_with("pi_1")
            began.set()
            await unit.orders.add(an_order("A", payment_intent="pi_1"), "paid")
            await asyncio.sleep(0.1)  # the other one waits meanwhile
        written.set()

    async def hear(other: Store) -> str:
        await began.wait()
        async with other.unit() as unit:
            await unit.orders.alone_with("pi_1")
            order = await unit.orders.by_payment("pi_1")
            return order.id if order else "nobody's"

    async with await Database.open(address) as replica:
        _, heard = await asyncio.gather(settle(), hear(replica.store))
    assert heard == "A"


async def test_other_payments_need_not_wait(store: Store) -> None:
    """Nobody waits for a payment that is not theirs, nor for none."""
    async with store.unit() as unit:
        for name in ("pi_1", "pi_2", ""):
            await unit.orders.alone_with(name)
        assert await unit.orders.by_payment("pi_1") is None
