"""The doors that people come in by: each platform that the config switches on, with its voice and its routes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from aiohttp import web

from bot.chat import Command
from bot.conversation import Conversation
from bot.errors import BadConfig, Problem
from bot.findings import Finding
from bot.perks import Perk
from bot.ports import Memory, Perks, Voice
from bot.settings import Settings
from bot.shop import Shop
from bot.words import Language, Tongue
from config.bases import Bases
from config.secrets import Secrets

if TYPE_CHECKING:
    from adapters.slack.installed import InstalledWorkspaces


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


@dataclass(frozen=True, slots=True)
class Turns:
    """How replicas take turns."""

    #: Tells whether something may be done now that may be done once in so many seconds, and then counts it as done.
    paced: Callable[[str, float], Awaitable[bool]]
    #: Holds a name while the block lasts, False where another replica does; the event is set when it was lost.
    holding: Callable[[str, asyncio.Event], AbstractAsyncContextManager[bool]]

    def hold(self, name: str) -> AbstractAsyncContextManager[bool]:
        """Hold a name for something so short that it is not lost."""
        return self.holding(name, asyncio.Event())


@dataclass(frozen=True, slots=True)
class Hall:
    """What every door is opened with."""

    conversation: Conversation
    shop: Callable[[], Shop]
    vault: Secrets
    bases: Bases
    memory: Memory
    #: None where no other replica can be.
    turns: Turns | None = None


def doors(hall: Hall) -> Iterator[Door]:
    """Give the chat platforms that are on. SDKs of those that are off are not imported."""
    settings = hall.shop().settings
    if settings.slack.enabled:
        yield _slack(hall, settings)
    if settings.discord.enabled:
        yield _discord(hall, settings)


def perks_of(settings: Settings, platform: str) -> Sequence[Perk]:
    """Give the perks that a platform grants."""
    return [perk for perk in settings.perks.values() if perk.platform == platform]


def _slack(hall: Hall, settings: Settings) -> Door:
    from adapters.slack.connection import API_BASE, Connection
    from adapters.slack.door import SlackDoor
    from adapters.slack.install import Install
    from adapters.slack.pace import Pace
    from adapters.slack.perks import SlackPerks
    from adapters.slack.voice import SlackVoice

    vault, base = hall.vault, hall.bases.slack or API_BASE
    socket = settings.slack.socket
    many = bool(vault.get("SLACK_CLIENT_ID"))
    paced = hall.turns.paced if hall.turns else None
    workspaces: Connection | InstalledWorkspaces
    routes: list[web.RouteDef] = []
    if many:
        if not settings.web.public_url:
            better = "set [web] public_url, or unset it and use SLACK_BOT_TOKEN for one workspace"
            raise BadConfig(
                [Problem("environment", 0, "SLACK_CLIENT_ID", "is set, but installs need an address", better)]
            )
        workspaces = _workspaces(vault, hall.bases, hall.memory, paced)
        install = Install(workspaces, scopes=slack_scopes(settings), public_url=settings.web.public_url)
        routes += install.routes()
    else:
        workspaces = Connection(bot_token=vault.need("SLACK_BOT_TOKEN"), api_base=base, pace=Pace(shared=paced))
    door = SlackDoor(
        hall.conversation,
        workspaces,
        signing_secret=vault.get("SLACK_SIGNING_SECRET") if socket else vault.need("SLACK_SIGNING_SECRET"),
        app_token=vault.need("SLACK_APP_TOKEN") if socket else "",
        prefix=settings.slack.prefix,
        admin_groups=lambda: hall.shop().settings.admins.get("slack", ()),
        api_base=base,
    )

    async def close() -> None:
        await door.aclose()
        await workspaces.aclose()

    perks = SlackPerks(workspaces, turn=hall.turns.hold) if hall.turns else SlackPerks(workspaces)
    return Door(SlackVoice(workspaces), [*door.routes(), *routes], perks, door.start, close)


def slack_scopes(settings: Settings) -> Sequence[str]:
    """Give the scopes that the Slack app needs for what the config says, and no more."""
    from adapters.slack.manifest import scopes

    kinds = [perk.kind for perk in perks_of(settings, "slack") if perk.kind != "role"]
    return scopes(perks=kinds, admin_groups=settings.admins.get("slack", ()))


def slack_manifest(
    settings: Settings, commands: Sequence[Command], language: Language, *, many: bool
) -> dict[str, Any]:
    """Make the Slack app's manifest. Raises ValueError where a public address is needed and there is none."""
    from adapters.slack.manifest import manifest, slashes

    return manifest(
        settings.slack.prefix,
        settings.web.public_url or None,
        settings.slack.socket,
        commands=slashes(commands, language),
        bot_scopes=slack_scopes(settings),
        many=many,
    )


def _discord(hall: Hall, settings: Settings) -> Door:
    from adapters.discord import Discord, DiscordHttp

    token, granting = hall.vault.need("DISCORD_TOKEN"), bool(perks_of(settings, "discord"))
    if settings.discord.http:
        called = DiscordHttp(
            hall.conversation,
            token=token,
            public_key=hall.vault.need("DISCORD_PUBLIC_KEY"),
            perks=granting,
            api_base=hall.bases.discord,
        )
        return Door(called, called.routes(), called, called.start, called.close)
    discord = Discord(
        hall.conversation,
        token=token,
        prefix=lambda: hall.shop().settings.discord.prefix,
        perks=granting,
        api_base=hall.bases.discord,
        gateway=hall.bases.gateway,
        turn=partial(hall.turns.holding, "discord:gateway") if hall.turns else None,
    )
    return Door(discord, (), discord, discord.start, discord.close)


def discord_listing(settings: Settings, commands: Sequence[Command], language: Language) -> list[dict[str, Any]]:
    """Make the body that registers the commands with Discord."""
    from adapters.discord import listing

    return listing(
        commands, language.locales(), lambda locale: Tongue(language, language.resolve(locale), settings.zone)
    )


async def discord_register(
    settings: Settings, commands: Sequence[Command], language: Language, environ: Mapping[str, str]
) -> Sequence[str]:
    """Register the commands with Discord where they differ, and say what changed. Raises BadConfig."""
    from adapters.discord import register

    token, base = Secrets(environ).need("DISCORD_TOKEN"), Bases.of(environ).discord
    return await register(discord_listing(settings, commands, language), token=token, api_base=base)


async def examinations(
    settings: Settings,
    vault: Secrets,
    bases: Bases,
    *,
    commands: Sequence[Command],
    language: Language,
    memory: Memory,
) -> AsyncIterator[Finding]:
    """Have each platform that is on examined."""
    if settings.slack.enabled:
        async for found in _examine_slack(settings, vault, bases, memory):
            yield found
    if settings.discord.enabled:
        body = discord_listing(settings, commands, language)
        for found in await _examine_discord(settings, vault, bases, body):
            yield found


async def _examine_slack(settings: Settings, vault: Secrets, bases: Bases, memory: Memory) -> AsyncIterator[Finding]:
    """Examine the one workspace, or each that has installed the app."""
    from adapters.slack.connection import API_BASE
    from adapters.slack.doctor import Setup, examine

    tokens = [vault.get("SLACK_BOT_TOKEN")]
    if vault.get("SLACK_CLIENT_ID"):
        workspaces = _workspaces(vault, bases, memory)
        tokens = [connection.bot_token for connection in await workspaces.all()]
        await workspaces.aclose()
        if not tokens:
            todo = "open /slack/install in a browser"
            yield Finding("Slack", well=False, says="no workspace has installed the app yet", todo=todo)
    for token in tokens:
        setup = Setup(
            bot_token=token,
            app_token=vault.get("SLACK_APP_TOKEN") if settings.slack.socket else "",
            signing_secret=vault.get("SLACK_SIGNING_SECRET"),
            public_url=settings.web.public_url,
            staff_channel=settings.notify.get("slack", ""),
            perks=perks_of(settings, "slack"),
            admin_groups=settings.admins.get("slack", ()),
            api_base=bases.slack or API_BASE,
        )
        for found in await examine(setup):
            yield found


def _workspaces(
    vault: Secrets,
    bases: Bases,
    memory: Memory,
    paced: Callable[[str, float], Awaitable[bool]] | None = None,
) -> InstalledWorkspaces:
    from adapters.slack.connection import API_BASE
    from adapters.slack.installed import InstalledWorkspaces

    return InstalledWorkspaces(
        memory,
        secret=vault.need("TILLBOT_SECRET"),
        client_id=vault.need("SLACK_CLIENT_ID"),
        client_secret=vault.need("SLACK_CLIENT_SECRET"),
        api_base=bases.slack or API_BASE,
        paced=paced,
    )


async def _examine_discord(
    settings: Settings, vault: Secrets, bases: Bases, listing: list[dict[str, Any]]
) -> Sequence[Finding]:
    from adapters.discord import Expected, examine

    expected = Expected(
        listing=listing,
        http=settings.discord.http,
        public_key=vault.get("DISCORD_PUBLIC_KEY"),
        public_url=settings.web.public_url,
        channels=[channel for channel in (settings.notify.get("discord"),) if channel],
        perks=perks_of(settings, "discord"),
    )
    return await examine(expected, token=vault.get("DISCORD_TOKEN"), api_base=bases.discord)
