"""The Discord door over HTTP: interactions come in as signed requests, and no websocket is kept."""

import asyncio
import json
import logging
from collections import OrderedDict
from typing import Any, Final

import discord
from aiohttp import web

from adapters.discord import private
from adapters.discord.connection import Connection
from adapters.discord.signatures import Signatures
from bot.conversation import Conversation

_log: Final = logging.getLogger(__name__)

PATH: Final = "/discord/interactions"
#: Bytes of a request. A modal of five full text fields with the message it came from is far smaller.
MOST_BODY: Final = 1 << 18
#: Seconds after which nobody waits for the answer any more: Discord's three, less the way there and back
#: (https://docs.discord.com/developers/interactions/receiving-and-responding#interaction-callback).
ANSWER_WITHIN: Final = 2.5
#: How many interactions are remembered, so that a request that somebody repeats is not answered again.
_MOST_HEARD: Final = 10_000

_PING: Final = 1
_PONG: Final = {"type": 1}


class DiscordHttp(Connection):
    """One bot that Discord calls; it is also the Voice and the Perks. Serve `routes()`.

    `token` is the bot's, `public_key` the application's. Text commands and newcomers are heard through the gateway
    alone: here everything is a slash command, a button or a form. `api_base` sends the SDK elsewhere.
    Raises ValueError where the public key is none.
    """

    def __init__(
        self, conversation: Conversation, *, token: str, public_key: str, perks: bool = False, api_base: str = ""
    ) -> None:
        super().__init__(conversation, token=token, perks=perks, api_base=api_base)
        self._signatures = Signatures(public_key)
        self._heard: OrderedDict[str, None] = OrderedDict()
        self._closed = False

    def routes(self) -> list[web.RouteDef]:
        """Give the routes to serve."""
        return [web.post(PATH, self._receive)]

    async def close(self) -> None:
        """Take nothing more, let running steps end, and log out."""
        self._closed = True
        await super().close()

    def _make(self) -> discord.Client:
        return discord.Client(
            intents=discord.Intents(guilds=True), allowed_mentions=discord.AllowedMentions.none(), max_messages=None
        )

    async def _hear(self, client: discord.Client) -> None:  # noqa: ARG002 - it is Discord that calls
        self._up.set()
        await asyncio.Event().wait()

    async def _receive(self, request: web.Request) -> web.StreamResponse:
        signature = request.headers.get("X-Signature-Ed25519", "")
        timestamp = request.headers.get("X-Signature-Timestamp", "")
        if not signature or not timestamp:
            raise web.HTTPUnauthorized
        body = await request.clone(client_max_size=MOST_BODY).read()
        if fault := self._signatures.fault(signature, timestamp, body):
            _log.info("request refused", extra={"why": fault})
            raise web.HTTPUnauthorized
        payload = _read(body)
        if payload["type"] == _PING:
            return web.json_response(_PONG)
        if self._client is None or self._closed:
            raise web.HTTPServiceUnavailable
        return await self._answer(request, self._client, payload)

    async def _answer(self, request: web.Request, client: discord.Client, payload: private.Json) -> web.StreamResponse:
        """Answer with what the interaction is answered with, or 202 where that goes by REST."""
        try:
            interaction = private.interaction(client, payload)
        except ValueError:
            raise web.HTTPBadRequest from None
        self._once(str(interaction.id))
        inline = private.Inline()
        whole = False
        try:
            taking = self.work(self._interactions.take(interaction), inline.context())
            awaited: set[asyncio.Future[Any]] = {taking, inline.answer}
            await asyncio.wait(awaited, timeout=ANSWER_WITHIN, return_when=asyncio.FIRST_COMPLETED)
            if not inline.answer.done():  # it cannot be answered, or not in time
                inline.answer.cancel()
                raise web.HTTPBadRequest if taking.done() else web.HTTPServiceUnavailable
            answer = inline.answer.result()
            response = web.Response(status=202) if answer is None else web.json_response(answer)
            await response.prepare(request)
            await response.write_eof()
            whole = True
        finally:
            inline.sent(whole=whole)
        return response

    def _once(self, key: str) -> None:
        """Take an interaction once. Discord sends none twice: whoever repeats a request is told nothing."""
        if key in self._heard:
            raise web.HTTPUnauthorized
        self._heard[key] = None
        while len(self._heard) > _MOST_HEARD:
            self._heard.popitem(last=False)


def _read(body: bytes) -> dict[str, Any]:
    try:
        payload = json.loads(body)
    except (ValueError, RecursionError):
        raise web.HTTPBadRequest from None
    if not isinstance(payload, dict) or type(payload.get("type")) is not int:
        raise web.HTTPBadRequest
    return payload
