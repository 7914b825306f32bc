"""What Stripe refuses, the sandbox refuses, in the same shape."""

import base64
import time
from typing import Any

import aiohttp
import pytest
import stripe

from adapters.sandbox import Sandbox
from adapters.sandbox.currencies import MINIMUM
from tests.adapters.sandbox.conftest import KEY, connected, gift, item, sale

REFUSED: list[tuple[str, dict[str, Any], str | None, str | None, str]] = [
    ("unknown", sale(colour="blue"), "parameter_unknown", "colour", "Received unknown parameter: colour"),
    (
        "unknown within",
        sale(line_items=[item(colour="blue")]),
        "parameter_unknown",
        "line_items[0][price_data][colour]",
        "Received unknown parameter",
    ),
    (
        "custom_unit_amount",
        sale(line_items=[item(custom_unit_amount={"enabled": True})]),
        "parameter_unknown",
        "line_items[0][price_data][custom_unit_amount]",
        "Received unknown parameter",
    ),
    ("no mode", sale(mode=None), "parameter_missing", "mode", "Missing required param: mode"),
    ("no lines", sale(line_items=None), "parameter_missing", "line_items", "Missing required param"),
    ("no success_url", sale(success_url=None), "parameter_missing", "success_url", "Missing required param"),
    (
        "no currency",
        sale(line_items=[{"price_data": {"unit_amount": 1, "product_data": {"name": "Mug"}}, "quantity": 1}]),
        "parameter_missing",
        "line_items[0][price_data][currency]",
        "Missing required param",
    ),
    (
        "no product",
        sale(line_items=[{"price_data": {"currency": "eur", "unit_amount": 100}, "quantity": 1}]),
        "parameter_missing",
        "line_items[0][price_data][product]",
        "Missing required param",
    ),
    ("wrong mode", sale(mode="gift"), None, "mode", "must be one of"),
    ("wrong locale", sale(locale="tlh"), None, "locale", "must be one of"),
    ("wrong boolean", sale(automatic_tax={"enabled": "maybe"}), None, "automatic_tax[enabled]", "Invalid boolean"),
    (
        "wrong integer",
        sale(line_items=[item("12.50")]),  # type: ignore[arg-type]
        "parameter_invalid_integer",
        "line_items[0][price_data][unit_amount]",
        "Invalid integer",
    ),
    (
        "negative",
        sale(line_items=[item(-100)]),
        "parameter_invalid_integer",
        "line_items[0][price_data][unit_amount]",
        "Invalid non-negative integer",
    ),
    (
        "no quantity",
        sale(line_items=[item(quantity=0)]),
        "parameter_invalid_integer",
        "line_items[0][quantity]",
        "greater than or equal to 1",
    ),
    ("empty", sale(client_reference_id=""), "parameter_invalid_empty", "client_reference_id", "empty string"),
    ("no url", sale(success_url="thanks"), "url_invalid", "success_url", "scheme"),
    ("no address", sale(customer_email="nobody"), "email_invalid", "customer_email", "Invalid email"),
    ("no currency of Stripe's", sale(line_items=[item(currency="xxx")]), None, None, "Invalid currency"),
    ("two currencies", sale(line_items=[item(), item(currency="usd")]), None, "line_items", "same currency"),
    ("too small", sale(line_items=[item(49, 1)]), "amount_too_small", None, "at least 0.50 EUR"),
    ("too large", sale(line_items=[item(99_999_999, 2)]), "amount_too_large", None, "no more than"),
    ("crooked dinar", sale(line_items=[item(5124, 1, "kwd")]), None, None, "last digit"),
    ("crooked króna", sale(line_items=[item(5050, 1, "isk")]), None, None, "must be 00"),
    ("too soon", sale(expires_at=int(time.time()) + 60), None, "expires_at", "at least 30 minutes"),
    ("too late", sale(expires_at=int(time.time()) + 90_000), None, "expires_at", "less than 24 hours"),
    (
        "recurring in payment",
        sale(line_items=[item(recurring={"interval": "month"})]),
        None,
        None,
        "`payment` mode but passed a recurring price",
    ),
    ("nothing recurring", sale(mode="subscription"), None, None, "at least one recurring price"),
    (
        "payment data for a subscription",
        gift() | {"payment_intent_data": {"description": "x"}},
        None,
        "payment_intent_data",
        "in `subscription` mode",
    ),
    (
        "subscription data for a payment",
        sale(subscription_data={"description": "x"}),
        None,
        "subscription_data",
        "in `payment` mode",
    ),
    (
        "shipping a subscription",
        gift() | {"shipping_options": [{"shipping_rate": "shr_x"}]},
        None,
        "shipping_options",
        "in `subscription` mode",
    ),
    (
        "no such coupon",
        sale(discounts=[{"coupon": "NO"}]),
        "resource_missing",
        "discounts[0][coupon]",
        "No such coupon",
    ),
    ("two coupons", sale(discounts=[{"coupon": "A"}, {"coupon": "B"}]), None, "discounts", "maximum length 1"),
    ("no such customer", sale(customer="cus_x"), "resource_missing", "customer", "No such customer"),
    (
        "customer and address",
        sale(customer="cus_x", customer_email="a@example.com"),
        "parameters_exclusive",
        "customer",
        "only specify one",
    ),
    (
        "no such country",
        sale(shipping_address_collection={"allowed_countries": ["XX"]}),
        None,
        "shipping_address_collection[allowed_countries][0]",
        "must be one of",
    ),
    (
        "six ways of shipping",
        sale(shipping_options=[{"shipping_rate": "shr_x"}] * 6),
        None,
        "shipping_options",
        "maximum length 5",
    ),
    ("long name", sale(metadata={"n" * 41: "x"}), None, f"metadata[{'n' * 41}]", "40 characters"),
    ("long value", sale(metadata={"order": "x" * 501}), None, "metadata[order]", "500 characters"),
    ("long reference", sale(client_reference_id="x" * 201), None, "client_reference_id", "at most 200"),
    (
        "terms without consent",
        sale(custom_text={"terms_of_service_acceptance": {"message": "I agree"}}),
        None,
        "custom_text[terms_of_service_acceptance]",
        "needs `consent_collection",
    ),
    ("not expandable", sale(expand=["colour"]), None, "expand[0]", "cannot be expanded"),
]


@pytest.mark.parametrize(("params", "code", "param", "message"), [pytest.param(*r[1:], id=r[0]) for r in REFUSED])
async def test_refused(
    client: stripe.StripeClient, params: dict[str, Any], code: str | None, param: str | None, message: str
) -> None:
    """A wrong parameter is refused with Stripe's type, code, parameter and message, and nothing is created."""
    with pytest.raises(stripe.InvalidRequestError) as refused:
        await client.v1.checkout.sessions.create_async(params)  # type: ignore[arg-type]
    error = refused.value
    assert error.http_status == 400
    assert error.error is not None
    assert (error.error.type, error.error.code) == ("invalid_request_error", code)
    assert message in str(error.user_message)
    assert param in {None, error.param}
    assert str(error.request_id).startswith("req_")
    assert (await client.v1.checkout.sessions.list_async()).data == []


async def test_minimum(client: stripe.StripeClient) -> None:
    """The least that Stripe charges is charged, and a minor unit less is not, in every currency that has a minimum."""
    for currency, least in MINIMUM.items():
        await client.v1.checkout.sessions.create_async(sale(line_items=[item(least, 1, currency)]))
        with pytest.raises(stripe.InvalidRequestError) as refused:
            await client.v1.checkout.sessions.create_async(sale(line_items=[item(least - 1, 1, currency)]))
        assert refused.value.code == "amount_too_small", currency


async def test_wrong_key(sandbox: Sandbox) -> None:
    """A key that is no account's is refused with 401, and is not said again in full."""
    async with connected(sandbox.base, "sk_test_stolen_or_mistyped") as intruder:
        with pytest.raises(stripe.AuthenticationError) as refused:
            await intruder.v1.checkout.sessions.create_async(sale())
        assert refused.value.http_status == 401
        assert "stolen" not in str(refused.value)


async def test_basic_and_no_key(sandbox: Sandbox) -> None:
    """The key may come as HTTP Basic user name; without one the answer is 401."""
    async with aiohttp.ClientSession() as session:
        basic = {"Authorization": "Basic " + base64.b64encode(f"{KEY}:".encode()).decode()}
        async with session.get(f"{sandbox.base}/v1/balance", headers=basic) as response:
            assert response.status == 200
        async with session.get(f"{sandbox.base}/v1/balance") as response:
            assert response.status == 401
            assert "You did not provide an API key" in (await response.json())["error"]["message"]


async def test_wrong_version(client: stripe.StripeClient) -> None:
    """A version of the API whose shapes the sandbox does not speak is refused."""
    with pytest.raises(stripe.InvalidRequestError, match="Invalid Stripe API version"):
        await client.v1.balance.retrieve_async(options={"stripe_version": "2019-01-01"})


async def test_wrong_address(client: stripe.StripeClient) -> None:
    """An address that is no endpoint is refused with 404."""
    with pytest.raises(stripe.InvalidRequestError, match="Unrecognized request URL") as refused:
        await client.v1.topups.list_async()
    assert refused.value.http_status == 404


async def test_json_body(sandbox: Sandbox) -> None:
    """Requests are form-encoded; JSON is refused."""
    async with (
        aiohttp.ClientSession(headers={"Authorization": f"Bearer {KEY}"}) as session,
        session.post(f"{sandbox.base}/v1/checkout/sessions", json=sale()) as response,
    ):
        assert response.status == 400
        assert "content type" in (await response.json())["error"]["message"]


async def test_no_live_keys() -> None:
    """A live key cannot even be configured."""
    with pytest.raises(ValueError, match="no live keys"):
        async with Sandbox(path=":memory:", accounts={"sk_live_x": None}):
            pass
