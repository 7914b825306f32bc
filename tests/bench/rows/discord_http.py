"""Discord's `/buy` by HTTP, answered in the response: form, notice, completion, beside aiohttp that verifies and answers."""

from __future__ import annotations

import asyncio
import json
import tempfile
import time
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from aiohttp import web
from nacl.signing import SigningKey

from adapters.discord.endpoint import PATH
from tests.bench.driving import Driven, Request, drive, serving
from tests.bench.row import Figure, Row, Scale, pairs
from tests.conformance.discord_door import DiscordHttp
from tests.conformance.world import World


def _measure(scale: Scale) -> Sequence[Figure]:
    many = scale.of(1000, least=60)
    figures = []
    for name in ("form", "completion", "notice"):
        both = []
        for _ in range(scale.rounds):
            ours, body, answer = asyncio.run(_ours(name, many))
            both.append((ours.cpu, asyncio.run(_bare(body, answer, many)).cpu))
        figures.append(pairs(name, "µs CPU", both, bound=2))
    return figures


def _requests(key: SigningKey, body: dict[str, Any], many: int) -> list[Request]:
    """Make so many interactions of one, each with an id of its own, as if by one person after another."""
    requests = []
    for number in range(many):
        fresh = json.dumps({**body, "id": str(int(body["id"]) + number + 1), "token": f"{body['token']}{number}"})
        at = str(int(time.time()))
        headers = {
            "Content-Type": "application/json",
            "X-Signature-Ed25519": key.sign(f"{at}{fresh}".encode()).signature.hex(),
            "X-Signature-Timestamp": at,
        }
        requests.append(Request(PATH, fresh, headers))
    return requests


async def _ours(name: str, many: int) -> tuple[Driven, dict[str, Any], Any]:
    with tempfile.TemporaryDirectory() as folder:
        door = await DiscordHttp.open()
        async with World.at(door, Path(folder)) as world:
            if name == "notice":
                await world.retire(announced=timedelta(days=-60), closes=timedelta(days=-1))
            ann = (await door.person("ann")).person
            sent: list[bytes] = []
            endpoint = door.platform.endpoint
            post = endpoint.post

            async def noted(body: bytes, **more: Any) -> Any:
                sent.append(body)
                return await post(body, **more)

            endpoint.post = noted  # type: ignore[method-assign]  # to have what a client of Discord's makes
            await (ann.complete("buy", product="mu") if name == "completion" else ann.slash("buy"))
            answer = [request for request in door.platform.requests if request.method == "INLINE"][-1].body
            body = json.loads(sent[-1])
            driven = await drive(world.app.address, _requests(endpoint._key, body, many))
            return driven, body, answer


async def _bare(body: dict[str, Any], answer: Any, many: int) -> Driven:
    key = SigningKey.generate()

    async def take(request: web.Request) -> web.Response:
        read = await request.read()
        signature = bytes.fromhex(request.headers["X-Signature-Ed25519"])
        key.verify_key.verify(request.headers["X-Signature-Timestamp"].encode() + read, signature)
        json.loads(read)
        return web.json_response(answer)

    async with serving(web.post(PATH, take)) as here:
        return await drive(here, _requests(key, body, many))


ROW: Final = Row("Discord /buy by HTTP", "aiohttp that verifies, reads and answers", _measure)
