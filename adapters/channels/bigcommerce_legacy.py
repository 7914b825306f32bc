"""Reads the CSV of BigCommerce's older bulk edit: product rows, SKU rows below them, rules that are not understood."""

from __future__ import annotations

import re
from typing import BinaryIO, Final

from adapters.channels import sheets
from adapters.channels.drafts import Draft, DraftVariant, arrival, read_count
from adapters.channels.texts import described
from bot.catalogue import MOST_STOCK, Condition, Image
from bot.channels import Arrival, Notes

_CONDITIONS: Final[dict[str, Condition]] = {"used": "used", "refurbished": "refurbished"}
#: "[S]Size=M,[RB]Colour=Red": the kind of field, the option and its value.
_OPTION: Final = re.compile(r"\[[A-Z]+\]([^=\[]+)=([^\[]*?)(?=,\[|\Z)")
_MOST_PICTURES: Final = 50


def back(stream: BinaryIO, currency: str) -> Arrival:
    """Read a bulk edit. Prices name no currency: they are in `currency`. Raises UnreadableFile."""
    sheet = sheets.read(stream, needs=("Item Type", "Product Name", "Price"))
    notes = Notes()
    if sheet.latin:
        notes.add(f"line {sheet.latin}", "note", "encoding", "is no UTF-8: the file was read as Windows-1252")
    notes.add("prices", "note", "currency", f"the file names no currency: its prices are taken for {currency}")
    drafts: list[Draft] = []
    for row in sheet.rows:
        kind = row["Item Type"].strip().casefold()
        if kind == "product":
            drafts.append(_draft(row, notes))
        elif kind == "sku" and drafts:
            _add(row, drafts[-1], notes)
        else:
            of = drafts[-1].key if drafts else f"line {row.line}"
            notes.add(of, "left out", "item", f'a row "{row["Item Type"][:40]}" has no place here')
    return arrival(drafts, currency, notes)


def _draft(row: sheets.Row, notes: Notes) -> Draft:
    key = row["Product URL"].strip("/") or row["Product Name"]
    text, html = described(row["Product Description"])
    pictures = [
        Image(row[f"Product Image File - {at}"], row[f"Product Image Description - {at}"])
        for at in range(1, _MOST_PICTURES + 1)
        if row[f"Product Image File - {at}"]
    ]
    paths = re.split(r"(?<!\\);", row["Category"])
    if len(paths) > 1:
        notes.add(key, "cut", "category", f"it is in {len(paths)} categories, and has one here: the first")
    if row["Product Weight"].strip("0. "):
        notes.add(key, "left out", "weight", "its weight is in the unit of that store, which the file does not name")
    draft = Draft(
        line=row.line,
        key=key,
        name=row["Product Name"],
        description=text,
        html=html,
        tags=tuple(filter(None, (tag.strip() for tag in row["Search Keywords"].split(",")))),
        fulfil="ship" if row["Product Type"].upper() == "P" else "none",
        images=pictures,
        brand=row["Brand Name"],
        category=" > ".join(part.replace("\\/", "/").strip() for part in re.split(r"(?<!\\)/", paths[0]) if part),
        condition=_CONDITIONS.get(row["Product Condition"].casefold(), "new"),
    )
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
    price, sale, retail = (_unless_nothing(row[name]) for name in ("Price", "Sale Price", "Retail Price"))
    tracked = row["Track Inventory"].casefold() not in {"", "none", "n"} or row["Item Type"].strip().casefold() == "sku"
    count = read_count(row["Current Stock Level"], notes, draft.key, "stock", MOST_STOCK) if tracked else None
    return DraftVariant(
        line=row.line,
        price=sale or price,
        compare_at=price if sale else retail,
        stock=count,
        sku=row["Product Code/SKU"],
        gtin=row["Product UPC/EAN"] or row["Global Trade Item Number"],
        mpn=row["Manufacturer Part Number"],
    )


def _unless_nothing(price: str) -> str:
    return price if price.strip("0. ") else ""
