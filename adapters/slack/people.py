"""What Slack knows of people: their locales, and the user groups that make admins; asked for a moment only, and remembered."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final, Generic, TypeVar

from adapters.slack.connection import Connection
from bot.errors import Later, Unreachable

#: The longest that an answer waits for what Slack knows, in seconds; then it is made without.
PATIENCE: Final = 0.8
#: Seconds for which a locale is believed, and for which it is not asked again after Slack refused.
KNOWN: Final = 6 * 3600.0
UNKNOWN: Final = 60.0
#: Seconds for which the members of a user group are believed.
MEMBERS: Final = 60.0
#: How the id of a user group begins.
GROUP: Final = "S"
_MOST: Final = 10_000

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a person: the locale ("fr-FR", or ""), and which of the admins' groups they are in."""

    locale: str = ""
    groups: tuple[str, ...] = ()


class People:
    """Remembers what Slack knows, in memory. `admin_groups` names the groups that make admins: ids beginning with S."""

    def __init__(self, admin_groups: Callable[[], Sequence[str]] = tuple) -> None:
        self._admin_groups = admin_groups
        self._locales: _Asked[str] = _Asked("")
        self._members: _Asked[frozenset[str]] = _Asked(frozenset())

    async def of(self, connection: Connection, team: str, user: str) -> Known:
        """Give what is known of a person within 800 ms: what Slack does not say in time is left out, and remembered."""
        groups = [group for group in self._admin_groups() if group.startswith(GROUP)]
        locale, members = await asyncio.gather(
            self._locales.get(f"{team}/{user}", partial(_locale, connection, user)),
            asyncio.gather(
                *(self._members.get(f"{team}/{group}", partial(_members, connection, group)) for group in groups)
            ),
        )
        return Known(locale, tuple(group for group, inside in zip(groups, members, strict=True) if user in inside))

    async def aclose(self) -> None:
        """Stop asking."""
        await self._locales.aclose()
        await self._members.aclose()


class _Asked(Generic[Value]):
    """Answers by name, each believed for as long as it said, and asked for once at a time."""

    def __init__(self, nothing: Value) -> None:
        self._nothing = nothing
        self._known: OrderedDict[str, tuple[Value, float]] = OrderedDict()
        self._asking: dict[str, asyncio.Task[Value]] = {}

    async def get(self, name: str, ask: Callable[[], Awaitable[tuple[Value, float]]]) -> Value:
        known, until = self._known.get(name, (self._nothing, 0.0))
        if time.monotonic() < until:
            return known
        asking = self._asking.get(name)
        if asking is None:
            asking = self._asking[name] = asyncio.create_task(self._ask(name, ask))
            asking.add_done_callback(lambda _: self._asking.pop(name, None))
        done, _ = await asyncio.wait([asking], timeout=PATIENCE)
        return asking.result() if done else self._nothing

    async def _ask(self, name: str, ask: Callable[[], Awaitable[tuple[Value, float]]]) -> Value:
        try:
            value, seconds = await ask()
        except (Unreachable, Later):
            value, seconds = self._nothing, UNKNOWN
        self._known[name] = (value, time.monotonic() + seconds)
        while len(self._known) > _MOST:
            self._known.popitem(last=False)
        return value

    async def aclose(self) -> None:
        for asking in list(self._asking.values()):
            asking.cancel()
        await asyncio.gather(*self._asking.values(), return_exceptions=True)


async def _locale(connection: Connection, user: str) -> tuple[str, float]:
    told = await connection.call(connection.web.users_info(user=user, include_locale=True))
    return str(told["user"].get("locale") or ""), KNOWN


async def _members(connection: Connection, group: str) -> tuple[frozenset[str], float]:
    told = await connection.call(connection.web.usergroups_users_list(usergroup=group))
    return frozenset(told["users"]), MEMBERS
