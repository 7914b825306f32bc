"""What a doctor finds on Discord: each thing that can be wrong is found, and said with what to do."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from aiohttp import web

from adapters.discord import Discord, Expected, examine, invitation, listing, register
from bot.errors import Unreachable
from bot.findings import Finding
from bot.perks import Perk
from tests.adapters.discord.conftest import Stage
from tests.adapters.discord.talk import Answered, Shelf, conversation
from tests.platforms.discord import DiscordStandIn

MANAGE_ROLES = 1 << 28

TALK = conversation(Answered(), Shelf())
LISTING = listing(TALK.commands, TALK.language.locales(), TALK.tongue)


@pytest.fixture
async def platform() -> AsyncIterator[DiscordStandIn]:
    """Give a Discord where everything is as it should be, for the gateway."""
    async with DiscordStandIn() as platform:
        guild = platform.guild(channels=("general", "staff"))
        platform.role(guild, "tillbot", 5, permissions=MANAGE_ROLES, bot=True)
        platform.role(guild, "Supporter", 1)
        await register(LISTING, token=platform.token, api_base=platform.api_base)
        yield platform


def expected(platform: DiscordStandIn) -> Expected:
    guild = platform.guilds[0]
    perk = Perk("supporter", "discord", "role", str(guild.roles[1].id), "Supporter", str(guild.id))
    return Expected(listing=LISTING, channels=(str(guild.channels[1].id),), perks=(perk,))


async def examined(platform: DiscordStandIn, wanted: Expected | None = None) -> dict[str, Finding]:
    found = await examine(wanted or expected(platform), token=platform.token, api_base=platform.api_base)
    for finding in found:
        assert bool(finding.todo) is not finding.well
        assert platform.token not in finding.says + finding.todo
    return {finding.subject: finding for finding in found}


async def ill(platform: DiscordStandIn, wanted: Expected | None = None) -> Finding:
    """Give the one thing that is not well."""
    (finding,) = [finding for finding in (await examined(platform, wanted)).values() if not finding.well]
    return finding


async def test_all_is_well(platform: DiscordStandIn) -> None:
    """Everything is tried, and nothing is changed."""
    before = [request for request in platform.requests if request.method != "GET"]
    found = await examined(platform)
    channel, perk = expected(platform).channels[0], expected(platform).perks[0].id
    assert [finding.subject for finding in found.values()] == [
        *("token", "clock", "interactions endpoint", "message content", "members", "commands"),
        *(f"channel {channel}", f"perk {perk}"),
    ]
    assert all(finding.well for finding in found.values())
    assert [request for request in platform.requests if request.method != "GET"] == before


async def test_a_wrong_token(platform: DiscordStandIn) -> None:
    """A refused token is all that is found, and never named."""
    (finding,) = await examine(expected(platform), token="wrong-token", api_base=platform.api_base)
    assert (finding.subject, finding.well) == ("token", False)
    assert "DISCORD_TOKEN" in finding.todo
    assert "wrong-token" not in repr(finding)


async def test_discord_being_away(platform: DiscordStandIn) -> None:
    """Where Discord does not answer, that is the finding."""
    (finding,) = await examine(expected(platform), token=platform.token, api_base="http://127.0.0.1:9/api")
    assert (finding.subject, finding.well) == ("connection", False)
    platform.fail("GET", r"/commands$", status=403, code=50001)
    assert "403 50001" in (await ill(platform)).says


@pytest.mark.parametrize(("skew", "says"), [(3600, "behind Discord's"), (-90, "ahead of Discord's")])
async def test_a_wrong_clock(platform: DiscordStandIn, skew: float, says: str) -> None:
    """A clock that is a minute off is found before requests are refused for it."""
    platform.skew = skew
    finding = await ill(platform)
    assert (finding.subject, says in finding.says, "NTP" in finding.todo) == ("clock", True, True)


async def test_commands_that_differ(platform: DiscordStandIn) -> None:
    """What is registered otherwise is named, and `register` puts it right, once, and says what it did."""
    del platform.commands[None][0]
    platform.commands[None][0]["description"] = "old"
    platform.commands[None].append({"id": "1", "name": "sell", "description": "old"})
    finding = await ill(platform)
    assert finding.says == "not as they should be: added /buy, changed /donate, removed /sell"
    again = [await register(LISTING, token=platform.token, api_base=platform.api_base) for _ in range(2)]
    assert again == [["added /buy", "changed /donate", "removed /sell"], []]
    assert len([request for request in platform.requests if request.method == "PUT"]) == 2
    assert all(finding.well for finding in (await examined(platform)).values())


async def test_registering_with_a_wrong_token(platform: DiscordStandIn) -> None:
    """Whoever registers by hand is told what is wrong, and the token is not repeated."""
    with pytest.raises(Unreachable, match="DISCORD_TOKEN is refused") as caught:
        await register(LISTING, token="wrong-token", api_base=platform.api_base)
    assert "wrong-token" not in str(caught.value)
    platform.commands[None].clear()
    platform.fail("PUT", r"/commands$", status=400, code=50035)
    with pytest.raises(Unreachable, match="400 50035"):
        await register(LISTING, token=platform.token, api_base=platform.api_base)


async def test_intents_that_are_off(platform: DiscordStandIn) -> None:
    """Each privileged intent that is off is found, with the switch's name; members only where perks need it."""
    platform.gateway.forbidden_intents = (1 << 1) | (1 << 15)
    found = await examined(platform)
    assert "Message Content Intent" in found["message content"].todo
    assert "Server Members Intent" in found["members"].todo
    assert "members" not in await examined(platform, replace(expected(platform), perks=()))


async def test_channels_that_cannot_be_posted_to(platform: DiscordStandIn) -> None:
    """No id, no such channel, one that is hidden, silent, or lacks a permission: each is told apart."""
    staff = platform.guilds[0].channels[1]
    plain = replace(expected(platform), perks=())
    assert "no channel's id" in (await ill(platform, replace(plain, channels=("#staff",)))).says
    assert "no such channel" in (await ill(platform, replace(plain, channels=("12",)))).says
    staff.muted = True
    assert (await ill(platform, plain)).says == "the bot may not send messages, embed links there"
    staff.muted, staff.forbidden = False, True
    assert "cannot see it" in (await ill(platform, plain)).says
    staff.forbidden = False
    platform.permissions &= ~(1 << 14)
    assert (await ill(platform, plain)).says == "the bot may not embed links there"
    platform.permissions |= 1 << 14
    dm = platform.person("eve").dm
    assert "no text channel" in (await ill(platform, replace(plain, channels=(str(dm.id),)))).says


async def test_roles_that_cannot_be_given(platform: DiscordStandIn) -> None:
    """A role above the bot's own is found before anybody pays, and so is everything else that stands in its way."""
    guild = platform.guilds[0]
    own, supporter = guild.roles
    wanted = replace(expected(platform), channels=())
    supporter.position = 6
    assert "drag the bot's own role above it" in (await ill(platform, wanted)).todo
    supporter.position, own.permissions = 1, 0
    assert "may not manage roles" in (await ill(platform, wanted)).says
    own.permissions, supporter.managed = MANAGE_ROLES, True
    assert "nobody can be given" in (await ill(platform, wanted)).says
    perk = wanted.perks[0]
    for changed, says in (
        (replace(perk, target="12"), "no such role"),
        (replace(perk, target=str(guild.id)), "nobody can be given"),
        (replace(perk, workspace="12"), "not in the server"),
        (replace(perk, workspace=""), "names no role of a server"),
        (replace(perk, kind="channel"), "names no role of a server"),
    ):
        assert says in (await ill(platform, replace(wanted, perks=(changed,)))).says


async def test_an_endpoint_that_takes_the_interactions_away(platform: DiscordStandIn) -> None:
    """With an endpoint set, the gateway hears no interaction: that is found."""
    platform.endpoint.url = "https://old.test/interactions"
    finding = await ill(platform)
    assert finding.says == "Discord sends interactions to https://old.test/interactions, not by the gateway"
    platform.endpoint.url = ""


@pytest.mark.parametrize("stage", ["http"], indirect=True)
async def test_over_http_key_and_endpoint_are_tried(stage: Stage) -> None:
    """Over HTTP the key must be the application's, and the endpoint set to us, reachable, and refusing forgeries."""
    address = stage.platform.endpoint.url.removesuffix("/discord/interactions")
    wanted = Expected(
        listing=LISTING, http=True, public_key=stage.platform.endpoint.public_key.upper(), public_url=address + "/"
    )
    assert all(finding.well for finding in (await examined(stage.platform, wanted)).values())
    assert "Public Key" in (await ill(stage.platform, replace(wanted, public_key="00" * 32))).todo
    assert (await ill(stage.platform, replace(wanted, public_url=""))).subject == "interactions endpoint"
    elsewhere = await examined(stage.platform, replace(wanted, public_url="http://127.0.0.1:9"))
    assert "cannot be reached" in elsewhere["endpoint reachable"].says
    assert "http://127.0.0.1:9/discord/interactions" in elsewhere["interactions endpoint"].todo


async def test_an_endpoint_that_is_not_ours(platform: DiscordStandIn) -> None:
    """Something else that answers at the address is found by how it takes a wrong signature."""

    async def yes(_: web.Request) -> web.Response:
        return web.Response()

    app = web.Application()
    app.router.add_post("/discord/interactions", yes)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    address = f"http://127.0.0.1:{runner.addresses[0][1]}"
    platform.endpoint.url = address + "/discord/interactions"
    wanted = Expected(listing=LISTING, http=True, public_key=platform.endpoint.public_key, public_url=address)
    assert "answers 200 to a wrong signature" in (await ill(platform, wanted)).says
    await runner.cleanup()


async def test_what_a_door_registers_is_what_the_doctor_expects(platform: DiscordStandIn) -> None:
    """A door that starts has nothing to register after `register`."""
    puts = len([request for request in platform.requests if request.method == "PUT"])
    door = Discord(TALK, token=platform.token, api_base=platform.api_base, gateway=platform.gateway_url)
    await door.start()
    await platform.connected()
    await door.close()
    assert len([request for request in platform.requests if request.method == "PUT"]) == puts


def test_the_invitation_asks_for_the_least() -> None:
    """The bot and its commands; to see, write, embed, reply, write in threads; to manage roles only where perks are."""
    assert (
        invitation("123", perks=False)
        == "https://discord.com/oauth2/authorize?client_id=123&scope=bot+applications.commands&permissions=274877991936"
    )
    assert invitation("123", perks=True).endswith(f"permissions={274877991936 | MANAGE_ROLES}")
