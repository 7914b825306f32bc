"""What Gumroad's API answers, read as a catalogue."""

from __future__ import annotations

import json
from typing import Any

import pytest

from adapters.channels import gumroad
from bot.errors import UnreadableFile
from bot.money import Money
from tests.adapters.channels.goods import stream


def _read(*products: dict[str, Any]) -> Any:
    return gumroad.back(stream(json.dumps({"success": True, "products": products})), "USD")


def test_kinds_of_options_multiply() -> None:
    """A size and a colour make four variants, each at the price plus what its options add, in minor units."""
    arrived = _read(
        {
            "id": "A==",
            "name": "Field guide",
            "description": "<h2>Birds</h2><p>All of them.</p>",
            "price": 1000,
            "currency": "usd",
            "tags": ["birds"],
            "require_shipping": True,
            "preview_url": "https://g.example/1.jpg",
            "thumbnail_url": None,
            "max_purchase_count": 7,
            "variants": [
                {
                    "title": "Size",
                    "options": [{"name": "S", "price_difference": 0}, {"name": "L", "price_difference": 250}],
                },
                {
                    "title": "Cover",
                    "options": [{"name": "soft", "price_difference": None}, {"name": "hard", "price_difference": 500}],
                },
            ],
        }
    )
    (guide,) = arrived.catalogue.products
    assert (guide.id, guide.description, guide.fulfil, guide.picture) == (
        "field-guide",
        "Birds\nAll of them.",
        "ship",
        "https://g.example/1.jpg",
    )
    assert [(each.id, each.price.minor) for each in guide.variants] == [
        ("field-guide/s-soft", 1000),
        ("field-guide/s-hard", 1500),
        ("field-guide/l-soft", 1250),
        ("field-guide/l-hard", 1750),
    ]


def test_what_cannot_be_sold_here_is_said() -> None:
    """Memberships, deleted ones and other currencies are left out, prices that buyers choose become one: all of it is said."""
    arrived = _read(
        {"name": "Yen", "price": 500, "currency": "jpy"},
        {"name": "Club", "price": 500, "currency": "usd", "is_tiered_membership": True},
        {"name": "Gone", "price": 500, "currency": "usd", "deleted": True},
        {
            "name": "Tip",
            "price": 500,
            "currency": "usd",
            "customizable_price": True,
            "max_purchase_count": 5,
            "sales_count": 2,
        },
        {"name": "Odd", "price": "500", "currency": "usd"},
    )
    (tip,) = arrived.catalogue.products
    assert (tip.id, tip.variants[0].price, tip.variants[0].stock) == ("tip", Money(500, "USD"), 3)
    said = {(remark.subject, remark.kind) for remark in arrived.remarks}
    assert {
        ("Club", "left out"),
        ("Gone", "left out"),
        ("yen", "left out"),
        ("Tip", "changed"),
        ("odd", "left out"),
    } <= said


def test_another_answer_is_refused() -> None:
    """An answer without products, such as a refusal, is said to be none."""
    with pytest.raises(UnreadableFile, match='no list "products"'):
        gumroad.back(stream('{"success": false, "message": "no"}'), "USD")
