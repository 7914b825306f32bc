"""Amazon's listings feed: what goes out, what Amazon's own schema says of it, and what is still missing."""

from __future__ import annotations

import json
from dataclasses import replace

import jsonschema
import pytest

from adapters.channels import amazon
from bot.catalogue import Catalogue, tie
from bot.settings import AmazonSeller
from tests.adapters.channels.goods import SHOP, body, fact, golden, sample

SELLER = AmazonSeller("A1EXAMPLE", "A13V1IB3VIYZZH", "fr_FR", "HOME", {"mug": "DRINKING_CUP"})
STOREFRONT = replace(SHOP, amazon=SELLER)


def test_a_listings_feed_looks_as_it_did() -> None:
    """The feed of the sample is, byte for byte, the one that was looked at, and so is what Amazon still needs of it."""
    parcel = amazon.out(sample(), STOREFRONT)
    golden("amazon.json", body(parcel))
    said = "".join(f"{remark.subject}: {remark.kind}: {remark.says}\n" for remark in parcel.remarks)
    golden("amazon.json.report", said.encode())
    assert (parcel.products, parcel.ready) == (4, 2)
    assert b"secret link" not in body(parcel)


def test_amazons_own_schema_takes_it() -> None:
    """The feed is what Amazon's schema of listings feeds takes; without a product type, or a version, it is not."""
    schema = json.loads(fact("amazon/listings-feed-schema-v2.json").read_text(encoding="utf-8"))
    validator = jsonschema.Draft7Validator(schema)
    feed = json.loads(body(amazon.out(sample(), STOREFRONT)))
    validator.validate(feed)
    for message in feed["messages"]:
        with pytest.raises(jsonschema.ValidationError):
            validator.validate({**feed, "messages": [{**message, "operationType": "CREATE"}]})
    with pytest.raises(jsonschema.ValidationError):
        validator.validate({**feed, "header": {"sellerId": "A"}})


def test_product_types_are_the_operators() -> None:
    """A product has the type that was written for it, and every other one the shop's."""
    feed = json.loads(body(amazon.out(sample(), STOREFRONT)))
    assert {each["sku"]: each["productType"] for each in feed["messages"]} == {
        "M-1": "DRINKING_CUP",
        "mug/white-matt": "DRINKING_CUP",
        "zine": "HOME",
    }


def test_without_a_seller_nothing_is_ready() -> None:
    """A shop that is no seller at Amazon is told what to write, for each product, and lists nothing."""
    parcel = amazon.out(sample(), SHOP)
    assert parcel.ready == 0
    assert json.loads(body(parcel))["messages"] == []
    assert {remark.field for remark in parcel.remarks if remark.kind == "left out"} == {"seller_id", "every"}


def test_one_number_is_listed_once() -> None:
    """Of two variants with one number only the first is listed, and the other is said to be left out."""
    (mug, *_) = sample().products
    twice = tie(mug, lambda tied: [replace(each, product=tied, sku="M-1") for each in mug.variants])
    parcel = amazon.out(Catalogue.of([twice]), STOREFRONT)
    assert len(json.loads(body(parcel))["messages"]) == 1
    assert [remark.subject for remark in parcel.remarks if remark.kind == "left out"] == ["mug/white-matt"]
    assert parcel.ready == 0
