"""Webhooks: 200 once stored, 400 where they do not prove where they come from, 503 where they cannot be stored."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from stripe import WebhookSignature

from adapters.sandbox.webhooks import sign
from adapters.stripe.webhooks import MOST_BYTES, Webhooks
from bot.errors import StoreUnavailable, WrongAccount
from bot.ports import Event

SHOP, WATER = "whsec_shop", "whsec_water"


@dataclass
class Receiver:
    """A shop's webhook address, and what it was handed."""

    url: str = ""
    events: list[Event] = field(default_factory=list)
    error: Exception | None = None
    notes: list[tuple[str, bool]] = field(default_factory=list)

    async def receive(self, event: Event) -> bool:
        """Store an event, or fail to."""
        if self.error is not None:
            raise self.error
        self.events.append(event)
        return True

    async def note(self, account: str, authentic: bool) -> None:
        """Note how a webhook was."""
        self.notes.append((account, authentic))

    async def post(self, body: bytes | str, signature: str | None = None, *, account: str = "") -> int:
        """Send a webhook; signed with the account's secret unless a signature is given."""
        if signature is None:
            text = body if isinstance(body, str) else body.decode()
            signature = sign(text, {"": SHOP, "water": WATER}[account], int(time.time()))
        headers = {"Stripe-Signature": signature} if signature else {}
        async with (
            aiohttp.ClientSession() as session,
            session.post(self.url + (f"/{account}" if account else ""), data=body, headers=headers) as response,
        ):
            return response.status


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    made = Receiver()
    app = web.Application()
    app.add_routes(Webhooks(made.receive, lambda: {"": SHOP, "water": WATER}, made.note).routes())
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    made.url = f"http://127.0.0.1:{runner.addresses[0][1]}/stripe/webhook"
    yield made
    await runner.cleanup()


def event(**more: Any) -> str:
    body = {
        "id": "evt_1",
        "object": "event",
        "type": "checkout.session.completed",
        "livemode": False,
        "created": 1_790_000_000,
        "data": {"object": {"id": "cs_test_1", "object": "checkout.session"}},
    }
    return json.dumps(body | more)


async def test_stored(receiver: Receiver) -> None:
    """An authentic event is handed over as a hint: ids, type, livemode and time, and 200 says that it is stored."""
    assert await receiver.post(event()) == 200
    created = datetime.fromtimestamp(1_790_000_000, UTC)
    kind = "checkout.session.completed"
    assert receiver.events == [Event("evt_1", "", livemode=False, type=kind, object_id="cs_test_1", created=created)]


async def test_as_the_sdk_signs(receiver: Receiver) -> None:
    """A signature made by Stripe's own library is taken."""
    body = event()
    assert await receiver.post(body, WebhookSignature.generate_signature_header(body, SHOP)) == 200


async def test_accounts(receiver: Receiver) -> None:
    """Each account has an address and a secret of its own; one's secret opens no other's address."""
    assert await receiver.post(event(), account="water") == 200
    assert [each.account for each in receiver.events] == ["water"]
    now = int(time.time())
    assert await receiver.post(event(), sign(event(), SHOP, now), account="water") == 400
    assert await receiver.post(event(), sign(event(), WATER, now)) == 400
    assert await receiver.post(event(), sign(event(), "", now), account="unknown") == 400
    assert len(receiver.events) == 1


@pytest.mark.parametrize(
    "signature",
    [
        "",
        "nonsense",
        "t=,v1=",
        "t=now,v1=0",
        "v1=0",
        f"t={int(time.time())}",
        f"t={int(time.time())},v0=00",
        f"t={int(time.time())},v1=ünsigned",
        f"t={'9' * 5000},v1=0",
        sign(event(), "whsec_forged", int(time.time())),
        sign(event(id="evt_2"), SHOP, int(time.time())),
    ],
    ids=range(11),  # by the signatures, which bear the time, workers that begin in another second would name others
)
async def test_unsigned(receiver: Receiver, signature: str) -> None:
    """Without the right signature over these very bytes, nothing is taken."""
    assert await receiver.post(event(), signature) == 400
    assert receiver.events == []


@pytest.mark.parametrize("seconds", [-301, -3600, 310, 3600, 10**9])
async def test_other_time(receiver: Receiver, seconds: int) -> None:
    """A signature that is too old, or from the future, proves nothing; the first timestamp counts."""
    at = int(time.time()) + seconds
    header = sign(event(), SHOP, at)
    assert await receiver.post(event(), header) == 400
    assert await receiver.post(event(), f"{header},t={int(time.time())}") == 400
    assert receiver.events == []


@pytest.mark.parametrize("seconds", [-280, 0, 280])
async def test_near_enough(receiver: Receiver, seconds: int) -> None:
    """Clocks may differ by some minutes."""
    assert await receiver.post(event(), sign(event(), SHOP, int(time.time()) + seconds)) == 200


@pytest.mark.parametrize(
    "body",
    [
        "",
        "null",
        "[]",
        "{}",
        "{",
        "42",
        "[" * 20_000 + "]" * 20_000,
        event(object="charge"),
        event(id=7),
        event(type=None),
        event(livemode="false"),
        event(livemode=0),
        event(created="yesterday"),
        event(created=10**30),
        event(data=None),
        event(data={"object": []}),
        event(data={"object": {"id": {"$ne": ""}}}),
        event(id="evt_\ud800"),
        event(id="evt_\x00"),
        event(id="e" * 256),
        event(type="checkout session"),
        event(data={"object": {"id": "cs_1\nforged"}}),
    ],
)
async def test_no_event(receiver: Receiver, body: str) -> None:
    """Signed bytes that are no event are refused, whatever they are."""
    assert await receiver.post(body) == 400
    assert receiver.events == []


async def test_not_text(receiver: Receiver) -> None:
    """Bytes that are no UTF-8 are refused."""
    assert await receiver.post(b"\xff\xfe", "t=1,v1=0") == 400


async def test_too_large(receiver: Receiver) -> None:
    """A body beyond the bound is refused, declared or not."""
    body = event(padding="x" * MOST_BYTES)
    assert await receiver.post(body) == 400

    async def pieces() -> AsyncIterator[bytes]:
        yield body.encode()

    headers = {"Stripe-Signature": sign(body, SHOP, int(time.time()))}
    async with (
        aiohttp.ClientSession() as session,
        session.post(receiver.url, data=pieces(), headers=headers) as response,
    ):
        assert response.status == 400
    assert receiver.events == []


async def test_of_no_use(receiver: Receiver) -> None:
    """An event that Tillbot has no use for is acknowledged and forgotten."""
    assert await receiver.post(event(type="product.created")) == 200
    assert receiver.events == []


async def test_not_stored(receiver: Receiver) -> None:
    """Where it cannot be stored the answer is 503, and Stripe sends it again."""
    receiver.error = StoreUnavailable("full")
    assert await receiver.post(event()) == 503


async def test_other_livemode(receiver: Receiver) -> None:
    """A correctly signed event of the other livemode is refused."""
    receiver.error = WrongAccount("live", "test")
    assert await receiver.post(event()) == 400


async def test_what_the_doctor_is_told(receiver: Receiver) -> None:
    """Of each account is noted whether its webhooks were authentic; of strangers and unsigned ones nothing."""
    event = {"id": "evt_1", "object": "event", "type": "plan.created", "livemode": False, "created": 1700000000}
    body = json.dumps({**event, "data": {"object": {"id": "x"}}})
    assert await receiver.post(body) == 200
    assert await receiver.post(body, sign(body, WATER, int(time.time()))) == 400
    assert await receiver.post(body, "", account="water") == 400
    assert await receiver.post(body, sign(body, SHOP, int(time.time())), account="nobody") == 400
    assert receiver.notes == [("", True), ("", False)]
