"""A Discord, the adapter connected to it by either door, and two people in its server."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Literal

import pytest
from aiohttp import web

from adapters.discord import Discord, DiscordHttp
from adapters.discord.gateway import Turn
from tests.adapters.discord.talk import Answered, Shelf, conversation
from tests.platforms.discord import DiscordStandIn, Guild, Person

Way = Literal["gateway", "http"]


@dataclass
class Stage:
    """What a test holds: the platform, the adapter, its people, and what stands behind the adapter."""

    platform: DiscordStandIn
    guild: Guild
    ada: Person
    ben: Person
    way: Way = "gateway"
    cards: Answered = field(default_factory=Answered)
    shelf: Shelf = field(default_factory=Shelf)
    door: Discord | DiscordHttp = field(init=False)
    _runner: web.AppRunner | None = None

    def make(
        self,
        *,
        prefix: Callable[[], str] = lambda: "!",
        token: str = "",
        perks: bool = False,
        turn: Turn | None = None,
    ) -> Discord:
        """Make another adapter for the gateway, as a restart would."""
        return Discord(
            conversation(self.cards, self.shelf),
            token=token or self.platform.token,
            prefix=prefix,
            perks=perks,
            api_base=self.platform.api_base,
            gateway=self.platform.gateway_url,
            turn=turn,
        )

    def make_http(self, *, perks: bool = False, token: str = "") -> DiscordHttp:
        """Make another adapter for HTTP."""
        return DiscordHttp(
            conversation(self.cards, self.shelf),
            token=token or self.platform.token,
            public_key=self.platform.endpoint.public_key,
            perks=perks,
            api_base=self.platform.api_base,
        )

    async def start(self, door: Discord | DiscordHttp | None = None) -> None:
        """Start an adapter, and wait until it hears people."""
        self.door = door or (self.make_http() if self.way == "http" else self.make())
        await self.door.start()
        if isinstance(self.door, DiscordHttp):
            app = web.Application()
            app.add_routes(self.door.routes())
            self._runner = web.AppRunner(app, shutdown_timeout=0.1, access_log=None)
            await self._runner.setup()
            await web.TCPSite(self._runner, "127.0.0.1", 0).start()
            port = self._runner.addresses[0][1]
            await self.door.connected()
            await self.platform.endpoint.verify(f"http://127.0.0.1:{port}/discord/interactions")
        else:
            await self.platform.connected()

    async def stop(self) -> None:
        """Stop the adapter."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None
        await self.door.close()

    async def restart(self, door: Discord | DiscordHttp | None = None) -> None:
        """Stop the adapter and start another one."""
        await self.stop()
        await self.start(door)


@asynccontextmanager
async def staged(way: Way = "gateway") -> AsyncIterator[Stage]:
    """Connect an adapter to a Discord of its own."""
    async with DiscordStandIn() as platform:
        guild = platform.guild(channels=("general", "staff"))
        ada = platform.person("ada", locale="fr", guild=guild)
        ben = platform.person("ben", guild=guild)
        stage = Stage(platform, guild, ada, ben, way)
        try:
            await stage.start()
            yield stage
        finally:
            await stage.stop()


@pytest.fixture
async def stage(request: pytest.FixtureRequest) -> AsyncIterator[Stage]:
    """Connect through the gateway, or as the test is parametrised."""
    async with staged(getattr(request, "param", "gateway")) as running:
        yield running
