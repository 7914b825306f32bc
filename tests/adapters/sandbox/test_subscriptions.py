"""Monthly gifts: begun on the page, renewed on demand, stopped."""

from datetime import UTC, datetime

import pytest
import stripe

from adapters.sandbox import Sandbox
from adapters.sandbox.periods import after
from tests.adapters.sandbox.buyer import SEPA, SEPA_FAILS, Buyer
from tests.adapters.sandbox.conftest import KEY, Time, gift
from tests.adapters.sandbox.endpoint import Taken


async def _begun(client: stripe.StripeClient, buyer: Buyer, number: str = "4242424242424242") -> stripe.Subscription:
    made = await client.v1.checkout.sessions.create_async(
        gift() | {"client_reference_id": "T1", "subscription_data": {"metadata": {"order": "T1"}}}
    )
    await buyer.pay(str(made.url), number)
    done = await client.v1.checkout.sessions.retrieve_async(made.id, {"expand": ["subscription"]})
    assert isinstance(done.subscription, stripe.Subscription)
    return done.subscription


async def test_begun(client: stripe.StripeClient, buyer: Buyer, sandbox: Sandbox, taken: Taken) -> None:
    """Paying makes a customer, a subscription, a paid first invoice and a charge; the session leads to all of them."""
    subscription = await _begun(client, buyer)
    assert (subscription.status, subscription.metadata["order"]) == ("active", "T1")
    (period,) = subscription["items"].data
    assert after(subscription.billing_cycle_anchor, "month", 1) == period.current_period_end
    invoice = await client.v1.invoices.retrieve_async(str(subscription.latest_invoice), {"expand": ["payments"]})
    assert (invoice.status, invoice.billing_reason, invoice.total) == ("paid", "subscription_create", 2500)
    assert invoice.parent is not None
    assert invoice.parent.subscription_details is not None
    assert invoice.parent.subscription_details.subscription == subscription.id
    assert invoice.parent.subscription_details.metadata is not None
    assert invoice.parent.subscription_details.metadata["order"] == "T1"
    assert invoice.payments is not None
    (paid,) = invoice.payments.data
    assert [entry["payment_intent"] for entry in sandbox.ledger()] == [paid.payment.payment_intent]
    customer = await client.v1.customers.retrieve_async(str(subscription.customer))
    assert customer.email == "buyer@example.com"
    (event,) = await taken.wait("checkout.session.completed", "customer.subscription.created", "invoice.paid")
    session = event["data"]["object"]
    assert (session["payment_status"], session["payment_intent"]) == ("paid", None)
    assert (session["subscription"], session["invoice"]) == (subscription.id, invoice.id)


async def test_renewed(client: stripe.StripeClient, buyer: Buyer, sandbox: Sandbox, taken: Taken) -> None:
    """Each renewal bills the next month with an invoice of its own."""
    subscription = await _begun(client, buyer)
    first = subscription["items"].data[0].current_period_end
    for _ in range(2):
        sandbox.renew(KEY, subscription.id)
    now = await client.v1.subscriptions.retrieve_async(subscription.id)
    assert now["items"].data[0].current_period_start == after(subscription.billing_cycle_anchor, "month", 2)
    invoices = await client.v1.invoices.list_async({"subscription": subscription.id})
    assert [each.billing_reason for each in invoices.data] == ["subscription_cycle"] * 2 + ["subscription_create"]
    assert invoices.data[1].lines.data[0].period.start == first
    assert [entry["amount"] for entry in sandbox.ledger()] == [2500] * 3
    await taken.wait("invoice.paid", count=3)


async def test_renewed_in_time(client: stripe.StripeClient, buyer: Buyer, taken: Taken, clock: Time) -> None:
    """A renewal comes by itself when its month has passed."""
    await _begun(client, buyer)
    clock.ahead = 32 * 24 * 60 * 60
    await taken.wait("invoice.paid", count=2)


async def test_renewal_declined(client: stripe.StripeClient, buyer: Buyer, sandbox: Sandbox, taken: Taken) -> None:
    """A renewal that is declined leaves its invoice open and the subscription past due; the next that is paid heals it."""
    subscription = await _begun(client, buyer, "4000 0000 0000 0341")
    sandbox.renew(KEY, subscription.id)
    (event,) = await taken.wait("invoice.payment_failed")
    assert event["data"]["object"]["status"] == "open"
    assert (await client.v1.subscriptions.retrieve_async(subscription.id)).status == "past_due"
    other = await _begun(client, buyer)
    sandbox.renew(KEY, other.id, paid=False)
    assert (await client.v1.subscriptions.retrieve_async(other.id)).status == "past_due"
    sandbox.renew(KEY, other.id)
    assert (await client.v1.subscriptions.retrieve_async(other.id)).status == "active"


async def test_stopped(client: stripe.StripeClient, buyer: Buyer, sandbox: Sandbox, taken: Taken) -> None:
    """Stopping lets the paid month end, charges nothing more, and can be asked twice."""
    subscription = await _begun(client, buyer)
    await client.v1.subscriptions.update_async(subscription.id, {"cancel_at_period_end": True})
    stopping = await client.v1.subscriptions.update_async(subscription.id, {"cancel_at_period_end": True})
    assert stopping.status == "active"
    assert stopping.cancel_at == subscription["items"].data[0].current_period_end
    sandbox.renew(KEY, subscription.id)
    await taken.wait("customer.subscription.updated", "customer.subscription.deleted")
    # once or twice: asking again is news where a second went by, for `canceled_at` is when it was last asked for
    updated = taken.of("customer.subscription.updated")
    assert {each["data"]["object"]["canceled_at"] for each in updated} == {each["created"] for each in updated}
    assert (await client.v1.subscriptions.retrieve_async(subscription.id)).status == "canceled"
    assert len(sandbox.ledger()) == 1
    with pytest.raises(stripe.InvalidRequestError, match="canceled subscription"):
        await client.v1.subscriptions.update_async(subscription.id, {"cancel_at_period_end": False})


async def test_cancelled(client: stripe.StripeClient, buyer: Buyer) -> None:
    """Cancelling ends a subscription at once; it is no longer found for cancelling, nor listed unless asked for."""
    subscription = await _begun(client, buyer)
    assert [each.id for each in (await client.v1.subscriptions.list_async()).data] == [subscription.id]
    ended = await client.v1.subscriptions.cancel_async(subscription.id)
    assert ended.status == "canceled"
    with pytest.raises(stripe.InvalidRequestError) as refused:
        await client.v1.subscriptions.cancel_async(subscription.id)
    assert refused.value.code == "resource_missing"
    assert (await client.v1.subscriptions.list_async()).data == []
    assert len((await client.v1.subscriptions.list_async({"status": "all"})).data) == 1


@pytest.mark.parametrize(("number", "status"), [(SEPA, "active"), (SEPA_FAILS, "past_due")])
async def test_delayed(client: stripe.StripeClient, buyer: Buyer, taken: Taken, number: str, status: str) -> None:
    """A first month that settles later is told to the session, the invoice and the subscription."""
    subscription = await _begun(client, buyer, number)
    ending = "succeeded" if status == "active" else "failed"
    await taken.wait(f"checkout.session.async_payment_{ending}", f"invoice.payment_{ending}")
    assert (await client.v1.subscriptions.retrieve_async(subscription.id)).status == status


async def test_declined(client: stripe.StripeClient, buyer: Buyer, sandbox: Sandbox) -> None:
    """A declined card begins nothing."""
    made = await client.v1.checkout.sessions.create_async(gift())
    assert (await buyer.pay(str(made.url), "4000 0000 0000 0002")).status == 402
    assert (await client.v1.subscriptions.list_async({"status": "all"})).data == []
    assert sandbox.ledger() == []


@pytest.mark.parametrize(
    ("coupon", "amounts"),
    [
        ({"duration": "once"}, [2250, 2500, 2500]),
        ({"duration": "forever"}, [2250, 2250, 2250]),
        ({"duration": "repeating", "duration_in_months": 2}, [2250, 2250, 2500]),
    ],
)
async def test_coupon(
    client: stripe.StripeClient,
    buyer: Buyer,
    sandbox: Sandbox,
    coupon: stripe.params.CouponCreateParams,
    amounts: list[int],
) -> None:
    """A coupon is taken off the first month, of some months, or of all."""
    made = await client.v1.coupons.create_async({**coupon, "percent_off": 10})
    session = await client.v1.checkout.sessions.create_async(gift() | {"discounts": [{"coupon": made.id}]})
    await buyer.pay(str(session.url))
    begun = await client.v1.checkout.sessions.retrieve_async(session.id)
    for _ in range(2):
        sandbox.renew(KEY, str(begun.subscription))
    assert [entry["amount"] for entry in sandbox.ledger()] == amounts
    assert (await client.v1.coupons.retrieve_async(made.id)).times_redeemed == 1


def test_months_end() -> None:
    """A month after 31 January is the end of February, and two months after it is 31 March."""
    anchor = int(datetime(2027, 1, 31, 12, tzinfo=UTC).timestamp())
    assert [datetime.fromtimestamp(after(anchor, "month", steps), UTC).day for steps in (1, 2, 13)] == [28, 31, 29]
    assert after(anchor, "year", 1) - anchor == 365 * 24 * 60 * 60
    assert after(anchor, "week", 2) - anchor == 14 * 24 * 60 * 60
    assert after(anchor, "day", 3) - anchor == 3 * 24 * 60 * 60
