"""Products, prices and Payment Links, made and changed through Stripe's own client, and a link that sells."""

from typing import Any

import pytest
import stripe

from adapters.sandbox import Sandbox
from tests.adapters.sandbox.buyer import DECLINED, Buyer
from tests.adapters.sandbox.endpoint import Taken


async def _priced(client: stripe.StripeClient, amount: int = 1250, **more: Any) -> stripe.Price:
    await client.v1.products.create_async({"id": "mug.blue", "name": "Mug, blue"})
    params: Any = {"currency": "EUR", "unit_amount": amount, "product": "mug.blue", **more}
    return await client.v1.prices.create_async(params)


async def _linked(client: stripe.StripeClient, **more: Any) -> stripe.PaymentLink:
    price = await _priced(client)
    params: Any = {"line_items": [{"price": price.id, "quantity": 2}], "metadata": {"variant": "mug/blue"}, **more}
    return await client.v1.payment_links.create_async(params)


async def test_a_product_is_made_once(client: stripe.StripeClient, stranger: stripe.StripeClient) -> None:
    """An id of the caller's own is taken once in an account; what is changed, unset or added to is as it was asked for."""
    params: Any = {"id": "mug", "name": "Mug", "description": "Blue.", "metadata": {"a": "1", "b": "2"}}
    made = await client.v1.products.create_async(params)
    assert (made.id, made.active, made.description) == ("mug", True, "Blue.")
    with pytest.raises(stripe.InvalidRequestError) as caught:
        await client.v1.products.create_async({"id": "mug", "name": "Another"})
    assert caught.value.code == "resource_already_exists"
    changed = await client.v1.products.update_async(
        "mug", {"name": "Cup", "description": "", "active": False, "metadata": {"a": "", "c": "3"}}
    )
    assert (changed.name, changed.description, changed.active) == ("Cup", None, False)
    assert changed.metadata.to_dict() == {"b": "2", "c": "3"}
    assert [each.id for each in (await client.v1.products.list_async({"active": False})).data] == ["mug"]
    assert (await client.v1.products.list_async({"active": True})).data == []
    assert (await stranger.v1.products.list_async()).data == []


async def test_a_price_keeps_its_amount(client: stripe.StripeClient) -> None:
    """A price can be retired and named, and its amount cannot change; one of a product that is not there is refused."""
    price = await _priced(client, nickname="Usual")
    assert (price.active, price.currency, price.unit_amount, price.nickname) == (True, "eur", 1250, "Usual")
    strange: Any = {"unit_amount": 1}
    with pytest.raises(stripe.InvalidRequestError) as caught:
        await client.v1.prices.update_async(price.id, strange)
    assert (caught.value.code, caught.value.param) == ("parameter_unknown", "unit_amount")
    with pytest.raises(stripe.InvalidRequestError) as caught:
        await client.v1.prices.create_async({"currency": "eur", "unit_amount": 1, "product": "cup"})
    assert (caught.value.code, caught.value.param) == ("resource_missing", "product")
    assert not (await client.v1.prices.update_async(price.id, {"active": False})).active
    assert [each.id for each in (await client.v1.prices.list_async({"product": "mug.blue"})).data] == [price.id]
    assert (await client.v1.prices.list_async({"product": "mug.blue", "active": True})).data == []


async def test_a_link_sells_in_a_session_of_its_own(
    client: stripe.StripeClient, buyer: Buyer, sandbox: Sandbox, taken: Taken
) -> None:
    """Each visit opens another session, which names the link and nobody's order, and is paid as any other."""
    link = await _linked(client)
    visits = [(await buyer.look(link.url)).location for _ in range(2)]
    assert len(set(visits)) == 2
    await buyer.pay(f"{sandbox.base}{visits[0]}")
    (event,) = await taken.wait("checkout.session.completed")
    session = event["data"]["object"]
    assert (session["payment_link"], session["client_reference_id"]) == (link.id, None)
    assert (session["payment_status"], session["amount_total"]) == ("paid", 2500)
    assert session["metadata"] == {"variant": "mug/blue"}
    assert [entry["amount"] for entry in sandbox.ledger()] == [2500]
    listed = await client.v1.checkout.sessions.list_async({"payment_link": link.id})
    assert sorted(str(each.status) for each in listed.data) == ["complete", "open"]
    items = await client.v1.payment_links.line_items.list_async(link.id)
    assert [(each.description, each.quantity) for each in items.data] == [("Mug, blue", 2)]


async def test_a_deactivated_link_says_why(client: stripe.StripeClient, buyer: Buyer) -> None:
    """A link that is not active opens no session, and shows its message; active again it sells again."""
    link = await _linked(client)
    over = await client.v1.payment_links.update_async(
        link.id, {"active": False, "inactive_message": "The shop closed on 15 February."}
    )
    assert (over.active, over.inactive_message) == (False, "The shop closed on 15 February.")
    seen = await buyer.look(link.url)
    assert (seen.status, seen.location) == (410, "")
    assert "The shop closed on 15 February." in seen.text
    assert (await client.v1.checkout.sessions.list_async()).data == []
    assert [each.id for each in (await client.v1.payment_links.list_async({"active": False})).data] == [link.id]
    again = await client.v1.payment_links.update_async(link.id, {"active": True, "inactive_message": ""})
    assert (again.active, again.inactive_message) == (True, None)
    assert "/c/pay/" in (await buyer.look(link.url)).location


async def test_a_link_that_may_sell_once(client: stripe.StripeClient, buyer: Buyer, sandbox: Sandbox) -> None:
    """A limit counts what was paid, not what was tried, and deactivates the link when it is reached."""
    link = await _linked(client, restrictions={"completed_sessions": {"limit": 1}})
    page = sandbox.base + (await buyer.look(link.url)).location
    await buyer.pay(page, DECLINED)
    now = await client.v1.payment_links.retrieve_async(link.id)
    assert now.restrictions is not None
    assert (now.active, now.restrictions.completed_sessions.count) == (True, 0)
    await buyer.pay(page)
    now = await client.v1.payment_links.retrieve_async(link.id)
    assert now.restrictions is not None
    assert (now.active, now.restrictions.completed_sessions.count) == (False, 1)
    assert (await buyer.look(link.url)).status == 410


@pytest.mark.parametrize(
    ("change", "param"),
    [
        ({"line_items": [{"price": "price_none", "quantity": 1}]}, "line_items[0][price]"),
        ({"line_items": []}, "line_items"),
        ({"after_completion": {"type": "redirect"}}, "after_completion"),
        ({"inactive_message": "x" * 501}, "inactive_message"),
        ({"submit_type": "buy"}, "submit_type"),
    ],
)
async def test_a_link_that_could_not_be_honoured_is_refused(
    client: stripe.StripeClient, change: dict[str, Any], param: str
) -> None:
    """Unknown prices and words, nothing to sell, messages that are too long, and what the sandbox has not, are refused."""
    with pytest.raises(stripe.InvalidRequestError) as caught:
        await _linked(client, **change)
    assert caught.value.param == param


async def test_a_link_takes_no_retired_price(client: stripe.StripeClient) -> None:
    """A price that is not active makes no new link."""
    price = await _priced(client)
    await client.v1.prices.update_async(price.id, {"active": False})
    with pytest.raises(stripe.InvalidRequestError, match="only accepts active prices"):
        await client.v1.payment_links.create_async({"line_items": [{"price": price.id, "quantity": 1}]})
