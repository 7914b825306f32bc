"""An export of 100,000 products (Google's TSV): the file is made, beside csv.writer on rows that are ready."""

from __future__ import annotations

import csv
import io
import time
from collections.abc import Sequence
from typing import Final

from adapters.channels.google import out_tabbed
from bot.catalogue import Catalogue, Image, Product, Variant, tie
from bot.channels import Storefront
from bot.money import Money
from tests.bench.row import Figure, Row, Scale, pairs

SHOP = Storefront("Test Harbour", "https://harbour.example/", "EUR", "en")


def _measure(scale: Scale) -> Sequence[Figure]:
    catalogue = Catalogue.of([_product(number) for number in range(scale.of(100_000, least=100))])
    (file,) = out_tabbed(catalogue, SHOP).files
    ready = list(csv.reader(io.StringIO(b"".join(file.write()).decode()), delimiter="\t"))
    both = [(_ours(catalogue), _bare(ready)) for _ in range(scale.rounds)]
    return [pairs("all of it", "s CPU", both, bound=3)]


def _ours(catalogue: Catalogue) -> float:
    begun = time.process_time()
    (file,) = out_tabbed(catalogue, SHOP).files
    for _ in file.write():
        pass
    return time.process_time() - begun


def _bare(ready: list[list[str]]) -> float:
    begun = time.process_time()
    text = io.StringIO()
    csv.writer(text, delimiter="\t").writerows(ready)
    text.getvalue().encode()
    return time.process_time() - begun


def _product(number: int) -> Product:
    product = Product(
        f"p{number}",
        f"Tide poster {number}",
        description="Printed by hand in two colours on heavy paper, signed and numbered.",
        images=(Image(f"https://harbour.example/pictures/{number}.jpg", "A poster"),),
        brand="Test Harbour",
        category="Prints > Posters",
        url=f"https://harbour.example/posters/{number}",
        fulfil="ship",
    )
    return tie(product, lambda tied: [Variant(f"p{number}", tied, "", Money(1250, "EUR"), stock=5, sku=f"P-{number}")])


ROW: Final = Row("export of 100,000 products, Google's TSV", "csv.writer on rows that are ready", _measure)
