"""A gate that a call waits before until the test lets it through, so that calls overtake each other as a test wants."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Gate:
    """Shut until `open` is set; `reached` tells that somebody waits before it."""

    reached: asyncio.Event = field(default_factory=asyncio.Event)
    open: asyncio.Event = field(default_factory=asyncio.Event)

    async def wait(self) -> None:
        """Wait until it is opened."""
        self.reached.set()
        await self.open.wait()
