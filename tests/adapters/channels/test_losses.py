"""What comes from elsewhere and has no place here is said, product by product: nothing is dropped in silence."""

from __future__ import annotations

import pytest

from adapters.channels import CHANNELS
from bot.channels import Remark
from tests.adapters.channels.goods import stream


def remarks(channel: str, text: str) -> list[Remark]:
    """Read a file, and give what is said of it."""
    back = CHANNELS[channel].back
    assert back is not None
    return list(back(stream(text), "EUR").remarks)


FEED = "id,title,price,availability,condition,shipping_weight,sale_price,{}\nmug,Mug,{},{}\n"
SHOPIFY = "URL handle,Title,Price,Option1 name,Option1 value,{}\nmug,Mug,5,Size,M,{}\n"


@pytest.mark.parametrize(
    ("channel", "text", "kind", "field", "says"),
    [
        ("google", FEED.format("a", "5.00 EUR", "preorder,new,,,"), "changed", "availability", '"preorder"'),
        ("google", FEED.format("a", "5.00 EUR", "in_stock,like new,,,"), "changed", "condition", '"like new"'),
        ("google", FEED.format("a", "5.00 EUR", "in_stock,new,2 stone,,"), "left out", "weight", '"2 stone"'),
        ("google", FEED.format("a", "5.00 EUR", "in_stock,new,99999 kg,,"), "left out", "weight", '"99999 kg"'),
        (
            "google",
            FEED.format("a", "5.00 EUR", "in_stock,new,,7.00 EUR,"),
            "left out",
            "compare_at",
            "5.00 EUR before",
        ),
        ("google", FEED.format("video", "5.00 EUR", "in_stock,new,,,x"), "not carried", "column", "on line 2"),
        (
            "google",
            (
                "<rss><channel><item><id>a</id><title>A</title><price>5 EUR</price><pickup_sla>1</pickup_sla></item>"
                "</channel></rss>"
            ),
            "not carried",
            "column",
            "on line 1",
        ),
        ("shopify", SHOPIFY.format("Cost per item", "2"), "not carried", "column", "on line 2"),
        ("shopify", SHOPIFY.format("Published on online store", "FALSE"), "note", "status", "not published"),
        (
            "shopify",
            SHOPIFY.format(
                "Inventory tracker,Inventory quantity,Continue selling when out of stock", "shopify,3,CONTINUE"
            ),
            "changed",
            "stock",
            "when none are left",
        ),
        (
            "shopify",
            SHOPIFY.format("Type,Product category", "Cups,Home > Cups"),
            "not carried",
            "category",
            "Home > Cups",
        ),
        (
            "bigcommerce",
            (
                "Item,Name,Price,Options,Weight,Is Visible,Warranty\nProduct,Mug,5,,0,FALSE,\n"
                "Variant,Mug,5,Type=Dropdown|Name=Size|Value=M,0.4,,\n"
            ),
            "left out",
            "weight",
            "does not name",
        ),
        ("bigcommerce", "Item,Name,Price,Is Visible\nProduct,Mug,5,FALSE\n", "note", "status", "not shown"),
        ("bigcommerce", "Item,Name,Price,Options\nProduct,Mug,5,\nVariant,Mug,5,\n", "left out", "variants", "line 3"),
        ("bigcommerce", "Item,Name,Price,Warranty\nProduct,Mug,5,Two years\n", "not carried", "column", "on line 2"),
        (
            "bigcommerce",
            "Item Type,Product Name,Price,Fixed Shipping Price\nProduct,Mug,5,2\n",
            "not carried",
            "column",
            "on line 2",
        ),
    ],
)
def test_what_has_no_place_here_is_said(channel: str, text: str, kind: str, field: str, says: str) -> None:
    """Words, weights, prices and columns that this shop cannot say are each a remark with what stood there."""
    assert [(each.kind, each.field) for each in remarks(channel, text) if says in each.says] == [(kind, field)]


def test_what_is_read_is_no_loss() -> None:
    """A file all of which is understood has no remarks but the one on its currency."""
    assert remarks("google", "id,title,price,availability\nmug,Mug,5.00 EUR,in_stock\n") == []
    assert {each.field for each in remarks("bigcommerce", "Item,Name,Price,Product URL\nProduct,Mug,5,/mug/\n")} == {
        "currency"
    }


def test_a_price_of_no_number_of_pieces_is_no_accident() -> None:
    """A price book whose quantity is no number is read: that price is the price of nothing, and the product has none."""
    text = (
        '<x><catalog><product product-id="mug"><display-name>Mug</display-name></product></catalog><pricebooks>'
        '<currency>EUR</currency><price-table product-id="mug"><amount quantity="many">5.00</amount></price-table>'
        "</pricebooks></x>"
    )
    assert "it has no price" in {each.says for each in remarks("demandware", text)}
