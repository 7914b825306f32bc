"""Salesforce B2C Commerce, once Demandware: a site archive with the catalogue, its price books and its inventory in XML.

The order of elements is enforced by Salesforce's XSDs: impex/catalog/2006-10-31, pricebook/2006-10-31, inventory/2007-05-31.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Final
from urllib.parse import urlsplit

from adapters.channels import demandware_back
from adapters.channels.demandware_back import ALL
from adapters.channels.markup import DECLARATION, attrs, element, pieces
from adapters.channels.offers import sold_once
from adapters.channels.parcels import parcel
from adapters.channels.texts import html_of, slug
from bot.catalogue import Catalogue, Image, Product, Variant
from bot.channels import Channel, File, Notes, Parcel, Storefront

TITLE: Final = "Salesforce B2C Commerce"
LOSES: Final = frozenset({"condition", "url", "fulfil", "sku", "weight"})
#: The longest values of the XSDs: simpleType.Generic.String.256 and 4000, and a picture's path.
LONGEST: Final = 256
LONGEST_LOCALISED: Final = 4000
LONGEST_PATH: Final = 1800
_CATALOG: Final = "http://www.demandware.com/xml/impex/catalog/2006-10-31"
_PRICEBOOK: Final = "http://www.demandware.com/xml/impex/pricebook/2006-10-31"
_INVENTORY: Final = "http://www.demandware.com/xml/impex/inventory/2007-05-31"


@dataclass(frozen=True, slots=True)
class _Site:
    """What all files share: the archive's name, the shop, and the server that the pictures are on."""

    name: str
    shop: Storefront
    pictures: str


def out(catalogue: Catalogue, shop: Storefront) -> Parcel:
    """Put the catalogue into the files of a site archive."""
    site = _Site(slug(shop.name) or "shop", shop, _server(catalogue))

    def each(notes: Notes) -> Iterator[Product]:
        for product in sold_once(catalogue, notes, TITLE):
            if any(len(option) > LONGEST for option in (*product.options, product.brand)):
                notes.add(product, "left out", "options", f"{TITLE} takes {LONGEST} characters of an option")
                continue
            _remark(product, site, notes)
            yield product

    products = tuple(each(Notes()))
    files = {
        f"catalogs/{site.name}/catalog.xml": partial(_catalog, products, site),
        f"pricebooks/{site.name}.xml": partial(_pricebooks, products, site),
        f"inventory-lists/{site.name}.xml": partial(_inventory, products, site),
    }
    named = [File(f"{site.name}/{path}", "application/xml", partial(_written, lines)) for path, lines in files.items()]
    return parcel(catalogue, TITLE, LOSES, each, *named)


def _written(lines: Callable[[], Iterator[str]]) -> Iterator[bytes]:
    return pieces(lines())


def _server(catalogue: Catalogue) -> str:
    """Give the server that most pictures are on: a catalogue has one place for them."""
    found: Counter[str] = Counter()
    for product in catalogue.products:
        own = (variant.picture for variant in product.variants if variant.picture)
        found.update(map(_origin, (*(image.url for image in product.images), *own)))
    return found.most_common(1)[0][0] if found else ""


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}/"


def _remark(product: Product, site: _Site, notes: Notes) -> None:
    urls = [image.url for image in product.images] + [each.picture for each in product.variants if each.picture]
    elsewhere = [url for url in urls if not _shown(url, site)]
    if elsewhere:
        says = (
            f"pictures of a catalogue are on one server, here {site.pictures}: {len(elsewhere)} of its pictures are not"
        )
        notes.add(product, "not carried", "pictures", says)
    if len(", ".join(product.tags)) > LONGEST_LOCALISED:
        notes.add(
            product, "not carried", "tags", f"{TITLE} takes {LONGEST_LOCALISED} characters of tags: they stay here"
        )
    if any("," in tag for tag in product.tags):
        notes.add(product, "changed", "tags", "a comma parts one tag from the next there: in its tags they are spaces")


def _shown(url: str, site: _Site) -> bool:
    return url.startswith(site.pictures) and 0 < len(url) - len(site.pictures) <= LONGEST_PATH


def _catalog(products: tuple[Product, ...], site: _Site) -> Iterator[str]:
    yield DECLARATION + f"<catalog{attrs(xmlns=_CATALOG, catalog_id=site.name)}>"
    if site.pictures:
        where = element("http-url", site.pictures) + element("https-url", site.pictures)
        location = f"<image-settings><external-location>{where}</external-location>"
        yield f"<header>{location}<view-types><view-type>large</view-type></view-types></image-settings></header>"
    categories = {product.category: f"c{at}" for at, product in enumerate(products) if product.category}
    for category, id_ in categories.items():
        yield f"<category{attrs(category_id=id_)}>"
        yield _said("display-name", category) + element("online-flag", "true") + element("parent", "root")
        yield "</category>"
    for product in products:
        yield from _product(product, site)
    for product in products:
        if product.category:
            yield f"<category-assignment{attrs(category_id=categories[product.category], product_id=product.id)}/>"
    yield "</catalog>"


def _said(name: str, value: str) -> str:
    return element(name, value, xml_lang=ALL)


def _product(product: Product, site: _Site) -> Iterator[str]:
    varied = any(variant.name for variant in product.variants)
    yield f"<product{attrs(product_id=product.id)}>"
    if not varied:
        yield _barcode(product.variants[0])
    yield _said("display-name", product.name)
    for name, text in (("short-description", product.description), ("long-description", html_of(product))):
        if text:
            yield _said(name, text)
    yield element("online-flag", "true")
    yield from _images(product, site)
    if product.brand:
        yield element("brand", product.brand)
    if not varied and product.variants[0].mpn:
        yield element("manufacturer-sku", product.variants[0].mpn)
    tags = ", ".join(tag.replace(",", " ") for tag in product.tags)
    if tags and len(tags) <= LONGEST_LOCALISED:
        yield f"<page-attributes>{_said('page-keywords', tags)}</page-attributes>"
    if varied:
        yield from _variations(product)
    yield "</product>"
    for variant in product.variants if varied else ():
        yield from _variant(product, variant)


def _variant(product: Product, variant: Variant) -> Iterator[str]:
    yield f"<product{attrs(product_id=id_of(variant))}>"
    yield _barcode(variant) + _said("display-name", variant.label) + element("online-flag", "true")
    if variant.mpn:
        yield element("manufacturer-sku", variant.mpn)
    yield "<custom-attributes>"
    for attribute, (_, value) in zip(attributes(product), product.chosen(variant), strict=True):
        yield element("custom-attribute", value, attribute_id=attribute)
    yield "</custom-attributes>\n</product>"


def id_of(variant: Variant) -> str:
    """Name a variant there: "mug.blue"."""
    return variant.id.replace("/", ".")


def attributes(product: Product) -> list[str]:
    """Name the attributes that its variants differ in: ids, one for each option."""
    names = [name for name, _ in product.chosen(product.variants[0])]
    return [f"{slug(name) or 'option'}{at}" for at, name in enumerate(names, 1)]


def _barcode(variant: Variant) -> str:
    if not variant.gtin:
        return ""
    return element("upc" if len(variant.gtin) == 12 else "ean", variant.gtin)  # noqa: PLR2004 - a UPC has 12 digits


def _images(product: Product, site: _Site) -> Iterator[str]:
    groups: list[tuple[tuple[tuple[str, str], ...], tuple[Image, ...]]] = [((), product.images)]
    groups += [
        (
            tuple(zip(attributes(product), (value for _, value in product.chosen(each)), strict=True)),
            (Image(each.picture),),
        )
        for each in product.variants
        if each.picture and each.name
    ]
    drawn = [(group, [image for image in images if _shown(image.url, site)]) for group, images in groups]
    if not any(images for _, images in drawn):
        return
    yield "<images>"
    for group, images in drawn:
        if images:
            yield '<image-group view-type="large">'
            yield from (f"<variation{attrs(attribute_id=name, value=value)}/>" for name, value in group)
            for image in images:
                alt = _said("alt", image.alt) if image.alt else ""
                yield f"<image{attrs(path=image.url.removeprefix(site.pictures))}>{alt}</image>"
            yield "</image-group>"
    yield "</images>"


def _variations(product: Product) -> Iterator[str]:
    yield "<variations><attributes>"
    chosen = [product.chosen(variant) for variant in product.variants]
    for at, attribute in enumerate(attributes(product)):
        yield f"<variation-attribute{attrs(attribute_id=attribute, variation_attribute_id=attribute)}>"
        yield _said("display-name", chosen[0][at][0]) + "<variation-attribute-values>"
        for value in dict.fromkeys(each[at][1] for each in chosen):
            shown = _said("display-value", value)
            yield f"<variation-attribute-value{attrs(value=value)}>{shown}</variation-attribute-value>"
        yield "</variation-attribute-values></variation-attribute>"
    yield "</attributes><variants>"
    yield from (f"<variant{attrs(product_id=id_of(variant))}/>" for variant in product.variants)
    yield "</variants></variations>"


def _pricebooks(products: tuple[Product, ...], site: _Site) -> Iterator[str]:
    """Write two books: what things cost, and, above it, what they cost now."""
    yield DECLARATION + f"<pricebooks{attrs(xmlns=_PRICEBOOK)}>"
    variants = [variant for product in products for variant in product.variants]
    listed = {id_of(each): each.compare_at or each.price for each in variants}
    now = {id_of(each): each.price for each in variants if each.compare_at}
    books = ((f"{site.name}-list", listed, ""), (f"{site.name}-sale", now, f"{site.name}-list"))
    for name, prices, parent in books:
        yield f"<pricebook><header{attrs(pricebook_id=name)}>"
        yield element("currency", site.shop.currency) + _said("display-name", name) + element("online-flag", "true")
        yield (element("parent", parent) if parent else "") + "</header><price-tables>"
        for product, price in prices.items():
            yield f"<price-table{attrs(product_id=product)}>{element('amount', price.plain(), quantity='1')}</price-table>"
        yield "</price-tables></pricebook>"
    yield "</pricebooks>"


def _inventory(products: tuple[Product, ...], site: _Site) -> Iterator[str]:
    yield DECLARATION + f"<inventory{attrs(xmlns=_INVENTORY)}><inventory-list>"
    yield f"<header{attrs(list_id=site.name)}>{element('default-instock', 'false')}</header><records>"
    for product in products:
        for variant in product.variants:
            counted = element("allocation", str(variant.stock)) if variant.stock is not None else ""
            endless = element("perpetual", "true" if variant.stock is None else "false")
            yield f"<record{attrs(product_id=id_of(variant))}>{counted}{endless}</record>"
    yield "</records></inventory-list></inventory>"


CHANNEL: Final = Channel("demandware", TITLE, {".zip": out}, demandware_back.back, LOSES)
