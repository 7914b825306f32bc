"""What search engines and assistants read: schema.org's JSON-LD, and the Agentic Commerce Protocol's feed."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings

from adapters.channels import acp, schemaorg
from bot.catalogue import Catalogue, tie
from bot.money import Money
from tests.adapters.channels.goods import SHOP, body, catalogues, fact, golden, sample


def _feed(name: str) -> jsonschema.Draft202012Validator:
    schema = json.loads(fact("acp/schema.feed.json").read_text(encoding="utf-8"))
    return jsonschema.Draft202012Validator({**schema, "$ref": f"#/$defs/{name}"})


def _lines(catalogue: Catalogue) -> list[dict[str, Any]]:
    return [json.loads(line) for line in body(acp.out(catalogue, SHOP), "products.jsonl").splitlines()]


@given(catalogues())
@settings(max_examples=30, deadline=None)
def test_each_line_of_the_feed_passes_the_protocols_schema(catalogue: Catalogue) -> None:
    """Whatever is sold, each line is a Product of the protocol, with the price in minor units."""
    validator = _feed("Product")
    lines = _lines(catalogue)
    assert len(lines) == len(catalogue.products)
    for line, product in zip(lines, catalogue.products, strict=True):
        validator.validate(line)
        assert [each["price"]["amount"] for each in line["variants"]] == [each.price.minor for each in product.variants]
    with pytest.raises(jsonschema.ValidationError):
        validator.validate({**lines[0], "price": 1})


def test_the_feed_looks_as_it_did() -> None:
    """The feed of the sample is the one that was looked at, its metadata passes the schema, and no secret is in it."""
    parcel = acp.out(sample(), SHOP)
    golden("acp.jsonl", body(parcel, "products.jsonl"))
    _feed("FeedMetadata").validate(json.loads(body(parcel, "metadata.json")))
    assert (parcel.products, parcel.ready) == (4, 3)
    assert b"secret link" not in body(parcel, "products.jsonl")


def test_a_page_looks_as_it_did() -> None:
    """The page of the sample's mug is the one that was looked at."""
    golden("mug.html", body(schemaorg.out(sample(), SHOP), "mug.html"))


@given(catalogues())
@settings(max_examples=30, deadline=None)
def test_a_page_says_what_is_sold_in_json_ld(catalogue: Catalogue) -> None:
    """The script of each page is JSON, whatever people typed, with each variant's price as a number with a point."""
    parcel = schemaorg.out(catalogue, SHOP)
    for product in catalogue.products:
        (data,) = re.findall(
            r'<script type="application/ld\+json">\n(.*?)\n</script>',
            body(parcel, f"{product.id}.html").decode(),
            re.DOTALL,
        )
        said = json.loads(data)
        sold = said.get("hasVariant", [said])
        assert said["name"] == product.name
        assert [each["offers"]["price"] for each in sold] == [each.price.plain() for each in product.variants]
        assert all(each["offers"]["priceCurrency"] == "EUR" for each in sold)


def test_typed_markup_ends_no_script() -> None:
    """A name that closes a script is text, in the page and in the data."""
    (_, zine, *_) = sample().products
    evil = replace(zine, name="</script><script>alert(1)</script>", description="<img src=x>")
    page = body(
        schemaorg.out(
            Catalogue.of([tie(evil, lambda tied: [replace(zine.variants[0], product=tied, price=Money(1, "EUR"))])]),
            SHOP,
        )
    )
    assert page.count(b"<script") == 1
    assert b"<img src=x>" not in page
