"""Pinterest's catalogue: tab-separated text that it fetches once a day.

https://help.pinterest.com/en/business/article/before-you-get-started-with-catalogs and its OpenAPI, ItemAttributes.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from adapters.channels import sheets
from adapters.channels.offers import Offer, Rules, offers
from adapters.channels.parcels import parcel
from bot.catalogue import Catalogue
from bot.channels import Channel, File, Notes, Parcel, Storefront, Unheard

RULES: Final = Rules(title="Pinterest", name=500, description=10_000, link=511, pictures=10, brand=511)
LOSES: Final = frozenset({"html", "tags", "fulfil", "alt texts", "stock", "sku", "weight"})
COLUMNS: Final = (
    *(
        "id",
        "item_group_id",
        "title",
        "description",
        "link",
        "image_link",
        "additional_image_link",
        "price",
        "sale_price",
    ),
    *("availability", "condition", "brand", "product_type", "gtin", "mpn", "color", "size", "material", "pattern"),
    *("variant_names", "variant_values"),
)


def out(catalogue: Catalogue, shop: Storefront) -> Parcel:
    """Put the catalogue into tab-separated text."""

    def rows(notes: Notes) -> Iterator[dict[str, str]]:
        for offer in offers(catalogue, shop, notes, RULES):
            yield {name: value for name, value in values(offer).items() if value}

    file = File(
        "pinterest.tsv", "text/tab-separated-values", lambda: sheets.write(COLUMNS, rows(Unheard()), delimiter="\t")
    )
    return parcel(catalogue, RULES.title, LOSES, rows, file)


def values(offer: Offer) -> dict[str, str]:
    """Give an offer by the names of the columns."""
    variant, product = offer.variant, offer.product
    chosen = product.chosen(variant)
    return {
        **offer.columns,
        "id": variant.id,
        "item_group_id": offer.group,
        "title": offer.name,
        "description": offer.description,
        "link": offer.link,
        "image_link": offer.picture.replace(",", "%2C"),
        "additional_image_link": ",".join(url.replace(",", "%2C") for url in offer.more),
        "price": offer.price,
        "sale_price": offer.sale_price,
        "availability": "in stock" if offer.available else "out of stock",
        "condition": product.condition,
        "brand": offer.brand,
        "product_type": product.category,
        "gtin": variant.gtin,
        "mpn": variant.mpn,
        "variant_names": ",".join(name.replace(",", " ") for name, _ in chosen),
        "variant_values": ",".join(value.replace(",", " ") for _, value in chosen),
    }


CHANNEL: Final = Channel("pinterest", "Pinterest", {".tsv": out, ".txt": out}, None, LOSES)
