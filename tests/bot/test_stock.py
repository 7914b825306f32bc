"""Stock under concurrent orders: never oversold, never lost, and one order for each interaction."""

from __future__ import annotations

import asyncio
import random
from typing import Literal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.errors import PaymentsUnavailable, Refused
from bot.orders import HOLDING, SOLD, Order, State
from bot.selling import wish
from tests.bot.rig import Rig, World, opened
from tests.fakes.payments import When

STOCK = 8
DEEDS = ("pay", "cancel", "later", "nothing", "settle")


async def _attempt(rig: Rig, who: str, quantity: int, key: str, *, variant: str = "mug/blue") -> Order | None:
    ctx = await rig.context(who, key=key)
    try:
        return await ctx.till.selling.place(ctx, wish(ctx, ctx.shop.catalogue.variants[variant], quantity, ""))
    except Refused:
        return None


async def _everything(rig: Rig) -> list[Order]:
    found: list[Order] = []
    for who in ("ann", "bob", "cid", "dan"):
        found += await rig.mine(who)
    return found


def _of(orders: list[Order], states: frozenset[State]) -> int:
    return sum(line.quantity for order in orders if order.state in states for line in order.lines)


async def _conserved(rig: Rig) -> None:
    stock, orders = await rig.stock(), await _everything(rig)
    assert (stock.reserved, stock.sold) == (_of(orders, HOLDING), _of(orders, SOLD))
    assert stock.reserved + stock.sold <= STOCK


async def _do(rig: Rig, deed: str, order: Order) -> None:
    try:
        session = await rig.stripe.session(order.session)
    except PaymentsUnavailable:
        return
    match deed:
        case "pay":
            rig.stripe.pay(order.session)
        case "later":
            rig.stripe.pay(order.session, "later_fails")
        case "settle" if session.payment == "processing":
            rig.stripe.settle(order.session)
        case "cancel":
            await rig.press("orders.cancel", order.id, order.buyer.id)


async def test_forty_at_once_never_oversell_and_the_last_is_sold_once(rig: Rig) -> None:
    """Forty people want one of eight at the same instant: eight get it, thirty-two are told, the counts are exact."""
    people = ("ann", "bob", "cid", "dan")
    got = await asyncio.gather(*(_attempt(rig, people[n % 4], 1, f"k{n}") for n in range(40)))
    orders = [order for order in got if order]
    assert len(orders) == len({order.id for order in orders}) == STOCK
    await _conserved(rig)
    prints = await asyncio.gather(*(_attempt(rig, who, 1, "p", variant="print") for who in people))
    assert len([order for order in prints if order]) == 1


async def test_one_interaction_delivered_ten_times_at_once_makes_one_order(rig: Rig) -> None:
    """The same key, concurrently: the same order ten times, one session, one reservation."""
    got = await asyncio.gather(*(_attempt(rig, "ann", 2, "same") for _ in range(10)))
    assert len({order.id for order in got if order}) == 1
    assert None not in got
    assert (await rig.stock()).reserved == 2
    assert rig.stripe.asked["open"] == 1


@given(
    orders=st.lists(
        st.tuples(st.sampled_from(["ann", "bob", "cid", "dan"]), st.integers(1, 4)), min_size=4, max_size=10
    ),
    deeds=st.lists(st.tuples(st.integers(0, 9), st.sampled_from(DEEDS)), max_size=12),
    silent=st.sampled_from(["", "before", "after"]),
    seed=st.integers(0, 1000),
)
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_happens_at_once_stock_is_conserved(
    tmp_path_factory: pytest.TempPathFactory,
    orders: list[tuple[str, int]],
    deeds: list[tuple[int, str]],
    silent: When | Literal[""],
    seed: int,
) -> None:
    """Orders, payments, cancels, settlements, duplicate events and silence, all at once: available + reserved + sold holds."""

    async def live() -> None:
        world = World(tmp_path_factory.mktemp("stock"))
        async with opened(world) as rig:
            if silent:
                rig.stripe.fail(silent, "open")
            placed = await asyncio.gather(
                *(_attempt(rig, who, many, f"k{n // 2}") for n, (who, many) in enumerate(orders))
            )
            await _conserved(rig)
            made = [order for order in placed if order and order.session]
            chaos = random.Random(seed)  # noqa: S311 - only the order of things
            work = [_do(rig, deed, made[n % len(made)]) for n, deed in deeds] if made else []
            work += [rig.deliver() for _ in range(3)]
            chaos.shuffle(work)
            await asyncio.gather(*work)
            await rig.deliver()
            await _conserved(rig)
            rig.time.pass_(seconds=11)  # what is in doubt is asked again, and may open a session yet
            await rig.deliver()
            rig.time.pass_(hours=1)
            await rig.deliver()
            await _conserved(rig)
            ended = await _everything(rig)
            assert not [order for order in ended if order.state in {State.DRAFT, State.AWAITING}]
            taken = [payment for payment in rig.stripe.payments.values() if payment.received != payment.refunded]
            assert len(taken) == len([order for order in ended if order.state in SOLD])

    asyncio.run(live())
