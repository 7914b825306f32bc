"""The stand-in's two ends: a local server the SDK calls, and signed deliveries to the app."""

import asyncio
import json
import time
from collections.abc import Callable, Mapping
from email.utils import formatdate
from types import TracebackType
from typing import Any, Literal, Self

from aiohttp import ClientError, ClientSession, web
from aiohttp.typedefs import Handler

from tests.platforms.slack import payloads
from tests.platforms.slack.acknowledgement import post_response, response_content
from tests.platforms.slack.delivery import Delivery
from tests.platforms.slack.faults import Call, Fault
from tests.platforms.slack.refusal import AppFault, Refused
from tests.platforms.slack.web_api import call
from tests.platforms.slack.workspace import (
    RESPONSE_URL_SECONDS,
    RESPONSE_URL_USES,
    Channel,
    Json,
    Message,
    Posting,
    ResponseUrl,
    Workspace,
)

APP_METHOD = "apps.connections.open"  # the one method that wants an app-level token


class Server(Delivery):
    """Slack as the app sees it, on a loopback port of its own; use it as an async context manager."""

    def __init__(
        self,
        *,
        signing_secret: str = "8f742231b10e8888abcd99yyyzzz85a5",
        bot_token: str = "xoxb-stand-in",
        app_token: str = "xapp-stand-in",
        team: str = "T1",
        events_url: str | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(signing_secret, events_url)
        self.bot_token = bot_token
        self.app_token = app_token
        self.workspace = Workspace(team, clock)
        self.calls: list[Call] = []
        self.base = ""
        #: Seconds by which the stand-in's clock is ahead of ours, in its Date header.
        self.skew = 0.0
        #: Instants, in seconds since the epoch, at which the answer to something done was lost on its way.
        self.lost: list[float] = []
        self._faults: list[Fault] = []
        self._deliveries: set[asyncio.Task[None]] = set()
        self._broken: list[AppFault] = []
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        app = web.Application(middlewares=[self._faulty])
        app.router.add_route("*", "/api/{method}", self.answer)
        app.router.add_get("/link/", self.sockets.serve)
        app.router.add_post("/commands/{team}/{url}", self._response_url)
        app.router.add_post("/actions/{team}/{url}", self._response_url)
        self._runner = web.AppRunner(app)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        host, port = self._runner.addresses[0][:2]
        self.base = self.sockets.base = f"http://{host}:{port}"
        self._session = ClientSession()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.sockets.cut()
        await self.settled()
        if self._session is not None:
            await self._session.close()
        if self._runner is not None:
            await self._runner.cleanup()
        for broken in [*self._broken, *self.sockets.faults]:
            if error is None:
                raise broken

    @property
    def api_url(self) -> str:
        """The base_url for AsyncWebClient."""
        return f"{self.base}/api/"

    @property
    def refusals(self) -> list[Call]:
        """Every call of the app that was refused."""
        return [made for made in self.calls if made.error is not None]

    async def called(self, method: str, times: int = 1, seconds: float = 5.0) -> list[Call]:
        """Wait until a method (or `response_url`) was answered so many times, and return those calls."""
        async with asyncio.timeout(seconds):
            while len(made := [made for made in self.calls if made.method == method]) < times:
                await self.workspace.change()
        return made

    def _note(self, made: Call) -> None:
        self.calls.append(made)
        self.workspace.tell()

    def advance(self, seconds: float) -> None:
        """Push the stand-in's clock forward, so that triggers and response URLs grow old."""
        self.workspace.ahead += seconds

    def make(self, manifest: Json) -> None:
        """Make the app by its manifest: which of its commands want `#channel` and `@person` with their ids."""
        commands = manifest["features"]["slash_commands"]
        self.workspace.escaped = {each["command"] for each in commands if each["should_escape"]}

    def channel(self, channel: str, name: str = "general", *, bot: bool = True) -> Channel:
        """Add a public channel, with the app as a member or not."""
        return self.workspace.channels.setdefault(channel, Channel(channel, name, bot=bot))

    def public_posts(self, channel: str | None = None) -> list[Posting]:
        """Return everything ever shown to more than one person, in one channel or in all."""
        channels = self.workspace.channels
        return [
            posting
            for posting in self.workspace.postings
            if posting.seen_by is None
            and channels[posting.channel].direct is None
            and channel in (None, posting.channel)
        ]

    def refuse(self, method: str, error: str, times: int = 1) -> None:
        """Let the next calls of a method (or of `response_url`) fail with an error of Slack's."""
        self._faults.append(Fault(method, times, body={"ok": False, "error": error}))

    def limit(self, method: str, retry_after: int = 1, times: int = 1) -> None:
        """Let the next calls of a method be answered 429 with Retry-After in seconds."""
        body: Json = {"ok": False, "error": "ratelimited"}
        self._faults.append(Fault(method, times, 429, body, {"Retry-After": str(retry_after)}))

    def break_down(self, method: str, times: int = 1) -> None:
        """Let the next calls of a method be answered 500."""
        self._faults.append(Fault(method, times, 500, {"ok": False, "error": "fatal_error"}))

    def delay(self, method: str, seconds: float, times: int = 1) -> None:
        """Let the next calls of a method take so many seconds before they are answered."""
        self._faults.append(Fault(method, times, seconds=seconds))

    def cut(self, method: str, when: Literal["before", "after"], times: int = 1) -> None:
        """Let the connection of the next calls of a method be closed without an answer, before or after it was done."""
        self._faults.append(Fault(method, times, cut=when))

    def hang(self, method: str, seconds: float, times: int = 1) -> Fault:
        """Let the next calls of a method wait so many seconds, and then close the connection, nothing done."""
        self._faults.append(Fault(method, times, seconds=seconds, cut="before"))
        return self._faults[-1]

    def forgive(self) -> None:
        """Have no more faults."""
        self._faults.clear()

    @web.middleware
    async def _faulty(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Let the fault that waits for a method befall this call of it."""
        method = request.match_info.get("method", "response_url" if request.method == "POST" else "")
        fault = next((fault for fault in self._faults if fault.method == method and fault.times > 0), None)
        if fault is None:
            return await handler(request)
        fault.times -= 1
        if fault.seconds:
            await request.read()  # whoever asked may be gone when it is done
            await asyncio.sleep(fault.seconds)
        if fault.cut:
            if fault.cut == "after":
                await handler(request)
                self.lost.append(time.time())
            if request.transport is not None:
                request.transport.abort()
            return web.Response(status=500)
        if not fault.body:
            return await handler(request)
        self._note(Call(method, {}, str(fault.body["error"])))
        return web.json_response(fault.body, status=fault.status, headers=fault.headers)

    async def answer(self, request: web.Request) -> web.Response:
        """Answer one call of the Web API."""
        method = request.match_info["method"]
        arguments: dict[str, Any] = {}
        before = len(self.workspace.postings)
        try:
            arguments = await _arguments(request)
            self._authenticate(request, method, arguments)
            if method == APP_METHOD:
                self._note(Call(method, {}))
                return web.json_response({"ok": True, "url": self.sockets.address()})
            answer = call(self.workspace, method, arguments)
        except Refused as refused:
            self._note(Call(method, arguments, refused.error))
            return web.json_response(refused.answer())
        self._note(Call(method, arguments))
        self._echo(method, answer, before)
        headers = {"X-OAuth-Scopes": ",".join(sorted(self.workspace.scopes))}
        if self.skew:
            headers["Date"] = formatdate(time.time() + self.skew, usegmt=True)
        return web.json_response(answer, headers=headers)

    def _authenticate(self, request: web.Request, method: str, arguments: Mapping[str, Any]) -> None:
        header = request.headers.get("Authorization", "").removeprefix("Bearer ")
        token = header or arguments.get("token")
        if not token:
            raise Refused("not_authed")
        if method == APP_METHOD and token == self.bot_token:
            raise Refused("not_allowed_token_type")
        if token != (self.app_token if method == APP_METHOD else self.bot_token):
            raise Refused("invalid_auth")

    def _echo(self, method: str, answer: Json, before: int) -> None:
        """Tell the app of what it said in a direct message itself, as the Events API does."""
        if method not in ("chat.postMessage", "chat.update") or len(self.workspace.postings) == before:
            return
        channel = self.workspace.channel(answer["channel"])
        if channel.direct is None or not (self.sockets.connected if self.sockets.used else self.events_url):
            return
        message = self.workspace.find(channel.id, answer["ts"])
        shape = payloads.own_message if method == "chat.postMessage" else payloads.own_message_changed
        event = payloads.event_callback(self.workspace, shape(self.workspace, message))
        task = asyncio.create_task(self._echo_delivery(event))
        self._deliveries.add(task)
        task.add_done_callback(self._deliveries.discard)

    async def _echo_delivery(self, event: Json) -> None:
        try:
            await self.deliver_event(event)
        except AppFault as fault:
            gone = self.sockets.used and not self.sockets.connected
            if not gone and not fault.reason.startswith("answered 503"):  # it is closing, as if it had gone
                self._broken.append(fault)
        except ClientError:
            return  # the app has gone; Slack would try again, and nobody is there to hear it

    async def settled(self) -> None:
        """Wait until every event on its way to the app has been answered."""
        while self._deliveries:
            await asyncio.gather(*self._deliveries)

    def response_url(self, kind: str, user: str, channel: str, source: Message | None = None) -> str:
        """Return a new response_url for a person in a conversation; `kind` is `commands` or `actions`."""
        hook = f"{self.base}/{kind}/{self.workspace.team}/{self.workspace.number():024d}"
        self.workspace.response_urls[hook] = ResponseUrl(user, channel, self.workspace.now(), source)
        return hook

    async def _response_url(self, request: web.Request) -> web.Response:
        body: Json = {}
        try:
            body = await request.json()
            self._respond(self.base + request.path, body)
        except Refused as refused:
            self._note(Call("response_url", body, refused.error))
            status = 404 if refused.error in ("used_url", "expired_url", "no_such_url") else 400
            return web.json_response(refused.answer(), status=status)
        self._note(Call("response_url", body))
        return web.json_response({"ok": True})

    def _respond(self, hook: str, body: Json) -> None:
        """Take one use of a response_url.

        That of a slash command has no message to replace: Slack posts a new one instead
        (https://github.com/slackapi/bolt-python/issues/1268).
        """
        url = self.workspace.response_urls.get(hook)
        if url is None:
            raise Refused("no_such_url")
        if self.workspace.now() - url.born > RESPONSE_URL_SECONDS:
            raise Refused("expired_url")
        if url.uses >= RESPONSE_URL_USES:
            raise Refused("used_url")
        url.uses += 1
        channel = self.workspace.channel(url.channel)
        if body.get("delete_original"):
            if url.source is None or url.source not in channel.messages:
                raise Refused("message_not_found")
            channel.messages.remove(url.source)
            self.workspace.tell()
        elif body.get("replace_original") and url.source is not None:
            if url.source not in channel.messages:
                raise Refused("message_not_found")
            url.source.text, blocks = response_content(body)
            url.source.blocks = self.workspace.named(blocks)
            url.source.edits += 1
            self.workspace.record("response_url", url.source, hook)
        else:
            post_response("response_url", self.workspace, url.user, channel, body, hook=hook)


async def _arguments(request: web.Request) -> dict[str, Any]:
    """Return the arguments of a call, from its query and its body, JSON or form."""
    arguments: dict[str, Any] = dict(request.query)
    if request.content_type == "application/json":
        try:
            body = await request.json()
        except ValueError as error:
            raise Refused("invalid_json") from error
        if not isinstance(body, dict):
            raise Refused("json_not_object")
        return arguments | body
    arguments |= {name: value for name, value in (await request.post()).items() if isinstance(value, str)}
    for name in ("blocks", "view", "attachments"):
        if isinstance(arguments.get(name), str):
            try:
                arguments[name] = json.loads(arguments[name])
            except ValueError as error:
                raise Refused("invalid_arguments", [f"[ERROR] {name} is no JSON"]) from error
    return arguments
