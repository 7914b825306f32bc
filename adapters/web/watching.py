"""Watching: each second one look at the store for all pages that are open here, for another replica may have written news."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Final

from adapters.web.news import OpenPage, Streams
from bot.errors import TillbotError

_log: Final = logging.getLogger(__name__)

#: Seconds between two looks.
POLL: Final = 1.0

#: Gives the ids of the newest news of people, by their keys; who has none is left out. Raises StoreUnavailable.
Newest = Callable[[Collection[str]], Awaitable[Mapping[str, int]]]


class Watching:
    """Wakes the pages that have something to read, while any is open."""

    def __init__(self, streams: Streams, newest: Newest) -> None:
        self._streams = streams
        self._newest = newest
        self._task: asyncio.Task[None] | None = None

    @asynccontextmanager
    async def join(self, person_key: str, connected: Callable[[], bool], address: str) -> AsyncIterator[OpenPage]:
        """Count a page as open while the block lasts, and watch for it."""
        with self._streams.join(person_key, connected, address) as page:
            if self._task is None:
                self._task = asyncio.create_task(self._watch())
            try:
                yield page
            finally:
                await self._leave(page)

    async def _leave(self, page: OpenPage) -> None:
        """Stop watching where no other page is open."""
        if self._task is not None and self._streams.alone(page):
            task, self._task = self._task, None
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(POLL)
            try:
                self._streams.awake(await self._newest(self._streams.people()))
            except TillbotError:
                _log.exception("news not looked for")
