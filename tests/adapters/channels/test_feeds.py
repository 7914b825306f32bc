"""Feeds for Google, Meta and Pinterest: what goes out, what comes back, and what the platforms' own words say of it."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import jsonschema
import pytest
from google.protobuf import json_format
from google.shopping.merchant_products_v1.types import ProductInput
from hypothesis import assume, given, settings

from adapters.channels import CHANNELS, google, meta, pinterest
from adapters.channels.feeds import Entry, _xml
from bot.catalogue import Catalogue, tie
from bot.channels import TAKERS, Notes
from bot.errors import UnreadableFile
from tests.adapters.channels.goods import SHOP, body, catalogues, fact, golden, reduced, same, sample, stream


def test_the_config_knows_every_channel_that_takes_the_catalogue() -> None:
    """What a retirement's place may name is what the catalogue can be exported to."""
    assert tuple(name for name, channel in CHANNELS.items() if channel.forms) == TAKERS


@pytest.mark.parametrize("name", ["google.xml", "google.tsv", "meta.csv", "pinterest.tsv"])
def test_a_feed_looks_as_it_did(name: str) -> None:
    """The feed of the sample is, byte for byte, the one that was looked at, and its report too."""
    channel, _, ending = name.partition(".")
    parcel = CHANNELS[channel].forms[f".{ending}"](sample(), SHOP)
    golden(name, body(parcel))
    said = "".join(f"{remark.subject}: {remark.kind}: {remark.says}\n" for remark in parcel.remarks)
    golden(f"{name}.report", said.encode())
    assert (parcel.products, parcel.ready) == (4, 2)
    assert b"secret link" not in body(parcel)


@given(catalogues())
@settings(max_examples=60, deadline=None)
def test_google_gives_back_what_it_was_given(catalogue: Catalogue) -> None:
    """What goes out as RSS comes in the same, but for what the channel says that it loses."""
    arrived = google.back(stream(body(google.out(catalogue, SHOP))), "EUR")
    same(arrived.catalogue, reduced(catalogue, google.LOSES))


#: The order in which Meta's sheet has its options, which is the only one it can say.
META = ("Color", "Size", "Material", "Pattern", "Scent")


@given(catalogues(META))
@settings(max_examples=60, deadline=None)
def test_meta_gives_back_what_it_was_given(catalogue: Catalogue) -> None:
    """What goes out as CSV comes in the same, formulas in it too, but for what the channel says that it loses."""
    ordered = [each for each in catalogue.products if list(each.options) == sorted(each.options, key=META.index)]
    assume(ordered)
    parcel = meta.out(Catalogue.of(ordered), SHOP)
    assert not any(remark.field == "options" for remark in parcel.remarks)
    same(meta.back(stream(body(parcel)), "EUR").catalogue, reduced(Catalogue.of(ordered), meta.LOSES))


def test_meta_says_when_it_has_another_name_for_an_option() -> None:
    """Options whose order or spelling the sheet cannot keep are reported."""
    (mug, *_) = sample().products
    there = replace(mug, options=("Glaze", "Colour"))
    parcel = meta.out(
        Catalogue.of([tie(there, lambda tied: [replace(each, product=tied) for each in mug.variants])]), SHOP
    )
    assert any("they come back as Color, Glaze" in remark.says for remark in parcel.remarks)


def _entries() -> Iterator[Entry]:
    return _xml(stream(body(google.out(sample(), SHOP))), Notes())


#: Attributes of the feed by the names that Google's own API has for them, and how their values are written there.
_API = {
    "title": "title",
    "description": "description",
    "link": "link",
    "image_link": "imageLink",
    "brand": "brand",
    "mpn": "mpn",
    "item_group_id": "itemGroupId",
    "color": "color",
    "size": "size",
    "material": "material",
    "pattern": "pattern",
}


def test_googles_own_types_know_every_attribute() -> None:
    """Each attribute and word of the feed is one that the types of Google's Merchant API take; a wrong word they refuse."""
    seen = set()
    for entry in _entries():
        given_ = {name: entry[name] for name in entry.values if name != "more" and entry[name]}
        said: dict[str, Any] = {_API[name]: value for name, value in given_.items() if name in _API}
        said["availability"] = given_.pop("availability").upper()
        said["condition"] = given_.pop("condition").upper()
        said["additionalImageLinks"] = list(entry.values["more"])
        for name, called in (("price", "price"), ("sale_price", "salePrice")):
            if name in given_:
                amount, code = given_.pop(name).split()
                said[called] = {"amountMicros": str(int(amount.replace(".", "")) * 10_000), "currencyCode": code}
        if "shipping_weight" in given_:
            value, unit = given_.pop("shipping_weight").split()
            said["shippingWeight"] = {"value": float(value), "unit": unit}
        if "gtin" in given_:
            said["gtins"] = [given_.pop("gtin")]
        if "product_type" in given_:
            said["productTypes"] = [given_.pop("product_type")]
        if "identifier_exists" in given_:
            said["identifierExists"] = given_.pop("identifier_exists") == "yes"
        said["productDetails"] = [
            {"sectionName": "Options", "attributeName": name, "attributeValue": value} for name, value in entry.options
        ]
        left = set(given_) - set(_API) - {"id"}
        assert not left
        _parsed({"offerId": entry["id"], "contentLanguage": "en", "feedLabel": "FR", "productAttributes": said})
        seen |= set(said)
        with pytest.raises(json_format.ParseError):
            _parsed({"productAttributes": {**said, "availability": "IN STOCK"}})
    assert {"gtins", "salePrice", "shippingWeight", "itemGroupId", "identifierExists"} <= seen


def _parsed(product: dict[str, Any]) -> None:
    json_format.ParseDict(product, ProductInput.pb(ProductInput()))


def test_metas_own_template_has_the_columns() -> None:
    """Every column is one of Commerce Manager's template, in its order, but for four that its help names besides."""
    text = fact("meta/catalog_products.template.csv").read_text(encoding="utf-8-sig")
    template = list(csv.reader(io.StringIO(text)))[1]
    besides = {"mpn", "product_type", "additional_image_link", "additional_variant_attribute"}
    ours = [name for name in meta.COLUMNS if name not in besides]
    assert ours == [name for name in template if name in ours]
    required = [
        name for name, says in zip(template, next(csv.reader(io.StringIO(text))), strict=True) if "Required" in says
    ]
    assert len(required) >= 9
    for row in csv.DictReader(io.StringIO(body(meta.out(sample(), SHOP)).decode("utf-8-sig"))):
        assert all(row[name] for name in required)


def test_metas_own_template_is_read_as_a_catalogue() -> None:
    """The template, with its line of comments and its sample row, is read; its barcode that is none is said to be left out."""
    with fact("meta/catalog_products.template.csv").open("rb") as template:
        arrived = meta.back(template, "USD")
    (product,) = arrived.catalogue.products
    assert (product.id, product.name, product.variants[0].price.minor, product.variants[0].stock) == (
        "1234567",
        "Toy Cat",
        1000,
        75,
    )
    assert any(remark.field == "gtin" and remark.kind == "left out" for remark in arrived.remarks)


def test_pinterests_own_schema_takes_every_item() -> None:
    """Each row, written as Pinterest's API has it, passes its schema of a catalogue's item; one without a picture does not."""
    whole = json.loads(fact("pinterest/openapi.v5.23.0.catalogs-subset.json").read_text(encoding="utf-8"))
    schema = {**whole, "$ref": "#/components/schemas/ItemAttributesRequest"}
    validator = jsonschema.Draft202012Validator(schema)
    rows = list(csv.DictReader(io.StringIO(body(pinterest.out(sample(), SHOP)).decode()), delimiter="\t"))
    assert len(rows) == 3
    for row in rows:
        item: dict[str, Any] = {name: value for name, value in row.items() if value}
        item["image_link"] = [item["image_link"]]
        for many in ("additional_image_link", "variant_names", "variant_values"):
            if many in item:
                item[many] = item[many].split(",")
        validator.validate(item)
        with pytest.raises(jsonschema.ValidationError):
            validator.validate({**item, "availability": 1})


def test_a_feed_in_another_currency_is_left_out_with_the_reason() -> None:
    """Prices of another currency are never taken for the shop's own."""
    arrived = google.back(stream(body(google.out(sample(), SHOP))), "USD")
    assert arrived.catalogue.products == ()
    assert any("names a currency other than USD" in remark.says for remark in arrived.remarks)


def test_an_atom_feed_of_another_shop_is_read() -> None:
    """Atom with plain tags, pictures over http and an id that could not be one here: what is changed or left out is said."""
    text = """<?xml version="1.0" encoding="ISO-8859-1"?>
<feed xmlns="http://www.w3.org/2005/Atom" xmlns:g="http://base.google.com/ns/1.0">
<entry><title>Th\u00e9 vert</title><g:id>SKU 1/A</g:id><link href="https://other.example/tea"/><g:price>4.00 EUR</g:price>
<g:image_link>http://other.example/tea.jpg</g:image_link><g:availability>out of stock</g:availability>
<g:shipping_weight>0.25 kg</g:shipping_weight></entry>
<entry><title>Free</title><g:id>free</g:id><g:price>0 EUR</g:price></entry></feed>"""
    arrived = google.back(stream(text.encode("latin-1")), "EUR")
    (tea,) = arrived.catalogue.products
    assert (tea.id, tea.name, tea.url, tea.images) == ("sku-1-a", "Th\u00e9 vert", "https://other.example/tea", ())
    assert (tea.variants[0].stock, tea.variants[0].weight) == (0, 250)
    assert {remark.field for remark in arrived.remarks} >= {"id", "picture", "price"}


def test_a_page_is_no_feed() -> None:
    """A web page, or anything without products, is refused with its line."""
    with pytest.raises(UnreadableFile, match="document type"):
        google.back(stream("<!DOCTYPE html><html><body></body></html>"), "EUR")
    with pytest.raises(UnreadableFile, match="no product"):
        google.back(stream("<rss><channel></channel></rss>"), "EUR")
    with pytest.raises(UnreadableFile, match='line 1: there is no column "id"'):
        google.back(stream("a,b\n1,2\n"), "EUR")
