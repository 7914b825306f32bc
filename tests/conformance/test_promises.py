"""Promises of the whole shop that are no scene of the story: limits, bases, live edits, polling, the same rows."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import asdict
from importlib import import_module
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from bot.orders import Order, State
from tests.conformance.conftest import DOORS
from tests.conformance.doors import Door
from tests.conformance.test_story import bought, order_of, pay_link, state_is
from tests.conformance.world import World, eventually

#: What differs from one run to the next, and from one platform to the other.
OWN = {"id", "buyer", "created", "paid_at", "expires", "asked_by", "session", "session_url", "payment_intent", "terms"}


def row(order: Order) -> dict[str, object]:
    """Give what must be the same at every door."""
    return {name: value for name, value in asdict(order).items() if name not in OWN}


ROWS: dict[str, list[dict[str, object]]] = {}


async def test_same_rows(world: World) -> None:
    """The same words at another door leave the same rows, and the same stock."""
    buyer = await world.door.person("ann")
    await bought(world, buyer)
    await buyer.say("/buy mug blue 2 code WELCOME10")
    card = await buyer.say("/buy print")
    await buyer.press("Cancel")
    await state_is(world, await order_of(world, card), State.CANCELLED)
    gift = await buyer.say('/donate 12,50 € to "Community kitchen"')
    await world.pay(pay_link(gift))
    await buyer.hears("Thank you for your gift")
    await buyer.say("/orders")
    async with world.app.store.reading() as unit:
        stock = await unit.stock.all()
    rows = [row(order) for order in await world.orders()] + [{name: asdict(left) for name, left in stock.items()}]
    assert [order["state"] for order in rows[:4]] == ["fulfilled", "awaiting", "cancelled", "paid"]
    ROWS[world.door.name] = rows
    assert all(other == rows for other in ROWS.values())


@pytest.fixture(params=DOORS)
async def hidden(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[World]:
    """Open a shop that no webhook can reach."""
    module, name = DOORS[request.param]
    door: type[Door] = getattr(import_module(f"tests.conformance.{module}"), name)
    async with World.at(await door.open(), tmp_path, public_url=False) as opened:
        yield opened


async def test_no_public_address(hidden: World) -> None:
    """Without a public address the pay link is Stripe's own, and the payment is found by polling."""
    buyer = await hidden.door.person("ann")
    card = await buyer.say("/buy zine")
    assert pay_link(card).startswith(hidden.sandbox.base)
    await hidden.pay(pay_link(card))
    await buyer.hears("twelve-knots")


@pytest.mark.parametrize("world", ["web"], indirect=True)
async def test_two_hundred_attempts(world: World) -> None:
    """Two hundred attempts with fresh cookies from one address make at most ten checkout sessions."""

    async def attempt() -> str:
        async with (
            aiohttp.ClientSession() as stranger,
            stranger.post(f"{world.app.address}/web/messages", json={"text": "/donate 5 to kitchen"}) as answer,
        ):
            return str(await answer.text())

    answers = [answer for _ in range(10) for answer in await asyncio.gather(*(attempt() for _ in range(20)))]
    assert sum("from your network" in answer for answer in answers) == 190
    orders = await world.orders()
    assert len(orders) == 10
    assert len({order.session for order in orders}) == 10


@pytest.mark.parametrize("world", ["web"], indirect=True)
async def test_api_base_in_the_file(world: World) -> None:
    """A Stripe address in the config is refused with its line, and not one request goes there."""
    asked: list[str] = []

    async def trap(request: web.Request) -> web.Response:
        asked.append(request.path)
        return web.json_response({})

    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", trap)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    text = world.config.read_text(encoding="utf-8")
    try:
        world.config.write_text(f'{text}\n[stripe]\napi_base = "http://{host}:{port}"\n', encoding="utf-8")
        line = len(text.splitlines()) + 3
        await eventually(lambda: bool(world.app.problems), "the edit was not refused")
        assert f"shop.toml:{line}: " in world.app.problems[0]
        buyer = await world.door.person("ann")
        await bought(world, buyer)
        assert asked == []
    finally:
        await runner.cleanup()


async def test_bad_edit(world: World) -> None:
    """A bad edit changes nothing; the staff is told file, line and key; mending it puts the new price in force."""
    staff, buyer = await world.door.staff(), await world.door.person("ann")
    good = world.config.read_text(encoding="utf-8")
    world.config.write_text(good.replace('price = "4.00"', 'price = "4,00"'), encoding="utf-8")
    line = next(number for number, text in enumerate(good.splitlines(), 1) if 'price = "4.00"' in text)
    await staff.hears(f'shop.toml:{line}: product "zine", price:')
    assert "4.00" in (await buyer.say("/buy zine")).text
    await world.edit(lambda old: old.replace('price = "4,00"', 'price = "5.00"'))
    assert "5.00" in (await buyer.say("/buy zine")).text
