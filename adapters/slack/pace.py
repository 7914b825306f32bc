"""The pace of messages: Slack takes one a second in a channel, so whoever is early is told when to come again."""

import time
from collections import OrderedDict
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final

from bot.errors import Later

#: Seconds between two messages in one channel (https://docs.slack.dev/apis/web-api/rate-limits, chat.postMessage).
SECONDS: Final = 1.0
_MOST: Final = 10_000


class Pace:
    """When something may be said in a channel again. Kept in memory: what another replica says, Slack's 429 tells."""

    def __init__(self, seconds: float = SECONDS, clock: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._clock = clock
        self._next: OrderedDict[str, float] = OrderedDict()

    def ask(self, channel: str) -> None:
        """Raise Later where something was said in the channel less than a second ago."""
        wait = self._next.get(channel, 0.0) - self._clock()
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
