"""Google Merchant Center: RSS 2.0 with the g: namespace, or tab-separated text; what half the world's feeds look like.

https://support.google.com/merchants/answer/7052112 (product data specification), answer/160589 (RSS 2.0).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO, Final

from adapters.channels import feeds, sheets
from adapters.channels.markup import DECLARATION, element, pieces
from adapters.channels.offers import Offer, Rules, offers
from adapters.channels.parcels import parcel
from bot.catalogue import Catalogue
from bot.channels import Arrival, Channel, File, Notes, Parcel, Storefront, Unheard

RULES: Final = Rules(title="Google", name=150, description=5000, link=2000, pictures=10, brand=70)
LOSES: Final = frozenset({"html", "tags", "fulfil", "alt texts", "stock", "sku"})
NAMESPACE: Final = "http://base.google.com/ns/1.0"
#: The section of g:product_detail that holds options which have no attribute of their own.
SECTION: Final = feeds.SECTION
COLUMNS: Final = (
    *(
        "id",
        "title",
        "description",
        "link",
        "image_link",
        "additional_image_link",
        "availability",
        "price",
        "sale_price",
    ),
    *("brand", "gtin", "mpn", "identifier_exists", "condition", "item_group_id", "product_type", "shipping_weight"),
    *("color", "size", "material", "pattern"),
)


def out(catalogue: Catalogue, shop: Storefront) -> Parcel:
    """Put the catalogue into an RSS feed."""

    def lines(notes: Notes) -> Iterator[str]:
        yield DECLARATION + f'<rss version="2.0" xmlns:g="{NAMESPACE}">\n<channel>'
        yield element("title", shop.name)
        yield element("link", shop.homepage)
        yield element("description", shop.name)
        for offer in offers(catalogue, shop, notes, RULES):
            yield "<item>\n" + "\n".join(_elements(offer, notes)) + "\n</item>"
        yield "</channel>\n</rss>"

    file = File("google.xml", "application/xml", lambda: pieces(lines(Unheard())))
    return parcel(catalogue, RULES.title, LOSES, lines, file)


def out_tabbed(catalogue: Catalogue, shop: Storefront) -> Parcel:
    """Put the catalogue into tab-separated text."""

    def rows(notes: Notes) -> Iterator[dict[str, str]]:
        for offer in offers(catalogue, shop, notes, RULES):
            for name, _ in offer.others:
                notes.add(
                    offer.product, "not carried", "options", f"Google's sheet has no column for {name}; its XML has"
                )
            values = _values(offer, notes)
            # A comma parts one address from the next.
            yield values | {"additional_image_link": ",".join(url.replace(",", "%2C") for url in offer.more)}

    file = File(
        "google.tsv",
        "text/tab-separated-values",
        lambda: sheets.write(COLUMNS, rows(Unheard()), delimiter="\t"),
    )
    return parcel(catalogue, RULES.title, LOSES, rows, file)


def _values(offer: Offer, notes: Notes) -> dict[str, str]:
    variant, product = offer.variant, offer.product
    known = bool(variant.gtin or (product.brand and variant.mpn))
    if not known:
        says = "no barcode (gtin), nor brand with maker's number (mpn): Google is told that there are none"
        notes.add(variant, "note", "gtin", says)
    return {
        "id": variant.id,
        "title": offer.name,
        "description": offer.description,
        "link": offer.link,
        "image_link": offer.picture,
        "availability": "in_stock" if offer.available else "out_of_stock",
        "price": offer.price,
        "sale_price": offer.sale_price,
        "brand": offer.brand,
        "gtin": variant.gtin,
        "mpn": variant.mpn,
        "identifier_exists": "" if known else "no",
        "condition": product.condition,
        "item_group_id": offer.group,
        "product_type": product.category,
        "shipping_weight": "" if variant.weight is None else f"{variant.weight} g",
        **offer.columns,
    }


def _elements(offer: Offer, notes: Notes) -> Iterator[str]:
    for name, value in _values(offer, notes).items():
        if value:
            yield element(f"g:{name}", value)
        if name == "image_link":
            yield from (element("g:additional_image_link", url) for url in offer.more)
    for name, value in offer.product.chosen(offer.variant):
        inner = element("g:section_name", SECTION) + element("g:attribute_name", name)
        yield f"<g:product_detail>{inner}{element('g:attribute_value', value)}</g:product_detail>"


def back(stream: BinaryIO, currency: str) -> Arrival:
    """Read a feed in RSS or Atom, or a sheet with the same columns."""
    return feeds.back(stream, currency)


CHANNEL: Final = Channel(
    "google", "Google Merchant Center", {".xml": out, ".tsv": out_tabbed, ".txt": out_tabbed}, back, LOSES
)
