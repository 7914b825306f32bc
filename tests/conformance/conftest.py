from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from importlib import import_module
from pathlib import Path

import pytest

from tests.conformance.doors import Door
from tests.conformance.world import World

#: The doors by the names that tests carry: module and class of each driver.
DOORS = {
    "web": ("web_door", "WebDoor"),
    "slack-http": ("slack_door", "SlackDoor"),
    "discord-gateway": ("discord_door", "DiscordDoor"),
}


@pytest.fixture(params=DOORS)
async def world(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[World]:
    """A running shop behind each door in turn."""
    module, name = DOORS[request.param]
    door: Callable[[], Door] = getattr(import_module(f"tests.conformance.{module}"), name)
    async with World.at(door(), tmp_path) as opened:
        yield opened
