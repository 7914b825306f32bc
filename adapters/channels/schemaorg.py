"""A page a product with schema.org's JSON-LD in it, for one's own site: what search engines read prices and stock from.

https://schema.org/Product, https://schema.org/ProductGroup
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from html import escape
from typing import Any, Final, overload

from adapters.channels.offers import sold_once
from adapters.channels.parcels import parcel
from adapters.channels.texts import paragraphs, text_of
from bot.catalogue import Catalogue, Condition, Product, Variant
from bot.channels import Channel, File, Notes, Parcel, Storefront

TITLE: Final = "schema.org"
LOSES: Final = frozenset({"html", "tags", "fulfil", "stock"})
CONDITIONS: Final[dict[Condition, str]] = {
    "new": "https://schema.org/NewCondition",
    "used": "https://schema.org/UsedCondition",
    "refurbished": "https://schema.org/RefurbishedCondition",
}
#: Properties that schema.org has for what variants differ in: https://schema.org/variesBy
_PROPERTIES: Final = {
    **dict.fromkeys(("color", "colour", "couleur"), "color"),
    **dict.fromkeys(("size", "taille"), "size"),
    **dict.fromkeys(("material", "matière"), "material"),
    **dict.fromkeys(("pattern", "motif"), "pattern"),
}


def out(catalogue: Catalogue, shop: Storefront) -> Parcel:
    """Make a page for each product."""

    def each(notes: Notes) -> Iterator[Product]:
        for product in sold_once(catalogue, notes, TITLE):
            if not product.images:
                notes.add(product, "note", "picture", "search engines show no product without a picture")
            yield product

    return replace(parcel(catalogue, TITLE, LOSES, each), files=_Pages(tuple(each(Notes())), shop))


@dataclass(frozen=True, slots=True)
class _Pages(Sequence[File]):
    """A page for each product, made when it is asked for."""

    products: tuple[Product, ...]
    shop: Storefront

    def __len__(self) -> int:
        return len(self.products)

    @overload
    def __getitem__(self, at: int) -> File: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[File]: ...
    def __getitem__(self, at: int | slice) -> File | Sequence[File]:
        if isinstance(at, slice):
            return _Pages(self.products[at], self.shop)
        product = self.products[at]
        return File(f"{product.id}.html", "text/html", partial(_page, product, self.shop))


def linked_data(product: Product, shop: Storefront) -> dict[str, Any]:
    """Say a product as schema.org does: a Product, or a ProductGroup where it has variants."""
    whole: dict[str, Any] = {"@context": "https://schema.org/", "name": product.name, **_shared(product)}
    if not any(variant.name for variant in product.variants):
        (variant,) = product.variants
        return _without_nothing(whole | {"@type": "Product", **_sold(product, variant, shop)})
    names = dict.fromkeys(name for variant in product.variants for name, _ in product.chosen(variant))
    varies = [f"https://schema.org/{_PROPERTIES[name.casefold()]}" for name in names if name.casefold() in _PROPERTIES]
    return _without_nothing(
        whole
        | {
            "@type": "ProductGroup",
            "productGroupID": product.id,
            "variesBy": varies,
            "hasVariant": [_without_nothing(_variant(product, variant, shop)) for variant in product.variants],
        }
    )


def _shared(product: Product) -> dict[str, Any]:
    images: list[Any] = [
        {"@type": "ImageObject", "contentUrl": image.url, "caption": image.alt} if image.alt else image.url
        for image in product.images
    ]
    return {
        "description": text_of(product),
        "image": images,
        "brand": {"@type": "Brand", "name": product.brand} if product.brand else None,
        "category": product.category,
        "url": product.url,
    }


def _variant(product: Product, variant: Variant, shop: Storefront) -> dict[str, Any]:
    chosen = product.chosen(variant)
    said: dict[str, Any] = {"@type": "Product", "name": variant.label, "image": variant.picture}
    said |= {_PROPERTIES[name.casefold()]: value for name, value in chosen if name.casefold() in _PROPERTIES}
    said["additionalProperty"] = [
        {"@type": "PropertyValue", "name": name, "value": value}
        for name, value in chosen
        if name.casefold() not in _PROPERTIES
    ]
    return said | _sold(product, variant, shop)


def _sold(product: Product, variant: Variant, shop: Storefront) -> dict[str, Any]:
    price: dict[str, Any] = {
        "@type": "Offer",
        "price": variant.price.plain(),
        "priceCurrency": variant.price.currency,
        "availability": f"https://schema.org/{'OutOfStock' if variant.stock == 0 else 'InStock'}",
        "itemCondition": CONDITIONS[product.condition],
        "url": product.url or shop.homepage,
        "seller": {"@type": "Organization", "name": shop.name},
    }
    if variant.compare_at:
        price["priceSpecification"] = {
            "@type": "UnitPriceSpecification",
            "priceType": "https://schema.org/StrikethroughPrice",
            "price": variant.compare_at.plain(),
            "priceCurrency": variant.compare_at.currency,
        }
    weight = {"@type": "QuantitativeValue", "value": variant.weight, "unitCode": "GRM"} if variant.weight else None
    return {
        "sku": variant.sku or variant.id,
        "gtin": variant.gtin,
        "mpn": variant.mpn,
        "weight": weight,
        "offers": price,
    }


def _without_nothing(said: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in said.items() if value}


def _page(product: Product, shop: Storefront) -> Iterator[bytes]:
    # In a script nothing is escaped: a "<" that people typed must not end it.
    data = json.dumps(linked_data(product, shop), ensure_ascii=False, indent=1).replace("<", "\\u003c")
    name = escape(product.name)
    pictures = "".join(f'<img src="{escape(image.url)}" alt="{escape(image.alt)}">\n' for image in product.images)
    offers = "".join(f"<li>{escape(each.label)}: {escape(str(each.price))}</li>\n" for each in product.variants)
    link = f'<p><a href="{escape(product.url or shop.homepage)}">{escape(shop.name)}</a></p>\n'
    yield (
        f'<!DOCTYPE html>\n<html lang="{escape(shop.locale)}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta name="viewport" content="width=device-width">\n<title>{name} · {escape(shop.name)}</title>\n'
        f'<script type="application/ld+json">\n{data}\n</script>\n</head>\n<body>\n<h1>{name}</h1>\n'
        f"{pictures}{paragraphs(text_of(product))}\n<ul>\n{offers}</ul>\n{link}</body>\n</html>\n"
    ).encode()


CHANNEL: Final = Channel("schemaorg", "schema.org pages", {".zip": out}, None, LOSES)
