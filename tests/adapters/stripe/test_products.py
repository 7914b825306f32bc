"""The products and prices of an account, listed into a file."""

from __future__ import annotations

import io
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from adapters.channels import stripe_products
from adapters.sandbox import Sandbox
from adapters.stripe.connection import PAGE
from adapters.stripe.links import StripeLinks
from adapters.stripe.products import StripeProducts
from bot.errors import PaymentsRefused
from bot.money import Money
from bot.payment_links import Offer
from tests.adapters.sandbox.conftest import connected

KEY = "sk_test_products"


@pytest.fixture
async def sandbox(tmp_path: Path) -> AsyncIterator[Sandbox]:
    async with Sandbox(path=tmp_path / "sandbox.sqlite3", accounts={KEY: None}) as running:
        yield running


async def saved(base: str, counts: list[int] | None = None) -> io.BytesIO:
    products, into = StripeProducts(key=KEY, base=base), io.BytesIO()
    try:
        await products.save(into, (counts if counts is not None else []).append)
    finally:
        await products.aclose()
    return into


async def test_all_pages_of_what_is_active_come_in(sandbox: Sandbox) -> None:
    """More products than one page holds are all listed, with their prices; what is archived is not, nor any metadata."""
    async with connected(sandbox.base, KEY) as client:
        for number in range(PAGE + 2):
            of = {"of": "another program"}
            given: Any = {"name": f"Thing {number}", "id": f"thing{number}", "active": number != 7, "metadata": of}
            await client.v1.products.create_async(given)
            if number % 50 == 0:
                await client.v1.prices.create_async({"product": given["id"], "currency": "eur", "unit_amount": 500})
    counts: list[int] = []
    held = await saved(sandbox.base, counts)
    lines = [json.loads(line) for line in held.getvalue().splitlines()]
    assert [sum(each["object"] == kind for each in lines) for kind in ("product", "price")] == [PAGE + 1, 3]
    assert counts[-1] == len(lines) == PAGE + 4
    assert b"another program" not in held.getvalue()
    arrived = stripe_products.back(held, "EUR")
    assert {product.id for product in arrived.catalogue.products} == {"thing-0", "thing-50", "thing-100"}


async def test_what_was_made_for_links_comes_back_as_products_with_variants(sandbox: Sandbox) -> None:
    """A product a variant at Stripe, made for its Payment Link, is one product again with ids, names, prices, pictures."""
    shared = "https://a.example/m.jpg"
    offers = [
        Offer(
            "mug/blue",
            "Mug, large, blue",
            "Clay.",
            ("https://a.example/b.jpg", shared),
            "",
            Money(1250, "EUR"),
            ("DE",),
        ),
        Offer(
            "mug/white",
            "Mug, large, white",
            "Clay.",
            ("https://a.example/w.jpg", shared),
            "",
            Money(1150, "EUR"),
            ("DE",),
        ),
        Offer("poster", "Poster, A2", "", (), "", Money(900, "EUR")),
    ]
    links = StripeLinks(key=KEY, base=sandbox.base)
    try:
        await links.publish(offers, over="")
    finally:
        await links.aclose()
    found = {each.id: each for each in stripe_products.back(await saved(sandbox.base), "EUR").catalogue.products}
    assert set(found) == {"mug", "poster"}
    assert found["poster"].name == "Poster, A2"
    mug = found["mug"]
    assert (mug.name, mug.description, mug.fulfil, mug.picture) == ("Mug, large", "Clay.", "ship", shared)
    assert {(each.id, each.name, each.price.minor) for each in mug.variants} == {
        ("mug/blue", "blue", 1250),
        ("mug/white", "white", 1150),
    }
    assert {each.picture for each in mug.variants} >= {"https://a.example/b.jpg", "https://a.example/w.jpg"}


async def test_a_key_that_may_not_read_is_a_refusal() -> None:
    """What Stripe answers to a restricted key without the permission is told apart from its being out of reach."""

    async def refuse(request: web.Request) -> web.Response:
        error = {"type": "invalid_request_error", "message": "The provided key does not have the required permissions."}
        return web.json_response({"error": error}, status=403)

    app = web.Application()
    app.router.add_get("/v1/products", refuse)
    async with TestServer(app) as server:
        with pytest.raises(PaymentsRefused) as refused:
            await saved(str(server.make_url("")))
    assert refused.value.code == "PermissionError"
