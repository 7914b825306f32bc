"""`/buy` typed into the web API after the closing: CPU a request, beside bare aiohttp that parses, looks up and answers."""

from __future__ import annotations

import asyncio
import json
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from aiohttp import web

from adapters.web.chat import WebChat
from adapters.web.people import COOKIE
from adapters.web.server import Server
from tests.bench.driving import Driven, Request, drive, serving
from tests.bench.row import Figure, Row, Scale, pairs
from tests.bot.rig import CLOSING, SHOP, World, opened


def _measure(scale: Scale) -> Sequence[Figure]:
    many = scale.of(2000, least=50)
    both = [(asyncio.run(_ours(many)).cpu, asyncio.run(_bare(many)).cpu) for _ in range(scale.rounds)]
    return [pairs("a request", "µs CPU", both, bound=2)]


async def _ours(many: int) -> Driven:
    with tempfile.TemporaryDirectory() as folder:
        world = World(Path(folder), text=SHOP + CLOSING, lasting=True)
        world.time.pass_(days=60)
        async with opened(world) as rig:
            await rig.live.refresh()
            chat = WebChat(
                rig.house.conversation,
                rig.house.telling.desk.signer,
                rig.house.newsroom,
                keep=rig.house.newsroom.keep,
                opening=lambda _: [],
                hints=lambda _: [],
            )

            async def ready() -> tuple[bool, dict[str, object]]:
                return True, {}

            server = Server([chat.routes()], ready=ready, port=0)
            await server.start()
            try:
                cookie = await _cookie(server.address)
                headers = {"Content-Type": "application/json", "Cookie": f"{COOKIE}={cookie}"}
                body = json.dumps({"text": "/buy mug blue"})
                return await drive(server.address, [Request("/web/messages", body, headers)] * many)
            finally:
                await server.stop()


async def _cookie(address: str) -> str:
    from aiohttp import ClientSession

    async with ClientSession() as browser, browser.get(f"{address}/web/welcome") as response:
        return response.cookies[COOKIE].value


async def _bare(many: int) -> Driven:
    answers = {"/buy mug blue": {"replies": [{"kind": "card", "title": "Buying has ended", "body": "x" * 900}]}}

    async def answer(request: web.Request) -> web.Response:
        return web.json_response(answers[(await request.json())["text"]])

    async with serving(web.post("/web/messages", answer)) as address:
        headers = {"Content-Type": "application/json"}
        return await drive(address, [Request("/web/messages", json.dumps({"text": "/buy mug blue"}), headers)] * many)


ROW: Final = Row("/buy typed after the closing, web API", "bare aiohttp: parse, look up, answer", _measure)
