from __future__ import annotations

from collections.abc import AsyncIterator
from importlib import import_module
from pathlib import Path

import pytest

from tests.conformance.doors import Door
from tests.conformance.world import World

#: The doors by the names that tests carry: module and class of each driver.
DOORS = {
    "web": ("web_door", "WebDoor"),
    "slack-http": ("slack_door", "SlackHttp"),
    "slack-socket": ("slack_door", "SlackSocket"),
    "discord-gateway": ("discord_door", "DiscordGateway"),
    "discord-http": ("discord_door", "DiscordHttp"),
}


@pytest.fixture(params=DOORS)
async def world(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[World]:
    """Open a shop behind each door in turn."""
    module, name = DOORS[request.param]
    door: type[Door] = getattr(import_module(f"tests.conformance.{module}"), name)
    async with World.at(await door.open(), tmp_path) as opened:
        yield opened
