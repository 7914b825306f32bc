"""Work that goes on after an acknowledgement: kept track of, and waited for at shutdown."""

import asyncio
import logging
from collections.abc import Coroutine
from typing import Final

_log: Final = logging.getLogger(__name__)

#: Seconds that a shutdown waits for what is under way.
PATIENCE: Final = 20.0


class Tasks:
    """Running tasks. What one of them raises is logged, since nobody awaits it."""

    def __init__(self) -> None:
        self._running: set[asyncio.Task[None]] = set()

    def spawn(self, work: Coroutine[None, None, None]) -> None:
        """Start a task."""
        task = asyncio.create_task(work)
        self._running.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.error("answering failed", exc_info=error)

    async def drain(self) -> None:
        """Wait for every task, also those that these start; what takes too long is cancelled."""
        try:
            async with asyncio.timeout(PATIENCE):
                while self._running:
                    await asyncio.wait(self._running)
        except TimeoutError:
            for task in self._running:
                task.cancel()
            await asyncio.gather(*self._running, return_exceptions=True)
