"""The Agentic Commerce Protocol's feed, which assistants shop by: metadata.json and a product a line in products.jsonl.

https://github.com/agentic-commerce-protocol/agentic-commerce-protocol, feed of 2026-04-17.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final

from adapters.channels.offers import sold_once
from adapters.channels.parcels import parcel
from adapters.channels.texts import slug
from bot.catalogue import Catalogue, Product, Variant
from bot.channels import Channel, File, Notes, Parcel, Storefront, Unheard
from bot.money import Money

TITLE: Final = "Agentic commerce"
LOSES: Final = frozenset({"tags", "fulfil", "stock", "sku", "mpn", "brand", "weight"})


def out(catalogue: Catalogue, shop: Storefront) -> Parcel:
    """Put the catalogue into the feed's two files."""

    def lines(notes: Notes) -> Iterator[bytes]:
        for product in sold_once(catalogue, notes, TITLE):
            yield _json(_product(product, shop, notes))

    metadata = {"id": slug(shop.name) or "shop"}
    return parcel(
        catalogue,
        TITLE,
        LOSES,
        lines,
        File("metadata.json", "application/json", lambda: iter((_json(metadata),))),
        File("products.jsonl", "application/jsonl", lambda: lines(Unheard())),
    )


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode() + b"\n"


def _product(product: Product, shop: Storefront, notes: Notes) -> dict[str, Any]:
    if not (product.url or shop.homepage):
        notes.add(product, "note", "url", "it has no page: an assistant cannot lead anybody to it")
    if not product.images:
        notes.add(product, "note", "picture", "it has no picture to show")
    media = [
        {"type": "image", "url": image.url, **({"alt_text": image.alt} if image.alt else {})}
        for image in product.images
    ]
    said = {
        "id": product.id,
        "title": product.name,
        "description": _description(product),
        "url": product.url or shop.homepage,
        "media": media,
    }
    variants = [_variant(product, variant, shop) for variant in product.variants]
    return {**{name: value for name, value in said.items() if value}, "variants": variants}


def _description(product: Product) -> dict[str, str]:
    found = {"plain": product.description, "html": product.html}
    return {name: text for name, text in found.items() if text}


def _variant(product: Product, variant: Variant, shop: Storefront) -> dict[str, Any]:
    left = variant.stock != 0
    said: dict[str, Any] = {
        "id": variant.id,
        "title": variant.label,
        "url": product.url or shop.homepage,
        "barcodes": [{"type": "GTIN", "value": variant.gtin}] if variant.gtin else [],
        "price": _price(variant.price),
        "list_price": _price(variant.compare_at) if variant.compare_at else None,
        "availability": {"available": left, "status": "in_stock" if left else "out_of_stock"},
        "categories": [{"value": product.category, "taxonomy": "merchant"}] if product.category else [],
        "condition": [product.condition],
        "variant_options": [{"name": name, "value": value} for name, value in product.chosen(variant)],
        "media": [{"type": "image", "url": variant.picture}] if variant.picture else [],
        "seller": {"name": shop.name},
    }
    return {name: value for name, value in said.items() if value}


def _price(money: Money) -> dict[str, object]:
    return {"amount": money.minor, "currency": money.currency}


CHANNEL: Final = Channel("acp", "Agentic Commerce Protocol", {".zip": out}, None, LOSES)
