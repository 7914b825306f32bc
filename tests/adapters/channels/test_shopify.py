"""Shopify's CSV out and in, with both headers, and the products.json that its shops show to everybody."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace

import pytest
from hypothesis import given, settings

from adapters.channels import shopify
from bot.catalogue import Catalogue, tie
from bot.errors import UnreadableFile
from bot.money import Money
from tests.adapters.channels.goods import SHOP, body, catalogues, fact, golden, reduced, same, sample, stream


def test_the_csv_looks_as_it_did() -> None:
    """The CSV of the sample is, byte for byte, the one that was looked at; the secret text of a download is not in it."""
    parcel = shopify.out(sample(), SHOP)
    golden("shopify.csv", body(parcel))
    assert (parcel.products, parcel.ready) == (4, 3)
    assert b"secret link" not in body(parcel)
    assert any(remark.field == "message" for remark in parcel.remarks)


def test_the_header_is_that_of_the_template() -> None:
    """The header is, column for column, the one of Shopify's template."""
    template = fact("shopify/new_template_header.csv").read_text(encoding="utf-8-sig")
    assert list(shopify.HEADER) == next(csv.reader(io.StringIO(template)))


@given(catalogues(("Colour", "Size", "Option, with a comma")))
@settings(max_examples=60, deadline=None)
def test_what_goes_out_comes_in_again(catalogue: Catalogue) -> None:
    """What goes out comes in the same, HTML, alt texts, stock and barcodes too, but for what the channel says it loses."""
    arrived = shopify.back(stream(body(shopify.out(catalogue, SHOP))), "EUR")
    same(arrived.catalogue, reduced(catalogue, shopify.LOSES))


def test_what_shopify_does_not_take_is_left_out_and_said() -> None:
    """Four options, and 2,049 variants, are refused by Shopify: such products stay out, with the reason."""
    (mug, *_) = sample().products
    (first, _) = mug.variants
    four = tie(
        replace(mug, options=("A", "B", "C", "D")),
        lambda tied: [replace(first, product=tied, values=("1", "2", "3", "4"))],
    )
    many = tie(
        replace(mug, id="many", options=("A",)),
        lambda tied: [replace(first, id=f"many/{at}", product=tied, values=(str(at),)) for at in range(2049)],
    )
    parcel = shopify.out(Catalogue.of([four, many]), SHOP)
    assert [remark.field for remark in parcel.remarks if remark.kind == "left out"] == ["options", "variants"]
    assert len(body(parcel).splitlines()) == 1


def test_an_export_with_the_old_header_is_read() -> None:
    """The header of every older export is understood: grams, small flags, negative stock, pictures on rows of their own."""
    text = (
        "Handle,Title,Body (HTML),Vendor,Type,Tags,Published,Option1 Name,Option1 Value,Variant SKU,Variant Grams,"
        "Variant Inventory Tracker,Variant Inventory Qty,Variant Price,Variant Compare At Price,Variant Requires Shipping,"
        "Variant Barcode,Image Src,Image Alt Text,Variant Image,Status\n"
        'tee,Tee,"<p>Soft &amp; warm</p>",Quay,Shirts,"a, b",true,Size,S,T-S,200.0,shopify,-3,19.99,25,true,'
        "'96385074,https://s.example/1.jpg,One,,active\n"
        "tee,,,,,,,,M,T-M,200,shopify,7,19.99,,true,,https://s.example/2.jpg,Two,https://s.example/m.jpg,\n"
        "tee,,,,,,,,,,,,,,,,,https://s.example/3.jpg,,,\n"
        "card,Card,,,,,,Title,Default Title,,,,,10,,false,,,,,draft\n"
    )
    arrived = shopify.back(stream(text), "USD")
    tee, card = arrived.catalogue.products
    small, medium = tee.variants
    assert (tee.description, tee.html, tee.fulfil, tee.options, tee.tags) == (
        "Soft & warm",
        "",
        "ship",
        ("Size",),
        ("a", "b"),
    )
    assert [image.url[-5] for image in tee.images] == ["1", "2", "3"]
    assert (small.stock, small.weight, small.gtin, small.compare_at) == (0, 200, "96385074", Money(2500, "USD"))
    assert (medium.id, medium.stock, medium.picture) == ("tee/m", 7, "https://s.example/m.jpg")
    assert (card.id, card.variants[0].id, card.variants[0].price, card.fulfil) == (
        "card",
        "card",
        Money(1000, "USD"),
        "none",
    )
    assert {remark.field for remark in arrived.remarks} >= {"currency", "status"}


def test_characters_that_show_nothing_are_left_behind() -> None:
    """Control characters and overrides of direction do not come in; what joins an emoji's parts, or Persian letters, does."""
    text = (
        "Handle,Title,Body (HTML),Vendor,Variant Price,Status\n"
        "cook,\u202eA\x01 \U0001f469\u200d\U0001f373,<p>\x02\u0645\u06cc\u200c\u062e\u0648\u0631\u0645</p>,Q\x7fuay,9,active\n"
    )
    (cook,) = shopify.back(stream(text), "EUR").catalogue.products
    assert cook.name == "A \U0001f469\u200d\U0001f373"
    assert cook.description == "\u0645\u06cc\u200c\u062e\u0648\u0631\u0645"
    assert cook.brand == "Q uay"
    assert "\x02" not in cook.html


def test_the_pages_of_a_products_json_are_read() -> None:
    """Pages one after the other are one catalogue; what is not available there has no stock here."""

    def product(handle: str, *variants: dict[str, object], options: tuple[str, ...] = ("Title",)) -> dict[str, object]:
        named = [{"name": name} for name in options]
        images = [{"src": "https://s.example/1.jpg"}]
        said = {"title": handle.title(), "body_html": "<p>x</p><ul><li>y</li></ul>", "tags": ["a"], "images": images}
        return {"handle": handle, **said, "options": named, "variants": list(variants)}

    tee = product(
        "tee",
        {"id": 1, "option1": "S", "price": "19.99", "compare_at_price": "25.00", "available": True, "grams": 200},
        {"id": 2, "option1": "M", "price": "19.99", "available": False, "requires_shipping": True},
        options=("Size",),
    )
    card = product(
        "card", {"id": 3, "title": "Default Title", "option1": "Default Title", "price": "5.00", "available": True}
    )
    pages = json.dumps({"products": [tee]}) + "\n" + json.dumps({"products": [card, None, {"title": 3}]})
    arrived = shopify.back(stream(pages), "EUR")
    first, second = arrived.catalogue.products
    assert [(each.id, each.stock, each.weight) for each in first.variants] == [("tee/s", None, 200), ("tee/m", 0, None)]
    assert (first.fulfil, first.html, second.variants[0].id) == ("ship", "<p>x</p><ul><li>y</li></ul>", "card")
    assert {remark.field for remark in arrived.remarks} == {"currency", "stock", "name"}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('{"products": [', "line 1: is no JSON"),
        ("[1]", 'no list "products"'),
        ("[" * 200_000, "too deep"),
        ('{"products": [' + "9" * 5000, "is no JSON"),
        ("a,b\n", 'no column "Title"'),
    ],
)
def test_what_is_no_export_is_refused(text: str, why: str) -> None:
    """Broken JSON and other sheets are refused with the reason."""
    with pytest.raises(UnreadableFile, match=why):
        shopify.back(stream(text), "EUR")


def test_ids_are_made_that_fit_here() -> None:
    """Handles that are too long or repeat once they are cut become ids of their own, and that is said."""
    long = "a" * 40
    text = f"Title,URL handle,Price\nOne,{long}1,1.00\nTwo,{long}2,2.00\nThr\u00e9\u00e9,Thr\u00e9\u00e9 !,3.00\n"
    arrived = shopify.back(stream(text), "EUR")
    assert [product.id for product in arrived.catalogue.products] == ["a" * 24, "a" * 22 + "-2", "three"]
    assert sum(remark.field == "id" for remark in arrived.remarks) == 3
