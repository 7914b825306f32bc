"""The shop's offers as Payment Links: made once, changed with the price, ended with a word, and bought from."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from adapters.sandbox import Sandbox
from adapters.sandbox.faults import Fault
from adapters.stripe.links import StripeLinks
from adapters.stripe.payments import StripePayments
from bot.errors import PaymentsUnavailable
from bot.money import Money
from bot.payment_links import Offer
from tests.adapters.sandbox.buyer import Buyer
from tests.adapters.sandbox.conftest import connected

KEY = "sk_test_links"
MUG = Offer(
    "mug/blue", "Mug, blue", "Stoneware.", ("https://a.example/m.jpg",), "https://a.example/mug", Money(1250, "EUR")
)
POSTER = Offer("poster", "Poster", "", (), "", Money(900, "EUR"), ("DE", "FR"), 2)
OVER = "The shop closed on 15 February."


@pytest.fixture
async def sandbox(tmp_path: Path) -> AsyncIterator[Sandbox]:
    async with Sandbox(path=tmp_path / "sandbox.sqlite3", accounts={KEY: None}) as running:
        yield running


@pytest.fixture
async def links(sandbox: Sandbox) -> AsyncIterator[StripeLinks]:
    made = StripeLinks(key=KEY, base=sandbox.base)
    yield made
    await made.aclose()


async def counted(sandbox: Sandbox) -> tuple[int, int, int]:
    """Count the products, prices and links at the account, active or not."""
    async with connected(sandbox.base, KEY) as client:
        v1 = client.v1
        found = (await v1.products.list_async(), await v1.prices.list_async(), await v1.payment_links.list_async())
        return len(found[0].data), len(found[1].data), len(found[2].data)


async def test_a_second_run_makes_nothing_twice(links: StripeLinks, sandbox: Sandbox) -> None:
    """Each offer has one product, one price and one link, however often it is published."""
    first = await links.publish([MUG, POSTER], over=OVER)
    assert [(each.variant, each.outcome) for each in first] == [("mug/blue", "new"), ("poster", "new")]
    assert await counted(sandbox) == (2, 2, 2)
    again = await links.publish([MUG, POSTER], over=OVER)
    assert [(each.url, each.outcome) for each in again] == [(each.url, "kept") for each in first]
    assert await counted(sandbox) == (2, 2, 2)


async def test_a_changed_price_is_a_new_link(links: StripeLinks, sandbox: Sandbox) -> None:
    """The old link ends with the notice and the new one asks the new price; back at the old price the old link sells again."""
    [was] = await links.publish([MUG], over=OVER)
    [now] = await links.publish([replace(MUG, price=Money(1300, "EUR"))], over=OVER)
    assert (now.outcome, now.url == was.url) == ("changed", False)
    async with Buyer() as buyer, connected(sandbox.base, KEY) as client:
        assert OVER in (await buyer.look(was.url)).text
        assert "13.00" in (await buyer.look(sandbox.base + (await buyer.look(now.url)).location)).text
        active = await client.v1.prices.list_async({"active": True})
        assert [price.unit_amount for price in active.data] == [1300]
    [back] = await links.publish([MUG], over=OVER)
    assert (back.url, back.outcome) == (was.url, "changed")
    assert await counted(sandbox) == (1, 2, 2)


async def test_what_is_said_of_a_product_follows(links: StripeLinks, sandbox: Sandbox) -> None:
    """Name, description and pictures change at Stripe with the shop, to nothing too; the link stays."""
    [was] = await links.publish([MUG], over=OVER)
    [now] = await links.publish([replace(MUG, name="Cup, blue", description="", images=())], over=OVER)
    assert (now.url, now.outcome) == (was.url, "kept")
    async with connected(sandbox.base, KEY) as client:
        product = await client.v1.products.retrieve_async("tillbot.mug.blue")
        assert (product.name, product.description, product.images) == ("Cup, blue", None, [])


async def test_what_is_not_offered_ends(links: StripeLinks, sandbox: Sandbox) -> None:
    """A link whose offer is gone is ended and said so, once; links of other programs are left alone."""
    async with connected(sandbox.base, KEY) as client, Buyer() as buyer:
        price = await client.v1.prices.create_async(
            {"currency": "eur", "unit_amount": 700, "product_data": {"name": "Another's"}}
        )
        other = await client.v1.payment_links.create_async({"line_items": [{"price": price.id, "quantity": 1}]})
        [mug, _] = await links.publish([MUG, POSTER], over=OVER)
        gone = await links.publish([POSTER], over=OVER)
        assert [(each.variant, each.outcome) for each in gone] == [("poster", "kept"), ("mug/blue", "ended")]
        assert (await buyer.look(mug.url)).status == 410
        assert [each.outcome for each in await links.publish([], over=OVER)] == ["ended"]
        assert await links.publish([], over=OVER) == []
        assert (await client.v1.payment_links.retrieve_async(other.id)).active
        assert (await client.v1.prices.retrieve_async(price.id)).active


async def test_a_link_sells_what_is_left_and_no_order_of_ours(links: StripeLinks, sandbox: Sandbox) -> None:
    """It sells as many as there are, asks where to; publishing again does not let it sell more; no order is claimed."""
    [poster] = await links.publish([POSTER], over=OVER)
    payments = StripePayments(account="", key=KEY, base=sandbox.base)
    async with Buyer() as buyer:
        for _ in range(2):
            await buyer.pay(sandbox.base + (await buyer.look(poster.url)).location, country="FR")
        assert (await buyer.look(poster.url)).status == 410
        await links.publish([POSTER], over=OVER)
        assert (await buyer.look(poster.url)).status == 410
        await links.publish([replace(POSTER, most=3)], over=OVER)
        assert (await buyer.look(poster.url)).status == 303
    try:
        sold = await payments.sessions(since=datetime.now(UTC) - timedelta(hours=1))
    finally:
        await payments.aclose()
    assert [(each.order, each.link, each.payment, each.total, each.country) for each in sold] == [
        ("", "poster", "paid", Money(900, "EUR"), "FR")
    ] * 2


async def test_a_run_that_was_cut_off_is_finished_by_the_next(links: StripeLinks, sandbox: Sandbox) -> None:
    """Whatever answer was lost on the way, the next run ends with one of each."""
    for path in ("/v1/products", "/v1/prices", "/v1/payment_links"):
        sandbox.fail(Fault(method="POST", path=path, answer="close", when="after", count=2))
        with pytest.raises(PaymentsUnavailable):
            await links.publish([MUG], over=OVER)
        sandbox.forgive()
    [mug] = await links.publish([MUG], over=OVER)
    assert mug.outcome == "kept"
    assert await counted(sandbox) == (1, 1, 1)
