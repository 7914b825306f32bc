"""What channels hold while they read and write: no more for a large catalogue than for a small one."""

from __future__ import annotations

import gc
import io
import json
import tracemalloc
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import count
from typing import Final

import pytest

from adapters.channels import CHANNELS
from adapters.channels.packing import packed
from bot.catalogue import Catalogue, Product, tie
from bot.channels import Arrival
from bot.settings import AmazonSeller
from tests.adapters.channels.goods import GTINS, SHOP, sample

#: Products of a small catalogue and of a large one, and bytes that may be held more for each further product: a remark
#: of the report, an entry of a zip's directory or of an index. A product with its rows or elements is ten times of that.
SMALL: Final = 100
LARGE: Final = 400
INDEX: Final = 1800


def many(products: int) -> Catalogue:
    """Make a catalogue of mugs that no channel has anything to say of."""
    mug, *_ = sample().products
    numbers = count()

    def one() -> Product:
        name = f"mug{next(numbers)}"
        plain = replace(mug, id=name, name=name, description=f"{name} holds tea.", html="", url=f"{mug.url}/{name}")
        variants = [
            replace(each, id=each.id.replace("mug", name), gtin=gtin, sku=f"{name}{gtin}", weight=300, stock=3)
            for each, gtin in zip(mug.variants, GTINS, strict=False)
        ]
        return tie(plain, lambda tied: [replace(each, product=tied) for each in variants])

    return Catalogue.of([one() for _ in range(products)])


def held(work: Callable[[], object]) -> int:
    """Give the bytes that were held at most while something was done, above what is left of it at the end."""
    gc.collect()
    tracemalloc.start()
    try:
        result = work()
        gc.collect()
        left, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    del result
    return most - left


def written(channel: str, products: int) -> int:
    catalogue = many(products)
    shop = replace(SHOP, amazon=AmazonSeller("A1", "A13V1IB3VIYZZH", "fr_FR", "HOME", {}))
    out = next(iter(CHANNELS[channel].forms.values()))
    return held(lambda: sum(len(piece) for piece in packed(out(catalogue, shop), channel).write()))


def read(channel: str, products: int) -> int:
    stream = io.BytesIO(b"".join(source(channel, products)))
    back = CHANNELS[channel].back
    assert back is not None

    def work() -> Arrival:
        arrived = back(stream, "EUR")
        assert len(arrived.catalogue.products) == products
        return arrived

    work()  # what is made once, as patterns are, is made before it is measured
    return held(work)


def source(channel: str, products: int) -> Iterator[bytes]:
    """Make a file of a channel; pages of JSON as they are fetched, a line each."""
    if channel in {"google", "meta", "shopify", "bigcommerce", "demandware"}:
        out = next(iter(CHANNELS[channel].forms.values()))
        yield from packed(out(many(products), SHOP), channel).write()
        return
    for number in range(products):
        each = {
            "id": number,
            "name": f"Mug {number}",
            "price": 500,
            "currency": "eur",
            "description": "<p>Tea.</p>" * 20,
        }
        yield json.dumps({"success": True, "products": [each]}).encode() + b"\n"


@pytest.mark.parametrize("channel", [name for name, each in CHANNELS.items() if each.forms])
def test_writing_holds_no_products(channel: str) -> None:
    """However many products go out, their report and their file are made product by product."""
    small, large = written(channel, SMALL), written(channel, LARGE)
    assert large - small < (LARGE - SMALL) * INDEX


@pytest.mark.parametrize("channel", ["google", "meta", "shopify", "bigcommerce", "demandware", "gumroad"])
def test_reading_holds_the_catalogue_alone(channel: str) -> None:
    """However many products come in, what is held beside the catalogue that they become is an index of them."""
    small, large = read(channel, SMALL), read(channel, LARGE)
    assert large - small < (LARGE - SMALL) * INDEX
