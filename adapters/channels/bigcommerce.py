"""BigCommerce: the CSV of its new importer out and in, and the older bulk edit's in.

https://support.bigcommerce.com/s/article/Importing-Complex-Attributes
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO, Final

from adapters.channels import bigcommerce_legacy, sheets
from adapters.channels.bigcommerce_rows import Form
from adapters.channels.drafts import Draft, DraftVariant, arrival
from adapters.channels.offers import sold_once
from adapters.channels.parcels import parcel
from adapters.channels.texts import html_of
from bot.catalogue import VARIANT, Catalogue, Image, Product, Variant
from bot.channels import Arrival, Channel, File, Notes, Parcel, Storefront, Unheard

TITLE: Final = "BigCommerce"
#: Brands and categories are numbers of a store there. Weights go out in grams, and come back in nobody knows what.
_NO_PLACE: Final = frozenset({"brand", "category", "url"})
LOSES: Final = _NO_PLACE | {"weight"}
MOST_VARIANTS: Final = 600
_LONGEST_PICTURE: Final = 1024
HEADER: Final = (
    *("Item", "ID", "Name", "Type", "SKU", "Options", "Inventory Tracking", "Current Stock", "Low Stock", "Price"),
    *("Cost Price", "Retail Price", "Sale Price", "Brand ID", "Channels", "Categories", "Description", "Custom Fields"),
    *("Page Title", "Product URL", "Meta Description", "Search Keywords", "Meta Keywords", "Bin Picking Number"),
    *("UPC/EAN", "Global Trade Number", "Manufacturer Part Number", "Free Shipping", "Fixed Shipping Cost", "Weight"),
    *("Width", "Height", "Depth", "Is Visible", "Is Featured", "Warranty", "Tax Class", "Product Condition"),
    *("Show Product Condition", "Sort Order", "Variant Image URL", "Internal Image URL (Export)", "Image URL (Import)"),
    *("Image Description", "Image is Thumbnail", "Image Sort Order", "YouTube ID", "Video Title", "Video Description"),
    "Video Sort Order",
)
_FORM: Final = Form(
    item="Item",
    name="Name",
    type="Type",
    physical="physical",
    description="Description",
    sku="SKU",
    stock="Current Stock",
    gtins=("UPC/EAN", "Global Trade Number"),
    weight="Weight",
    more=(
        *("ID", "Options", "Inventory Tracking", "Brand ID", "Categories", "Is Visible", "Variant Image URL"),
        *("Internal Image URL (Export)", "Image URL (Import)", "Image Description", "Image is Thumbnail"),
        "Image Sort Order",
    ),
)
_BARRED: Final = str.maketrans({"|": " ", "=": " "})
_OPTION: Final = re.compile(r"Name=([^|]*)\|Value=([^|\[]*)")


def out(catalogue: Catalogue, shop: Storefront) -> Parcel:  # noqa: ARG001 - the store knows itself
    """Put the catalogue into CSV: a row a product, and below it its variants and pictures."""

    def rows(notes: Notes) -> Iterator[dict[str, str]]:
        names: set[str] = set()
        for product in sold_once(catalogue, notes, TITLE):
            if product.name.casefold() in names:
                notes.add(product, "left out", "name", f"another product has its name, which {TITLE} does not take")
            elif len(product.variants) > MOST_VARIANTS:
                notes.add(product, "left out", "variants", f"{TITLE} takes {MOST_VARIANTS} variants of a product")
            else:
                names.add(product.name.casefold())
                yield from _rows(product, notes)

    file = File("bigcommerce.csv", "text/csv", lambda: sheets.write(HEADER, rows(Unheard())))
    return parcel(catalogue, TITLE, _NO_PLACE, rows, file)


def _rows(product: Product, notes: Notes) -> Iterator[dict[str, str]]:
    varied = any(variant.name for variant in product.variants)
    first = product.variants[0]
    tracking = "variant" if varied else "product"
    counted = any(variant.stock is not None for variant in product.variants)
    if varied and counted and any(variant.stock is None for variant in product.variants):
        notes.add(
            product, "changed", "stock", f"{TITLE} counts all variants or none: those without an end have no count"
        )
    if product.fulfil == "ship" and any(variant.weight is None for variant in product.variants):
        notes.add(
            product, "changed", "weight", f"{TITLE} needs a weight of what is shipped: 0 stands for what is not known"
        )
    if any(variant.weight for variant in product.variants):
        notes.add(product, "note", "weight", "weights are in grams: the store has to measure in grams")
    yield {
        "Item": "Product",
        "Name": product.name,
        "Type": "physical" if product.fulfil == "ship" else "digital",
        "Inventory Tracking": tracking if counted else "none",
        "Description": html_of(product),
        "Product URL": f"/{product.id}/",
        "Search Keywords": ", ".join(tag.replace(",", " ") for tag in product.tags),
        "Is Visible": "TRUE",
        "Product Condition": product.condition.title(),
        **_amounts(product, first),
        **({} if varied else _numbers(first, notes)),
    }
    for variant in product.variants if varied else ():
        if not variant.sku:
            notes.add(variant, "changed", "sku", f"{TITLE} needs a SKU of each variant: one was made of its id")
        yield {
            "Item": "Variant",
            "Name": product.name,
            "Options": _options(product, variant, notes),
            "Variant Image URL": variant.picture,
            **_amounts(product, variant),
            **_numbers(variant, notes),
            "SKU": _sku(variant, notes) or re.sub(r"[^a-zA-Z0-9]", "", variant.id),
        }
    for at, image in enumerate(product.images):
        if len(image.url) > _LONGEST_PICTURE:
            notes.add(product, "not carried", "pictures", f"{TITLE} takes {_LONGEST_PICTURE} characters of an address")
            continue
        yield {
            "Item": "Image",
            "Image URL (Import)": image.url,
            "Image Description": image.alt,
            "Image is Thumbnail": "FALSE" if at else "TRUE",
            "Image Sort Order": str(at),
        }


def _amounts(product: Product, variant: Variant) -> dict[str, str]:
    return {
        "Price": variant.price.plain(),
        "Retail Price": variant.compare_at.plain() if variant.compare_at else "",
        "Weight": str(variant.weight or 0) if product.fulfil == "ship" else "",
    }


def _numbers(variant: Variant, notes: Notes) -> dict[str, str]:
    return {
        "SKU": _sku(variant, notes),
        "Current Stock": "" if variant.stock is None else str(variant.stock),
        "UPC/EAN": variant.gtin,
        "Global Trade Number": variant.gtin,
        "Manufacturer Part Number": variant.mpn,
    }


def _sku(variant: Variant, notes: Notes) -> str:
    kept = re.sub(r"[^a-zA-Z0-9]", "", variant.sku)
    if kept != variant.sku:
        notes.add(
            variant, "changed", "sku", f"{TITLE} takes letters and digits in a SKU: {variant.sku} is {kept} there"
        )
    return kept


def _options(product: Product, variant: Variant, notes: Notes) -> str:
    chosen = product.chosen(variant)
    if any(text != text.translate(_BARRED) or "[" in text for pair in chosen for text in pair):
        notes.add(variant, "changed", "options", "the signs | = [ in its options are written as spaces")
    pairs = ((name.translate(_BARRED), value.translate(_BARRED).replace("[", " ")) for name, value in chosen)
    return "|".join(f"Type=Dropdown|Name={name}|Value={value}" for name, value in pairs)


def back(stream: BinaryIO, currency: str) -> Arrival:
    """Read a CSV of the new export, or of the older bulk edit. Prices name no currency: they are in `currency`."""
    sheets.check_size(stream)
    if "item type" in sheets.read(stream, needs=()).header:
        return bigcommerce_legacy.back(stream, currency)
    notes = Notes()
    sheet = _FORM.begin(stream, currency, notes)
    return arrival(_drafts(sheet, notes), currency, notes)


def _drafts(sheet: sheets.Sheet, notes: Notes) -> Iterator[Draft]:
    """Give each product once its variants and pictures, whose rows follow its own, were read."""
    draft: Draft | None = None
    for row in sheet.rows:
        kind = row["Item"].casefold()
        if kind == "product":
            if draft is not None:
                yield draft
            draft = _draft(row, notes)
        elif draft is not None:
            _child(kind, row, draft, notes)
        else:
            notes.add(f"line {row.line}", "left out", "item", f'a row "{row["Item"][:40]}" stands before any product')
    if draft is not None:
        yield draft


def _draft(row: sheets.Row, notes: Notes) -> Draft:
    draft = _FORM.draft(row)
    if row["Brand ID"] or row["Categories"]:
        says = "its brand and categories are numbers of that store, which mean nothing here"
        notes.add(draft.key, "left out", "category", says)
    if row["Is Visible"].casefold() == "false":
        notes.add(draft.key, "note", "status", f"it is not shown at {TITLE}")
    draft.variants.append(_variant(row, draft, notes))
    return draft


def _child(kind: str, row: sheets.Row, draft: Draft, notes: Notes) -> None:
    if kind == "image":
        draft.images.append(
            Image(row["Image URL (Import)"] or row["Internal Image URL (Export)"], row["Image Description"])
        )
    elif kind == "variant" and row["Options"]:
        options = _OPTION.findall(row["Options"])
        base = draft.variants[0]
        if not base.values and base.key == draft.key:  # what the product's own row said was for its variants
            draft.variants.clear()
            draft.options = tuple(name for name, _ in options if name != VARIANT)
        read = _variant(row, draft, notes)
        read.key, read.values = "", tuple(value.strip() for _, value in options) if draft.options else ()
        read.name = ", ".join(value.strip() for _, value in options)
        read.price = read.price or base.price
        draft.variants.append(read)
    elif kind == "variant":
        notes.add(draft.key, "left out", "variants", f"line {row.line}: a variant that names no options")
    else:
        notes.add(draft.key, "left out", "item", f'a row "{row["Item"][:40]}" has no place here')


def _variant(row: sheets.Row, draft: Draft, notes: Notes) -> DraftVariant:
    read = _FORM.variant(row, draft, notes)
    read.key, read.picture = draft.key, row["Variant Image URL"]
    return read


CHANNEL: Final = Channel("bigcommerce", TITLE, {".csv": out}, back, LOSES)
