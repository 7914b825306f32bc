"""The doors that people come in by: each platform that the config switches on, with its voice and its routes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field

from aiohttp import web

from bot.conversation import Conversation
from bot.ports import Perks, Voice
from bot.settings import Settings
from bot.shop import Shop
from config.bases import Bases
from config.secrets import Secrets


async def _nothing() -> None:
    """Need no starting, or no closing."""


@dataclass(frozen=True, slots=True)
class Door:
    """A platform that is switched on."""

    voice: Voice
    routes: Sequence[web.RouteDef] = ()
    perks: Perks | None = None
    start: Callable[[], Awaitable[None]] = field(default=_nothing)
    close: Callable[[], Awaitable[None]] = field(default=_nothing)


def doors(conversation: Conversation, shop: Callable[[], Shop], vault: Secrets, bases: Bases) -> Iterator[Door]:
    """Give the chat platforms that are on. SDKs of those that are off are not imported."""
    settings = shop().settings
    if settings.slack.enabled:
        yield _slack(conversation, settings, vault, bases)
    if settings.discord.enabled:
        yield _discord(conversation, shop, vault, bases)


def _slack(conversation: Conversation, settings: Settings, vault: Secrets, bases: Bases) -> Door:
    from adapters.slack.connection import API_BASE, Connection
    from adapters.slack.door import SlackDoor
    from adapters.slack.voice import SlackVoice

    connection = Connection(bot_token=vault.need("SLACK_BOT_TOKEN"), api_base=bases.slack or API_BASE)
    door = SlackDoor(
        conversation,
        connection,
        signing_secret=vault.need("SLACK_SIGNING_SECRET"),
        prefix=settings.slack.prefix,
    )

    async def close() -> None:
        await door.aclose()
        await connection.aclose()

    return Door(SlackVoice(connection), door.routes(), close=close)


def _discord(conversation: Conversation, shop: Callable[[], Shop], vault: Secrets, bases: Bases) -> Door:
    from adapters.discord import Discord

    discord = Discord(
        conversation,
        token=vault.need("DISCORD_TOKEN"),
        prefix=lambda: shop().settings.discord.prefix,
        api_base=bases.discord,
        gateway=bases.gateway,
    )
    return Door(discord, start=discord.start, close=discord.close)
