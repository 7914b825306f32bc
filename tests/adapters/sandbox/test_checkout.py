"""Checkout Sessions: what they show, and how they end."""

import asyncio
import time
from pathlib import Path

import pytest
import stripe

from adapters.sandbox import Sandbox
from adapters.sandbox.books import API_VERSION
from adapters.sandbox.storage import Storage
from tests.adapters.sandbox.buyer import Buyer
from tests.adapters.sandbox.conftest import KEY, Time, connected, item, sale
from tests.adapters.sandbox.endpoint import Taken


def test_version() -> None:
    """The sandbox gives the shapes of the API version that the installed SDK is generated from."""
    assert stripe.api_version == API_VERSION


async def test_created(client: stripe.StripeClient, sandbox: Sandbox) -> None:
    """A new session is open, unpaid, in test mode, and adds up its lines, discount and first way of shipping."""
    await client.v1.coupons.create_async({"id": "TEN", "percent_off": 10, "duration": "once"})
    made = await client.v1.checkout.sessions.create_async(
        sale(
            client_reference_id="T1",
            metadata={"order": "T1"},
            locale="fr",
            discounts=[{"coupon": "TEN"}],
            shipping_address_collection={"allowed_countries": ["FR", "BE"]},
            phone_number_collection={"enabled": True},
            shipping_options=[_shipping(490), _shipping(900)],
        )
    )
    assert made.id.startswith("cs_test_")
    assert made.url == f"{sandbox.base}/c/pay/{made.id}"
    assert (made.status, made.payment_status, made.livemode, made.payment_intent) == ("open", "unpaid", False, None)
    assert (made.amount_subtotal, made.amount_total, made.currency) == (2500, 2500 - 250 + 490, "eur")
    assert made.total_details is not None
    assert (made.total_details.amount_discount, made.total_details.amount_shipping) == (250, 490)
    assert (made.client_reference_id, made.locale) == ("T1", "fr")
    assert made.metadata is not None
    assert made.metadata["order"] == "T1"
    read = await client.v1.checkout.sessions.retrieve_async(made.id, {"expand": ["line_items"]})
    assert read.line_items is not None
    assert [(line.description, line.quantity, line.amount_total) for line in read.line_items.data] == [("Mug", 2, 2250)]


async def test_line_items(client: stripe.StripeClient) -> None:
    """The lines of a session are a list of their own, with cursors."""
    lines = [item(100 + number, 1) for number in range(5)]
    made = await client.v1.checkout.sessions.create_async(sale(line_items=lines))
    page = await client.v1.checkout.sessions.line_items.list_async(made.id, {"limit": 2})
    assert page.has_more
    amounts = [line.amount_total async for line in page.auto_paging_iter()]
    assert amounts == [100, 101, 102, 103, 104]


async def test_expired_by_request(client: stripe.StripeClient, buyer: Buyer, taken: Taken) -> None:
    """An expired session cannot be paid, cannot be expired again, and is told of by an event."""
    made = await client.v1.checkout.sessions.create_async(sale())
    expired = await client.v1.checkout.sessions.expire_async(made.id)
    assert (expired.status, expired.url) == ("expired", None)
    with pytest.raises(stripe.InvalidRequestError, match="status of `expired`"):
        await client.v1.checkout.sessions.expire_async(made.id)
    assert (await buyer.pay(str(made.url))).status == 410
    (event,) = await taken.wait("checkout.session.expired")
    assert event["data"]["object"]["id"] == made.id


async def test_expired_by_time(client: stripe.StripeClient, buyer: Buyer, taken: Taken, clock: Time) -> None:
    """A session whose time is over is expired by itself, not a moment before, and cannot be paid any more."""
    made = await client.v1.checkout.sessions.create_async(sale(expires_at=int(time.time()) + 31 * 60))
    clock.ahead = 29 * 60
    assert (await buyer.look(str(made.url))).status == 200
    clock.ahead = 32 * 60
    assert (await buyer.pay(str(made.url))).status == 410
    await taken.wait("checkout.session.expired")
    assert (await client.v1.checkout.sessions.retrieve_async(made.id)).status == "expired"


async def test_expires_unwatched(client: stripe.StripeClient, taken: Taken, clock: Time) -> None:
    """A session expires even if nobody asks for it."""
    made = await client.v1.checkout.sessions.create_async(sale())
    clock.ahead = 24 * 60 * 60 + 1
    (event,) = await taken.wait("checkout.session.expired")
    assert event["data"]["object"]["id"] == made.id


async def test_listed(client: stripe.StripeClient, buyer: Buyer) -> None:
    """Sessions are listed newest first, in pages, by state and by time."""
    made = [await client.v1.checkout.sessions.create_async(sale(client_reference_id=str(n))) for n in range(5)]
    await buyer.pay(str(made[0].url))
    first = await client.v1.checkout.sessions.list_async({"limit": 2})
    assert [session.client_reference_id for session in first.data] == ["4", "3"]
    every = [session.client_reference_id async for session in first.auto_paging_iter()]
    assert every == ["4", "3", "2", "1", "0"]
    newer = await client.v1.checkout.sessions.list_async({"limit": 2, "ending_before": made[1].id})
    assert ([session.id for session in newer.data], newer.has_more) == ([made[3].id, made[2].id], True)
    complete = await client.v1.checkout.sessions.list_async({"status": "complete"})
    assert [session.id for session in complete.data] == [made[0].id]
    future = await client.v1.checkout.sessions.list_async({"created": {"gte": int(time.time()) + 60}})
    assert future.data == []


async def test_accounts_are_apart(client: stripe.StripeClient, stranger: stripe.StripeClient) -> None:
    """A key is an account of its own: another one's session is not found, and not listed."""
    made = await client.v1.checkout.sessions.create_async(sale())
    with pytest.raises(stripe.InvalidRequestError) as refused:
        await stranger.v1.checkout.sessions.retrieve_async(made.id)
    assert (refused.value.http_status, refused.value.code) == (404, "resource_missing")
    assert (await stranger.v1.checkout.sessions.list_async()).data == []
    one, other = await client.v1.accounts.retrieve_current_async(), await stranger.v1.accounts.retrieve_current_async()
    assert one.id != other.id


async def test_survives_restart(tmp_path: Path, buyer: Buyer) -> None:
    """Everything is in the file: a sandbox that is started again knows its sessions and keys."""
    names, seen = set(), []
    for _ in range(2):
        async with (
            Sandbox(path=tmp_path / "sandbox.db", accounts={KEY: None}) as sandbox,
            connected(sandbox.base, KEY) as client,
        ):
            made = await client.v1.checkout.sessions.create_async(sale(), {"idempotency_key": "again"})
            names.add(made.id)
            seen.append((await buyer.pay(f"{sandbox.base}/c/pay/{made.id}")).location)
    (name,) = names
    assert seen == [f"http://shop.test/thanks?session={name}"] * 2
    assert len(sandbox_ledger(tmp_path / "sandbox.db")) == 1


async def test_one_buyer_of_many(client: stripe.StripeClient, sandbox: Sandbox, buyer: Buyer) -> None:
    """Pay pressed many times at once charges once; every press ends at the shop."""
    made = await client.v1.checkout.sessions.create_async(sale())
    seen = await asyncio.gather(*(buyer.pay(str(made.url)) for _ in range(8)))
    assert {each.status for each in seen} == {303}
    assert [entry["kind"] for entry in sandbox.ledger()] == ["charge"]


def sandbox_ledger(path: Path) -> list[dict[str, object]]:
    storage = Storage(path)
    entries = storage.ledger()
    storage.close()
    return entries


def _shipping(amount: int) -> dict[str, object]:
    fixed = {"amount": amount, "currency": "eur"}
    return {"shipping_rate_data": {"display_name": f"Post {amount}", "type": "fixed_amount", "fixed_amount": fixed}}
