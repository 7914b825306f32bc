"""The private parts of discord.py that the adapter uses: when the SDK changes them, this is where it shows."""

import asyncio
import inspect
from collections.abc import AsyncIterator
from typing import Any

import discord
import pytest
from discord.gateway import DiscordWebSocket
from discord.http import HTTPClient, Route
from discord.webhook.async_ import AsyncWebhookAdapter

from adapters.discord import cards, commands, private
from adapters.discord.interactions import Interactions
from adapters.discord.people import Locales
from bot.chat import Card
from tests.adapters.discord.talk import Answered, Shelf, conversation
from tests.platforms.discord import DiscordStandIn


@pytest.fixture
async def client() -> AsyncIterator[tuple[discord.Client, DiscordStandIn]]:
    async with DiscordStandIn() as platform:
        undo = private.point(platform.api_base, platform.gateway_url)
        sdk = discord.Client(intents=discord.Intents(guilds=True))
        await sdk.login(platform.token)
        yield sdk, platform
        await sdk.close()
        undo()


async def test_every_private_part_does_what_is_asked_of_it(client: tuple[discord.Client, DiscordStandIn]) -> None:
    """Addresses, command registration and the edit by token alone reach Discord as they should."""
    sdk, platform = client
    assert str(DiscordWebSocket.DEFAULT_GATEWAY) == platform.gateway_url
    talk = conversation(Answered(), Shelf())
    wanted = commands.listing(talk.commands, talk.language.locales(), talk.tongue)
    await private.register(sdk, wanted)
    assert commands.differences(await private.registered(sdk), wanted) == []
    with pytest.raises(discord.NotFound) as caught:
        await private.edit_original(sdk, "no-such-token", cards.card(Card("Paid")))
    assert caught.value.code == 10015
    request = platform.requests[-1]
    assert (request.method, request.path) == (
        "PATCH",
        f"/webhooks/{sdk.application_id}/no-such-token/messages/@original",
    )
    assert request.body["embeds"][0]["title"] == "Paid"


def interaction(platform: DiscordStandIn) -> dict[str, Any]:
    """Give an interaction as Discord sends it over HTTP."""
    guild = platform.guild()
    role = platform.role(guild, "Staff", 1)
    member = platform.person("ada", guild=guild, roles=(role.id,)).member(permissions=0)
    options = [{"name": "product", "type": 3, "value": "cap"}, {"name": "quantity", "type": 4, "value": 1}]
    return {
        **platform.ping(),
        "type": 2,
        "data": {"id": "1", "name": "buy", "type": 1, "options": options},
        "guild_id": str(guild.id),
        "channel": guild.channels[0].wire(),
        "member": member,
        "attachment_size_limit": 1,
    }


async def test_an_interaction_is_read_without_a_gateway(client: tuple[discord.Client, DiscordStandIn]) -> None:
    """A client that is only logged in reads what comes over HTTP: who, where, and with which roles."""
    sdk, platform = client
    payload = interaction(platform)
    read = private.interaction(sdk, payload)
    assert (str(read.id), str(read.guild_id), str(read.channel_id)) == (
        payload["id"],
        payload["guild_id"],
        payload["channel"]["id"],
    )
    assert private.roles(read.user) == tuple(payload["member"]["roles"]) != ()
    in_part = private.interaction(sdk, {**payload, "channel": {"id": "5", "type": 0}})
    assert (in_part.id, in_part.channel_id) == (read.id, None)
    with pytest.raises(ValueError, match="no interaction"):
        private.interaction(sdk, {})


async def test_the_first_answer_is_handed_over_instead_of_sent(client: tuple[discord.Client, DiscordStandIn]) -> None:
    """In its context a card becomes the response, and goes nowhere else; outside of it the SDK sends as ever."""
    sdk, platform = client
    inline = private.Inline()
    read = private.interaction(sdk, interaction(platform))
    sending = asyncio.create_task(read.response.send_message("Hello", ephemeral=True), context=inline.context())
    answer = await inline.answer
    assert answer is not None
    assert (answer["type"], answer["data"]["content"], answer["data"]["flags"]) == (4, "Hello", 64)
    assert not sending.done()
    inline.sent(whole=True)
    await sending
    assert not [request for request in platform.requests if "callback" in request.path]


async def test_where_nobody_waits_nothing_is_deferred_or_run(client: tuple[discord.Client, DiscordStandIn]) -> None:
    """If the response never left, the deferral is not sent either, and the step that waits for it does not run."""
    sdk, platform = client
    shelf = Shelf()
    taker = Interactions(conversation(Answered(), shelf), Locales(), None)
    inline = private.Inline()
    taking = asyncio.create_task(taker.take(private.interaction(sdk, interaction(platform))), context=inline.context())
    assert await inline.answer is None
    inline.sent(whole=False)
    await taking
    assert shelf.orders == {}
    assert not [request for request in platform.requests if "callback" in request.path]


def test_the_sdk_is_the_version_whose_private_parts_were_read() -> None:
    """The pinned version, and the names and parameters that adapters/discord/private.py relies on, are there."""
    assert discord.__version__ == "2.7.1"
    assert isinstance(Route.BASE, str)
    assert list(inspect.signature(HTTPClient.bulk_upsert_global_commands).parameters) == [
        "self",
        "application_id",
        "payload",
    ]
    assert list(inspect.signature(AsyncWebhookAdapter.create_interaction_response).parameters) == [
        *("self", "interaction_id", "token", "session", "proxy", "proxy_auth", "params"),
    ]
    assert list(inspect.signature(discord.Interaction).parameters) == ["data", "state"]
    for name in ("add_role", "remove_role"):
        assert list(inspect.signature(getattr(HTTPClient, name)).parameters)[:4] == [
            *("self", "guild_id", "user_id", "role_id"),
        ]
    assert {"application_id", "token", "session", "payload"} <= set(
        inspect.signature(AsyncWebhookAdapter.edit_original_interaction_response).parameters
    )
