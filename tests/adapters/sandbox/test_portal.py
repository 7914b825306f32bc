"""The customer portal: opened for a customer, lives a while, and does what is pressed."""

from __future__ import annotations

from pathlib import Path

import pytest
import stripe

from adapters.sandbox import Sandbox
from adapters.sandbox.rules import Rules
from tests.adapters.sandbox.buyer import CHALLENGED, Buyer
from tests.adapters.sandbox.conftest import KEY, Time, connected
from tests.adapters.sandbox.test_dunning import begun, failed

BACK = "http://shop.test/back?a=1&b=2"


async def _opened(client: stripe.StripeClient, subscription: str) -> str:
    customer = str((await client.v1.subscriptions.retrieve_async(subscription)).customer)
    made = await client.v1.billing_portal.sessions.create_async({"customer": customer, "return_url": BACK})
    assert (made.customer, made.return_url, made.livemode) == (customer, BACK, False)
    assert made.id not in made.url
    return made.url


async def test_cancel_and_resume(client: stripe.StripeClient, buyer: Buyer) -> None:
    """The payer ends the subscription with its period, and takes it back."""
    name = await begun(client, buyer)
    url = await _opened(client, name)
    page = await buyer.look(url)
    assert page.status == 200
    assert "25.00 EUR every month" in page.text
    assert BACK.replace("&", "&amp;") in page.text
    for action, ends in (("cancel", True), ("resume", False)):
        assert f'value="{action}"' in (await buyer.look(url)).text
        assert (await buyer.post(url, {"action": action, "subscription": name})).status == 303
        assert (await client.v1.subscriptions.retrieve_async(name)).cancel_at_period_end is ends


async def test_card(client: stripe.StripeClient, buyer: Buyer, sandbox: Sandbox) -> None:
    """Another card pays what follows; what is owed is linked to, and paid on its own page."""
    invoice = await failed(client, buyer, sandbox)
    (subscription,) = (await client.v1.subscriptions.list_async()).data
    url = await _opened(client, subscription.id)
    assert str(invoice.hosted_invoice_url) in (await buyer.look(url)).text
    for number in ("4242", CHALLENGED, "4111 1111 1111 1111"):
        assert (await buyer.post(url, {"action": "card", "number": number})).status == 422
    assert sandbox.retry(KEY, str(invoice.id))["status"] == "open"
    assert (await buyer.post(url, {"action": "card", "number": "5555 5555 5555 4444"})).status == 303
    assert sandbox.retry(KEY, str(invoice.id))["status"] == "paid"
    assert str(invoice.hosted_invoice_url) not in (await buyer.look(url)).text


async def test_strangers(client: stripe.StripeClient, buyer: Buyer, sandbox: Sandbox) -> None:
    """A session is for its own customer's subscriptions, and nobody guesses its address."""
    mine, theirs = await begun(client, buyer), await begun(client, buyer)
    url = await _opened(client, mine)
    assert (await buyer.post(url, {"action": "cancel", "subscription": theirs})).status == 422
    assert not (await client.v1.subscriptions.retrieve_async(theirs)).cancel_at_period_end
    assert (await buyer.post(url, {"action": "burn", "subscription": mine})).status == 422
    assert (await buyer.look(f"{sandbox.base}/p/session/guessed")).status == 404


async def test_lives_a_while(client: stripe.StripeClient, buyer: Buyer, clock: Time) -> None:
    """An address that is not opened dies after five minutes, one that was opened after an hour; it does nothing then."""
    name = await begun(client, buyer)
    opened, left = await _opened(client, name), await _opened(client, name)
    assert (await buyer.look(opened)).status == 200
    clock.ahead = 301
    assert (await buyer.look(left)).status == 410
    assert (await buyer.look(opened)).status == 200
    clock.ahead = 3700
    for url in (opened, left):
        await buyer.post(url, {"action": "cancel", "subscription": name})
        assert (await buyer.look(url)).status == 410
    assert not (await client.v1.subscriptions.retrieve_async(name)).cancel_at_period_end


async def test_refused(client: stripe.StripeClient, tmp_path: Path) -> None:
    """No portal for nobody, none back to nowhere, and none before it was set up in the dashboard."""
    with pytest.raises(stripe.InvalidRequestError) as missing:
        await client.v1.billing_portal.sessions.create_async({"customer": "cus_none"})
    assert missing.value.code == "resource_missing"
    with pytest.raises(stripe.InvalidRequestError, match="explicit scheme"):
        await client.v1.billing_portal.sessions.create_async({"customer": "cus_none", "return_url": "home"})
    assert len((await client.v1.billing_portal.configurations.list_async({"is_default": True})).data) == 1
    async with (
        Sandbox(path=tmp_path / "bare.db", accounts={KEY: None}, rules=Rules(portal=False)) as bare,
        connected(bare.base, KEY) as new,
        Buyer() as buyer,
    ):
        assert (await new.v1.billing_portal.configurations.list_async({"is_default": True})).data == []
        with pytest.raises(stripe.InvalidRequestError, match="No configuration provided"):
            await _opened(new, await begun(new, buyer))
