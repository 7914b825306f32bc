"""Private news stays private, whichever of its ways are cut off."""

from __future__ import annotations

import pytest

from bot.orders import State
from tests.conformance.test_story import order_of, pay_link, state_is
from tests.conformance.world import World, eventually


async def kept(world: World) -> int:
    """Count the news that waits for somebody's next word."""
    async with world.app.store.reading() as unit:
        owners = {order.buyer.key for order in await unit.orders.newest()}
        return sum([len(await unit.news.kept(owner)) for owner in owners])


@pytest.mark.parametrize("typed", ["/buy zine", "/donate 10 to kitchen"])
async def test_kept_until_the_next_word(world: World, typed: str) -> None:
    """Where somebody can be told in no way, the news is kept, told privately at their next word, once, never in public."""
    buyer = await world.door.person("ann")
    card = await buyer.say(typed)
    number = await order_of(world, card)
    await buyer.close_ears()
    await world.pay((await world.order(number)).session_url)
    await state_is(world, number, State.FULFILLED if "zine" in typed else State.PAID)

    async def waits() -> bool:
        return await kept(world) == 1

    await eventually(waits, "the news is not kept")
    assert not any("Thank you" in seen.text or "twelve-knots" in seen.text for seen in await buyer.everything())
    await buyer.say("/help")
    await buyer.hears("Thank you" if "donate" in typed else "twelve-knots")

    async def told() -> bool:
        return await kept(world) == 0

    await eventually(told, "the news stays kept")  # it counts as told once it was shown
    assert all(number not in post for post in await world.door.public())


@pytest.mark.parametrize("world", ["discord-gateway"], indirect=True)
async def test_text_in_a_channel(world: World) -> None:
    """What is answered to plain text in a shared place holds no order, number, amount or link."""
    buyer = await world.door.person("ann")
    card = await buyer.say("!buy zine")
    number = await order_of(world, card)
    await world.pay(pay_link(card))
    await buyer.hears("twelve-knots")
    public = await world.door.public()
    assert public, "the channel got no answer at all"
    for post in public:
        assert number not in post
        assert "4.00" not in post
        assert "/pay/" not in post
