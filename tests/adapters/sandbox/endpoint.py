"""A shop's webhook endpoint: takes what comes, checks it as Stripe's library does, and lets tests wait for it."""

import asyncio
import json
from dataclasses import dataclass, field
from typing import Any, Self

import stripe
from aiohttp import web


@dataclass
class Taken:
    """What arrived, in order; `answers` are given first, then 200."""

    secret: str
    answers: list[int] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)
    url: str = ""
    _arrived: asyncio.Condition = field(default_factory=asyncio.Condition)
    _runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.add_routes([web.post("/stripe/webhook", self._take)])
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}/stripe/webhook"
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    async def wait(self, *types: str, count: int = 1) -> list[dict[str, Any]]:
        """Wait until `count` events of each type have arrived, and give those of the first type."""
        async with asyncio.timeout(10), self._arrived:
            await self._arrived.wait_for(lambda: all(len(self.of(kind)) >= count for kind in types))
        return self.of(types[0])

    def of(self, kind: str) -> list[dict[str, Any]]:
        """List what arrived of a type."""
        return [event for event in self.events if event["type"] == kind]

    async def _take(self, request: web.Request) -> web.Response:
        payload = await request.text()
        stripe.WebhookSignature.verify_header(payload, request.headers["Stripe-Signature"], self.secret, 300)
        status = self.answers.pop(0) if self.answers else 200
        async with self._arrived:
            self.events.append(json.loads(payload))
            self._arrived.notify_all()
        return web.Response(status=status)
