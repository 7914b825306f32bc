"""Idempotency keys: the same key gives the same answer, and never acts twice."""

import asyncio

import pytest
import stripe

from adapters.sandbox import Sandbox
from adapters.sandbox.faults import Fault
from tests.adapters.sandbox.conftest import Time, item, sale

ONCE: stripe.RequestOptions = {"idempotency_key": "order-1"}


async def test_replay(client: stripe.StripeClient) -> None:
    """The same key and parameters give the first answer again, marked as such, and create nothing."""
    first = await client.v1.checkout.sessions.create_async(sale(), ONCE)
    again = await client.v1.checkout.sessions.create_async(sale(), ONCE)
    assert again.id == first.id
    assert first.last_response is not None
    assert again.last_response is not None
    assert first.last_response.headers.get("Idempotent-Replayed") is None
    assert again.last_response.headers["Idempotent-Replayed"] == "true"
    assert again.last_response.headers["Original-Request"] == first.last_response.headers["Request-Id"]
    assert len((await client.v1.checkout.sessions.list_async()).data) == 1


async def test_other_parameters(client: stripe.StripeClient) -> None:
    """A key that was used with other parameters, or at another endpoint, is refused."""
    made = await client.v1.checkout.sessions.create_async(sale(), ONCE)
    with pytest.raises(stripe.IdempotencyError, match="same parameters"):
        await client.v1.checkout.sessions.create_async(sale(line_items=[item(100)]), ONCE)
    with pytest.raises(stripe.IdempotencyError, match="same endpoint"):
        await client.v1.checkout.sessions.expire_async(made.id, None, ONCE)


async def test_at_once(client: stripe.StripeClient, sandbox: Sandbox) -> None:
    """A key that is in use at this moment is refused with 409."""
    sandbox.fail(Fault("slow"))
    both = [asyncio.create_task(client.v1.checkout.sessions.create_async(sale(), ONCE)) for _ in range(2)]
    (refused,), (held_up,) = await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
    with pytest.raises(stripe.APIError) as conflict:
        await refused
    assert conflict.value.http_status == 409
    assert conflict.value.error is not None
    assert conflict.value.error.code == "idempotency_key_in_use"
    sandbox.forgive()
    await held_up
    assert len((await client.v1.checkout.sessions.list_async()).data) == 1


async def test_wrong_parameters_are_not_kept(client: stripe.StripeClient) -> None:
    """Parameters that fail validation never began to act, so their key is still free."""
    with pytest.raises(stripe.InvalidRequestError):
        await client.v1.checkout.sessions.create_async(sale(colour="blue"), ONCE)
    await client.v1.checkout.sessions.create_async(sale(), ONCE)


async def test_refusals_are_kept(client: stripe.StripeClient) -> None:
    """What was refused while acting is refused again under the same key, though it would now be right."""
    coupon = sale(discounts=[{"coupon": "LATER"}])
    with pytest.raises(stripe.InvalidRequestError):
        await client.v1.checkout.sessions.create_async(coupon, ONCE)
    await client.v1.coupons.create_async({"id": "LATER", "percent_off": 10, "duration": "once"})
    with pytest.raises(stripe.InvalidRequestError):
        await client.v1.checkout.sessions.create_async(coupon, ONCE)
    await client.v1.checkout.sessions.create_async(coupon, {"idempotency_key": "order-1-again"})


async def test_forgotten(client: stripe.StripeClient, clock: Time) -> None:
    """A key is forgotten after a day; the same request then acts again."""
    first = await client.v1.checkout.sessions.create_async(sale(), ONCE)
    clock.ahead = 24 * 60 * 60 + 60
    assert (await client.v1.checkout.sessions.create_async(sale(), ONCE)).id != first.id


async def test_keys_are_an_accounts_own(client: stripe.StripeClient, stranger: stripe.StripeClient) -> None:
    """Two accounts may use the same key for different things."""
    await client.v1.checkout.sessions.create_async(sale(), ONCE)
    await stranger.v1.checkout.sessions.create_async(sale(line_items=[item(100)]), ONCE)


async def test_too_long(client: stripe.StripeClient) -> None:
    """A key has at most 255 characters."""
    with pytest.raises(stripe.IdempotencyError, match="255"):
        await client.v1.checkout.sessions.create_async(sale(), {"idempotency_key": "k" * 256})
