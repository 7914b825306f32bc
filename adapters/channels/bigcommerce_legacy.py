"""Reads the CSV of BigCommerce's older bulk edit: product rows, SKU rows below them, rules that are not understood."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO, Final

from adapters.channels import sheets
from adapters.channels.bigcommerce_rows import Form
from adapters.channels.drafts import Draft, DraftVariant, arrival
from bot.catalogue import Image
from bot.channels import Arrival, Notes

#: "[S]Size=M,[RB]Colour=Red": the kind of field, the option and its value.
_OPTION: Final = re.compile(r"\[[A-Z]+\]([^=\[]+)=([^\[]*?)(?=,\[|\Z)")
_MOST_PICTURES: Final = 50
_FORM: Final = Form(
    item="Item Type",
    name="Product Name",
    type="Product Type",
    physical="p",
    description="Product Description",
    sku="Product Code/SKU",
    stock="Current Stock Level",
    gtins=("Product UPC/EAN", "Global Trade Item Number"),
    weight="Product Weight",
    more=(
        *("Product ID", "Category", "Brand Name", "Track Inventory", "Product Visible?"),
        *(
            f"Product Image {what} - {at}"
            for what in ("ID", "File", "Description", "Is Thumbnail", "Sort")
            for at in range(1, _MOST_PICTURES + 1)
        ),
    ),
)


def back(stream: BinaryIO, currency: str) -> Arrival:
    """Read a bulk edit. Prices name no currency: they are in `currency`. Raises UnreadableFile."""
    notes = Notes()
    sheet = _FORM.begin(stream, currency, notes)
    return arrival(_drafts(sheet, notes), currency, notes)


def _drafts(sheet: sheets.Sheet, notes: Notes) -> Iterator[Draft]:
    """Give each product once its SKU rows, which follow its own, were read."""
    draft: Draft | None = None
    for row in sheet.rows:
        kind = row["Item Type"].strip().casefold()
        if kind == "product":
            if draft is not None:
                yield draft
            draft = _draft(row, notes)
        elif kind == "sku" and draft is not None:
            _add(row, draft, notes)
        else:
            of = draft.key if draft is not None else f"line {row.line}"
            notes.add(of, "left out", "item", f'a row "{row["Item Type"][:40]}" has no place here')
    if draft is not None:
        yield draft


def _draft(row: sheets.Row, notes: Notes) -> Draft:
    draft = _FORM.draft(row)
    draft.images = [
        Image(row[f"Product Image File - {at}"], row[f"Product Image Description - {at}"])
        for at in range(1, _MOST_PICTURES + 1)
        if row[f"Product Image File - {at}"]
    ]
    paths = re.split(r"(?<!\\);", row["Category"])
    if len(paths) > 1:
        notes.add(draft.key, "cut", "category", f"it is in {len(paths)} categories, and has one here: the first")
    if row["Product Visible?"].casefold() == "n":
        notes.add(draft.key, "note", "status", "it is not shown at BigCommerce")
    draft.brand = row["Brand Name"]
    draft.category = " > ".join(part.replace("\\/", "/").strip() for part in re.split(r"(?<!\\)/", paths[0]) if part)
    draft.variants.append(_variant(row, draft, notes))
    return draft


def _add(row: sheets.Row, draft: Draft, notes: Notes) -> None:
    options = [(name.strip(), value.strip()) for name, value in _OPTION.findall(row["Product Name"])]
    if not options:
        notes.add(draft.key, "left out", "options", f'line {row.line}: "{row["Product Name"][:60]}" names no options')
        return
    base = draft.variants[0]
    if not base.values:
        draft.variants.clear()
        draft.options = tuple(name for name, _ in options)
    read = _variant(row, draft, notes)
    if not re.fullmatch(r"\d+(\.\d+)?", row["Price"]):
        if row["Price"]:
            notes.add(
                draft.key,
                "changed",
                "price",
                f'line {row.line}: "{row["Price"][:40]}" is no price: the product\'s stands',
            )
        read.price, read.compare_at = base.price, base.compare_at
    read.values = tuple(value for _, value in options)
    draft.variants.append(read)


def _variant(row: sheets.Row, draft: Draft, notes: Notes) -> DraftVariant:
    tracked = row["Track Inventory"].casefold() not in {"", "none", "n"} or row["Item Type"].strip().casefold() == "sku"
    return _FORM.variant(row, draft, notes, counted=tracked)
