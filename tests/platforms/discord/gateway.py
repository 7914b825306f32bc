"""The gateway: one websocket a client, from HELLO over IDENTIFY or RESUME to the events its intents ask for."""

import json
import secrets
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import WSMsgType, web

DISPATCH, HEARTBEAT, IDENTIFY, PRESENCE, RESUME, MEMBERS, INVALID, HELLO, ACK = 0, 1, 2, 3, 6, 8, 9, 10, 11
HEARTBEAT_MS = 41_250
CLEAN_CLOSES = (1000, 1001)  # with which a client says that it will not resume

GUILDS, GUILD_MEMBERS, GUILD_MESSAGES, DIRECT_MESSAGES, MESSAGE_CONTENT = 1 << 0, 1 << 1, 1 << 9, 1 << 12, 1 << 15
ALL_INTENTS = (1 << 26) - 1


class Line:
    """One websocket."""

    def __init__(self, socket: web.WebSocketResponse, *, compressed: bool) -> None:
        self._socket = socket
        self._deflate = zlib.compressobj() if compressed else None
        self.session: Session | None = None

    @property
    def close_code(self) -> int | None:
        """The code with which it was closed."""
        return self._socket.close_code

    async def send(self, op: int, data: object, *, sequence: int | None = None, event: str | None = None) -> None:
        """Send one payload; only a DISPATCH has a sequence number and an event name."""
        if self._socket.closed:
            return
        text = json.dumps({"op": op, "d": data, "s": sequence, "t": event})
        if self._deflate is None:
            await self._socket.send_str(text)
        else:
            packed = self._deflate.compress(text.encode()) + self._deflate.flush(zlib.Z_SYNC_FLUSH)
            await self._socket.send_bytes(packed)

    async def close(self, code: int) -> None:
        """Close the socket with one of the gateway's close codes."""
        await self._socket.close(code=code)


@dataclass(eq=False)
class Session:
    """One identified client; what it misses while its line is cut is kept for when it resumes."""

    id: str
    intents: int
    line: Line | None
    #: Its shard's number, and how many there are.
    shard: tuple[int, int] = (0, 1)
    events: list[tuple[str, object]] = field(default_factory=list)

    def hears(self, guild: int) -> bool:
        """Tell whether what happens in a guild (0: in direct messages) belongs to its shard."""
        return (guild >> 22) % self.shard[1] == self.shard[0]

    async def dispatch(self, event: str, data: object) -> None:
        """Hand over an event."""
        self.events.append((event, data))
        if self.line is not None:
            await self.line.send(DISPATCH, data, sequence=len(self.events), event=event)

    async def replay(self, line: Line, after: int) -> None:
        """Take up a new line, and hand over what came after the given sequence number."""
        self.line = line
        for number, (event, data) in list(enumerate(self.events, start=1))[after:]:
            await line.send(DISPATCH, data, sequence=number, event=event)
        await self.dispatch("RESUMED", {})


class Gateway:
    """Accepts clients and hands them events."""

    def __init__(self, *, token: str, ready: Callable[[], dict[str, Any]], guilds: Callable[[], list[Any]]) -> None:
        self._token = token
        self._ready = ready
        self._guilds = guilds
        self._sessions: dict[str, Session] = {}
        self.forbidden_intents = 0
        #: How many shards the application needs.
        self.shards = 1
        #: How often a client has identified itself, and how often it has resumed.
        self.identified = self.resumed = 0
        self.changed: Callable[[], None] = lambda: None

    @property
    def connected(self) -> list[Session]:
        """The clients that are on the line now."""
        return [session for session in self._sessions.values() if session.line is not None]

    def forget(self) -> None:
        """Forget the clients whose line is cut: they have to identify anew."""
        self._sessions = {session.id: session for session in self.connected}

    async def serve(self, request: web.Request) -> web.WebSocketResponse:
        """Speak with one client until it leaves."""
        query = dict(request.query)
        if query.pop("v", None) != "10" or query.pop("encoding", None) != "json":
            raise web.HTTPBadRequest
        if query.pop("compress", "zlib-stream") != "zlib-stream" or query:
            raise web.HTTPBadRequest
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        line = Line(socket, compressed="compress" in request.query)
        await line.send(HELLO, {"heartbeat_interval": HEARTBEAT_MS})
        try:
            async for message in socket:
                if message.type is not WSMsgType.TEXT:
                    await line.close(4002)
                    break
                await self._received(line, json.loads(message.data))
        finally:
            self._hung_up(line)
        return socket

    def _hung_up(self, line: Line) -> None:
        session = line.session
        if session is not None and session.line is line:
            session.line = None
            if line.close_code in CLEAN_CLOSES:
                self._sessions.pop(session.id, None)
        self.changed()

    async def _received(self, line: Line, payload: dict[str, Any]) -> None:
        op = payload.get("op")
        if op == HEARTBEAT:
            await line.send(ACK, None)
        elif op == IDENTIFY:
            await self._identify(line, payload["d"])
        elif op == RESUME:
            await self._resume(line, payload["d"])
        elif op not in (PRESENCE, MEMBERS):
            await line.close(4001)

    async def _identify(self, line: Line, data: dict[str, Any]) -> None:
        intents = data.get("intents", 0)
        shard = data.get("shard", [0, 1])
        if line.session is not None:
            await line.close(4005)
        elif data.get("token") != self._token:
            await line.close(4004)
        elif not 0 <= shard[0] < shard[1]:
            await line.close(4010)
        elif shard[1] < self.shards:
            await line.close(4011)
        elif intents & ~ALL_INTENTS:
            await line.close(4013)
        elif intents & self.forbidden_intents:
            await line.close(4014)
        else:
            session = line.session = Session(secrets.token_hex(16), intents, line, (shard[0], shard[1]))
            told = {"shard": shard} if "shard" in data else {}
            ready = self._ready()
            ready["guilds"] = [guild for guild in ready["guilds"] if session.hears(int(guild["id"]))]
            await session.dispatch("READY", {**ready, **told, "session_id": session.id})
            self._sessions[session.id] = session
            self.identified += 1
            if intents & GUILDS:
                for guild in self._guilds():
                    if session.hears(int(guild["id"])):
                        await session.dispatch("GUILD_CREATE", guild)
            self.changed()

    async def _resume(self, line: Line, data: dict[str, Any]) -> None:
        session = self._sessions.get(data.get("session_id", ""))
        if session is None or data.get("token") != self._token:
            await line.send(INVALID, data=False)
            return
        line.session = session
        self.resumed += 1
        await session.replay(line, int(data.get("seq") or 0))
        self.changed()

    async def dispatch(self, event: str, data: object, *, guild: int = 0, intent: int = 0) -> None:
        """Hand an event of a guild to every client that asked for it; an interaction needs no intent."""
        for session in list(self._sessions.values()):
            if session.hears(guild) and (not intent or session.intents & intent):
                await session.dispatch(event, data)

    async def message(self, data: dict[str, Any], *, bot_id: int) -> None:
        """Hand over a message; without the content intent a guild's messages come empty, unless they name the bot."""
        intent = GUILD_MESSAGES if "guild_id" in data else DIRECT_MESSAGES
        named = any(int(user["id"]) == bot_id for user in data["mentions"])
        own = int(data["author"]["id"]) == bot_id
        for session in list(self._sessions.values()):
            if not session.intents & intent or not session.hears(int(data.get("guild_id", 0))):
                continue
            whole = session.intents & MESSAGE_CONTENT or "guild_id" not in data or named or own
            shown = data if whole else {**data, "content": "", "embeds": [], "components": [], "attachments": []}
            await session.dispatch("MESSAGE_CREATE", shown)

    async def drop(self, code: int = 4000) -> None:
        """Cut every client's line; most of them will want to resume."""
        for session in self.connected:
            line, session.line = session.line, None
            if line is not None:
                await line.close(code)
        self.changed()
