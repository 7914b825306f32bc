"""Installing: the two pages by which a workspace or an organisation takes the app, through slack-bolt's OAuth flow."""

import logging
from collections.abc import Sequence
from typing import Final

from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.oauth.async_oauth_flow import AsyncOAuthFlow
from slack_bolt.oauth.async_oauth_settings import AsyncOAuthSettings

from adapters.slack.installed import InstalledWorkspaces
from adapters.slack.installs import STATE_SECONDS, States
from adapters.slack.manifest import INSTALL_PATH, REDIRECT_PATH
from adapters.slack.oauth import OAuthClient
from bot.errors import StoreUnavailable

_log: Final = logging.getLogger(__name__)


class Install:
    """Serve `routes()`. `scopes` is what to ask for: `manifest.scopes(...)`; `public_url` is where we are reached."""

    def __init__(self, workspaces: InstalledWorkspaces, *, scopes: Sequence[str], public_url: str) -> None:
        site = workspaces.api_base.removesuffix("/").removesuffix("api")
        self._flow = AsyncOAuthFlow(
            client=OAuthClient(base_url=workspaces.api_base),
            logger=_log,
            settings=AsyncOAuthSettings(
                client_id=workspaces.client_id,
                client_secret=workspaces.client_secret,
                scopes=list(scopes),
                user_scopes=[],
                redirect_uri=public_url.rstrip("/") + REDIRECT_PATH,
                install_path=INSTALL_PATH,
                redirect_uri_path=REDIRECT_PATH,
                authorization_url=f"{site}oauth/v2/authorize",
                installation_store=workspaces.installs,
                state_store=States(workspaces.memory),
                state_expiration_seconds=STATE_SECONDS,
            ),
        )

    def routes(self) -> list[web.RouteDef]:
        """Give the routes to serve."""
        return [web.get(INSTALL_PATH, self._begin), web.get(REDIRECT_PATH, self._finish)]

    async def _begin(self, request: web.Request) -> web.StreamResponse:
        try:
            return await to_aiohttp_response(await self._flow.handle_installation(await to_bolt_request(request)))
        except StoreUnavailable:
            return web.Response(status=web.HTTPServiceUnavailable.status_code)

    async def _finish(self, request: web.Request) -> web.StreamResponse:
        try:
            return await to_aiohttp_response(await self._flow.handle_callback(await to_bolt_request(request)))
        except StoreUnavailable:
            return web.Response(status=web.HTTPServiceUnavailable.status_code)
