"""Faults on demand, before and after having acted."""

import pytest
import stripe

from adapters.sandbox import Sandbox
from adapters.sandbox.faults import Fault
from tests.adapters.sandbox.conftest import KEY, connected, sale

ONCE: stripe.RequestOptions = {"idempotency_key": "order-1"}


async def _count(client: stripe.StripeClient) -> int:
    return len((await client.v1.checkout.sessions.list_async()).data)


async def test_rate_limited(client: stripe.StripeClient, sandbox: Sandbox) -> None:
    """429 stands before everything: nothing was done, the key is free, the next request is answered."""
    sandbox.fail(Fault("429"))
    with pytest.raises(stripe.RateLimitError) as refused:
        await client.v1.checkout.sessions.create_async(sale(), ONCE)
    assert refused.value.code is None
    assert refused.value.error is not None
    assert refused.value.error.code == "rate_limit"
    assert await _count(client) == 0
    await client.v1.checkout.sessions.create_async(sale(), ONCE)


async def test_broken_before(client: stripe.StripeClient, sandbox: Sandbox) -> None:
    """500 before acting leaves nothing behind."""
    sandbox.fail(Fault("500", method="POST"))
    with pytest.raises(stripe.APIError) as broken:
        await client.v1.checkout.sessions.create_async(sale(), ONCE)
    assert broken.value.http_status == 500
    assert await _count(client) == 0
    await client.v1.checkout.sessions.create_async(sale(), ONCE)
    assert await _count(client) == 1


async def test_broken_after(client: stripe.StripeClient, sandbox: Sandbox) -> None:
    """500 after acting is kept: the same key gives it for ever, though the session exists and can be found."""
    sandbox.fail(Fault("500", when="after", method="POST"))
    for _ in range(3):
        with pytest.raises(stripe.APIError):
            await client.v1.checkout.sessions.create_async(sale(client_reference_id="T1"), ONCE)
    assert [each.client_reference_id for each in (await client.v1.checkout.sessions.list_async()).data] == ["T1"]


@pytest.mark.parametrize("answer", ["close", "hang"])
async def test_cut_off_after(client: stripe.StripeClient, sandbox: Sandbox, answer: str) -> None:
    """An answer that got lost is given again under the same key, and nothing is done twice."""
    sandbox.fail(Fault(answer, when="after", method="POST", seconds=0.05))  # type: ignore[arg-type]
    with pytest.raises(stripe.APIConnectionError):
        await client.v1.checkout.sessions.create_async(sale(), ONCE)
    assert await _count(client) == 1
    again = await client.v1.checkout.sessions.create_async(sale(), ONCE)
    assert again.last_response is not None
    assert again.last_response.headers["Idempotent-Replayed"] == "true"
    assert await _count(client) == 1


async def test_cut_off_before(client: stripe.StripeClient, sandbox: Sandbox) -> None:
    """A connection closed before acting leaves nothing behind."""
    sandbox.fail(Fault("close", method="POST"))
    with pytest.raises(stripe.APIConnectionError):
        await client.v1.checkout.sessions.create_async(sale(), ONCE)
    assert await _count(client) == 0


async def test_sdk_retries(sandbox: Sandbox) -> None:
    """The SDK's own retry reaches the same key, and one session comes of it."""
    sandbox.fail(Fault("close", when="after", method="POST"))
    async with connected(sandbox.base, KEY, retries=2) as patient:
        await patient.v1.checkout.sessions.create_async(sale())
        assert await _count(patient) == 1


async def test_only_where_asked(client: stripe.StripeClient, sandbox: Sandbox) -> None:
    """A fault befalls as many requests as were asked for, and only those of its path."""
    sandbox.fail(Fault("500", path="/expire$", count=2))
    made = await client.v1.checkout.sessions.create_async(sale())
    for _ in range(2):
        with pytest.raises(stripe.APIError):
            await client.v1.checkout.sessions.expire_async(made.id)
    assert (await client.v1.checkout.sessions.expire_async(made.id)).status == "expired"


async def test_forgiven(client: stripe.StripeClient, sandbox: Sandbox) -> None:
    """Faults that are forgiven befall nobody."""
    sandbox.fail(Fault("429", count=5))
    sandbox.forgive()
    assert (await client.v1.balance.retrieve_async()).object == "balance"


def test_no_rate_limit_after() -> None:
    """429 after acting cannot be."""
    with pytest.raises(ValueError, match="stands before everything"):
        Fault("429", when="after")
