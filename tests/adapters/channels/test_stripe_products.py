"""Stripe's lists of products and prices, read as a catalogue."""

from __future__ import annotations

import json
from typing import Any

import pytest

from adapters.channels import stripe_products
from bot.channels import Arrival
from bot.errors import UnreadableFile
from bot.money import Money
from tests.adapters.channels.goods import stream


def listed(*bodies: dict[str, Any]) -> str:
    """Give a list as Stripe's API answers it."""
    return json.dumps({"object": "list", "data": bodies, "has_more": False, "url": "/v1/x"}) + "\n"


def product(**more: Any) -> dict[str, Any]:
    """Give a product as Stripe's API lists it."""
    return {
        "id": "prod_1",
        "object": "product",
        "active": True,
        "default_price": None,
        "description": "Stoneware.",
        "images": ["https://harbour.example/mug.jpg"],
        "name": "Mug & saucer",
        "shippable": True,
        "url": "https://harbour.example/mug",
        **more,
    }


def price(name: str = "price_1", **more: Any) -> dict[str, Any]:
    """Give a price as Stripe's API lists it."""
    return {
        "id": name,
        "object": "price",
        "active": True,
        "currency": "eur",
        "custom_unit_amount": None,
        "nickname": None,
        "product": "prod_1",
        "recurring": None,
        "unit_amount": 1250,
        **more,
    }


def read(text: str, currency: str = "EUR") -> Arrival:
    return stripe_products.back(stream(text), currency)


def test_a_product_with_its_price_expanded() -> None:
    """What the list says of a product with one price comes in, the price in minor units."""
    arrived = read(listed(product(default_price=price())))
    (mug,) = arrived.catalogue.products
    assert (mug.id, mug.name, mug.description, mug.fulfil) == ("mug-saucer", "Mug & saucer", "Stoneware.", "ship")
    assert (mug.picture, mug.url) == ("https://harbour.example/mug.jpg", "https://harbour.example/mug")
    assert [(each.id, each.price) for each in mug.variants] == [("mug-saucer", Money(1250, "EUR"))]


def test_prices_become_variants() -> None:
    """Several prices are variants by their nicknames, the default one first; archived ones are not for sale."""
    prices = (
        price("price_2", nickname="Large", unit_amount=1800),
        price("price_1", nickname="Small"),
        price("price_3", nickname="Old", active=False),
    )
    (mug,) = read(listed(product(default_price="price_1")) + listed(*prices)).catalogue.products
    assert [(each.id, each.name, each.price.minor) for each in mug.variants] == [
        ("mug-saucer/small", "Small", 1250),
        ("mug-saucer/large", "Large", 1800),
    ]


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"recurring": {"interval": "month"}}, "paid again and again"),
        ({"unit_amount": None, "custom_unit_amount": {"enabled": True}}, "who buys it names the price"),
        ({"unit_amount": None}, "tiers, or parts of a cent"),
        ({"currency": "usd"}, "it is in USD, and the shop sells in EUR"),
        ({"currency": "isk"}, "counted in Stripe's own way"),
    ],
)
def test_what_cannot_be_sold_here_is_said(more: dict[str, Any], says: str) -> None:
    """A price that this shop could not charge is left out with the reason, and the product with its last price."""
    arrived = read(listed(product(default_price=price(**more))), "ISK" if more.get("currency") == "isk" else "EUR")
    assert arrived.catalogue.products == ()
    assert any(says in remark.says and remark.kind == "left out" for remark in arrived.remarks)


def test_a_price_that_is_not_in_the_file_is_asked_for() -> None:
    """A product whose price was not expanded is left out, and it is said how to ask for it."""
    arrived = read(listed(product(default_price="price_1")))
    assert arrived.catalogue.products == ()
    assert any("expand[]=data.default_price" in remark.says for remark in arrived.remarks)


def test_an_archived_product_stays_there() -> None:
    """What is archived at Stripe is left out, and said."""
    arrived = read(listed(product(active=False, default_price=price())))
    assert [(remark.kind, remark.says) for remark in arrived.remarks] == [("left out", "it is archived there")]


@pytest.mark.parametrize("text", ["{}", "[1]", listed(price()), '{"error": {"type": "invalid_request_error"}}'])
def test_a_file_without_products_is_refused(text: str) -> None:
    """An answer that is no list of products, such as an error of the API's, is refused."""
    with pytest.raises(UnreadableFile, match="no product in it"):
        read(text)
