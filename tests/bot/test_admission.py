"""Admission: the transaction asks what is in force, on the database's clock, whatever the snapshot and the form said."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.errors import Closed
from bot.orders import State
from bot.selling import wish
from tests.bot.rig import CLOSING, SHOP, Rig, World, opened

ANNOUNCED = datetime(2026, 3, 3, 12, tzinfo=UTC)
CLOSES = datetime(2026, 4, 10, 12, tzinfo=UTC)


async def test_taken_back_elsewhere_admits(rig: Rig) -> None:
    """While this replica's snapshot still says closed, a wish from before is admitted: it was taken back a moment ago."""
    rig.time.reach(ANNOUNCED)
    await rig.file(SHOP + CLOSING)
    ctx = await rig.context()
    wanted = wish(ctx, ctx.shop.catalogue.variants["mug/blue"], 1, "")
    rig.time.reach(CLOSES)
    with pytest.raises(Closed):
        await ctx.till.selling.place(ctx, wanted)
    await rig.say("/shop retire rollback buy yes The lease goes on.", "boss")
    assert rig.live().settings.plans["buy"].standing == "", "the snapshot is older"
    assert (await ctx.till.selling.place(ctx, wanted)).state is State.AWAITING


async def test_another_region_is_asked_for_by_its_own_date(rig: Rig) -> None:
    """An order is not moved to a region that has closed, though its own is open."""
    override = '\n[[retirement.buy.override]]\nregion = "DE"\ncloses = 2026-04-01T12:00:00+00:00\n'
    await rig.file(SHOP + CLOSING + override)
    rig.time.reach(datetime(2026, 4, 1, 12, tzinfo=UTC))
    order = await rig.place()
    ctx = await rig.context()
    with pytest.raises(Closed):
        await ctx.till.rerouting.reroute(ctx, order.id, "DE")
    assert (await rig.order(order.id)).state is State.AWAITING


async def test_down_over_the_closing_it_is_closed_before_the_first_answer(world: World) -> None:
    """A shop that starts a moment after, on a file that lost the table, refuses its first wish, before any tick."""
    async with opened(world) as rig:
        rig.time.reach(ANNOUNCED)
        await rig.file(SHOP + CLOSING)
        order = await rig.place()
    world.text = SHOP
    world.time.reach(CLOSES + timedelta(seconds=1))
    async with opened(world) as rig:
        await rig.reloading.begin()
        ctx = await rig.context()
        with pytest.raises(Closed):
            wish(ctx, ctx.shop.catalogue.variants["zine"], 1, "")
        await rig.tick()
        assert (await rig.order(order.id)).state is State.EXPIRED
