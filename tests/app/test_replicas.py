"""Two replicas of one shop on PostgreSQL: one price, one staff card, news wherever the page is open."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import aiohttp
import pytest

from bot.acting import Wanted
from bot.audit import verify
from bot.errors import ActRefused
from bot.orders import State
from bot.retirement import Deed
from tests.conformance.test_story import order_of, pay_link, state_is
from tests.conformance.web_door import WebDoor
from tests.conformance.world import RETIREMENT, World, eventually

DAY = timedelta(days=1)


@pytest.fixture
async def replicas(tmp_path: Path, postgresql_url: str) -> AsyncIterator[tuple[World, World]]:
    """Run two replicas, each with a file of its own; webhooks come to the second."""
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    from adapters.sandbox.server import Sandbox
    from tests.adapters.sandbox.buyer import Buyer
    from tests.conformance.world import KEYS

    accounts = dict.fromkeys(KEYS.values())
    async with (
        Sandbox(path=tmp_path / "stripe.sqlite3", accounts=accounts, settle_after=3600) as sandbox,
        Buyer() as buyer,
    ):
        one, two = (
            World(tmp_path / name, WebDoor(), sandbox, buyer, database=postgresql_url) for name in ("one", "two")
        )
        await one.start()
        await two.start()
        try:
            yield one, two
        finally:
            for world in (one, two):
                await world.stop()
                await world.door.close()


async def ready(world: World) -> tuple[int, str]:
    """Ask /readyz."""
    async with aiohttp.ClientSession() as http, http.get(world.app.address + "/readyz") as response:
        return response.status, await response.text()


async def test_news_reach_the_page_that_is_open_on_the_other_replica(replicas: tuple[World, World]) -> None:
    """Ordered on one replica, paid with the webhook at the other: the open page says so by itself, once."""
    one, _ = replicas
    buyer = await one.door.person("ann")
    card = await buyer.say("/buy zine")
    number = await order_of(one, card)
    await one.pay(pay_link(card))
    await buyer.hears("twelve-knots")
    assert (await one.order(number)).state is State.FULFILLED


async def test_the_staff_has_one_card_whoever_posts_it(replicas: tuple[World, World]) -> None:
    """Orders on both replicas at once: each is posted to the staff once."""
    one, two = replicas
    staff = await one.door.staff()
    for world, name in ((one, "ann"), (two, "ben")):
        buyer = await world.door.person(name)
        card = await buyer.say("/buy zine")
        await world.pay(pay_link(card))
        await state_is(world, await order_of(world, card), State.FULFILLED)
    await eventually(lambda: _posted(one, 2), "not both were posted")
    numbers = [order.id for order in await one.orders()]
    for number in numbers:
        await staff.hears(number)
    cards = [card.text for card in await staff.everything() if "Knots zine" in card.text]
    assert sorted(number for number in numbers for card in cards if number in card) == sorted(numbers)


async def test_never_two_prices(replicas: tuple[World, World]) -> None:
    """From one replica's edit on nobody can order at the old price on the other, which says so, until it is edited too."""
    one, two = replicas
    late = await two.door.person("ben")
    assert (await ready(two))[0] == 200
    await one.edit(lambda text: text.replace('price = "4.00"', 'price = "5.00"'))
    await eventually(lambda: _active(one), "the edit is not active")
    refused = await late.say("/buy zine")
    assert "being updated" in refused.text
    early = await one.door.person("ann")
    assert "5.00" in (await early.say("/buy zine")).text
    await eventually(lambda: _unready(two), "the stale replica says it is ready", within=15)
    status, said = await ready(two)
    digests = [world.app.live().settings.digest[:12] for world in replicas]
    assert status == 503
    assert all(digest in said for digest in digests)
    await two.edit(lambda text: text.replace('price = "4.00"', 'price = "5.00"'))
    await eventually(lambda: _is_ready(two), "the replica did not follow")
    assert "5.00" in (await late.say("/buy zine")).text
    totals = {order.total.minor for order in await one.orders()}
    assert totals == {500}


async def test_orders_race_with_an_edit(replicas: tuple[World, World]) -> None:
    """Twenty orders on both replicas while one is edited: every one at the old price is older than each at the new one."""
    one, two = replicas
    people = [await world.door.person(f"p{number}") for number in range(10) for world in replicas]

    async def edit() -> None:
        await one.edit(lambda text: text.replace('price = "4.00"', 'price = "5.00"'))

    await asyncio.gather(edit(), *(person.say("/buy zine") for person in people))
    orders = sorted(await two.orders(), key=lambda order: order.created)
    prices = [order.total.minor for order in orders]
    assert set(prices) <= {400, 500}
    assert prices == sorted(prices)


async def _posted(world: World, many: int) -> bool:
    async with world.app.store.reading() as unit:
        return len(await unit.facts.named("post:")) == many


async def _active(world: World) -> bool:
    async with world.app.store.reading() as unit:
        return await unit.facts.get("config:active") == world.app.live().settings.digest


async def _unready(world: World) -> bool:
    return (await ready(world))[0] == 503


async def _is_ready(world: World) -> bool:
    return (await ready(world))[0] == 200


async def test_two_admins_at_once_are_one_after_the_other(replicas: tuple[World, World]) -> None:
    """Ten pause it at the same time at both replicas: one does, the others are told that it is on hold, and none is lost."""
    one, two = replicas
    await _retire(replicas)

    async def pause(world: World, number: int) -> str:
        acting = world.app.house.telling.till.acting
        try:
            async with world.app.store.unit() as unit:
                await acting.act(unit, Wanted("buy", "pause", "court"), by="cli:test", key=str(number))
        except ActRefused as error:
            return error.why
        return "done"

    found = await asyncio.gather(*(pause(world, number) for number, world in enumerate((one, two) * 5)))
    assert sorted(found) == ["done", *["paused"] * 9]
    async with one.app.store.reading() as unit:
        count, _, wrong = await verify(unit.audit.lines())
    assert (count, wrong) == (2, "")


async def test_an_act_on_one_replica_holds_on_the_other(replicas: tuple[World, World]) -> None:
    """Closed by hand at one, the other admits nothing from that moment on; taken back there, the first sells again."""
    one, two = replicas
    await _retire(replicas)
    ann, ben = await one.door.person("ann"), await two.door.person("ben")
    assert (await ben.say("/buy zine")).links

    async def act(world: World, deed: Deed) -> None:
        acting = world.app.house.telling.till.acting
        async with world.app.store.unit() as unit:
            await acting.act(unit, Wanted("buy", deed, "roof"), by="cli:test", key=deed)

    await act(one, "now")
    assert "ended on" in (await ben.say("/buy zine")).text
    await eventually(
        lambda: two.app.live().stage("buy", two.clock.now()).closed, "the snapshot did not follow", within=30
    )
    await act(two, "rollback")
    await eventually(
        lambda: one.app.live().settings.plans["buy"].standing == "rolled_back", "the snapshot did not follow", within=30
    )
    assert (await ann.say("/buy zine")).links
    await eventually(
        lambda: one.app.live().settings.plans == two.app.live().settings.plans, "the snapshots differ", within=30
    )


async def _retire(replicas: tuple[World, World]) -> None:
    """Have both files retire Buy, and wait until both replicas have that in force."""
    now = replicas[0].clock.now()
    text = RETIREMENT.format(announced=(now - DAY).isoformat(), closes=(now + 40 * DAY).isoformat())
    for world in replicas:
        await world.edit(lambda old: old + text)
    for world in replicas:
        await eventually(lambda world=world: "buy" in world.app.live().settings.plans, "the plan is not in force")  # type: ignore[misc]  # the default is the loop's own
