"""The hosted page: cards by their known numbers, 3-D Secure, delayed payments, and what the form demands."""

import re
from dataclasses import dataclass

import pytest
import stripe

from adapters.sandbox import Sandbox
from tests.adapters.sandbox.buyer import CHALLENGED, DECLINED, SEPA, SEPA_FAILS, Buyer
from tests.adapters.sandbox.conftest import gift, item, sale
from tests.adapters.sandbox.endpoint import Taken


@dataclass(frozen=True)
class Shop:
    """Everything around one sandbox, for the tests that need it all."""

    buyer: Buyer
    sandbox: Sandbox
    taken: Taken


@pytest.fixture
def shop(buyer: Buyer, sandbox: Sandbox, taken: Taken) -> Shop:
    return Shop(buyer, sandbox, taken)


async def test_paid(client: stripe.StripeClient, buyer: Buyer, sandbox: Sandbox, taken: Taken) -> None:
    """A card that succeeds completes the session, charges once, and leads back to the shop."""
    data = {"description": "Order T1", "metadata": {"order": "T1"}}
    made = await client.v1.checkout.sessions.create_async(sale(client_reference_id="T1", payment_intent_data=data))
    seen = await buyer.pay(str(made.url), name="Test Buyer", email="buyer@example.com")
    assert (seen.status, seen.location) == (303, f"http://shop.test/thanks?session={made.id}")
    done = await client.v1.checkout.sessions.retrieve_async(made.id, {"expand": ["payment_intent.latest_charge"]})
    assert (done.status, done.payment_status, done.url) == ("complete", "paid", None)
    assert done.customer_details is not None
    assert done.customer_details.email == "buyer@example.com"
    payment = done.payment_intent
    assert isinstance(payment, stripe.PaymentIntent)
    assert (payment.status, payment.amount_received, payment.metadata["order"]) == ("succeeded", 2500, "T1")
    charge = payment.latest_charge
    assert isinstance(charge, stripe.Charge)
    assert (charge.amount, charge.paid, charge.refunded, charge.disputed) == (2500, True, False, False)
    assert [(entry["kind"], entry["id"], entry["amount"]) for entry in sandbox.ledger()] == [
        ("charge", charge.id, 2500)
    ]
    (event,) = await taken.wait("checkout.session.completed", "payment_intent.succeeded", "charge.succeeded")
    assert event["data"]["object"]["payment_status"] == "paid"
    assert event["livemode"] is False


@pytest.mark.parametrize(
    ("number", "code", "message"),
    [
        (DECLINED, "generic_decline", "Your card was declined."),
        ("4000000000009995", "insufficient_funds", "insufficient funds"),
        ("4000000000000069", "expired_card", "has expired"),
        ("4000000000000127", "incorrect_cvc", "security code is incorrect"),
        ("4000000000000119", "processing_error", "error occurred while processing"),
    ],
)
async def test_declined(client: stripe.StripeClient, shop: Shop, number: str, code: str, message: str) -> None:
    """A declined card is said on the page, charges nothing and leaves the session open for another."""
    made = await client.v1.checkout.sessions.create_async(sale())
    seen = await shop.buyer.pay(str(made.url), number)
    assert seen.status == 402
    assert message in seen.text.replace("&#39;", "'")
    assert shop.sandbox.ledger() == []
    (failed,) = await shop.taken.wait("payment_intent.payment_failed")
    assert failed["data"]["object"]["last_payment_error"]["decline_code"] == code
    tried = await client.v1.checkout.sessions.retrieve_async(made.id)
    assert tried.status == "open"
    assert (await shop.buyer.pay(str(made.url))).status == 303
    paid = await client.v1.checkout.sessions.retrieve_async(made.id)
    assert paid.payment_intent == tried.payment_intent, "the attempts share one PaymentIntent"
    assert len(shop.sandbox.ledger()) == 1


async def test_declined_then_expired(client: stripe.StripeClient, buyer: Buyer) -> None:
    """A session that is expired after a declined attempt takes its PaymentIntent with it."""
    made = await client.v1.checkout.sessions.create_async(sale())
    await buyer.pay(str(made.url), DECLINED)
    ended = await client.v1.checkout.sessions.expire_async(made.id, {"expand": ["payment_intent"]})
    assert isinstance(ended.payment_intent, stripe.PaymentIntent)
    assert ended.payment_intent.status == "canceled"


@pytest.mark.parametrize("number", [CHALLENGED, "4000 0000 0000 3220"])
@pytest.mark.parametrize("params", [sale(), gift()], ids=["payment", "subscription"])
async def test_challenged(
    client: stripe.StripeClient,
    buyer: Buyer,
    sandbox: Sandbox,
    number: str,
    params: stripe.params.checkout.SessionCreateParams,
) -> None:
    """3-D Secure asks before anything is charged; confirmed, the payment goes through, and only once."""
    made = await client.v1.checkout.sessions.create_async(params)
    seen = await buyer.pay(str(made.url), number)
    assert seen.location == f"/c/pay/{made.id}/authenticate"
    assert "3-D Secure" in (await buyer.look(f"{made.url}/authenticate")).text
    assert sandbox.ledger() == []
    for _ in range(2):
        assert (await buyer.authenticate(str(made.url))).location.startswith("http://shop.test/thanks")
    assert len(sandbox.ledger()) == 1


async def test_challenge_failed(client: stripe.StripeClient, buyer: Buyer, sandbox: Sandbox) -> None:
    """Failing 3-D Secure charges nothing and leaves the session open."""
    made = await client.v1.checkout.sessions.create_async(sale())
    await buyer.pay(str(made.url), CHALLENGED)
    seen = await buyer.authenticate(str(made.url), "fail")
    assert (seen.status, "unable to authenticate" in seen.text) == (402, True)
    assert (await buyer.authenticate(str(made.url))).location == f"/c/pay/{made.id}", "there is nothing left to confirm"
    assert sandbox.ledger() == []
    assert (await buyer.pay(str(made.url))).status == 303


@pytest.mark.parametrize(("number", "ending"), [(SEPA, "succeeded"), (SEPA_FAILS, "failed")])
async def test_delayed(client: stripe.StripeClient, shop: Shop, number: str, ending: str) -> None:
    """A bank debit completes the session unpaid, and settles or fails later with an event of its own."""
    made = await client.v1.checkout.sessions.create_async(sale())
    assert (await shop.buyer.pay(str(made.url), number)).status == 303
    (completed,) = await shop.taken.wait("checkout.session.completed")
    assert completed["data"]["object"]["payment_status"] == "unpaid"
    (settled,) = await shop.taken.wait(f"checkout.session.async_payment_{ending}")
    done = await client.v1.checkout.sessions.retrieve_async(made.id)
    assert done.payment_status == settled["data"]["object"]["payment_status"]
    assert (done.payment_status, len(shop.sandbox.ledger())) == (
        ("paid", 1) if ending == "succeeded" else ("unpaid", 0)
    )


async def test_bank_accounts_have_a_currency(client: stripe.StripeClient, buyer: Buyer) -> None:
    """SEPA debits euros only; elsewhere the page says so."""
    made = await client.v1.checkout.sessions.create_async(sale(line_items=[item(currency="usd")]))
    assert "only be debited in EUR" in (await buyer.pay(str(made.url), SEPA)).text


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"number": "4242 4242 4242 4241"}, "card number is invalid"),
        ({"number": "<b>"}, "card number is invalid"),
        ({"number": "4111 1111 1111 1111"}, "use a test card"),
        ({"exp": "12/20"}, "in the past"),
        ({"exp": "soon"}, "incomplete"),
        ({"cvc": "1"}, "security code is incomplete"),
        ({"email": "nobody"}, "valid e-mail"),
        ({"name": ""}, "Enter the name"),
        ({"line1": ""}, "street address"),
        ({"country": "US"}, "cannot be shipped"),
        ({"phone": "none"}, "valid phone number"),
        ({"shipping_rate": "shr_x"}, "not on offer"),
        ({"page": "1"}, "Accept the terms"),
    ],
)
async def test_demands(
    client: stripe.StripeClient, buyer: Buyer, sandbox: Sandbox, fields: dict[str, str], message: str
) -> None:
    """What is missing or wrong in the form is said, and nothing is charged."""
    made = await client.v1.checkout.sessions.create_async(_shipped())
    seen = await buyer.post(str(made.url), fields)
    assert seen.status in {402, 422}
    assert message in seen.text.replace("&#39;", "'")
    assert "<b>" not in seen.text
    assert sandbox.ledger() == []


async def test_shipped(client: stripe.StripeClient, buyer: Buyer) -> None:
    """Address, phone and way of shipping are collected, consent is recorded, and the total follows the choice."""
    made = await client.v1.checkout.sessions.create_async(_shipped())
    fast = made.shipping_options[1].shipping_rate
    assert "(in total 34.00 EUR)" in (await buyer.look(str(made.url))).text
    await buyer.pay(str(made.url), shipping_rate=str(fast), line1="2 Example Street", country="BE", city="Ghent")
    expand = {"expand": ["shipping_cost.shipping_rate"]}
    done = await client.v1.checkout.sessions.retrieve_async(made.id, expand)  # type: ignore[arg-type]
    assert done.amount_total == 2500 + 900
    assert done.shipping_cost is not None
    assert isinstance(done.shipping_cost.shipping_rate, stripe.ShippingRate)
    assert done.shipping_cost.shipping_rate.display_name == "Fast"
    assert done.collected_information is not None
    shipping = done.collected_information.shipping_details
    assert shipping is not None
    assert (shipping.name, shipping.address.line1, shipping.address.country) == ("Test Buyer", "2 Example Street", "BE")
    assert done.customer_details is not None
    assert done.customer_details.phone == "+1 555 0100"
    assert done.consent is not None
    assert done.consent.terms_of_service == "accepted"


async def test_free_of_charge(client: stripe.StripeClient, buyer: Buyer, sandbox: Sandbox) -> None:
    """Nothing to pay needs no card and makes no charge."""
    await client.v1.coupons.create_async({"id": "ALL", "percent_off": 100, "duration": "once"})
    made = await client.v1.checkout.sessions.create_async(sale(discounts=[{"coupon": "ALL"}]))
    assert 'name="number"' not in (await buyer.look(str(made.url))).text
    await buyer.post(str(made.url), {})
    done = await client.v1.checkout.sessions.retrieve_async(made.id)
    assert (done.status, done.payment_status) == ("complete", "no_payment_required")
    assert sandbox.ledger() == []


async def test_prefilled(client: stripe.StripeClient, buyer: Buyer) -> None:
    """The page says that it is a sandbox, comes filled in, runs no foreign script, and offers test cards without a name."""
    made = await client.v1.checkout.sessions.create_async(sale(customer_email="given@example.com"))
    seen = await buyer.look(str(made.url))
    assert "<strong>Sandbox.</strong>" in seen.text
    values = dict(re.findall(r'name="(\w+)" value="([^"]*)"', seen.text))
    assert values["number"] == "4242 4242 4242 4242"
    assert (values["cvc"], values["email"]) == ("123", "given@example.com")
    assert set(values) == {"page", "number", "exp", "cvc", "name", "email"}
    assert 'href="http://shop.test/cancelled"' in seen.text
    assert re.findall(r'<button type="button"[^>]*name=', seen.text) == []
    assert "4000 0000 0000 0002" in seen.text


async def test_already_complete(client: stripe.StripeClient, buyer: Buyer) -> None:
    """A session that was paid says so and offers nothing to pay."""
    made = await client.v1.checkout.sessions.create_async(sale())
    await buyer.pay(str(made.url))
    seen = await buyer.look(str(made.url))
    assert (seen.status, "already complete" in seen.text, "<form" in seen.text) == (200, True, False)


async def test_unknown(sandbox: Sandbox, buyer: Buyer) -> None:
    """A session that is not there is 404; the root says what listens here."""
    assert (await buyer.look(f"{sandbox.base}/c/pay/cs_test_none")).status == 404
    assert "A small Stripe" in (await buyer.look(sandbox.base)).text


def _shipped() -> stripe.params.checkout.SessionCreateParams:
    rates = [
        {
            "shipping_rate_data": {
                "display_name": name,
                "type": "fixed_amount",
                "fixed_amount": {"amount": amount, "currency": "eur"},
            }
        }
        for name, amount in (("Slow", 490), ("Fast", 900))
    ]
    params: stripe.params.checkout.SessionCreateParams = sale(
        shipping_address_collection={"allowed_countries": ["FR", "BE"]},
        phone_number_collection={"enabled": True},
        shipping_options=rates,
        consent_collection={"terms_of_service": "required"},
    )
    return params
