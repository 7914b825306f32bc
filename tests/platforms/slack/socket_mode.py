"""Socket Mode from Slack's side: the sockets an app has opened, the envelopes on their way, and their acknowledgements.

https://docs.slack.dev/apis/events-api/using-socket-mode
"""

import asyncio
import json
import time
import uuid
from dataclasses import dataclass, field
from typing import Any

from aiohttp import WSMsgType, web

from tests.platforms.slack.acknowledgement import ACKNOWLEDGEMENT_SECONDS, Ack
from tests.platforms.slack.refusal import AppFault

Json = dict[str, Any]

MOST_SOCKETS = 10  # connections an app may have open at a time
WAITING_SECONDS = 5.0  # how long the stand-in waits for the app to connect again


@dataclass
class Envelope:
    """One delivery on its way."""

    id: str
    body: Json
    answerable: bool
    acknowledged: asyncio.Future[Json]


@dataclass
class Sockets:
    """The sockets of one app. `used` says whether the app is in Socket Mode at all: nothing goes over HTTP then."""

    used: bool = False
    base: str = ""
    faults: list[AppFault] = field(default_factory=list)
    greeted: int = 0
    _tickets: set[str] = field(default_factory=set)
    _open: list[web.WebSocketResponse] = field(default_factory=list)
    _leaving: list[web.WebSocketResponse] = field(default_factory=list)
    _waiting: dict[str, Envelope] = field(default_factory=dict)
    _done: set[str] = field(default_factory=set)
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    def address(self) -> str:
        """Give a new address to connect to: good once."""
        ticket = uuid.uuid4().hex
        self._tickets.add(ticket)
        return f"{self.base.replace('http', 'ws', 1)}/link/?ticket={ticket}&app_id=A0TILL"

    @property
    def connected(self) -> bool:
        """Whether there is a socket to send to."""
        return bool(self._open)

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Be one socket, from its hello to its end."""
        if request.query.get("ticket") not in self._tickets or len(self._open) >= MOST_SOCKETS:
            return web.Response(status=web.HTTPForbidden.status_code)
        self._tickets.remove(request.query["ticket"])
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        hello = {
            "type": "hello",
            "num_connections": len(self._open) + 1,
            "debug_info": {"host": "stand-in", "build_number": 1, "approximate_connection_time": 18060},
            "connection_info": {"app_id": "A0TILL"},
        }
        await socket.send_json(hello)
        self.greeted += 1
        self._open.append(socket)
        self._tell()
        try:
            async for message in socket:
                if message.type is WSMsgType.TEXT:
                    self._take(message.data)
        finally:
            self._left(socket)
        return socket

    def _left(self, socket: web.WebSocketResponse) -> None:
        for sockets in (self._open, self._leaving):
            if socket in sockets:
                sockets.remove(socket)
        self._tell()

    def _take(self, text: str) -> None:
        """Take one message of the app: an acknowledgement of an envelope that is on its way, and nothing else."""
        try:
            said = json.loads(text)
            envelope_id = said["envelope_id"]
        except (ValueError, TypeError, KeyError):
            self._fault(f"no acknowledgement: {text[:200]}")
            return
        envelope = self._waiting.pop(envelope_id, None)
        if envelope is None:
            again = "acknowledged twice" if envelope_id in self._done else "acknowledged what was never sent"
            self._fault(again)
        elif set(said) - {"envelope_id", "payload"}:
            self._fault(f"unknown fields: {sorted(said)}", envelope)
        elif said.get("payload") and not envelope.answerable:
            self._fault("a payload where none is accepted", envelope)
        elif not envelope.acknowledged.done():
            self._done.add(envelope_id)
            envelope.acknowledged.set_result(said.get("payload") or {})

    def _fault(self, why: str, envelope: Envelope | None = None) -> None:
        fault = AppFault("dispatch_failed", why)
        self.faults.append(fault)
        if envelope is not None and not envelope.acknowledged.done():
            envelope.acknowledged.set_exception(fault)

    async def deliver(self, kind: str, payload: Json, *, answerable: bool, retry: int = 0) -> Ack:
        """Send one envelope, and give its acknowledgement.

        Raises:
            AppFault: `operation_timeout` if it takes longer than three seconds, or nobody is connected.
        """
        body = {"type": kind, "payload": payload, "accepts_response_payload": answerable}
        if kind == "events_api":
            body |= {"retry_attempt": retry, "retry_reason": "timeout" if retry else ""}
        return await self.send(body, answerable=answerable)

    async def send(self, body: Json, *, answerable: bool, seconds: float = ACKNOWLEDGEMENT_SECONDS) -> Ack:
        """Send any envelope, in the documented shape or not."""
        socket = await self._socket()
        envelope = Envelope(str(uuid.uuid4()), body, answerable, asyncio.get_running_loop().create_future())
        self._waiting[envelope.id] = envelope
        begun = time.monotonic()
        await socket.send_json({**body, "envelope_id": envelope.id})
        try:
            async with asyncio.timeout(seconds):
                said = await envelope.acknowledged
        except TimeoutError as error:
            self._waiting.pop(envelope.id, None)
            raise AppFault("operation_timeout", f"no acknowledgement within {seconds} seconds") from error
        return Ack(time.monotonic() - begun, 200, "application/json", json.dumps(said) if said else "")

    async def disconnect(self, reason: str = "refresh_requested") -> None:
        """Ask the app to connect anew: what is sent from now on goes to another socket."""
        leaving, self._open = self._open, []
        self._leaving += leaving
        for socket in leaving:
            await socket.send_json({"type": "disconnect", "reason": reason, "debug_info": {"host": "stand-in"}})

    async def cut(self) -> None:
        """Close every socket without a word before."""
        for socket in [*self._open, *self._leaving]:
            self._left(socket)
            await socket.close()
        for envelope in self._waiting.values():
            if not envelope.acknowledged.done():
                envelope.acknowledged.set_exception(AppFault("operation_timeout", "the connection was cut"))

    async def connection(self, seconds: float = WAITING_SECONDS) -> None:
        """Wait until the app is connected."""
        try:
            async with asyncio.timeout(seconds):
                while not self._open:
                    await self._changed.wait()
        except TimeoutError as error:
            raise AppFault("operation_timeout", "the app is not connected") from error

    async def _socket(self) -> web.WebSocketResponse:
        await self.connection()
        return self._open[-1]

    def _tell(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()
