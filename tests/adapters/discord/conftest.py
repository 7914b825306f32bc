"""A Discord, the adapter connected to it, and two people in its server."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest

from adapters.discord import Discord
from tests.adapters.discord.talk import Answered, Shelf, conversation
from tests.platforms.discord import DiscordStandIn, Guild, Person


@dataclass
class Stage:
    """What a test holds: the platform, the adapter, its people, and what stands behind the adapter."""

    platform: DiscordStandIn
    guild: Guild
    ada: Person
    ben: Person
    door: Discord
    cards: Answered
    shelf: Shelf

    def make(self, *, prefix: Callable[[], str] = lambda: "!", token: str = "") -> Discord:
        """Make another adapter, as a restart would."""
        return Discord(
            conversation(self.cards, self.shelf),
            token=token or self.platform.token,
            prefix=prefix,
            api_base=self.platform.api_base,
            gateway=self.platform.gateway_url,
        )

    async def restart(self, door: Discord | None = None) -> None:
        """Stop the adapter and start another one."""
        await self.door.close()
        self.door = door or self.make()
        await self.door.start()
        await self.platform.connected()


@asynccontextmanager
async def staged() -> AsyncIterator[Stage]:
    """Connect an adapter to a Discord of its own."""
    async with DiscordStandIn() as platform:
        guild = platform.guild(channels=("general", "staff"))
        ada = platform.person("ada", locale="fr", guild=guild)
        ben = platform.person("ben", guild=guild)
        cards, shelf = Answered(), Shelf()
        stage = Stage(platform, guild, ada, ben, None, cards, shelf)  # type: ignore[arg-type] # made in the next line
        stage.door = stage.make()
        await stage.door.start()
        try:
            await platform.connected()
            yield stage
        finally:
            await stage.door.close()


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    async with staged() as running:
        yield running
