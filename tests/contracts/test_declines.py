"""The contract of DeclineBook."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.ports import Store
from tests.contracts.samples import ANN, BOB, NOON, an_order

MINUTE = timedelta(minutes=1)


@pytest.fixture
async def with_orders(store: Store) -> Store:
    async with store.unit() as unit:
        await unit.orders.add(an_order("A"), "new")
        await unit.orders.add(an_order("B", buyer=BOB), "new")
        await unit.orders.add(an_order("C", buyer=replace(BOB, id="cat", address=ANN.address)), "new")
    return store


async def test_each_decline_is_written_once(with_orders: Store) -> None:
    """A payment's running count adds only what is new, and what was written keeps its instant."""
    async with with_orders.unit() as unit:
        assert await unit.declines.counted("pi_1") == 0
        await unit.declines.add("pi_1", 2, "A", NOON)
        await unit.declines.add("pi_1", 2, "A", NOON + MINUTE)
        await unit.declines.add("pi_1", 1, "A", NOON + MINUTE)
        await unit.declines.add("pi_1", 3, "A", NOON + 2 * MINUTE)
    async with with_orders.reading() as unit:
        assert await unit.declines.counted("pi_1") == 3
        instants = [await unit.declines.nth(many, NOON - MINUTE) for many in (1, 2, 3, 4)]
        assert instants == [NOON + 2 * MINUTE, NOON, NOON, None]


async def test_declines_are_counted_of_a_person_an_address_and_the_shop(with_orders: Store) -> None:
    """Each order's declines count for its person and its address; those of no known order for the shop alone."""
    async with with_orders.unit() as unit:
        for payment, order in (("pi_a", "A"), ("pi_b", "B"), ("pi_c", "C"), ("pi_d", "")):
            await unit.declines.add(payment, 2, order, NOON)
    async with with_orders.reading() as unit:
        since = NOON - MINUTE
        assert await unit.declines.many(since, person=ANN.key) == 2
        assert await unit.declines.many(since, address=ANN.address) == 4
        assert await unit.declines.many(since) == 8
        assert await unit.declines.nth(2, since, person=BOB.key) == NOON
        assert await unit.declines.nth(3, since, person=BOB.key) is None
        assert await unit.declines.nth(4, since, address=ANN.address) == NOON


async def test_only_what_came_after_counts(with_orders: Store) -> None:
    """What was declined at the very instant, or before it, is outside."""
    async with with_orders.unit() as unit:
        await unit.declines.add("pi_1", 1, "A", NOON)
        await unit.declines.add("pi_2", 1, "A", NOON + MINUTE)
    async with with_orders.reading() as unit:
        assert await unit.declines.many(NOON) == 1
        assert await unit.declines.nth(2, NOON) is None
        assert await unit.declines.many(NOON + MINUTE) == 0
