"""A webhook verified and understood, and the whole request with its insert, beside what the same costs bare."""

from __future__ import annotations

import asyncio
import json
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from aiohttp import web
from sqlalchemy import text
from stripe import WebhookSignature

from adapters.stripe.webhooks import TOLERANCE, Webhooks, understood
from adapters.web.access import explain
from adapters.web.server import Server
from bot.hearing import Hearing
from tests.bench.driving import Driven, Request, drive, serving
from tests.bench.row import Figure, Row, Scale, pairs
from tests.bench.timing import cpu
from tests.bot.rig import World, opened

SECRET = "whsec_bench"


def _measure(scale: Scale) -> Sequence[Figure]:
    many = scale.of(2000, least=50)
    event = _event(0)
    header = WebhookSignature.generate_signature_header(event.decode(), SECRET)

    def ours() -> object:
        return understood(event, header, "", SECRET)

    def bare() -> object:
        WebhookSignature.verify_header(event, header, SECRET, TOLERANCE)
        return json.loads(event)

    alone = [(cpu(ours, many), cpu(bare, many)) for _ in range(scale.rounds)]
    whole = [(asyncio.run(_ours(many)).cpu, asyncio.run(_bare(many)).cpu) for _ in range(scale.rounds)]
    return [
        pairs("verified and understood", "µs CPU", alone, bound=1.5),
        pairs("the whole request", "µs CPU", whole, bound=1.3),
    ]


def _event(number: int) -> bytes:
    """Write an event as large as Stripe's for a paid session."""
    session = {"id": f"cs_live_{number}", "object": "checkout.session", "payment_status": "paid", "status": "complete"}
    filler = {f"field_{n}": {"amount": n, "text": "a sentence of some length", "null": None} for n in range(40)}
    body = {
        "id": f"evt_{number:024}",
        "object": "event",
        "type": "checkout.session.completed",
        "created": int(time.time()),
        "livemode": True,
        "data": {"object": {**session, **filler}},
    }
    return json.dumps(body).encode()


def _requests(many: int) -> list[Request]:
    events = [_event(number) for number in range(many)]
    return [
        Request(
            "/stripe/webhook",
            event.decode(),
            {"Stripe-Signature": WebhookSignature.generate_signature_header(event.decode(), SECRET)},
        )
        for event in events
    ]


async def _ours(many: int) -> Driven:
    with tempfile.TemporaryDirectory() as folder:
        async with opened(World(Path(folder), lasting=True)) as rig:
            store = rig.database.store
            webhooks = Webhooks(rig.house.settling.receive, lambda: {"": SECRET}, Hearing(store).note, explain)

            async def ready() -> tuple[bool, dict[str, object]]:
                return True, {}

            server = Server([webhooks.routes()], ready=ready, port=0)
            await server.start()
            try:
                return await drive(server.address, _requests(many))
            finally:
                await server.stop()


async def _bare(many: int) -> Driven:
    event = text(
        "INSERT INTO inbox (account, id, livemode, type, object_id, created, received) VALUES ('', :id, 1, :t, :o, :c, :c)"
    )
    job = text("INSERT INTO jobs (kind, payload, at, attempts, error) VALUES ('event', :p, :c, 0, '')")
    with tempfile.TemporaryDirectory() as folder:
        async with opened(World(Path(folder), lasting=True)) as rig:

            async def take(request: web.Request) -> web.Response:
                body = await request.read()
                WebhookSignature.verify_header(body, request.headers["Stripe-Signature"], SECRET, TOLERANCE)
                read = json.loads(body)
                async with rig.database.store.unit() as unit:
                    at, subject = "2026-03-02 12:00:00.000000", read["data"]["object"]["id"]
                    await unit.transaction.execute(event.bindparams(id=read["id"], t=read["type"], o=subject, c=at))
                    await unit.transaction.execute(job.bindparams(p=json.dumps({"id": read["id"]}), c=at))
                return web.json_response({"received": True})

            async with serving(web.post("/stripe/webhook", take)) as address:
                return await drive(address, _requests(many))


ROW: Final = Row("a webhook", "verify_header and json.loads; bare aiohttp with the same insert", _measure)
