"""Meta's catalogue, which Facebook, Instagram and WhatsApp show: CSV with the columns of Commerce Manager's own template.

https://www.facebook.com/business/help/120325381656392 and https://developers.facebook.com/docs/commerce-platform/catalog/fields
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO, Final

from adapters.channels import feeds, sheets
from adapters.channels.offers import Offer, Rules, offers
from adapters.channels.parcels import parcel
from bot.catalogue import Catalogue
from bot.channels import Arrival, Channel, File, Notes, Parcel, Storefront, Unheard

RULES: Final = Rules(title="Meta", name=200, description=9999, link=2000, pictures=20, brand=100)
LOSES: Final = frozenset({"html", "tags", "fulfil", "alt texts", "sku"})
#: The template's columns that a shop here can fill, in its order; then those that its help names besides.
COLUMNS: Final = (
    *("id", "title", "description", "availability", "condition", "price", "link", "image_link", "brand"),
    *("quantity_to_sell_on_facebook", "sale_price", "item_group_id", "color", "size", "material", "pattern"),
    *("shipping_weight", "gtin", "mpn", "product_type", "additional_image_link", "additional_variant_attribute"),
)
_TAKEN: Final = str.maketrans({",": " ", ":": " "})


def out(catalogue: Catalogue, shop: Storefront) -> Parcel:
    """Put the catalogue into a CSV file."""

    def rows(notes: Notes) -> Iterator[dict[str, str]]:
        for offer in offers(catalogue, shop, notes, RULES):
            variant, product = offer.variant, offer.product
            brand = offer.brand
            if not (brand or variant.gtin or variant.mpn):
                notes.add(
                    variant, "changed", "brand", "no brand, barcode or maker's number: the shop stands as its brand"
                )
                brand = shop.name[: RULES.brand]
            if any(name.translate(_TAKEN) + value.translate(_TAKEN) != name + value for name, value in offer.others):
                notes.add(variant, "changed", "options", "commas and colons in its options are written as spaces")
            _say_order(offer, notes)
            yield {
                **offer.columns,
                "id": variant.id,
                "title": offer.name,
                "description": offer.description,
                "availability": "in stock" if offer.available else "out of stock",
                "condition": product.condition,
                "price": offer.price,
                "link": offer.link,
                "image_link": offer.picture,
                "brand": brand,
                # It must be 1 or more, or it cannot be bought: none is said by the availability.
                "quantity_to_sell_on_facebook": str(variant.stock) if variant.stock else "",
                "sale_price": offer.sale_price,
                "item_group_id": offer.group,
                "shipping_weight": "" if variant.weight is None else f"{variant.weight} g",
                "gtin": variant.gtin,
                "mpn": variant.mpn,
                "product_type": product.category,
                "additional_image_link": ",".join(url.replace(",", "%2C") for url in offer.more),
                "additional_variant_attribute": ",".join(
                    f"{name.translate(_TAKEN)}:{value.translate(_TAKEN)}" for name, value in offer.others
                ),
            }

    file = File("meta.csv", "text/csv", lambda: sheets.write(COLUMNS, rows(Unheard()), bom=True))
    return parcel(catalogue, RULES.title, LOSES, rows, file)


def _say_order(offer: Offer, notes: Notes) -> None:
    """Say where options come back in another order or under another name: the sheet has columns for some of them."""
    columns = offer.columns
    there = (*(name for column, name in feeds.NAMES.items() if column in columns), *(name for name, _ in offer.others))
    if there != tuple(name for name, _ in offer.product.chosen(offer.variant)):
        notes.add(
            offer.product, "changed", "options", f"Meta has columns for options: they come back as {', '.join(there)}"
        )


def back(stream: BinaryIO, currency: str) -> Arrival:
    """Read a catalogue: CSV, or a feed in XML."""
    return feeds.back(stream, currency)


CHANNEL: Final = Channel("meta", "Meta (Facebook, Instagram, WhatsApp)", {".csv": out}, back, LOSES)
