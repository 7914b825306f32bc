"""People's locales: asked of Slack once, for a moment only, and remembered."""

import asyncio
import time
from collections import OrderedDict
from typing import Final

from adapters.slack.connection import Connection
from bot.errors import Later, Unreachable

#: The longest that an answer waits for a locale, in seconds; then the workspace's default speaks.
PATIENCE: Final = 0.8
#: Seconds for which a locale is believed, and for which it is not asked again after Slack refused.
KNOWN: Final = 6 * 3600.0
UNKNOWN: Final = 60.0
_MOST: Final = 10_000


class Locales:
    """Remembers the locale of each person, in memory."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._known: OrderedDict[str, tuple[str, float]] = OrderedDict()
        self._asking: dict[str, asyncio.Task[str]] = {}

    async def of(self, user: str) -> str:
        """Give a person's locale ("fr-FR"), or "" where Slack does not say so in time; a late answer is remembered."""
        locale, until = self._known.get(user, ("", 0.0))
        if time.monotonic() < until:
            return locale
        asking = self._asking.get(user)
        if asking is None:
            asking = self._asking[user] = asyncio.create_task(self._ask(user))
            asking.add_done_callback(lambda _: self._asking.pop(user, None))
        done, _ = await asyncio.wait([asking], timeout=PATIENCE)
        return asking.result() if done else ""

    async def _ask(self, user: str) -> str:
        web = self._connection.web
        try:
            told = await self._connection.call(web.users_info(user=user, include_locale=True))
        except (Unreachable, Later):
            locale, seconds = "", UNKNOWN
        else:
            locale, seconds = str(told["user"].get("locale") or ""), KNOWN
        self._known[user] = (locale, time.monotonic() + seconds)
        while len(self._known) > _MOST:
            self._known.popitem(last=False)
        return locale

    async def aclose(self) -> None:
        """Stop asking."""
        for asking in list(self._asking.values()):
            asking.cancel()
        await asyncio.gather(*self._asking.values(), return_exceptions=True)
