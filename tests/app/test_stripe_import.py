"""`tillbot import stripe` without a file, as an operator says it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from typer.testing import CliRunner, Result

from bot.cli import app as cli
from tests.adapters.sandbox.conftest import connected
from tests.app.terminal import Terminal
from tests.app.test_cli import shop
from tests.conformance.web_door import WebDoor
from tests.conformance.world import KEYS, World

__all__ = ["shop"]


@pytest.fixture
async def terminal(tmp_path: Path) -> AsyncIterator[Terminal]:
    async with World.at(await WebDoor.open(), tmp_path) as world:
        yield Terminal(world)


async def test_products_of_an_account_come_in(terminal: Terminal) -> None:
    """What the shop's account has is shown and written with yes; a cause's account is another; none but known ones are."""
    base = terminal.world.sandbox.base
    async with connected(base, KEYS["STRIPE_API_KEY"]) as client:
        await client.v1.products.create_async({"name": "Sea jar", "id": "jar"})
        await client.v1.prices.create_async({"product": "jar", "currency": "eur", "unit_amount": 700})
    told = await terminal.tillbot("import", "stripe", "--test", "--yes")
    assert told.code == 0, told.err
    assert 'product sea-jar: added, name "Sea jar", price 7.00 EUR' in told.out
    assert '[product.sea-jar]\nname = "Sea jar"' in terminal.world.config.read_text(encoding="utf-8")
    again = await terminal.tillbot("import", "stripe", "--test", "--json")
    assert json.loads(again.out.splitlines()[-1])["changes"] == []
    other = await terminal.tillbot("import", "stripe", "--account", "nobody", "--test")
    assert (other.code, "There is no account 'nobody'." in other.err) == (1, True)
    without = await terminal.tillbot("import", "google", "--test")
    assert (without.code, "Name a file" in without.err) == (1, True)


async def test_what_was_exported_as_links_is_no_difference(terminal: Terminal) -> None:
    """The products that were made at Stripe for the shop's own links are the shop's own: nothing would change."""
    await terminal.world.edit(lambda text: text.replace('price = "0.20"', 'price = "2.00"'))
    assert (await terminal.tillbot("export", "stripe", "--yes", "--test")).code == 0
    told = await terminal.tillbot("import", "stripe", "--test", "--json")
    assert told.code == 0, told.err
    whole = json.loads(told.out.splitlines()[-1])
    assert whole["products"] > 1
    assert whole["changes"] == []


@pytest.mark.parametrize(
    ("status", "says"),
    [
        (403, "A restricted key in STRIPE_API_KEY needs to read Products and Prices"),
        (401, "Stripe does not know the key in STRIPE_API_KEY"),
    ],
)
def test_a_key_that_may_not_read_products_is_told_what_it_needs(shop: Path, status: int, says: str) -> None:
    """A restricted key's refusal names the two permissions, a wrong key says so, and the key is not shown."""

    async def refuse(request: web.Request) -> web.Response:
        error = {"type": "invalid_request_error", "message": f"Key {request.headers['Authorization']} is refused."}
        return web.json_response({"error": error}, status=status)

    async def told() -> Result:
        app = web.Application()
        app.router.add_get("/v1/products", refuse)
        async with TestServer(app) as server:
            environ = {"STRIPE_API_KEY": "rk_test_narrow", "STRIPE_API_BASE": str(server.make_url(""))}
            words = ["import", "stripe", "--test", "--config", str(shop)]
            return await asyncio.to_thread(CliRunner().invoke, cli, words, env=environ)

    done = asyncio.run(told())
    assert done.exit_code == 1
    assert says in done.output
    assert "rk_test_narrow" not in done.output
