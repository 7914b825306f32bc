"""Slack's `/buy` over HTTP, a form that opens and the notice after the closing, beside a bare Bolt app and bare aiohttp."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Final
from urllib.parse import urlencode

from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.connection import Connection
from adapters.slack.door import PATH, SlackDoor
from adapters.web.server import Server
from tests.bench.driving import Driven, Request, drive, serving
from tests.bench.platform import platform
from tests.bench.row import Figure, Row, Scale, pairs
from tests.bot.rig import CLOSING, SHOP, World, opened

SECRET = "8f742231b10e8888abcd99yyyzzz85a5"
TOKEN = "xoxb-bench"


def _measure(scale: Scale) -> Sequence[Figure]:
    many = scale.of(1000, least=60)
    bolt = [asyncio.run(_bolt(many)) for _ in range(scale.rounds)]
    bare = [asyncio.run(_bare(many)) for _ in range(scale.rounds)]
    figures = []
    for name, closing in (("form opened", ""), ("retired notice", CLOSING)):
        ours = [asyncio.run(_ours(many, closing)) for _ in range(scale.rounds)]
        cpu = [(one.cpu, anchor.cpu) for one, anchor in zip(ours, bolt, strict=True)]
        waits = [(one.p50, anchor.p50) for one, anchor in zip(ours, bare, strict=True)]
        figures.append(pairs(f"{name}, beside Bolt", "µs CPU", cpu, bound=1.2))
        figures.append(pairs(f"{name}, p50 beside aiohttp", "ms", waits, bound=3))
    return figures


def _requests(many: int) -> list[Request]:
    return [_request(number) for number in range(many)]


def _request(number: int) -> Request:
    fields = {
        "token": "legacy",
        "team_id": "T1",
        "team_domain": "harbour",
        "channel_id": "C1",
        "channel_name": "shop",
        "user_id": f"U{number % 50}",
        "user_name": "ann",
        "command": "/buy",
        "text": "",
        "api_app_id": "A1",
        "is_enterprise_install": "false",
        "response_url": "http://127.0.0.1:1/commands/T1/1/x",
        "trigger_id": f"{number}.1.abc",
    }
    body, at = urlencode(fields), str(int(time.time()))
    proof = hmac.new(SECRET.encode(), f"v0:{at}:{body}".encode(), hashlib.sha256).hexdigest()
    headers = {
        "Content-Type": "application/x-www-form-urlencoded",
        "X-Slack-Request-Timestamp": at,
        "X-Slack-Signature": f"v0={proof}",
    }
    return Request(PATH, body, headers)


async def _ours(many: int, closing: str) -> Driven:
    with tempfile.TemporaryDirectory() as folder:
        world = World(Path(folder), text=SHOP + closing, lasting=True)
        world.time.pass_(days=60)
        async with platform() as address, opened(world) as rig:
            await rig.live.refresh()
            connection = Connection(bot_token=TOKEN, api_base=f"{address}/api/")
            door = SlackDoor(rig.house.conversation, connection, signing_secret=SECRET)

            async def ready() -> tuple[bool, dict[str, object]]:
                return True, {}

            server = Server([door.routes()], ready=ready, port=0)
            await server.start()
            try:
                return await drive(server.address, _requests(many), width=1)
            finally:
                await server.stop()
                await door.aclose()
                await connection.aclose()


async def _bolt(many: int) -> Driven:
    async with platform() as address:
        app = AsyncApp(signing_secret=SECRET, client=AsyncWebClient(TOKEN, base_url=f"{address}/api/"))

        @app.command("/buy")
        async def nothing(ack: Callable[[], Awaitable[object]]) -> None:
            await ack()

        async def take(request: web.Request) -> web.Response:
            return await to_aiohttp_response(await app.async_dispatch(await to_bolt_request(request)))

        async with serving(web.post(PATH, take)) as here:
            return await drive(here, _requests(many), width=1)


async def _bare(many: int) -> Driven:
    async def take(request: web.Request) -> web.Response:
        body, at = await request.read(), request.headers["X-Slack-Request-Timestamp"]
        proof = "v0=" + hmac.new(SECRET.encode(), f"v0:{at}:".encode() + body, hashlib.sha256).hexdigest()
        if not hmac.compare_digest(proof, request.headers["X-Slack-Signature"]):
            raise web.HTTPUnauthorized
        return web.Response()

    async with serving(web.post(PATH, take)) as here:
        return await drive(here, _requests(many), width=1)


ROW: Final = Row("Slack /buy over HTTP", "a bare Bolt app; bare aiohttp that checks the signature", _measure)
