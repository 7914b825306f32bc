"""The pace of messages: Slack takes one a second in a channel, so whoever is early is told when to come again."""

import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Final

from bot.errors import Later

#: Seconds between two messages in one channel (https://docs.slack.dev/apis/web-api/rate-limits, chat.postMessage).
SECONDS: Final = 1.0
_MOST: Final = 10_000


class Pace:
    """When something may be said in a channel again, kept in memory; `shared` asks what the other replicas said there.

    It is told a channel and seconds, and answers False where somebody said something there less than that ago.
    """

    def __init__(
        self,
        seconds: float = SECONDS,
        clock: Callable[[], float] = time.monotonic,
        shared: Callable[[str, float], Awaitable[bool]] | None = None,
    ) -> None:
        self._seconds = seconds
        self._clock = clock
        self._shared = shared
        self._next: OrderedDict[str, float] = OrderedDict()

    async def ask(self, channel: str) -> None:
        """Raise Later where something was said in the channel less than a second ago."""
        wait = self._next.get(channel, 0.0) - self._clock()
        if wait <= 0 and self._shared is not None and not await self._shared(f"slack:{channel}", self._seconds):
            wait = self._seconds
        if wait > 0:
            raise Later(datetime.now(UTC) + timedelta(seconds=wait))

    def said(self, channel: str) -> None:
        """Note that something is being said in the channel."""
        self.hold(channel, self._seconds)

    def hold(self, channel: str, seconds: float) -> None:
        """Let nothing be said in the channel for so many seconds."""
        self._next[channel] = self._clock() + seconds
        self._next.move_to_end(channel)
        while len(self._next) > _MOST:
            self._next.popitem(last=False)
