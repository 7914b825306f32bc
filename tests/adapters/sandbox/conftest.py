"""A sandbox, Stripe's own client for it, a buyer, and a shop's webhook endpoint."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import stripe

from adapters.sandbox import Endpoint, Sandbox
from tests.adapters.sandbox.buyer import Buyer
from tests.adapters.sandbox.endpoint import Taken

KEY = "sk_test_sandbox"
OTHER_KEY = "sk_test_charity"
SECRET = "whsec_sandbox"


class Time:
    """A clock that can be put forward."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def __call__(self) -> float:
        """Give seconds since the epoch."""
        return time.time() + self.ahead


@pytest.fixture
def clock() -> Time:
    return Time()


@pytest.fixture
async def taken() -> AsyncIterator[Taken]:
    async with Taken(SECRET) as endpoint:
        yield endpoint


@pytest.fixture
async def sandbox(tmp_path: Path, taken: Taken, clock: Time) -> AsyncIterator[Sandbox]:
    accounts = {KEY: Endpoint(taken.url, SECRET), OTHER_KEY: None}
    async with Sandbox(path=tmp_path / "sandbox.db", accounts=accounts, settle_after=0.05, now=clock) as running:
        yield running


@asynccontextmanager
async def connected(base: str, key: str, retries: int = 0) -> AsyncIterator[stripe.StripeClient]:
    async with aiohttp.ClientSession() as session:
        http = stripe.AIOHTTPClient(timeout=5, session=session)
        yield stripe.StripeClient(key, http_client=http, base_addresses={"api": base}, max_network_retries=retries)


@pytest.fixture
async def client(sandbox: Sandbox) -> AsyncIterator[stripe.StripeClient]:
    async with connected(sandbox.base, KEY) as made:
        yield made


@pytest.fixture
async def stranger(sandbox: Sandbox) -> AsyncIterator[stripe.StripeClient]:
    async with connected(sandbox.base, OTHER_KEY) as made:
        yield made


@pytest.fixture
async def buyer() -> AsyncIterator[Buyer]:
    async with Buyer() as browser:
        yield browser


def sale(**more: Any) -> Any:
    """Give the parameters of a session that sells two mugs at 12.50 EUR; None takes one out."""
    params: dict[str, Any] = {
        "mode": "payment",
        "line_items": [item()],
        "success_url": "http://shop.test/thanks?session={CHECKOUT_SESSION_ID}",
        "cancel_url": "http://shop.test/cancelled",
    }
    return {name: value for name, value in (params | more).items() if value is not None}


def item(amount: int = 1250, quantity: int = 2, currency: str = "eur", **price: Any) -> Any:
    """Give a line item."""
    data = {"currency": currency, "unit_amount": amount, "product_data": {"name": "Mug"}, **price}
    return {"price_data": data, "quantity": quantity}


def gift(amount: int = 2500, currency: str = "eur") -> Any:
    """Give the parameters of a session that begins a monthly gift."""
    return sale(mode="subscription", line_items=[item(amount, 1, currency, recurring={"interval": "month"})])
