"""The private parts of discord.py that the adapter uses: when the SDK changes them, this is where it shows."""

import inspect
from collections.abc import AsyncIterator

import discord
import pytest
from discord.gateway import DiscordWebSocket
from discord.http import HTTPClient, Route
from discord.webhook.async_ import AsyncWebhookAdapter

from adapters.discord import cards, commands, private
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


def test_the_sdk_is_the_version_whose_private_parts_were_read() -> None:
    """The pinned version, and the names and parameters that adapters/discord/private.py relies on, are there."""
    assert discord.__version__ == "2.7.1"
    assert isinstance(Route.BASE, str)
    assert list(inspect.signature(HTTPClient.bulk_upsert_global_commands).parameters) == [
        "self",
        "application_id",
        "payload",
    ]
    assert {"application_id", "token", "session", "payload"} <= set(
        inspect.signature(AsyncWebhookAdapter.edit_original_interaction_response).parameters
    )
