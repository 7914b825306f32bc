"""The live feeds of a shop: what is left of its stock, in each form, and a version that changes when it does."""

from __future__ import annotations

from collections.abc import ItemsView
from dataclasses import replace

import pytest

from adapters.channels import CHANNELS
from adapters.web.feeds import Feed
from bot.app.feeds import feeds, fetchable
from bot.feeds import Fetches, program_of
from bot.shop import Stock
from tests.bot.rig import SHOP, Rig

PICTURED = SHOP.replace('name = "Mug"\n', 'name = "Mug"\npicture = "https://shop.example/mug.jpg"\n')


def _read(feed: Feed | None) -> str:
    assert feed is not None
    return b"".join(feed.make().write()).decode("utf-8-sig")


async def test_a_feed_says_what_is_left(rig: Rig) -> None:
    """What an order holds is not offered elsewhere, and the version tells that something changed."""
    rig.edit(PICTURED)
    find = feeds(rig.live)
    before = find("meta")
    offered = rig.live().catalogue.variants["mug/blue"].stock
    assert offered is not None
    assert f",{offered}," in _read(before)
    await rig.place("mug/blue", 2)
    await rig.live.refresh()
    after = find("meta")
    assert f",{offered - 2}," in _read(after)
    assert before is not None
    assert after is not None
    assert before.version != after.version
    assert find("meta") is not None
    assert getattr(find("google"), "version", "") == after.version


async def test_a_snapshot_is_named_once(rig: Rig) -> None:
    """However often feeds are asked for, the stock of all that is sold is gone through once for each snapshot."""
    stock = Asked({"mug/blue": Stock(1, 2)})
    shop = replace(rig.live(), stock=stock)
    find = feeds(lambda: shop)
    versions = {getattr(find(name), "version", "") for name in ("google", "meta", "google.tsv")}
    assert (len(versions), stock.times) == (1, 1)
    shop = replace(shop, stock={"mug/blue": Stock(1, 3)})
    assert getattr(find("google"), "version", "") not in versions


class Asked(dict[str, Stock]):
    """Stock that counts how often all of it was asked for."""

    times = 0

    def items(self) -> ItemsView[str, Stock]:  # type: ignore[override]  # dict's own is narrower, and nobody needs that
        """Give all of it, and count that."""
        self.times += 1
        return ItemsView(self)


async def test_feeds_are_known_by_name_and_ending(rig: Rig) -> None:
    """Each channel that takes a file has a feed, also in its other forms; other names and endings have none."""
    rig.edit(PICTURED)
    find = feeds(rig.live)
    assert _read(find("google")).startswith("<?xml")
    assert _read(find("google.tsv")).startswith("id\t")
    assert {name for name in CHANNELS if find(name)} == set(fetchable())
    assert [find(name) for name in ("google.zip", "fancy", "", "google.", "..")] == [None] * 5


@pytest.mark.parametrize(
    ("agent", "program"),
    [
        ("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", "Googlebot"),
        ("facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)", "facebookexternalhit"),
        ("Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/140.0", "a browser"),
        ("ann@example.org 192.0.2.7", "ann"),
        ("192.0.2.7", ""),
        ("<script>", ""),
        ("", ""),
        ("x" * 500, "x" * 32),
    ],
)
def test_a_program_is_known_by_its_bare_name(agent: str, program: str) -> None:
    """Of what a program calls itself the bare name is kept: no number, no address, nothing that runs anywhere."""
    assert program_of(agent) == program


async def test_the_last_fetch_outlives_a_restart(rig: Rig) -> None:
    """Each feed's last fetch is known to whoever opens the database; asking again and again writes nothing more."""
    store = rig.database.store
    fetches = Fetches(store)
    assert await fetches.last() == {}
    await fetches.note("google", "Googlebot/2.1")
    await fetches.note("google", "curl/8.0")
    await fetches.note("meta", "")
    last = await Fetches(store).last()
    assert {name: each.program for name, each in last.items()} == {"google": "Googlebot", "meta": ""}
    await Fetches(store).note("google", "curl/8.0")
    assert (await fetches.last())["google"].program == "curl"
