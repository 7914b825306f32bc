"""Killed at any step of a closing, the next process finishes it: nobody is charged or told twice, and nobody is forgotten."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Final

import pytest

from bot.orders import State
from bot.shop import Stock
from tests.bot.rig import CLOSING, World, opened
from tests.bot.test_closing_by_scope import MONTHLY
from tests.bot.test_mishaps import kill

CLOSES = datetime(2026, 4, 10, 12, tzinfo=UTC)
#: More units of work than the closing of this shop takes: at the last ones nothing is left to be killed.
MOMENTS: Final = range(1, 46, 2)


@pytest.mark.parametrize("moment", MOMENTS)
async def test_a_closing_is_finished_by_the_next_process(world: World, moment: int) -> None:
    """One unpaid, one paid a second before, one monthly, one gift: each comes to its end, and all are told once."""
    world.text = MONTHLY
    async with opened(world) as rig:
        monthly = await rig.paid(await rig.place("badge", who="cid"))
        await rig.file(MONTHLY + CLOSING)
        rig.time.reach(CLOSES - timedelta(minutes=10))
        await rig.tick()
        unpaid, paid = await rig.place(), await rig.place("zine", who="bob")
        gift = await rig.order((await rig.say("/donate 10 to kitchen", "dan")).order)
        rig.stripe.pay(paid.session)
        rig.stripe.news()  # the webhook is lost
        rig.time.reach(CLOSES)
        kill(rig, moment)
        with suppress(asyncio.CancelledError):
            await rig.tick()
    async with opened(world) as rig:
        await rig.reloading.begin()
        for _ in range(3):
            rig.time.pass_(seconds=31)  # what the dead one held is free then
            await rig.tick()
        assert (await rig.order(unpaid.id)).state is State.EXPIRED
        assert (await rig.order(paid.id)).state is State.FULFILLED
        assert (await rig.pledge(monthly.id)).state == "stopping"
        assert (await rig.order(gift.id)).state is State.AWAITING
        assert await rig.stock("mug/blue") == Stock()
        assert [await rig.kinds(who) for who in ("ann", "bob", "dan")] == [["closed"], ["paid"], []]
        assert (await rig.kinds("cid")).count("stopping_closed") == 1
        titles = [card.title for card in rig.voice.to("boss")]
        assert titles.count("Selling here has ended") in {1, 2}, "once, or again if it was in flight"
        assert [card.title for card in rig.voice.posted.values()].count("Selling here has ended") == 1
