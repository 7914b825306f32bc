"""An app that many workspaces install: one Web API for all of them, OAuth, tokens that expire and are exchanged, and ends.

https://docs.slack.dev/authentication/installing-with-oauth and https://docs.slack.dev/authentication/using-token-rotation
"""

import itertools
import time
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

from aiohttp import web

from tests.platforms.slack import SlackStandIn, payloads
from tests.platforms.slack.refusal import Refused
from tests.platforms.slack.workspace import Json

TOKEN_SECONDS = 12 * 3600
OAUTH_ARGUMENTS = {"client_id", "client_secret", "code", "redirect_uri", "grant_type", "refresh_token"}


@dataclass
class Grant:
    """What an installation gave: its token, who it is for, and what it is exchanged with."""

    token: str
    teams: tuple[str, ...]
    enterprise: str
    org_wide: bool
    refresh: str = ""
    expires: float = 0.0


@dataclass
class Distribution:
    """The app, and the workspaces by their id; use it as an async context manager. `rotation` lets tokens expire."""

    teams: tuple[str, ...] = ("T1", "T2")
    orgs: dict[str, tuple[str, ...]] = field(default_factory=dict)
    rotation: bool = False
    client_id: str = "1.2"
    client_secret: str = "client-secret-stand-in"
    signing_secret: str = "8f742231b10e8888abcd99yyyzzz85a5"
    redirect_uri: str = ""
    scopes: tuple[str, ...] = ()
    exchanges: int = 0
    #: Calls with a token of no live installation, or to a workspace that the token is not of.
    strays: list[tuple[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        of = {team: org for org, teams in self.orgs.items() for team in teams}
        self.stands = {team: SlackStandIn(team=team, signing_secret=self.signing_secret) for team in (*self.teams, *of)}
        for team, org in of.items():
            self.stands[team].workspace.enterprise = org
        self.grants: list[Grant] = []
        self._codes: dict[str, tuple[str, str]] = {}
        self._numbers = itertools.count(1)
        self._runner: web.AppRunner | None = None
        self.api_url = ""

    async def __aenter__(self) -> Self:
        for stand in self.stands.values():
            await stand.__aenter__()
            stand.bot_token = ""
        app = web.Application()
        app.router.add_route("*", "/api/{method}", self._api)
        self._runner = web.AppRunner(app)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.api_url = "http://{}:{}/api/".format(*self._runner.addresses[0][:2])
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for stand in self.stands.values():
            await stand.__aexit__(kind, error, trace)
        if self._runner is not None:
            await self._runner.cleanup()

    def reached_at(self, address: str) -> None:
        """Set the app's request URL."""
        for stand in self.stands.values():
            stand.events_url = address

    def allow(self, holder: str) -> str:
        """Let somebody in a workspace or organisation allow the installation: the code that their browser brings back."""
        code = f"code-{next(self._numbers)}"
        self._codes[code] = (holder, self.redirect_uri)
        return code

    def end(self, holder: str) -> None:
        """End an installation: its tokens are worth nothing from now on."""
        gone = [grant for grant in self.grants if holder in (grant.enterprise if grant.org_wide else grant.teams)]
        for grant in gone:
            self.grants.remove(grant)

    def expire(self) -> None:
        """Let every token end now."""
        for grant in self.grants:
            grant.expires = time.time() - 1

    def live(self, holder: str) -> Grant:
        """Give the installation of a workspace or organisation."""
        return next(
            grant for grant in self.grants if (grant.enterprise if grant.org_wide else grant.teams[0]) == holder
        )

    async def announce(self, team: str, event: Json, at: int = 0) -> None:
        """Send an event about an installation, `at` a time of its own."""
        stand = self.stands[team]
        body = payloads.event_callback(stand.workspace, event)
        await stand.deliver_event(body | ({"event_time": at} if at else {}))

    async def _api(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        try:
            if method == "oauth.v2.access":
                return web.json_response({"ok": True, **self._access(await _posted(request))})
            return await self._of(request, method, await _posted(request))
        except Refused as refused:
            return web.json_response(refused.answer())

    async def _of(self, request: web.Request, method: str, arguments: Json) -> web.StreamResponse:
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        grant = next((grant for grant in self.grants if grant.token == token), None)
        if grant is None:
            self.strays.append((method, token))
            raise Refused("account_inactive")
        if grant.expires and grant.expires < time.time():
            raise Refused("token_expired")
        if method == "auth.test":
            return web.json_response(
                {
                    "ok": True,
                    "url": "https://till.slack.com/",
                    "team": "Till",
                    "user": "tillbot",
                    "team_id": grant.teams[0],
                    "user_id": "U0BOT",
                    "bot_id": "B0BOT",
                    "enterprise_id": grant.enterprise or None,
                    "is_enterprise_install": grant.org_wide,
                }
            )
        team = arguments.get("team_id") if grant.org_wide else grant.teams[0]
        if team is None:
            raise Refused("missing_argument")
        if team not in grant.teams:
            self.strays.append((method, str(team)))
            raise Refused("team_access_not_granted")
        stand = self.stands[team]
        stand.bot_token = token
        return await stand.answer(request)

    def _access(self, arguments: Json) -> Json:
        unknown = sorted(set(arguments) - OAUTH_ARGUMENTS)
        if unknown:
            raise Refused("invalid_arguments", [f"[ERROR] unknown argument: {name}" for name in unknown])
        if (arguments.get("client_id"), arguments.get("client_secret")) != (self.client_id, self.client_secret):
            raise Refused("invalid_client_id" if arguments.get("client_id") != self.client_id else "bad_client_secret")
        if arguments.get("grant_type") == "refresh_token":
            return self._exchange(arguments)
        holder, redirect = self._codes.pop(str(arguments.get("code")), ("", ""))
        if not holder:
            raise Refused("invalid_code")
        if arguments.get("redirect_uri") != redirect:
            raise Refused("bad_redirect_uri")
        return self._install(holder)

    def _install(self, holder: str) -> Json:
        org_wide = holder in self.orgs
        teams = self.orgs[holder] if org_wide else (holder,)
        enterprise = holder if org_wide else self.stands[holder].workspace.enterprise
        self.end(holder)
        grant = Grant(f"xoxb-{holder}-{next(self._numbers)}", teams, enterprise, org_wide)
        self.grants.append(grant)
        for team in teams:
            self.stands[team].workspace.org_wide = org_wide
        return self._granted(grant) | {
            "app_id": "A0TILL",
            "authed_user": {"id": "U9"},
            "scope": ",".join(self.scopes),
            "bot_user_id": "U0BOT",
            "team": None if org_wide else {"id": holder, "name": "Till"},
            "enterprise": {"id": enterprise, "name": "Org"} if enterprise else None,
            "is_enterprise_install": org_wide,
        }

    def _exchange(self, arguments: Json) -> Json:
        grant = next((each for each in self.grants if each.refresh == arguments.get("refresh_token")), None)
        if grant is None or not grant.refresh:
            raise Refused("invalid_refresh_token")
        self.exchanges += 1
        grant.token = f"{grant.token}.{next(self._numbers)}"
        return self._granted(grant)

    def _granted(self, grant: Grant) -> Json:
        """Give a token, with what it is exchanged with where they rotate."""
        granted: Json = {"access_token": grant.token, "token_type": "bot"}
        if self.rotation:
            grant.refresh = f"xoxe-1-{next(self._numbers)}"
            grant.expires = time.time() + TOKEN_SECONDS
            granted |= {"refresh_token": grant.refresh, "expires_in": TOKEN_SECONDS}
        return granted


async def _posted(request: web.Request) -> dict[str, Any]:
    """Return the arguments of a call; the request can still be read by whom it is handed to."""
    if request.content_type == "application/json":
        return {**request.query, **(await request.json())}
    return {**request.query, **{name: str(value) for name, value in (await request.post()).items()}}
