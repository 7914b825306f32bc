"""`tillbot export stripe`, as an operator says it, beside a shop that runs."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bot.orders import State
from tests.adapters.sandbox.buyer import Buyer
from tests.app.terminal import Done, Terminal
from tests.conformance.web_door import WebDoor
from tests.conformance.world import World


@pytest.fixture
async def terminal(tmp_path: Path) -> AsyncIterator[Terminal]:
    async with World.at(await WebDoor.open(), tmp_path) as world:
        yield Terminal(world)


def made(done: Done) -> dict[str, Any]:
    """Read what became of each link, by the variant."""
    assert done.code == 0, done.err
    lines = [json.loads(line) for line in done.out.splitlines()]
    return {each["variant"]: each for each in lines if "outcome" in each}


async def test_nothing_is_done_before_yes(terminal: Terminal) -> None:
    """What links would sell, and what they cannot, is said first; nobody is there to ask, and so nothing is done."""
    told = await terminal.tillbot("export", "stripe", "--test", keys=False)
    assert told.code == 1
    assert "print: Lighthouse print, 45.00 EUR" in told.out
    assert "its message is sent by the shop, which sends nothing for what a link sold" in told.out
    assert "Nothing was done. Say --yes" in told.err


async def test_links_need_the_key_that_the_shop_has(terminal: Terminal) -> None:
    """Without a key, and with a sandbox's address but no --test, Stripe is not asked, and it is said why."""
    without = await terminal.tillbot("export", "stripe", "--yes", "--test", keys=False)
    assert without.code == 1
    unmarked = await terminal.tillbot("export", "stripe", "--yes")
    assert unmarked.code == 1
    assert "STRIPE_API_BASE" in unmarked.err


async def test_a_link_sells_beside_the_shop_and_disturbs_no_order(terminal: Terminal) -> None:
    """What a link sold is nobody's order here: orders stay as they are, and reconciling says what it is."""
    await terminal.world.edit(lambda text: text.replace('price = "0.20"', 'price = "2.00"'))
    first = made(await terminal.tillbot("export", "stripe", "--yes", "--json", "--test"))
    assert first["print"]["outcome"] == "new"
    assert "zine" not in first
    number, _ = await terminal.wish("/buy zine 1")
    async with Buyer() as buyer:
        page = (await buyer.look(first["print"]["url"])).location
        await buyer.pay(terminal.world.sandbox.base + page)
        await terminal.world.sandbox.delivered()
        assert (await terminal.world.order(number)).state is State.AWAITING
        found = await terminal.tillbot("reconcile", "--json", "--test")
        assert found.code == 0, found.err
        foreign = [json.loads(line) for line in found.out.splitlines()]
        assert [(each["kind"], each["outcome"]) for each in foreign] == [("link_sold", "information")]
        ended = made(
            await terminal.tillbot("export", "stripe", "--end", "--yes", "--json", "--test", "--message", "Bye.")
        )
        assert {name: each["outcome"] for name, each in ended.items()} == {"sticker": "ended"}, (
            "the print's has sold out"
        )
        assert "Bye." in (await buyer.look(first["sticker"]["url"])).text
