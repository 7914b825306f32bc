"""Shopify: the CSV of its product importer, new header out, new and old in, and the public products.json of a shop.

https://help.shopify.com/en/manual/products/import-export/using-csv
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import zip_longest
from typing import BinaryIO, Final

from adapters.channels import sheets, shopify_json
from adapters.channels.drafts import Draft, DraftVariant, arrival, read_count
from adapters.channels.gathering import gathered
from adapters.channels.offers import sold_once
from adapters.channels.parcels import parcel
from adapters.channels.texts import described, html_of
from bot.catalogue import HEAVIEST, MOST_STOCK, VARIANT, Catalogue, Condition, Image, Product, Variant
from bot.channels import Arrival, Channel, File, Notes, Parcel, Storefront, Unheard

TITLE: Final = "Shopify"
LOSES: Final = frozenset({"url"})
MOST_OPTIONS: Final = 3
#: https://shopify.dev/changelog, October 2025.
MOST_VARIANTS: Final = 2048
_LONGEST_TITLE: Final = 255
_GOOGLE: Final = "Google Shopping / "
_MPN: Final = f"{_GOOGLE}Manufacturer part number (MPN)"
HEADER: Final = (
    *("Title", "URL handle", "Description", "Vendor", "Product category", "Type", "Tags", "Published on online store"),
    *(
        "Status",
        "SKU",
        "Barcode",
        "Option1 name",
        "Option1 value",
        "Option1 Linked To",
        "Option2 name",
        "Option2 value",
    ),
    *("Option2 Linked To", "Option3 name", "Option3 value", "Option3 Linked To", "Price", "Compare-at price"),
    *("Cost per item", "Charge tax", "Tax code", "Unit price total measure", "Unit price total measure unit"),
    *("Unit price base measure", "Unit price base measure unit", "Inventory tracker", "Inventory quantity"),
    *("Continue selling when out of stock", "Weight value (grams)", "Weight unit for display", "Requires shipping"),
    *("Fulfillment service", "Product image URL", "Image position", "Image alt text", "Variant image URL", "Gift card"),
    *("SEO title", "SEO description", "Color (product.metafields.shopify.color-pattern)"),
    *(f"{_GOOGLE}Google product category", f"{_GOOGLE}Gender", f"{_GOOGLE}Age group", _MPN),
    *(f"{_GOOGLE}{name}" for name in ("Ad group name", "Ads labels", "Condition", "Custom product")),
    *(f"{_GOOGLE}Custom label {number}" for number in range(5)),
)
#: The old header's names, by the new ones.
_OLD: Final[Mapping[str, str]] = {
    "URL handle": "Handle",
    "Description": "Body (HTML)",
    "SKU": "Variant SKU",
    "Barcode": "Variant Barcode",
    "Price": "Variant Price",
    "Compare-at price": "Variant Compare At Price",
    "Inventory tracker": "Variant Inventory Tracker",
    "Inventory quantity": "Variant Inventory Qty",
    "Weight value (grams)": "Variant Grams",
    "Continue selling when out of stock": "Variant Inventory Policy",
    "Requires shipping": "Variant Requires Shipping",
    "Product image URL": "Image Src",
    "Variant image URL": "Variant Image",
    "Published on online store": "Published",
    _MPN: f"{_GOOGLE}MPN",
}
#: What is read of either header, or says nothing that could be lost; what is charged and who delivers is decided here.
_READS: Final = frozenset(
    {
        *("Title", "Vendor", "Product category", "Type", "Tags", "Status", "Gift card", "Image position"),
        *("Image alt text", f"{_GOOGLE}Condition", "Charge tax", "Variant Taxable", "Fulfillment service"),
        *("Variant Fulfillment Service", "Weight unit for display", "Variant Weight Unit"),
        *(f"Option{number} {what}" for number in range(1, MOST_OPTIONS + 1) for what in ("name", "value")),
        *_OLD,
        *_OLD.values(),
    }
)
#: What stands in the place of options where there is one variant.
_DEFAULT: Final = ("Title", "Default Title")
_CONDITIONS: Final[Mapping[str, Condition]] = {"used": "used", "refurbished": "refurbished"}


def out(catalogue: Catalogue, shop: Storefront) -> Parcel:  # noqa: ARG001 - Shopify knows its shop
    """Put the catalogue into CSV: a row a variant, and a row for each picture that is left over."""

    def rows(notes: Notes) -> Iterator[dict[str, str]]:
        for product in sold_once(catalogue, notes, TITLE):
            if _fits(product, notes):
                yield from _rows(product, notes)

    file = File("shopify.csv", "text/csv", lambda: sheets.write(HEADER, rows(Unheard())))
    return parcel(catalogue, TITLE, LOSES, rows, file)


def _fits(product: Product, notes: Notes) -> bool:
    if len(product.options) > MOST_OPTIONS:
        notes.add(
            product, "left out", "options", f"{TITLE} takes {MOST_OPTIONS} options, and it has {len(product.options)}"
        )
        return False
    if len(product.variants) > MOST_VARIANTS:
        notes.add(product, "left out", "variants", f"{TITLE} takes {MOST_VARIANTS} variants of a product")
        return False
    if len(product.name) > _LONGEST_TITLE:
        notes.add(product, "left out", "name", f"{TITLE} takes {_LONGEST_TITLE} characters of a name")
        return False
    return True


def _rows(product: Product, notes: Notes) -> Iterator[dict[str, str]]:
    if any("," in tag for tag in product.tags):
        notes.add(
            product, "changed", "tags", f"a comma parts one tag from the next at {TITLE}: in its tags they are spaces"
        )
    if product.fulfil == "message":
        notes.add(
            product, "not carried", "message", "what is sent after payment stays here: nobody at Shopify sends it"
        )
    for at, (variant, image) in enumerate(zip_longest(product.variants, product.images)):
        row = {"URL handle": product.id}
        if at == 0:
            row |= _product_cells(product)
        if variant is not None:
            row |= _variant_cells(product, variant)
        if image is not None:
            row |= {"Product image URL": image.url, "Image position": str(at + 1), "Image alt text": image.alt}
        yield row


def _product_cells(product: Product) -> dict[str, str]:
    return {
        "Title": product.name,
        "Description": html_of(product),
        "Vendor": product.brand,
        "Type": product.category,
        "Tags": ", ".join(tag.replace(",", " ") for tag in product.tags),
        "Published on online store": "TRUE",
        "Status": "Active",
        "Gift card": "FALSE",
        f"{_GOOGLE}Condition": product.condition,
    }


def _variant_cells(product: Product, variant: Variant) -> dict[str, str]:
    cells = {
        "SKU": variant.sku,
        "Barcode": variant.gtin,
        "Price": variant.price.plain(),
        "Compare-at price": variant.compare_at.plain() if variant.compare_at else "",
        "Charge tax": "TRUE",
        "Inventory tracker": "" if variant.stock is None else "shopify",
        "Inventory quantity": "" if variant.stock is None else str(variant.stock),
        "Continue selling when out of stock": "deny",
        "Weight value (grams)": "" if variant.weight is None else str(variant.weight),
        "Weight unit for display": "" if variant.weight is None else "g",
        "Requires shipping": "TRUE" if product.fulfil == "ship" else "FALSE",
        "Fulfillment service": "manual",
        "Variant image URL": variant.picture,
        _MPN: variant.mpn,
    }
    # Names of options stand on every row: an importer that wants them on the first alone reads them there too.
    for number, (name, value) in enumerate(product.chosen(variant) or (_DEFAULT,), 1):
        cells |= {f"Option{number} name": name, f"Option{number} value": value}
    return cells


def back(stream: BinaryIO, currency: str) -> Arrival:
    """Read a CSV with the new or the old header, or a products.json. Prices name no currency: they are in `currency`."""
    if shopify_json.is_json(stream):
        return shopify_json.back(stream, currency)
    needs = ("Handle",) if _is_old(stream) else ("Title",)
    notes = Notes()
    sheet = sheets.read(stream, needs=needs)
    if sheet.latin:
        notes.add(f"line {sheet.latin}", "note", "encoding", "is no UTF-8: the file was read as Windows-1252")
    notes.add("prices", "note", "currency", f"the file names no currency: its prices are taken for {currency}")

    def rows() -> Iterator[_Cells]:
        return map(_Cells, sheets.noting(sheets.read(stream, needs=needs), _READS, notes).rows)

    return arrival(_drafts(gathered(rows, _handle), notes), currency, notes)


def _drafts(groups: Iterator[list[_Cells]], notes: Notes) -> Iterator[Draft]:
    for rows in groups:
        draft = Draft(rows[0].line, _handle(rows[0]))
        for cells in rows:
            _read(cells, draft, notes)
        if draft.name or draft.variants:
            yield draft
        else:
            notes.add(
                draft.key or f"line {draft.line}", "left out", "name", "it has neither a name nor anything to sell"
            )


def _handle(cells: _Cells) -> str:
    return cells["URL handle"] or cells["Title"]


def _is_old(stream: BinaryIO) -> bool:
    sheets.check_size(stream)
    return "handle" in sheets.read(stream, needs=()).header


class _Cells:
    """A row under the new header's names, whichever it has."""

    def __init__(self, row: sheets.Row) -> None:
        self._row = row
        self.line = row.line

    def __getitem__(self, name: str) -> str:
        """Give a cell."""
        return self._row[name] or self._row[_OLD.get(name, name)]


def _read(cells: _Cells, draft: Draft, notes: Notes) -> None:
    if cells["Title"] and not draft.name:
        draft.name = cells["Title"]
        draft.description, draft.html = described(cells["Description"])
        draft.brand = cells["Vendor"]
        draft.category = cells["Type"] or cells["Product category"]
        if cells["Type"] and cells["Product category"]:
            says = f'it has one category here, its type: "{cells["Product category"][:80]}" is left out'
            notes.add(draft.key, "not carried", "category", says)
        draft.tags = tuple(filter(None, (tag.strip() for tag in cells["Tags"].split(","))))
        draft.condition = _CONDITIONS.get(cells[f"{_GOOGLE}Condition"].casefold(), "new")
        if cells["Status"].casefold() in {"draft", "archived"}:
            notes.add(draft.key, "note", "status", f"it is not for sale at {TITLE} ({cells['Status'].lower()})")
        if cells["Published on online store"].casefold() == "false":
            notes.add(draft.key, "note", "status", f"it is not published at {TITLE}")
        if cells["Gift card"].casefold() == "true":
            notes.add(draft.key, "note", "gift card", f"it is a gift card at {TITLE}: nobody redeems it here")
    if cells["Product image URL"]:
        draft.images.append(Image(cells["Product image URL"], cells["Image alt text"]))
    if cells["Option1 value"] or cells["Price"]:
        draft.variants.append(_variant(cells, draft, notes))


def _variant(cells: _Cells, draft: Draft, notes: Notes) -> DraftVariant:
    pairs = [(cells[f"Option{number} name"], cells[f"Option{number} value"]) for number in range(1, MOST_OPTIONS + 1)]
    if not draft.variants:
        draft.options = _options(pairs)
        draft.fulfil = "ship" if cells["Requires shipping"].casefold() == "true" else "none"
    values = [value for _, value in pairs if value]
    tracked = bool(cells["Inventory tracker"])
    stock = (
        read_count(cells["Inventory quantity"].lstrip("-"), notes, draft.key, "stock", MOST_STOCK) if tracked else None
    )
    if tracked and cells["Continue selling when out of stock"].casefold() == "continue":
        says = f"{TITLE} sells it when none are left: here that ends with what is counted"
        notes.add(draft.key, "changed", "stock", says)
    return DraftVariant(
        line=cells.line,
        name=", ".join(values),
        price=cells["Price"],
        compare_at=cells["Compare-at price"],
        stock=0 if cells["Inventory quantity"].startswith("-") and tracked else stock,
        sku=cells["SKU"],
        gtin=cells["Barcode"].lstrip("'"),
        mpn=cells[_MPN],
        weight=read_count(cells["Weight value (grams)"], notes, draft.key, "weight", HEAVIEST),
        values=tuple(values) if draft.options else (),
        picture=cells["Variant image URL"],
    )


def _options(pairs: Sequence[tuple[str, str]]) -> tuple[str, ...]:
    """Tell what variants differ in; nothing where there is only one, and where our own name for it came back."""
    given = [(name or f"Option {number}", value) for number, (name, value) in enumerate(pairs, 1) if value]
    if given in ([_DEFAULT], []) or [name for name, _ in given] == [VARIANT]:
        return ()
    return tuple(name for name, _ in given)


CHANNEL: Final = Channel("shopify", TITLE, {".csv": out}, back, LOSES)
