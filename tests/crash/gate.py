"""The gate before the shop: one address, whichever of its processes live, and a book of the webhooks that went through."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Literal, Self

from aiohttp import ClientConnectorError, ClientError, ClientSession, ClientTimeout, DummyCookieJar, web

from tests.crash.process import Shop

#: Headers that speak of one connection only (https://www.rfc-editor.org/rfc/rfc9110#section-7.6.1), and what is said anew.
_OWN: Final = {"connection", "keep-alive", "transfer-encoding", "te", "trailer", "upgrade", "content-length"}


@dataclass(frozen=True)
class Webhook:
    """An event of Stripe's at the gate: before it goes in, or after it was answered with `status`."""

    stage: Literal["before", "after"]
    at: float
    event: str
    type: str
    #: The order of the session that it speaks of; "" where it speaks of something else.
    order: str
    #: Whether that session was paid when the event was made.
    paid: bool
    status: int = 0
    #: The process that answered it.
    by: Shop | None = None


class Gate:
    """`async with Gate() as gate`: what comes to `gate.address` goes to one of `shops`, in turn. 503 where none lives."""

    def __init__(self) -> None:
        self.address = ""
        self.shops: list[Shop] = []
        self.heard: list[Webhook] = []
        #: Told of each webhook, before and after. What it does, it does at that very instant.
        self.watch: Callable[[Webhook], None] = lambda _: None
        self._turn = 0

    async def __aenter__(self) -> Self:
        self._session = ClientSession(
            timeout=ClientTimeout(total=30), cookie_jar=DummyCookieJar(), auto_decompress=False
        )
        app = web.Application()
        app.router.add_route("*", "/{tail:.*}", self._pass)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        host, port = self._runner.addresses[0][:2]
        self.address = f"http://{host}:{port}"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()
        await self._session.close()

    async def _pass(self, request: web.Request) -> web.Response:
        body = await request.read()
        if not request.path.startswith("/stripe/webhook"):
            return (await self._forward(request, body))[0]
        event = json.loads(body)
        self._note("before", event)
        response, by = await self._forward(request, body)
        self._note("after", event, response.status, by)
        return response

    async def _forward(self, request: web.Request, body: bytes) -> tuple[web.Response, Shop | None]:
        self._turn += 1
        living = [shop for shop in self.shops if shop.pid and shop.address]
        headers = {name: value for name, value in request.headers.items() if name.lower() not in _OWN}
        for n in range(len(living)):
            shop = living[(self._turn + n) % len(living)]
            try:
                async with self._session.request(
                    request.method, shop.address + request.raw_path, data=body, headers=headers, allow_redirects=False
                ) as answer:
                    kept = [(name, value) for name, value in answer.headers.items() if name.lower() not in _OWN]
                    return web.Response(status=answer.status, headers=kept, body=await answer.read()), shop
            except ClientConnectorError:
                continue  # nobody there took it: another may
            except (ClientError, TimeoutError):
                break  # somebody may have acted on it
        return web.Response(status=503, text="nobody answers"), None

    def _note(
        self, stage: Literal["before", "after"], event: dict[str, Any], status: int = 0, by: Shop | None = None
    ) -> None:
        subject = event["data"]["object"]
        session = subject["object"] == "checkout.session"
        webhook = Webhook(
            stage,
            time.time(),
            event["id"],
            event["type"],
            str(subject["client_reference_id"]) if session else "",
            session and subject["payment_status"] == "paid",
            status,
            by,
        )
        self.heard.append(webhook)
        self.watch(webhook)
