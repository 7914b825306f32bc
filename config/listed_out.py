"""Writes products as rows of a catalogue file, in the columns that it is read by; what a row cannot say stays in shop.toml."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, TextIO

from bot.catalogue import Product
from config.listed_rows import BETWEEN, COLUMNS, OF_VARIANT
from config.planting import own_id, said, said_of, varied

#: What a spreadsheet takes for the beginning of a formula: a cell that begins so is no text to it, and would be run.
_FORMULA: Final = tuple("=+-@\t\r\uff1d\uff0b\uff0d\uff20")


def fits(product: Product, *, ships: bool) -> bool:
    """Tell whether rows can say all of a product, and a spreadsheet shows them as they are."""
    return all(_plain(cell) for cells in _rows(product, ships=ships) for cell in cells.values()) and all(
        BETWEEN not in part and part == part.strip() and part for part in _parts(product)
    )


def write_rows(out: TextIO, products: Iterable[Product], *, ships: bool) -> None:
    """Write a header and the rows of products that fit, one after another."""
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for product in products:
        for cells in _rows(product, ships=ships):
            writer.writerow([cells.get(column, "") for column in COLUMNS])


def _rows(product: Product, *, ships: bool) -> Iterator[dict[str, str]]:
    whole = {"id": product.id, **_cells(said(product, ships=ships))}
    if not varied(product):
        yield whole
        return
    columns = {key: column for column, key in OF_VARIANT.items()}
    for variant in product.variants:
        mine = {columns.get(key, key): cell for key, cell in _cells(said_of(variant, product)).items()}
        yield {**whole, "variant": own_id(variant), **mine}
        whole = {"id": product.id}


def _cells(table: Mapping[str, Any]) -> dict[str, str]:
    return {
        key: BETWEEN.join(map(_entry, value)) if isinstance(value, list) else str(value) for key, value in table.items()
    }


def _entry(entry: Any) -> str:
    return str(entry["url"]) if isinstance(entry, Mapping) else str(entry)


def _parts(product: Product) -> Iterator[str]:
    """Give what becomes an entry of a list, and "" where an entry says more than a row can."""
    yield from product.tags
    yield from product.options
    for image in product.images[1:]:
        yield "" if image.alt else image.url
    for variant in product.variants:
        yield from variant.values


def _plain(cell: str) -> bool:
    return cell == cell.strip() and not cell.startswith(_FORMULA) and "\0" not in cell
