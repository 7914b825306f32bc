"""The stand-in's HTTP side refuses what Discord refuses, and tells the person that the application did not respond."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from nacl.exceptions import BadSignatureError
from nacl.signing import VerifyKey

from tests.platforms.discord import DidNotRespondError, DiscordStandIn, NotVerifiedError, Person

Json = dict[str, Any]
Answering = Callable[[Json], Awaitable[web.Response]]

HELLO: Json = {"type": 4, "data": {"content": "Hello"}}
MODAL: Json = {
    "type": 9,
    "data": {
        "custom_id": "f",
        "title": "Buy",
        "components": [
            {"type": 18, "label": "Code", "component": {"type": 4, "custom_id": "code", "style": 1, "required": False}}
        ],
    },
}


@dataclass
class App:
    """An application that verifies as it should, and answers as a test wants."""

    platform: DiscordStandIn
    ada: Person
    url: str = ""
    got: list[Json] = field(default_factory=list)
    answering: Answering | None = None
    believes_all: bool = False

    async def receive(self, request: web.Request) -> web.Response:
        """Verify, answer a PING, and leave the rest to the test."""
        body = await request.read()
        try:
            key = VerifyKey(bytes.fromhex(self.platform.endpoint.public_key))
            timestamp = request.headers["X-Signature-Timestamp"]
            key.verify(timestamp.encode() + body, bytes.fromhex(request.headers["X-Signature-Ed25519"]))
        except (BadSignatureError, KeyError):
            if not self.believes_all:
                return web.Response(status=401)
        payload = json.loads(body)
        if payload["type"] == 1:
            return web.json_response({"type": 1})
        self.got.append(payload)
        assert self.answering is not None
        return await self.answering(payload)

    def answers(self, body: Json) -> None:
        """Answer everything alike, in the response."""

        async def answer(_: Json) -> web.Response:
            return web.json_response(body)

        self.answering = answer

    async def call(self, method: str, path: str, body: Json) -> int:
        """Make a request to the REST API."""
        async with (
            aiohttp.ClientSession() as session,
            session.request(method, self.platform.api_base + path, json=body) as response,
        ):
            return response.status


@pytest.fixture
async def app() -> AsyncIterator[App]:
    async with DiscordStandIn() as platform:
        guild = platform.guild()
        platform.commands[None] = [{"id": "1", "name": "buy", "description": "Buy", "options": []}]
        app = App(platform, platform.person("ada", guild=guild))
        served = web.Application()
        served.router.add_post("/", app.receive)
        runner = web.AppRunner(served, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        app.url = f"http://127.0.0.1:{runner.addresses[0][1]}/"
        await platform.endpoint.verify(app.url)
        yield app
        await runner.cleanup()


async def test_an_answer_in_the_response_is_taken(app: App) -> None:
    """A message, a modal and the answer to what was filled in, each in the response, reach the person."""
    app.answers(HELLO)
    assert (await app.ada.slash("buy")).text == "Hello"
    app.answers(MODAL)
    await app.ada.slash("buy")
    assert app.ada.fields() == {"Code": ""}
    app.answers(HELLO)
    assert (await app.ada.fill({"Code": "X"})).text == "Hello"
    assert [(payload["type"], "member" in payload, payload["version"]) for payload in app.got] == [
        (2, True, 1),
        (2, True, 1),
        (5, True, 1),
    ]


async def test_an_endpoint_that_believes_everybody_is_not_verified(app: App) -> None:
    """Discord tries a wrong signature before it takes an address."""
    app.believes_all = True
    with pytest.raises(NotVerifiedError, match="wrong signature"):
        await app.platform.endpoint.verify(app.url)


async def test_an_endpoint_that_answers_no_ping_is_not_verified(app: App) -> None:
    """A PING is answered in the response with type 1, or the address is not taken."""
    with pytest.raises(NotVerifiedError, match="PING"):
        await app.platform.endpoint.verify(app.url + "elsewhere")


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ({"type": 1}, "50035"),
        ({"type": 8, "data": {"choices": []}}, "50035"),
        ({"type": 7, "data": {"content": "instead"}}, "50035"),
        ({"type": 4}, "50006"),
        ({"type": 4, "data": {"content": "x" * 2001}}, "50035"),
        ({"type": 4, "data": {"contents": "misspelt"}}, "50035"),
        ({"type": 4, "data": {"content": "x"}, "more": 1}, "50035"),
        ({"type": 5, "data": {"flags": 4}}, "50035"),
        ({"type": 9, "data": {"custom_id": "f", "title": "x" * 46, "components": []}}, "50035"),
        ({}, "50035"),
    ],
)
async def test_a_malformed_answer_in_the_response_is_refused(app: App, body: Json, why: str) -> None:
    """What Discord cannot take leaves the person with "did not respond"."""
    app.answers(body)
    with pytest.raises(DidNotRespondError, match=why):
        await app.ada.slash("buy")


@pytest.mark.parametrize(
    "response",
    [
        {"status": 202, "text": "{}"},
        {"status": 204},
        {"status": 500},
        {"status": 200, "text": json.dumps(HELLO), "content_type": "text/plain"},
        {"status": 200, "text": "no JSON", "content_type": "application/json"},
    ],
)
async def test_a_response_that_is_no_answer_is_refused(app: App, response: Json) -> None:
    """Only 200 with JSON, or 202 with nothing, is understood."""

    async def answer(_: Json) -> web.Response:
        return web.Response(**response)

    app.answering = answer
    with pytest.raises(DidNotRespondError):
        await app.ada.slash("buy")


async def test_a_late_answer_is_refused(app: App) -> None:
    """After three seconds the interaction is dead: the response is too late, and a callback is too."""

    async def answer(_: Json) -> web.Response:
        app.platform.advance(3.1)
        return web.json_response(HELLO)

    app.answering = answer
    with pytest.raises(DidNotRespondError, match="did not respond"):
        await app.ada.slash("buy")
    got = app.got[0]
    assert await app.call("POST", f"/interactions/{got['id']}/{got['token']}/callback", HELLO) == 404


async def test_after_a_202_the_callback_is_awaited(app: App) -> None:
    """202 with no body leaves the answer to the callback; a deferral there is followed by an edit."""

    async def answer(payload: Json) -> web.Response:
        asyncio.get_running_loop().call_soon(called.set_result, payload)
        return web.Response(status=202)

    called: asyncio.Future[Json] = asyncio.get_running_loop().create_future()
    app.answering = answer
    slash = await app.ada.slash("buy", wait=False)
    got = await called
    assert await app.call("POST", f"/interactions/{got['id']}/{got['token']}/callback", {"type": 5}) == 204
    path = f"/webhooks/{app.platform.application_id}/{got['token']}/messages/@original"
    assert await app.call("PATCH", path, {"content": "Done"}) == 200
    assert (await slash.settled()).text == "Done"


async def test_answering_twice_is_refused(app: App) -> None:
    """Who has called back has answered: the same in the response is one answer too many, a modal after a deferral too."""
    statuses = []

    async def answer(got: Json) -> web.Response:
        callback = f"/interactions/{got['id']}/{got['token']}/callback"
        statuses.append(await app.call("POST", callback, {"type": 5}))
        statuses.append(await app.call("POST", callback, MODAL))
        return web.json_response(MODAL)

    app.answering = answer
    await app.ada.slash("buy", wait=False)
    await app.platform.changes.until(lambda: len(app.platform.requests) == 3, lambda: str(app.platform.requests))
    assert statuses == [204, 400]
    assert [request.refusal["code"] for request in app.platform.requests if request.refusal] == [40060, 40060]
    assert app.ada.modal is None


async def test_a_modal_after_a_modal_is_refused(app: App) -> None:
    """What was filled in cannot be answered with another form."""
    app.answers(MODAL)
    await app.ada.slash("buy")
    with pytest.raises(DidNotRespondError, match="50035"):
        await app.ada.fill({})


async def test_nothing_follows_before_the_answer(app: App) -> None:
    """While the response has not been taken, Discord knows of nothing that could be followed or edited: 404."""
    statuses = []

    async def answer(got: Json) -> web.Response:
        webhook = f"/webhooks/{app.platform.application_id}/{got['token']}"
        statuses.append(await app.call("POST", webhook, {"content": "more"}))
        statuses.append(await app.call("PATCH", webhook + "/messages/@original", {"content": "other"}))
        return web.json_response(HELLO)

    app.answering = answer
    assert (await app.ada.slash("buy")).text == "Hello"
    assert statuses == [404, 404]


async def test_an_endpoint_that_is_down_is_no_answer(app: App) -> None:
    """Nobody at the address: the person is told at once."""
    app.platform.endpoint.url = "http://127.0.0.1:9/"
    with pytest.raises(DidNotRespondError, match="did not answer"):
        await app.ada.slash("buy")


@pytest.mark.parametrize(("shard", "code"), [([2, 2], 4010), ([0, 1], 4011)])
async def test_a_wrong_shard_is_refused(app: App, shard: list[int], code: int) -> None:
    """A shard beyond its own count, and fewer shards than the application needs, are hung up on."""
    app.platform.gateway.shards = 2
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(app.platform.gateway_url + "?v=10&encoding=json") as ws,
    ):
        await ws.receive_json()
        await ws.send_json({"op": 2, "d": {"token": app.platform.token, "intents": 1, "shard": shard}})
        await ws.receive()
        assert ws.close_code == code
