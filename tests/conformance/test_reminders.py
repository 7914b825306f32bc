"""Reminders, on every platform: those who bought are told, can end it with a button, and who only gave hears nothing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import aiohttp

from bot.orders import State
from tests.conformance.test_story import order_of, pay_link, state_is
from tests.conformance.world import RETIREMENT, World, eventually

#: The one step, in the table of reminders that the retirement ends with.
STEP = "days = [7]\n"
TITLE = "A reminder: Buy will close here"


async def test_buyers_are_reminded_and_givers_are_not(world: World) -> None:
    """Who bought is told privately what closes when, and ends reminders with the button; /metrics counts who was told."""
    buyer, giver = await world.door.person("ann"), await world.door.person("zoe")
    for person, text, done in ((buyer, "/buy zine", State.FULFILLED), (giver, "/donate 10 to kitchen", State.PAID)):
        card = await person.say(text)
        await world.pay(pay_link(card))
        await state_is(world, await order_of(world, card), done)
    now = datetime.now(UTC)
    dates = {"announced": now - timedelta(days=40), "closes": now + timedelta(days=7, hours=-1)}
    text = RETIREMENT.format(**{name: at.isoformat(timespec="seconds") for name, at in dates.items()})
    await world.edit(lambda old: old + text + STEP)
    told = await buyer.hears(TITLE)
    assert "Facebook Shop" in told.text
    await eventually(lambda: _ended(world), "the round goes on", within=20)
    assert not [seen for seen in await giver.everything() if TITLE in seen.text]
    async with aiohttp.ClientSession() as http, http.get(f"{world.app.address}/metrics") as answer:
        assert 'tillbot_reminders{feature="buy",outcome="told"}' in await answer.text()
    assert "News of your own orders still reaches you" in (await buyer.press("No more reminders")).text


async def _ended(world: World) -> bool:
    async with world.app.store.reading() as unit:
        return bool(await unit.rounds.newest()) and not await unit.rounds.running()
