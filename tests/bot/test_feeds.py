"""The live feeds of a shop: what is left of its stock, in each form, and a version that changes when it does."""

from __future__ import annotations

from adapters.channels import CHANNELS
from adapters.web.feeds import Feed
from bot.app.feeds import feeds, fetchable
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


async def test_feeds_are_known_by_name_and_ending(rig: Rig) -> None:
    """Each channel that takes a file has a feed, also in its other forms; other names and endings have none."""
    rig.edit(PICTURED)
    find = feeds(rig.live)
    assert _read(find("google")).startswith("<?xml")
    assert _read(find("google.tsv")).startswith("id\t")
    assert {name for name in CHANNELS if find(name)} == set(fetchable())
    assert [find(name) for name in ("google.zip", "fancy", "", "google.", "..")] == [None] * 5
