"""The public products.json of a Shopify shop: what it shows to everybody, without a key, page after page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, BinaryIO

from adapters.channels.documents import documents, is_json, items, number, table, word
from adapters.channels.drafts import Draft, DraftVariant, arrival
from adapters.channels.texts import described
from bot.catalogue import HEAVIEST, Image
from bot.channels import Arrival, Notes
from bot.errors import UnreadableFile

__all__ = ["back", "is_json"]


def back(stream: BinaryIO, currency: str) -> Arrival:
    """Read the pages of a products.json. It names no currency and counts no stock."""
    notes = Notes()
    drafts: dict[str, Draft] = {}
    for page in documents(stream):
        products = table(page).get("products")
        if not isinstance(products, list):
            raise UnreadableFile(0, 'there is no list "products" in it')
        for each in products:
            draft = _draft(table(each))
            drafts.setdefault(draft.key, draft)
    notes.add("prices", "note", "currency", f"the file names no currency: its prices are taken for {currency}")
    notes.add("stock", "note", "stock", "the file counts no stock: what is available there does not run out here")
    return arrival(drafts.values(), currency, notes)


def _draft(product: Mapping[str, Any]) -> Draft:
    text, html = described(word(product.get("body_html")))
    tags = product.get("tags")
    variants = [table(each) for each in items(product.get("variants"))]
    options = tuple(word(table(each).get("name")) for each in items(product.get("options")))
    single = options == ("Title",) and len(variants) == 1
    draft = Draft(
        line=0,
        key=word(product.get("handle")) or word(product.get("id")),
        name=word(product.get("title")),
        description=text,
        html=html,
        tags=tuple(map(word, tags if isinstance(tags, list) else word(tags).split(","))),
        fulfil="ship" if any(each.get("requires_shipping") is True for each in variants) else "none",
        images=[
            Image(word(table(each).get("src")), word(table(each).get("alt"))) for each in items(product.get("images"))
        ],
        brand=word(product.get("vendor")),
        category=word(product.get("product_type")),
        options=() if single else options,
    )
    draft.variants = [_variant(each, len(draft.options)) for each in variants]
    return draft


def _variant(variant: Mapping[str, Any], options: int) -> DraftVariant:
    grams = number(variant.get("grams"))
    return DraftVariant(
        line=0,
        key=word(variant.get("id")),
        name=word(variant.get("title")),
        price=word(variant.get("price")),
        compare_at=word(variant.get("compare_at_price")),
        stock=0 if variant.get("available") is False else None,
        sku=word(variant.get("sku")),
        weight=grams if grams is None or grams <= HEAVIEST else None,
        values=tuple(word(variant.get(f"option{at}")) for at in range(1, options + 1)),
        picture=word(table(variant.get("featured_image")).get("src")),
    )
