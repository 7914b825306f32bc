"""Installations in many workspaces: kept in the memory of adapters, encrypted, each readable only under its own name."""

import hashlib
import json
import logging
import secrets
import time
from collections.abc import Mapping
from typing import Any, Final

from nacl.encoding import URLSafeBase64Encoder
from nacl.exceptions import CryptoError
from nacl.secret import SecretBox
from slack_sdk.oauth.installation_store import Bot, Installation
from slack_sdk.oauth.installation_store.async_installation_store import AsyncInstallationStore
from slack_sdk.oauth.state_store.async_state_store import AsyncOAuthStateStore

from bot.ports import Memory

_log: Final = logging.getLogger(__name__)

_INSTALL: Final = "slack:install:"
#: Under which a workspace's organisation is remembered, where that has installed the app for it.
_ORG: Final = "slack:org:"
_STATE: Final = "slack:state:"
#: Seconds in which an installation that was begun must be finished.
STATE_SECONDS: Final = 600
#: Installations that may be under way at a time; beyond it the oldest is given up.
MOST_STATES: Final = 1000


class Installs(AsyncInstallationStore):
    """The SDK's store of installations over `Memory`: one a workspace or organisation, of its bot alone.

    `secret` is TILLBOT_SECRET; the key is derived from it. Every method raises StoreUnavailable.
    """

    def __init__(self, memory: Memory, secret: str) -> None:
        key = hashlib.blake2b(secret.encode(), digest_size=SecretBox.KEY_SIZE, person=b"slack installs")
        self._memory = memory
        self._box = SecretBox(key.digest())

    @property
    def logger(self) -> logging.Logger:
        """Where the SDK logs."""
        return _log

    async def async_save(self, installation: Installation) -> None:
        """Keep an installation, in place of an earlier one. The installer's own token is not kept: it is not needed."""
        own = installation.to_dict_for_copying() | {"user_token": None, "user_refresh_token": None}
        name = _INSTALL + _holder(
            installation.enterprise_id, installation.team_id, org=installation.is_enterprise_install
        )
        written = json.dumps({"name": name, "installation": own}, default=lambda at: at.isoformat())
        await self._memory.put(name, self._box.encrypt(written.encode(), encoder=URLSafeBase64Encoder).decode())

    async def async_find_installation(
        self,
        *,
        enterprise_id: str | None,
        team_id: str | None,
        user_id: str | None = None,
        is_enterprise_install: bool | None = False,
    ) -> Installation | None:
        """Find the installation of exactly this workspace or organisation."""
        del user_id
        return await self._read(_holder(enterprise_id, team_id, org=bool(is_enterprise_install)))

    async def async_find_bot(
        self, *, enterprise_id: str | None, team_id: str | None, is_enterprise_install: bool | None = False
    ) -> Bot | None:
        """Find its bot."""
        found = await self._read(_holder(enterprise_id, team_id, org=bool(is_enterprise_install)))
        return found.to_bot() if found else None

    async def async_delete_installation(
        self, *, enterprise_id: str | None, team_id: str | None, user_id: str | None = None
    ) -> None:
        """Forget an installation: the workspace's, or without one the organisation's."""
        del user_id
        await self._memory.take(_INSTALL + (team_id or enterprise_id or ""))

    async def async_delete_bot(self, *, enterprise_id: str | None, team_id: str | None) -> None:
        """Forget an installation, which is its bot's."""
        await self.async_delete_installation(enterprise_id=enterprise_id, team_id=team_id)

    async def serving(self, team: str, enterprise: str = "") -> Installation | None:
        """Find what serves a workspace: its own installation, else its organisation's. That is remembered for `team`."""
        own = await self._read(team) if team else None
        if own is not None:
            return own
        known = await self._memory.get(_ORG + team)
        org = enterprise or known
        found = await self._read(org) if org else None
        if found is None or not found.is_enterprise_install:
            return None
        if team and known != org and org:
            await self._memory.put(_ORG + team, org)
        return found

    async def teams(self) -> frozenset[str]:
        """Name every workspace that is served."""
        own = {name.removeprefix(_INSTALL) for name in await self._memory.named(_INSTALL)}
        through = {name.removeprefix(_ORG) for name, org in (await self._memory.named(_ORG)).items() if org in own}
        return frozenset(name for name in own if not name.startswith("E")) | through

    async def leave(self, teams: Mapping[str, Any] | list[str]) -> None:
        """Forget that an organisation's installation serves these workspaces."""
        for team in teams:
            await self._memory.take(f"{_ORG}{team}")

    async def _read(self, holder: str) -> Installation | None:
        name = _INSTALL + holder
        kept = await self._memory.get(name)
        if kept is None:
            return None
        try:
            written = json.loads(self._box.decrypt(kept.encode(), encoder=URLSafeBase64Encoder))
        except CryptoError:
            _log.error(
                "an installation cannot be read: has TILLBOT_SECRET changed? Install anew", extra={"workspace": holder}
            )
            return None
        if written["name"] != name:  # a row under another's name must not speak to that workspace
            _log.error("an installation is under another name", extra={"workspace": holder})
            return None
        return Installation(**written["installation"])


class States(AsyncOAuthStateStore):
    """Installations under way, over `Memory`: each state is issued once, consumed once, and expires."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    @property
    def logger(self) -> logging.Logger:
        """Where the SDK logs."""
        return _log

    async def async_issue(self, *_: Any, **__: Any) -> str:
        """Give a new state, and forget those that nobody came back with."""
        now = time.time()
        open_ = sorted((await self._memory.named(_STATE)).items(), key=lambda each: float(each[1]))
        for place, (name, until) in enumerate(reversed(open_)):
            if float(until) < now or place >= MOST_STATES - 1:
                await self._memory.take(name)
        state = secrets.token_urlsafe(24)
        await self._memory.put(_STATE + state, str(now + STATE_SECONDS))
        return state

    async def async_consume(self, state: str) -> bool:
        """Tell whether a state was issued and lives; it does not any more."""
        until = await self._memory.take(_STATE + state)
        return until is not None and time.time() < float(until)


def _holder(enterprise: str | None, team: str | None, *, org: bool) -> str:
    return (enterprise if org else team) or ""
