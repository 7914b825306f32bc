"""Perks through a real SDK: invited after payment, out with the money, in again on return."""

from __future__ import annotations

import pytest

from tests.conformance.slack_door import SlackHttp, SlackVisitor
from tests.conformance.test_story import bought
from tests.conformance.world import World, eventually

CLUB = "CCLUB"
PERK = f"""
[perk.club]
platform = "slack"
kind = "channel"
target = "{CLUB}"
name = "the club's channel"
"""


@pytest.mark.parametrize("world", ["slack-http", "slack-socket"], indirect=True)
async def test_a_channel_is_granted_and_taken_away(world: World) -> None:
    """Who pays is invited; who comes back to the workspace is invited again; a refund ends it."""
    assert isinstance(world.door, SlackHttp)
    club = world.door.slack.channel(CLUB, "club", bot=True)
    await world.edit(lambda old: old.replace("[product.zine]", '[product.zine]\nperks = ["club"]') + PERK)
    buyer, staff = await world.door.person("ann"), await world.door.staff()
    assert isinstance(buyer, SlackVisitor)
    assert "the club's channel" in (await buyer.say("/buy zine")).text
    await buyer.press("Cancel")
    number = await bought(world, buyer)
    await eventually(lambda: "UANN" in club.people, "not invited")

    club.people.clear()
    buyer.person.leave()
    await buyer.person.rejoin()
    await eventually(lambda: "UANN" in club.people, "not invited again")

    await staff.say(f"/shop refund {number}")
    await eventually(lambda: "UANN" not in club.people, "still in the channel")
