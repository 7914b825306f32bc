"""The Slack door: slack-bolt verifies and acknowledges, over HTTP or Socket Mode, and the interactions answer."""

import logging
import re
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Final

from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.response import BoltResponse
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack import payloads
from adapters.slack.cards import LINK, OPTIONS
from adapters.slack.connection import API_BASE, Connection
from adapters.slack.forms import answers, field_errors
from adapters.slack.interactions import Interactions, Turn
from adapters.slack.manifest import EVENTS_PATH
from adapters.slack.payloads import Body, Said
from adapters.slack.people import People
from adapters.slack.socket import Socket
from adapters.slack.tasks import Tasks
from adapters.slack.workspaces import Workspaces, workspaces_of
from bot.conversation import Conversation

_log: Final = logging.getLogger(__name__)

PATH: Final = EVENTS_PATH
_ANY: Final = re.compile("")
#: How many events are remembered, so that Slack's repetitions are not answered twice.
_MOST_HEARD: Final = 10_000
#: Events that end an installation, or a part of it.
_ENDINGS: Final = frozenset({"app_uninstalled", "tokens_revoked", "team_access_revoked"})


class SlackDoor:
    """One app, in one workspace (a Connection) or in many (Workspaces).

    With a signing secret it is reached over HTTP: serve `routes()`. With an app-level token it opens a connection itself:
    call `start()`. Call `aclose()` before closing the workspaces. `admin_groups` names the user groups that make admins.
    """

    def __init__(
        self,
        conversation: Conversation,
        workspaces: Connection | Workspaces,
        *,
        signing_secret: str = "",
        app_token: str = "",
        prefix: str = "",
        admin_groups: Callable[[], Sequence[str]] = tuple,
        api_base: str = "",
    ) -> None:
        if not (signing_secret or app_token):
            raise ValueError("without a signing secret nothing that arrives could be believed")
        self._workspaces = workspaces_of(workspaces)
        self._prefix = prefix
        self._tasks = Tasks()
        self._people = People(admin_groups)
        self._interactions = Interactions(conversation, self._people, self._tasks)
        self._heard: OrderedDict[str, None] = OrderedDict()
        self._closed = False
        self._served = bool(signing_secret)
        base = api_base or (workspaces.api_base if isinstance(workspaces, Connection) else API_BASE)

        async def authorize(enterprise_id: str | None, team_id: str | None) -> AuthorizeResult:
            """Answer Bolt's question for a token with none: each listener asks for the connection of its workspace."""
            return AuthorizeResult(enterprise_id=enterprise_id, team_id=team_id)

        self._bolt = AsyncApp(
            name="tillbot",
            client=AsyncWebClient(base_url=base),  # Bolt itself calls nothing but apps.connections.open
            authorize=authorize,
            signing_secret=signing_secret or "unused",  # Bolt wants one in Socket Mode too, where nothing is signed
            process_before_response=True,
            ssl_check_enabled=False,
            ignoring_self_events_enabled=False,  # ours are told from people's in payloads.heard
            attaching_function_token_enabled=False,
            attaching_conversation_kwargs_enabled=False,
        )
        for register, listener in (
            (self._bolt.command, self._command),
            (self._bolt.action, self._action),
            (self._bolt.view, self._submission),
            (self._bolt.view_closed, self._ignored),
            (self._bolt.options, self._suggestion),
            (self._bolt.event, self._event),
        ):
            register(_ANY)(listener)

        @self._bolt.error
        async def broke(error: Exception) -> None:
            """Log what Slack sent and nobody could read; Bolt's own line would repeat what it holds."""
            _log.error("request not understood", exc_info=error)

        self._socket = Socket(self._bolt, app_token=app_token, api_base=base) if app_token else None

    def routes(self) -> list[web.RouteDef]:
        """Give the routes to serve."""
        return [web.post(PATH, self._receive)] if self._served else []

    async def start(self) -> None:
        """Open the connection of Socket Mode, where there is an app-level token."""
        if self._socket:
            await self._socket.start()

    async def aclose(self) -> None:
        """Take nothing more, and let what was acknowledged be answered."""
        self._closed = True
        if self._socket:
            await self._socket.hold()
        await self._tasks.drain()
        if self._socket:
            await self._socket.aclose()
        await self._people.aclose()

    async def _receive(self, request: web.Request) -> web.StreamResponse:
        if self._closed:
            return web.Response(status=web.HTTPServiceUnavailable.status_code)
        try:
            asked = await to_bolt_request(request)
        except (ValueError, LookupError, TypeError, AttributeError):
            return web.Response(status=web.HTTPBadRequest.status_code)
        body: object = asked.body  # whatever JSON it was
        if not isinstance(body, dict):
            return web.Response(status=web.HTTPBadRequest.status_code)
        return await to_aiohttp_response(await self._bolt.async_dispatch(asked))

    async def _turn(self, said: Said) -> Turn | None:
        """Give the turn of an interaction; None where the app is not installed in its workspace: nobody is answered."""
        connection = await self._workspaces.of(said.team, said.enterprise)
        if connection is None:
            _log.warning("the app is not installed there", extra={"workspace": said.team})
            return None
        return Turn(said, connection)

    # ------------------------------------------------------------------------------------------------------ listeners

    async def _command(self, ack: AsyncAck, body: Body) -> BoltResponse:
        said, text = payloads.command(body, self._prefix)
        turn = await self._turn(said)
        shown = await self._interactions.command(turn, text) if turn else None
        return await ack(shown) if shown else await ack()

    async def _action(self, ack: AsyncAck, body: Body) -> BoltResponse:
        said, action, given = payloads.pressed(body)
        turn = await self._turn(said)
        if turn:
            await self._interactions.press(turn, action, given, leads=action == LINK)
        return await ack()

    async def _submission(self, ack: AsyncAck, body: Body) -> BoltResponse:
        said, errand = payloads.submitted(body)
        view = body["view"]
        given = answers(view, errand.value)
        turn = await self._turn(said)
        wrong = await self._interactions.submit(turn, view["callback_id"], given) if turn else {}
        return await ack(response_action="errors", errors=field_errors(view, wrong)) if wrong else await ack()

    async def _ignored(self, ack: AsyncAck) -> BoltResponse:
        return await ack()

    async def _suggestion(self, ack: AsyncAck, body: Body) -> BoltResponse:
        said, option, text = payloads.suggesting(body)
        turn = await self._turn(said)
        offered = await self._interactions.suggest(turn, option, text) if turn else []
        return await ack(options=offered[:OPTIONS])

    async def _event(self, ack: AsyncAck, body: Body) -> BoltResponse:
        if body["event"]["type"] in _ENDINGS:
            await self._workspaces.forget(body)
        elif visited := payloads.entered(body):
            if turn := await self._turn(visited):
                self._interactions.enter(turn)
        elif newcomer := payloads.joined(body):
            if turn := await self._turn(newcomer):
                self._interactions.join(turn)
        elif (heard := payloads.heard(body)) and not self._repeated(f"{heard[0].team}.{heard[0].key}"):
            said, text = heard
            if turn := await self._turn(said):
                self._interactions.hear(turn, text)
        return await ack()

    def _repeated(self, key: str) -> bool:
        if key in self._heard:
            return True
        self._heard[key] = None
        while len(self._heard) > _MOST_HEARD:
            self._heard.popitem(last=False)
        return False
