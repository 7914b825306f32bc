"""Many workspaces: the connection to each by its own installation, read anew each time and its token kept fresh."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final

from slack_sdk.errors import SlackClientError
from slack_sdk.oauth.installation_store import Installation
from slack_sdk.oauth.token_rotation.async_rotator import AsyncTokenRotator

from adapters.slack.connection import API_BASE, Connection
from adapters.slack.installs import Installs
from adapters.slack.oauth import OAuthClient
from adapters.slack.pace import Pace
from adapters.slack.tasks import Tasks
from bot.ports import Memory

_log: Final = logging.getLogger(__name__)

#: Minutes before its end at which a token is exchanged; they live twelve hours
#: (https://docs.slack.dev/authentication/using-token-rotation).
EARLY_MINUTES: Final = 120
#: Seconds before its end at which a token is waited for, rather than exchanged in passing.
_URGENT: Final = 60
_CALL_SECONDS: Final = 5


class InstalledWorkspaces:
    """Implements Workspaces over the installations in `memory`. What is forgotten there is not spoken to any more."""

    def __init__(
        self,
        memory: Memory,
        *,
        secret: str,
        client_id: str,
        client_secret: str,
        api_base: str = API_BASE,
        paced: Callable[[str, float], Awaitable[bool]] | None = None,
    ) -> None:
        self.memory = memory
        self._paced = paced
        self.installs = Installs(memory, secret)
        self.client_id = client_id
        self.client_secret = client_secret
        self.api_base = api_base
        client = OAuthClient(base_url=api_base, timeout=_CALL_SECONDS)
        self._rotator = AsyncTokenRotator(client_id=client_id, client_secret=client_secret, client=client)
        self._rotating: dict[str, asyncio.Lock] = {}
        self._tasks = Tasks()
        self._connections: dict[str, Connection] = {}

    async def of(self, team: str, enterprise: str = "") -> Connection | None:
        """Give the connection to a workspace; None where the app is not, or not any more. Raises StoreUnavailable."""
        found = await self.installs.serving(team, enterprise)
        if found is None or not found.bot_token:
            await self._drop(team)
            return None
        found = await self._fresh(found, team, enterprise)
        connection = self._connections.get(team)
        if connection is not None and connection.org is not found.is_enterprise_install:
            await self._drop(team)
            connection = None
        if connection is None:
            connection = self._connections[team] = Connection(
                bot_token=found.bot_token or "",
                api_base=self.api_base,
                team=team,
                org=found.is_enterprise_install,
                pace=Pace(shared=self._paced),
            )
        connection.renew(found.bot_token or "")
        return connection

    async def all(self) -> Sequence[Connection]:
        """Give the connections to every workspace that is known. Raises StoreUnavailable."""
        found = [await self.of(team) for team in sorted(await self.installs.teams())]
        return [connection for connection in found if connection is not None]

    async def forget(self, body: Mapping[str, Any]) -> None:
        """Honour app_uninstalled, tokens_revoked or team_access_revoked. Raises StoreUnavailable.

        A late repetition is told from the end of a newer installation by its time.
        """
        event = body["event"]
        if event["type"] == "team_access_revoked":
            await self.installs.leave(list(event["team_ids"]))
            return
        if event["type"] == "tokens_revoked" and not event["tokens"].get("bot"):
            return  # tokens of users, of which we keep none
        meant = (body.get("authorizations") or (body,))[0]
        org = bool(meant.get("is_enterprise_install") or body.get("is_enterprise_install"))
        enterprise = meant.get("enterprise_id") or body.get("enterprise_id")
        team = meant.get("team_id") or body.get("team_id")
        found = await self.installs.async_find_installation(
            enterprise_id=enterprise, team_id=team, is_enterprise_install=org
        )
        if found is None or found.installed_at > float(body.get("event_time") or time.time()) + 1:
            return
        await self.installs.async_delete_installation(enterprise_id=enterprise, team_id=None if org else team)
        _log.info("installation forgotten", extra={"workspace": enterprise if org else team})

    async def aclose(self) -> None:
        """Close every connection."""
        await self._tasks.drain()
        for team in list(self._connections):
            await self._drop(team)

    async def _drop(self, team: str) -> None:
        connection = self._connections.pop(team, None)
        if connection is not None:
            await connection.aclose()

    async def _fresh(self, found: Installation, team: str, enterprise: str) -> Installation:
        """Exchange a token that is about to end: in passing while it lives, else before anything else."""
        ends = found.bot_token_expires_at
        if ends is None or ends > time.time() + EARLY_MINUTES * 60:
            return found
        if ends > time.time() + _URGENT:
            if not self._lock(found).locked():
                self._tasks.spawn(self._exchange_in_passing(found, team, enterprise))
            return found
        return await self._exchange(found, team, enterprise)

    async def _exchange_in_passing(self, found: Installation, team: str, enterprise: str) -> None:
        await self._exchange(found, team, enterprise)

    async def _exchange(self, found: Installation, team: str, enterprise: str) -> Installation:
        """Exchange a token once: a refresh token is good for one exchange, and another replica may have been faster."""
        async with self._lock(found):
            now = await self.installs.serving(team, enterprise)
            if now is None or now.bot_token != found.bot_token:
                return now or found
            if self._paced is not None and not await self._paced(f"slack:token:{self._holder(found)}", _CALL_SECONDS):
                return now  # another replica is at it, and this token lives a while yet
            try:
                renewed = await self._rotator.perform_token_rotation(
                    installation=now, minutes_before_expiration=EARLY_MINUTES
                )
            except (SlackClientError, OSError, TimeoutError) as error:
                _log.warning("token not exchanged", extra={"workspace": team, "why": type(error).__name__})
                return await self.installs.serving(team, enterprise) or found
            if renewed is None:
                return now
            still = await self.installs.serving(team, enterprise)
            if still is None or still.bot_token != now.bot_token:  # uninstalled, or installed anew, in the meantime
                return still or found
            await self.installs.async_save(renewed)
            return renewed

    def _lock(self, found: Installation) -> asyncio.Lock:
        return self._rotating.setdefault(self._holder(found), asyncio.Lock())

    @staticmethod
    def _holder(found: Installation) -> str:
        return (found.enterprise_id if found.is_enterprise_install else found.team_id) or ""
