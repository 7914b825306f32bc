"""The contract of Perks, on Slack's SDK and on Discord's, each against its stand-in, and on the fake."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, replace

import pytest

from adapters.slack import Connection
from adapters.slack.pace import Pace
from adapters.slack.perks import SlackPerks
from bot.errors import Unreachable
from bot.orders import Buyer
from bot.perks import Perk
from bot.ports import Perks
from tests.adapters.discord.conftest import staged
from tests.fakes.perks import FakePerks
from tests.platforms.slack import SlackStandIn
from tests.platforms.slack.workspace import Group

MANAGE_ROLES = 1 << 28


@dataclass(frozen=True)
class Platform:
    """Perks with somebody to give one to, and what the platform says of it."""

    perks: Perks
    buyer: Buyer
    perk: Perk
    held: Callable[[], bool]
    #: Lets the buyer leave.
    leave: Callable[[], object]


@asynccontextmanager
async def _fake() -> AsyncIterator[Platform]:
    perks = FakePerks()
    perk = Perk("club", "slack", "channel", "C1", "The club")
    held = ("U1", "C1")
    yield Platform(
        perks, Buyer("slack", "U1", "U1", "", "en"), perk, lambda: held in perks.held, lambda: perks.left.add("U1")
    )


@asynccontextmanager
async def _slack(perk: Perk) -> AsyncIterator[Platform]:
    async with SlackStandIn() as slack:
        slack.person("U1")
        slack.person("U2")
        club = slack.channel("C1", "club")
        slack.workspace.groups["S1"] = Group("S1", ["U2"])
        connection = Connection(bot_token=slack.bot_token, api_base=slack.api_url, pace=Pace(0))

        def held() -> bool:
            return "U1" in (club.people if perk.kind == "channel" else slack.workspace.groups["S1"].users)

        def leave() -> None:
            del slack.workspace.users["U1"]
            club.people.discard("U1")
            slack.workspace.groups["S1"].users.remove("U1") if perk.kind == "usergroup" and held() else None

        yield Platform(SlackPerks(connection), Buyer("slack", "U1", "U1", "", "en"), perk, held, leave)
        await connection.aclose()


@asynccontextmanager
async def _discord() -> AsyncIterator[Platform]:
    async with staged() as stage:
        stage.platform.role(stage.guild, "tillbot", 5, permissions=MANAGE_ROLES, bot=True)
        role = stage.platform.role(stage.guild, "Supporter", 1)
        perk = Perk("supporter", "discord", "role", str(role.id), "Supporter", str(stage.guild.id))
        buyer = Buyer("discord", str(stage.ben.id), str(stage.ben.id), "", "en")
        yield Platform(
            stage.door, buyer, perk, lambda: role.id in stage.ben.roles, lambda: stage.platform.leave(stage.ben)
        )


PLATFORMS: dict[str, Callable[[], AbstractAsyncContextManager[Platform]]] = {
    "fake": _fake,
    "slack-channel": lambda: _slack(Perk("club", "slack", "channel", "C1", "The club")),
    "slack-usergroup": lambda: _slack(Perk("crew", "slack", "usergroup", "S1", "The crew")),
    "discord": _discord,
}


@pytest.fixture(params=PLATFORMS)
async def platform(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Platform]:
    for name in ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"):
        monkeypatch.delenv(name, raising=False)  # the SDK would take loopback calls there
    async with PLATFORMS[request.param]() as running:
        yield running


async def test_what_is_granted_is_held_until_it_is_revoked_however_often_each(platform: Platform) -> None:
    """Granting what is held and revoking what is not are no errors, and change nothing."""
    assert platform.perks.platform == platform.perk.platform
    for _ in range(2):
        await platform.perks.revoke(platform.buyer, platform.perk)
        assert not platform.held()
        for _ in range(2):
            await platform.perks.grant(platform.buyer, platform.perk)
            assert platform.held()


async def test_who_has_left_cannot_be_given_anything_and_has_nothing_to_lose(platform: Platform) -> None:
    """A grant is unreachable for good, and says why; taking it away is done already."""
    platform.leave()
    with pytest.raises(Unreachable) as caught:
        await platform.perks.grant(platform.buyer, platform.perk)
    assert caught.value.for_good
    assert caught.value.why
    await platform.perks.revoke(platform.buyer, platform.perk)
    assert not platform.held()


async def test_what_there_is_not_is_unreachable_for_good_with_what_to_do(platform: Platform) -> None:
    """A channel, group or role that is gone is told, never taken for granted."""
    if isinstance(platform.perks, FakePerks):
        platform.perks.refusal = Unreachable("there is no such channel: check the id")
    gone = replace(platform.perk, target="C404" if platform.perk.kind == "channel" else "404404404")
    with pytest.raises(Unreachable) as caught:
        await platform.perks.grant(platform.buyer, gone)
    assert caught.value.for_good
    assert not platform.held()
