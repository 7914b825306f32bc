"""Invoices that could not be collected: tried again in time, paid on their page, given up; and subscriptions changed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import stripe

from adapters.sandbox import Sandbox
from adapters.sandbox.rules import Rules
from tests.adapters.sandbox.buyer import CHALLENGED, DECLINED, Buyer
from tests.adapters.sandbox.conftest import KEY, Time, connected, gift
from tests.adapters.sandbox.endpoint import Taken

DAY = 86_400
STUBBORN = "4000 0000 0000 0341"  # succeeds once, and no renewal


async def begun(client: stripe.StripeClient, buyer: Buyer, number: str = STUBBORN) -> str:
    made = await client.v1.checkout.sessions.create_async(gift())
    await buyer.pay(str(made.url), number)
    return str((await client.v1.checkout.sessions.retrieve_async(made.id)).subscription)


async def failed(client: stripe.StripeClient, buyer: Buyer, sandbox: Sandbox) -> stripe.Invoice:
    """Begin a subscription, and have its renewal declined."""
    sandbox.renew(KEY, await begun(client, buyer))
    return (await client.v1.invoices.list_async({"status": "open"})).data[0]


async def test_tried_again_until_given_up(
    client: stripe.StripeClient, buyer: Buyer, sandbox: Sandbox, clock: Time, taken: Taken
) -> None:
    """A declined renewal is tried again after 3, 5 and 7 days, and then its subscription ends."""
    invoice = await failed(client, buyer, sandbox)
    assert invoice.parent is not None
    assert invoice.parent.subscription_details is not None
    name = str(invoice.parent.subscription_details.subscription)
    for tries, days in ((1, 3), (2, 8), (3, 15)):
        now = await client.v1.invoices.retrieve_async(str(invoice.id))
        assert (now.attempt_count, now.status) == (tries, "open")
        assert now.next_payment_attempt is not None
        assert (await client.v1.subscriptions.retrieve_async(name)).status == "past_due"
        clock.ahead = days * DAY + 60.0 * tries
        await taken.wait("invoice.payment_failed", "charge.failed", "payment_intent.payment_failed", count=tries + 1)
    await taken.wait("customer.subscription.deleted")
    over = await client.v1.subscriptions.retrieve_async(name)
    assert over.cancellation_details is not None
    assert (over.status, over.cancellation_details.reason) == ("canceled", "payment_failed")
    last = await client.v1.invoices.retrieve_async(str(invoice.id))
    assert (last.attempt_count, last.next_payment_attempt, last.status) == (4, None, "open")
    tried = (await client.v1.charges.list_async({"limit": 100})).data
    assert [charge.status for charge in tried] == ["failed"] * 4 + ["succeeded"]
    assert len({charge.payment_intent for charge in tried[:4]}) == 1


@asynccontextmanager
async def _patient(folder: Path, rules: Rules) -> AsyncIterator[tuple[Sandbox, stripe.StripeClient]]:
    async with (
        Sandbox(path=folder / "patient.db", accounts={KEY: None}, rules=rules) as sandbox,
        connected(sandbox.base, KEY) as client,
    ):
        yield sandbox, client


async def test_left_unpaid(tmp_path: Path, buyer: Buyer) -> None:
    """Where that is the rule the subscription is unpaid instead: its invoices are drafts until what is owed is paid."""
    async with _patient(tmp_path, Rules(retries=(), last_retry="unpaid")) as (sandbox, client):
        invoice = await failed(client, buyer, sandbox)
        (subscription,) = (await client.v1.subscriptions.list_async({"status": "unpaid"})).data
        sandbox.renew(KEY, subscription.id)
        (draft,) = (await client.v1.invoices.list_async({"status": "draft"})).data
        assert (draft.attempt_count, draft.hosted_invoice_url) == (0, None)
        assert (await buyer.pay(str(invoice.hosted_invoice_url))).status == 303
        assert (await client.v1.invoices.retrieve_async(str(invoice.id))).status == "paid"


async def test_page(client: stripe.StripeClient, buyer: Buyer, sandbox: Sandbox, taken: Taken) -> None:
    """An open invoice can be paid on its page with another card, which pays the renewals that follow; once."""
    invoice = await failed(client, buyer, sandbox)
    url = str(invoice.hosted_invoice_url)
    shown = await buyer.look(url)
    assert shown.status == 200
    assert "25.00 EUR" in shown.text
    declined = await buyer.pay(url, DECLINED)
    assert (declined.status, "Your card was declined." in declined.text) == (402, True)
    assert (await client.v1.invoices.retrieve_async(str(invoice.id))).attempt_count == 2
    assert (await buyer.pay(url)).status == 303
    paid = await client.v1.invoices.retrieve_async(str(invoice.id))
    assert (paid.status, paid.amount_remaining, paid.next_payment_attempt) == ("paid", 0, None)
    charged = len(sandbox.ledger())
    again = await buyer.pay(url)
    assert (again.status, "is paid" in again.text, len(sandbox.ledger())) == (200, True, charged)
    (subscription,) = (await client.v1.subscriptions.list_async()).data
    assert subscription.status == "active"
    sandbox.renew(KEY, subscription.id)
    assert len((await client.v1.invoices.list_async({"status": "paid"})).data) == 3
    await taken.wait("invoice.paid", count=3)


@pytest.mark.parametrize(
    ("number", "fields", "says"),
    [
        ("4242", {}, "card number is invalid"),
        ("4111 1111 1111 1111", {}, "use a test card"),
        (CHALLENGED, {}, "3-D Secure"),
        ("000123456789", {}, "only be debited in USD"),
        ("4242 4242 4242 4242", {"exp": "01/20"}, "in the past"),
        ("4242 4242 4242 4242", {"cvc": "x"}, "security code is incomplete"),
    ],
)
async def test_page_refuses(  # noqa: PLR0917 - what it needs
    client: stripe.StripeClient, buyer: Buyer, sandbox: Sandbox, number: str, fields: dict[str, str], says: str
) -> None:
    """What is no test card that this page can take is said, tries nothing and is not kept."""
    invoice = await failed(client, buyer, sandbox)
    seen = await buyer.pay(str(invoice.hosted_invoice_url), number, **fields)
    assert (seen.status, says in seen.text) == (422, True)
    assert (await client.v1.invoices.retrieve_async(str(invoice.id))).attempt_count == 1
    assert (await buyer.look(f"{sandbox.base}/i/in_none")).status == 404


async def test_cancelled_while_owed(
    client: stripe.StripeClient, buyer: Buyer, sandbox: Sandbox, clock: Time, taken: Taken
) -> None:
    """What is still owed when a subscription is cancelled is not tried again, but can be paid; it begins nothing anew."""
    invoice = await failed(client, buyer, sandbox)
    (subscription,) = (await client.v1.subscriptions.list_async({"status": "past_due"})).data
    sandbox.cancel(KEY, subscription.id)
    assert (await client.v1.invoices.retrieve_async(str(invoice.id))).next_payment_attempt is None
    clock.ahead = 4 * DAY
    assert (await buyer.pay(str(invoice.hosted_invoice_url))).status == 303
    await taken.wait("invoice.paid", count=2)
    assert len(taken.of("invoice.payment_failed")) == 1
    assert (await client.v1.subscriptions.retrieve_async(subscription.id)).status == "canceled"


def _change(item: stripe.SubscriptionItem, **data: Any) -> dict[str, Any]:
    price = {
        "currency": "eur",
        "product": item.price.product,
        "recurring": {"interval": "month"},
        "unit_amount": 3000,
    } | data
    return {
        "items": [{"id": item.id, "price_data": {name: value for name, value in price.items() if value is not None}}],
        "proration_behavior": "none",
    }


async def test_price_changed(client: stripe.StripeClient, buyer: Buyer, sandbox: Sandbox, taken: Taken) -> None:
    """A subscription's price changes with no invoice now, is told with what it was, and is billed at the next renewal."""
    name = await begun(client, buyer, "4242424242424242")
    (item,) = (await client.v1.subscriptions.retrieve_async(name))["items"].data
    changed = await client.v1.subscriptions.update_async(name, _change(item))  # type: ignore[arg-type]
    (after,) = changed["items"].data
    assert (after.id, after.price.unit_amount, after.price.product) == (item.id, 3000, item.price.product)
    assert after.current_period_end == item.current_period_end
    (event,) = await taken.wait("customer.subscription.updated")
    assert event["data"]["previous_attributes"]["items"]["data"][0]["price"]["unit_amount"] == 2500
    assert len(sandbox.ledger()) == 1
    sandbox.renew(KEY, name)
    assert [entry["amount"] for entry in sandbox.ledger()] == [2500, 3000]


@pytest.mark.parametrize(
    ("data", "more", "param"),
    [
        ({"currency": "usd"}, {}, "items[0][price_data][currency]"),
        ({"recurring": {"interval": "year"}}, {}, "items[0][price_data][recurring]"),
        ({"recurring": None}, {}, "items[0][price_data][recurring]"),
        ({"product": None}, {}, "items[0][price_data][product]"),
        ({"product": "prod_none"}, {}, "items[0][price_data][product]"),
        ({"unit_amount": None}, {}, "items[0][price_data][unit_amount]"),
        ({"unit_amount": -1}, {}, "items[0][price_data][unit_amount]"),
        ({}, {"proration_behavior": "create_prorations"}, "proration_behavior"),
        ({}, {"items": [{"id": "si_none"}]}, "items[0][id]"),
        ({}, {"items": [{"quantity": 2}]}, "items[0][id]"),
        ({}, {"items": [{"id": "x", "deleted": True}]}, "items[0][deleted]"),
    ],
)
async def test_price_not_changed(
    client: stripe.StripeClient, buyer: Buyer, data: dict[str, Any], more: dict[str, Any], param: str
) -> None:
    """A change that Stripe refuses, or that the sandbox could not honour, is refused and changes nothing."""
    name = await begun(client, buyer)
    before = await client.v1.subscriptions.retrieve_async(name)
    (item,) = before["items"].data
    with pytest.raises(stripe.InvalidRequestError) as refused:
        await client.v1.subscriptions.update_async(name, _change(item, **data) | more)  # type: ignore[arg-type]
    assert refused.value.param == param
    assert (await client.v1.subscriptions.retrieve_async(name)).to_dict() == before.to_dict()


async def test_delivered(client: stripe.StripeClient, buyer: Buyer, sandbox: Sandbox, taken: Taken) -> None:
    """A test can wait until every event was taken."""
    taken.answers[:] = [500, 500]
    await begun(client, buyer)
    await sandbox.delivered()
    assert (await client.v1.events.list_async({"delivery_success": False})).data == []
