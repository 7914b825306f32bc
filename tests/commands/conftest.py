"""A shop for each test."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.bot.rig import Rig, World, opened


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


@pytest.fixture
async def rig(world: World) -> AsyncIterator[Rig]:
    async with opened(world) as running:
        yield running
