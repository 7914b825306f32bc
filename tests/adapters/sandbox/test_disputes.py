"""Disputes: opened by a bank, answered with evidence, decided; and what is refused on the way."""

from __future__ import annotations

from typing import Any

import pytest
import stripe

from adapters.sandbox import Sandbox
from adapters.sandbox.disputes import LONGEST, Claim
from tests.adapters.sandbox.buyer import CARD, Buyer
from tests.adapters.sandbox.conftest import KEY, Time, sale
from tests.adapters.sandbox.endpoint import Taken

PROOF: Any = {"evidence": {"product_description": "Two mugs", "customer_name": "Test Buyer"}}


async def _paid(client: stripe.StripeClient, buyer: Buyer, number: str = CARD) -> str:
    made = await client.v1.checkout.sessions.create_async(sale())
    await buyer.pay(str(made.url), number)
    return str((await client.v1.checkout.sessions.retrieve_async(made.id)).payment_intent)


@pytest.mark.parametrize(
    ("number", "reason", "status"),
    [
        ("4000 0000 0000 0259", "fraudulent", "needs_response"),
        ("4000 0000 0000 2685", "product_not_received", "needs_response"),
        ("4000 0000 0000 1976", "product_not_received", "warning_needs_response"),
    ],
)
async def test_by_card(  # noqa: PLR0917 - what it needs
    client: stripe.StripeClient, buyer: Buyer, taken: Taken, number: str, reason: str, status: str
) -> None:
    """Some test cards succeed and are then disputed; an inquiry withdraws nothing and leaves the charge refundable."""
    payment = await _paid(client, buyer, number)
    (event,) = await taken.wait("charge.dispute.created")
    dispute = await client.v1.disputes.retrieve_async(event["data"]["object"]["id"])
    assert (dispute.payment_intent, dispute.amount, dispute.reason) == (payment, 2500, reason)
    assert dispute.status == status
    inquiry = status.startswith("warning")
    assert dispute.is_charge_refundable is inquiry
    assert [(line.net, line.reporting_category) for line in dispute.balance_transactions] == (
        [] if inquiry else [(-4000, "dispute")]
    )
    assert (await client.v1.charges.retrieve_async(str(dispute.charge))).disputed
    if not inquiry:
        await taken.wait("charge.dispute.funds_withdrawn")


@pytest.mark.parametrize(("says", "ending"), [("winning_evidence", "won"), ("losing_evidence", "lost")])
async def test_evidence(  # noqa: PLR0917 - what it needs
    client: stripe.StripeClient, buyer: Buyer, sandbox: Sandbox, taken: Taken, says: str, ending: str
) -> None:
    """Evidence is kept, submitted once, and decides as its words say in test mode."""
    name = sandbox.dispute(KEY, await _paid(client, buyer))["id"]
    kept = await client.v1.disputes.update_async(name, PROOF | {"submit": False})
    assert (kept.status, kept.evidence_details.has_evidence) == ("needs_response", True)
    assert kept.evidence_details.submission_count == 0
    sent = await client.v1.disputes.update_async(name, {"evidence": {"uncategorized_text": says}})
    assert (sent.status, sent.evidence_details.submission_count) == ("under_review", 1)
    assert sent.evidence.product_description == "Two mugs"
    await taken.wait("charge.dispute.closed")
    assert (await client.v1.disputes.retrieve_async(name)).status == ending
    with pytest.raises(stripe.InvalidRequestError, match="takes no more evidence"):
        await client.v1.disputes.update_async(name, PROOF)


async def test_refused(client: stripe.StripeClient, buyer: Buyer, sandbox: Sandbox) -> None:
    """No second dispute, none of more than is left, no refund, no empty, unknown or endless evidence."""
    payment = await _paid(client, buyer)
    with pytest.raises(Exception, match="left to dispute"):
        sandbox.dispute(KEY, payment, Claim(amount=2501))
    name = sandbox.dispute(KEY, payment, Claim(amount=2000))["id"]
    with pytest.raises(Exception, match="disputed already"):
        sandbox.dispute(KEY, payment)
    with pytest.raises(stripe.InvalidRequestError, match="charged back") as refused:
        await client.v1.refunds.create_async({"payment_intent": payment, "amount": 100})
    assert refused.value.code == "charge_disputed"
    long = dict.fromkeys(("access_activity_log", "billing_address", "customer_name"), "x" * 20_000)
    wrong: list[Any] = [
        {"submit": True},
        {"evidence": {"receipt": "file_1"}},
        {"evidence": {"colour": "blue"}},
        {"evidence": {"customer_name": "x" * 20_001}},
    ]
    for params in wrong:
        with pytest.raises(stripe.InvalidRequestError):
            await client.v1.disputes.update_async(name, params)
    assert LONGEST < 20_000 * 18
    more = ("cancellation_rebuttal", "product_description", "service_date", "shipping_address", "shipping_carrier")
    with pytest.raises(stripe.InvalidRequestError, match="150000 characters"):
        await client.v1.disputes.update_async(name, {"evidence": long | dict.fromkeys(more, "x" * 20_000)})  # type: ignore[arg-type]
    assert (await client.v1.disputes.retrieve_async(name)).status == "needs_response"
    with pytest.raises(stripe.InvalidRequestError, match="No such dispute"):
        await client.v1.disputes.retrieve_async("du_none")


async def test_closed(client: stripe.StripeClient, buyer: Buyer, sandbox: Sandbox, taken: Taken) -> None:
    """A dispute that is given up is lost, once; an inquiry cannot be given up, only answered or waited out."""
    name = sandbox.dispute(KEY, await _paid(client, buyer))["id"]
    assert (await client.v1.disputes.close_async(name)).status == "lost"
    await taken.wait("charge.dispute.closed")
    with pytest.raises(stripe.InvalidRequestError, match="cannot be closed"):
        await client.v1.disputes.close_async(name)
    with pytest.raises(Exception, match="cannot be won"):
        sandbox.decide(KEY, name, "won")
    asked = sandbox.dispute(KEY, await _paid(client, buyer), Claim(inquiry=True))["id"]
    with pytest.raises(stripe.InvalidRequestError, match="cannot be closed"):
        await client.v1.disputes.close_async(asked)
    with pytest.raises(Exception, match="cannot be lost"):
        sandbox.decide(KEY, asked, "lost")


@pytest.mark.parametrize(("inquiry", "ending"), [(False, "lost"), (True, "warning_closed")])
async def test_not_answered(  # noqa: PLR0917 - what it needs
    client: stripe.StripeClient,
    buyer: Buyer,
    sandbox: Sandbox,
    clock: Time,
    taken: Taken,
    ending: str,
    *,
    inquiry: bool,
) -> None:
    """Who does not answer in time has lost; an inquiry is over then."""
    name = sandbox.dispute(KEY, await _paid(client, buyer), Claim(inquiry=inquiry))["id"]
    clock.ahead = 9 * 86_400 + 1
    await taken.wait("charge.dispute.closed")
    over = await client.v1.disputes.retrieve_async(name)
    assert (over.status, over.evidence_details.past_due) == (ending, True)


async def test_listed(client: stripe.StripeClient, buyer: Buyer, sandbox: Sandbox) -> None:
    """Disputes are listed newest first, by payment and by charge."""
    first, second = await _paid(client, buyer), await _paid(client, buyer)
    names = [sandbox.dispute(KEY, payment)["id"] for payment in (first, second)]
    assert [each.id for each in (await client.v1.disputes.list_async()).data] == names[::-1]
    (only,) = (await client.v1.disputes.list_async({"payment_intent": first})).data
    assert only.id == names[0]
    assert [each.id for each in (await client.v1.disputes.list_async({"charge": str(only.charge)})).data] == [only.id]
