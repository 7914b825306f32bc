"""Amazon's listings feed (JSON_LISTINGS_FEED 2.0) of the catalogue, with what Amazon asks that no catalogue says.

https://developer-docs.amazon.com/sp-api/docs/listings-feed-type-values; its schema judges the envelope alone. What each
product type asks is served to authorised sellers only, so nothing here can promise that a listing is accepted.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final

from adapters.channels.offers import sold_once
from adapters.channels.parcels import parcel
from adapters.channels.texts import fit, text_of
from bot.catalogue import Catalogue, Condition, Product, Variant
from bot.channels import Channel, File, Notes, Parcel, Storefront, Unheard
from bot.money import exponent
from bot.settings import AmazonSeller

TITLE: Final = "Amazon"
#: Of the schema: listings-feed-schema-v2.json, messages, maxItems.
MOST_MESSAGES: Final = 25_000
#: Pictures beside the main one: other_product_image_locator_1 to _8.
MORE_PICTURES: Final = 8
LOSES: Final = frozenset({"html", "tags", "fulfil", "category", "url", "alt texts", "weight", "compare_at"})
#: How Amazon names conditions; of what is used it wants to know how good it is.
_CONDITIONS: Final[dict[Condition, str]] = {"new": "new_new", "refurbished": "refurbished_refurbished"}
#: What most product types ask and nothing in a shop.toml says, by the names of Amazon's attributes.
_ASKED: Final = "bullet_point, country_of_origin, item_type_keyword, supplier_declared_dg_hz_regulation"


def out(catalogue: Catalogue, shop: Storefront) -> Parcel:
    """Put the catalogue into one feed; each variant is a listing of its own."""

    def messages(notes: Notes) -> Iterator[dict[str, Any]]:
        taken: set[str] = set()
        for product in sold_once(catalogue, notes, TITLE):
            yield from _messages(product, shop, notes, taken)

    file = File("amazon.json", "application/json", lambda: _written(shop.amazon, messages(Unheard())))
    return parcel(catalogue, TITLE, LOSES, messages, file)


def _written(seller: AmazonSeller | None, messages: Iterator[dict[str, Any]]) -> Iterator[bytes]:
    header = {"sellerId": seller.seller_id, "version": "2.0", "issueLocale": seller.language} if seller else {}
    yield b'{"header": ' + json.dumps(header).encode() + b', "messages": ['
    for number, message in enumerate(messages, 1):
        text = json.dumps({"messageId": number, **message}, ensure_ascii=False)
        yield (b",\n" if number > 1 else b"\n") + text.encode()
    yield b"\n]}\n"


def _messages(product: Product, shop: Storefront, notes: Notes, taken: set[str]) -> Iterator[dict[str, Any]]:
    seller = shop.amazon
    if seller is None:
        says = "Amazon needs your seller id and a product type: write [channels.amazon] in shop.toml"
        notes.add(product, "left out", "seller_id", says)
        return
    if product.condition not in _CONDITIONS:
        notes.add(product, "left out", "condition", "Amazon wants to know how good a used thing is: list it there")
        return
    notes.add(product, "note", "attributes", f"Amazon asks of most product types, and it does not say: {_ASKED}")
    if not product.brand:
        notes.add(product, "note", "brand", "it has no brand, which Amazon asks for")
    if product.options:
        notes.add(product, "note", "options", "its variants are listed one by one, not as variants of one thing")
    for variant in product.variants:
        sku = variant.sku or variant.id
        if sku in taken:
            notes.add(variant, "left out", "sku", f"another one is listed under the number {sku} already")
        elif len(taken) >= MOST_MESSAGES:
            notes.add(variant, "left out", "feed", f"a feed takes {MOST_MESSAGES} listings: export the rest apart")
        else:
            taken.add(sku)
            yield {
                "sku": sku,
                "operationType": "UPDATE",
                "productType": seller.product_types.get(product.id, seller.product_type),
                "requirements": "LISTING",
                "attributes": _attributes(product, variant, seller, notes),
            }


def _attributes(product: Product, variant: Variant, seller: AmazonSeller, notes: Notes) -> dict[str, Any]:
    def said(value: object, **more: object) -> list[dict[str, object]]:
        return [{"value": value, **more, "marketplace_id": seller.marketplace_id}] if value else []

    def worded(text: str) -> list[dict[str, object]]:
        return said(text, language_tag=seller.language)

    if not variant.gtin:
        notes.add(
            variant, "note", "gtin", "it has no barcode: Amazon asks for one, or for an exemption that you apply for"
        )
    if variant.stock is None:
        notes.add(
            variant, "note", "stock", "it does not run out here: tell Amazon how many there are, or none are sold"
        )
    attributes = {
        "item_name": worded(fit(variant.label, 200, notes, of=variant, field="name", where=TITLE)),
        "product_description": worded(fit(text_of(product), 2000, notes, of=product, field="description", where=TITLE)),
        "brand": worded(product.brand),
        "part_number": said(variant.mpn),
        "condition_type": said(_CONDITIONS[product.condition]),
        "externally_assigned_product_identifier": said(variant.gtin, type=_kind(variant.gtin)),
        "purchasable_offer": [
            {
                "currency": variant.price.currency,
                "our_price": [{"schedule": [{"value_with_tax": _number(variant)}]}],
                "marketplace_id": seller.marketplace_id,
            }
        ],
        "fulfillment_availability": []
        if variant.stock is None
        else [{"fulfillment_channel_code": "DEFAULT", "quantity": variant.stock}],
        **_pictures(product, variant, seller, notes),
    }
    return {name: value for name, value in attributes.items() if value}


def _number(variant: Variant) -> float | int:
    """Give the price in whole units of its currency, as a JSON number."""
    decimals = exponent(variant.price.currency)
    return variant.price.minor / 10**decimals if decimals else variant.price.minor


def _kind(gtin: str) -> str:
    """Name a number under a barcode as Amazon does, by its digits."""
    return {8: "ean", 12: "upc", 13: "ean"}.get(len(gtin), "gtin")


def _pictures(product: Product, variant: Variant, seller: AmazonSeller, notes: Notes) -> dict[str, Any]:
    urls = list(dict.fromkeys([*filter(None, [variant.picture]), *(image.url for image in product.images)]))
    if not urls:
        notes.add(variant, "note", "picture", "it has no picture: Amazon does not show what has none")
    if len(urls) > MORE_PICTURES + 1:
        notes.add(variant, "cut", "pictures", f"Amazon takes {MORE_PICTURES + 1} pictures, and it has {len(urls)}")
    names = ("main_product_image_locator", *(f"other_product_image_locator_{at}" for at in range(1, MORE_PICTURES + 1)))
    return {
        name: [{"media_location": url, "marketplace_id": seller.marketplace_id}]
        for name, url in zip(names, urls, strict=False)
    }


CHANNEL: Final = Channel("amazon", TITLE, {".json": out}, None, LOSES)
