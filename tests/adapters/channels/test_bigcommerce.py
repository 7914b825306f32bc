"""BigCommerce's CSV out and in, and the older bulk edit in."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace

from hypothesis import assume, given, settings

from adapters.channels import bigcommerce
from bot.catalogue import Catalogue, Product, Variant, tie
from bot.money import Money
from tests.adapters.channels.goods import SHOP, body, catalogues, fact, golden, reduced, same, sample, stream


def test_the_csv_looks_as_it_did() -> None:
    """The CSV of the sample and its report are, byte for byte, those that were looked at."""
    parcel = bigcommerce.out(sample(), SHOP)
    golden("bigcommerce.csv", body(parcel))
    said = "".join(f"{remark.subject}: {remark.kind}: {remark.says}\n" for remark in parcel.remarks)
    golden("bigcommerce.csv.report", said.encode())
    assert (parcel.products, parcel.ready) == (4, 3)
    assert b"secret link" not in body(parcel)


def test_the_header_is_that_of_real_exports() -> None:
    """The header is, column for column, the one of the new importer; the older one's columns are all known by name."""
    assert list(bigcommerce.HEADER) == next(
        csv.reader(io.StringIO(fact("bigcommerce/modern_v3_header.csv").read_text(encoding="utf-8-sig")))
    )


def _plain(product: Product) -> Product:
    """Give each variant a SKU that the store takes, and its stock if another has one."""

    def variants(tied: Product) -> list[Variant]:
        counted = any(each.stock is not None for each in product.variants)
        return [
            replace(
                each,
                product=tied,
                sku=re.sub("[^A-Z0-9]", "", each.sku) or f"S{at}",
                stock=each.stock if counted else None,
            )
            for at, each in enumerate(product.variants)
        ]

    return tie(product, variants)


@given(catalogues(("Colour", "Size", "Scent, too")))
@settings(max_examples=60, deadline=None)
def test_what_goes_out_comes_in_again(catalogue: Catalogue) -> None:
    """What goes out comes in the same, HTML, alt texts, stock and barcodes too, but for what is said to be lost."""
    assume(len({product.name.casefold() for product in catalogue.products}) == len(catalogue.products))
    given_ = Catalogue.of([_plain(product) for product in catalogue.products])
    parcel = bigcommerce.out(given_, SHOP)
    assert parcel.ready == len(given_.products)
    same(bigcommerce.back(stream(body(parcel)), "EUR").catalogue, reduced(given_, bigcommerce.LOSES))


def test_two_products_of_one_name_are_one_too_many() -> None:
    """BigCommerce takes a name once: the second product stays out, and that is said."""
    (mug, *_) = sample().products
    parcel = bigcommerce.out(Catalogue.of([mug, replace(mug, id="mug-2")]), SHOP)
    assert (parcel.products, parcel.ready) == (2, 1)
    assert body(parcel).count(b"Product,") == 1


def test_the_older_bulk_edit_is_read() -> None:
    """Product and SKU rows of the older export become a product with variants; rules and price rules are said."""
    header = next(
        csv.reader(io.StringIO(fact("bigcommerce/legacy_bulk_edit_header.csv").read_text(encoding="utf-8-sig")))
    )
    rows: list[dict[str, str]] = [
        {
            "Item Type": "Product",
            "Product Name": "Tee",
            "Product Type": "P",
            "Product Code/SKU": "T",
            "Brand Name": "Quay",
            "Product Description": "<p>Soft</p>",
            "Price": "20.00",
            "Retail Price": "25.00",
            "Sale Price": "0.00",
            "Product Weight": "0.2",
            "Category": "Shop/Tees\\/Tops;New",
            "Product Image File - 1": "https://s.example/1.jpg",
            "Product Image Description - 1": "One",
            "Product Condition": "Used",
            "Product URL": "/tee/",
        },
        {
            "Item Type": "  SKU",
            "Product Name": "[S]Size=M,[RB]Colour=Red",
            "Product Code/SKU": "T-M",
            "Current Stock Level": "4",
        },
        {
            "Item Type": "  SKU",
            "Product Name": "[S]Size=L,[RB]Colour=Red",
            "Price": "[ADD]2",
            "Current Stock Level": "0",
        },
        {"Item Type": "  Rule", "Product Name": "[S]Size=L"},
    ]
    out = io.StringIO()
    writer = csv.DictWriter(out, header)
    writer.writeheader()
    writer.writerows(rows)
    arrived = bigcommerce.back(stream(out.getvalue()), "EUR")
    (tee,) = arrived.catalogue.products
    medium, large = tee.variants
    assert (tee.id, tee.brand, tee.category, tee.condition, tee.fulfil) == (
        "tee",
        "Quay",
        "Shop > Tees/Tops",
        "used",
        "ship",
    )
    assert (tee.options, medium.values, medium.stock, large.stock) == (("Size", "Colour"), ("M", "Red"), 4, 0)
    assert (medium.price, medium.compare_at, large.price) == (
        Money(2000, "EUR"),
        Money(2500, "EUR"),
        Money(2000, "EUR"),
    )
    assert {remark.field for remark in arrived.remarks} >= {"currency", "category", "weight", "price", "item"}
