"""Refunds: in full, in part, never more than was paid."""

import pytest
import stripe

from adapters.sandbox import Sandbox
from tests.adapters.sandbox.buyer import CARD, Buyer
from tests.adapters.sandbox.conftest import sale
from tests.adapters.sandbox.endpoint import Taken


async def _paid(client: stripe.StripeClient, buyer: Buyer, number: str = CARD) -> str:
    made = await client.v1.checkout.sessions.create_async(sale())
    await buyer.pay(str(made.url), number)
    return str((await client.v1.checkout.sessions.retrieve_async(made.id)).payment_intent)


async def test_in_full(client: stripe.StripeClient, buyer: Buyer, sandbox: Sandbox, taken: Taken) -> None:
    """A refund without an amount gives everything back, once."""
    payment = await _paid(client, buyer)
    refund = await client.v1.refunds.create_async({"payment_intent": payment, "metadata": {"order": "T1"}})
    assert (refund.amount, refund.status, refund.payment_intent) == (2500, "succeeded", payment)
    charge = await client.v1.charges.retrieve_async(str(refund.charge))
    assert (charge.refunded, charge.amount_refunded) == (True, 2500)
    with pytest.raises(stripe.InvalidRequestError) as refused:
        await client.v1.refunds.create_async({"payment_intent": payment})
    assert refused.value.code == "charge_already_refunded"
    assert [entry["kind"] for entry in sandbox.ledger()] == ["charge", "refund"]
    (event,) = await taken.wait("charge.refunded", "refund.created")
    assert event["data"]["object"]["amount_refunded"] == 2500


async def test_in_part(client: stripe.StripeClient, buyer: Buyer) -> None:
    """Parts can be refunded until nothing is left, and no more."""
    payment = await _paid(client, buyer)
    first = await client.v1.refunds.create_async({"payment_intent": payment, "amount": 1000})
    with pytest.raises(stripe.InvalidRequestError, match="greater than unrefunded amount") as refused:
        await client.v1.refunds.create_async({"payment_intent": payment, "amount": 1501})
    assert refused.value.param == "amount"
    second = await client.v1.refunds.create_async({"charge": str(first.charge), "amount": 1500})
    listed = await client.v1.refunds.list_async({"payment_intent": payment})
    assert [each.id for each in listed.data] == [second.id, first.id]
    assert (await client.v1.refunds.retrieve_async(first.id)).amount == 1000
    charge = await client.v1.charges.retrieve_async(str(first.charge), {"expand": ["refunds"]})
    assert charge.refunds is not None
    assert sum(each.amount for each in charge.refunds.data) == charge.amount_refunded == 2500


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({}, "parameter_missing"),
        ({"payment_intent": "pi_none"}, "resource_missing"),
        ({"charge": "ch_none"}, "resource_missing"),
        ({"payment_intent": "pi_none", "charge": "ch_none"}, "parameters_exclusive"),
        ({"payment_intent": "pi_none", "amount": 0}, "parameter_invalid_integer"),
    ],
)
async def test_refused(client: stripe.StripeClient, params: stripe.params.RefundCreateParams, code: str) -> None:
    """A refund of nothing, or of what is not there, is refused."""
    with pytest.raises(stripe.InvalidRequestError) as refused:
        await client.v1.refunds.create_async(params)
    assert refused.value.code == code


async def test_pending(client: stripe.StripeClient, buyer: Buyer, taken: Taken) -> None:
    """A refund may be pending first and succeed later."""
    refund = await client.v1.refunds.create_async({"payment_intent": await _paid(client, buyer, "4000 0000 0000 7726")})
    assert refund.status == "pending"
    await taken.wait("charge.refund.updated")
    assert (await client.v1.refunds.retrieve_async(refund.id)).status == "succeeded"


async def test_fails_later(client: stripe.StripeClient, buyer: Buyer, taken: Taken) -> None:
    """A refund may fail after it succeeded: the money is back with the shop, and can be refunded again."""
    payment = await _paid(client, buyer, "4000 0000 0000 5126")
    refund = await client.v1.refunds.create_async({"payment_intent": payment})
    await taken.wait("refund.failed")
    assert (await client.v1.refunds.retrieve_async(refund.id)).status == "failed"
    charge = await client.v1.charges.retrieve_async(str(refund.charge))
    assert (charge.refunded, charge.amount_refunded) == (False, 0)
    await client.v1.refunds.create_async({"payment_intent": payment})
