"""What BigCommerce's two forms of CSV say of a product, under the names that each has for it, as a draft."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import BinaryIO, Final

from adapters.channels import sheets
from adapters.channels.drafts import Draft, DraftVariant, read_count
from adapters.channels.texts import described
from bot.catalogue import MOST_STOCK, Condition
from bot.channels import Notes

CONDITIONS: Final[Mapping[str, Condition]] = {"used": "used", "refurbished": "refurbished"}
#: Columns that both forms have under one name.
_SHARED: Final = (
    *("Product URL", "Search Keywords", "Product Condition", "Price", "Sale Price", "Retail Price"),
    "Manufacturer Part Number",
)


@dataclass(frozen=True, slots=True)
class Form:
    """A form: its names of columns, and its word for what is shipped."""

    item: str
    name: str
    type: str
    physical: str
    description: str
    sku: str
    stock: str
    gtins: tuple[str, str]
    weight: str
    #: What else is read of it, or says nothing that could be lost.
    more: tuple[str, ...]

    def begin(self, stream: BinaryIO, currency: str, notes: Notes) -> sheets.Sheet:
        """Begin to read, and say what holds for all of it. Raises UnreadableFile, also while rows are read."""
        sheet = sheets.read(stream, needs=(self.item, self.name, "Price"))
        if sheet.latin:
            notes.add(f"line {sheet.latin}", "note", "encoding", "is no UTF-8: the file was read as Windows-1252")
        notes.add("prices", "note", "currency", f"the file names no currency: its prices are taken for {currency}")
        own = (self.item, self.name, self.type, self.description, self.sku, self.stock, *self.gtins, self.weight)
        return sheets.noting(sheet, {*_SHARED, *own, *self.more}, notes)

    def draft(self, row: sheets.Row) -> Draft:
        """Make a product of its row; what the form says of variants is still to come."""
        text, html = described(row[self.description])
        return Draft(
            line=row.line,
            key=row["Product URL"].strip("/") or row[self.name],
            name=row[self.name],
            description=text,
            html=html,
            tags=tuple(filter(None, (tag.strip() for tag in row["Search Keywords"].split(",")))),
            fulfil="ship" if row[self.type].casefold() == self.physical else "none",
            condition=CONDITIONS.get(row["Product Condition"].casefold(), "new"),
        )

    def variant(self, row: sheets.Row, draft: Draft, notes: Notes, *, counted: bool = True) -> DraftVariant:
        """Make what is sold of a product's row, or of a variant's. Its weight is in a unit that no file names."""
        if row[self.weight].strip("0. "):
            says = "its weight is in the unit of that store, which the file does not name"
            notes.add(draft.key, "left out", "weight", says)
        price, sale, retail = (_unless_nothing(row[name]) for name in ("Price", "Sale Price", "Retail Price"))
        return DraftVariant(
            line=row.line,
            price=sale or price,
            compare_at=price if sale else retail,
            stock=read_count(row[self.stock], notes, draft.key, "stock", MOST_STOCK) if counted else None,
            sku=row[self.sku],
            gtin=row[self.gtins[0]] or row[self.gtins[1]],
            mpn=row["Manufacturer Part Number"],
        )


def _unless_nothing(price: str) -> str:
    """Give a price; "" where it is nothing, which stands for none there."""
    return price if price.strip("0. ") else ""
