"""A small shop for tests, and how to read it."""

from __future__ import annotations

import pytest

from bot.errors import BadConfig, Problem
from bot.settings import Settings
from config.read import check

HEAD = """\
[shop]
name = "Test Shop"
homepage = "https://shop.example/"
currency = "EUR"
zone = "Europe/Paris"

[seller]
name = "Test Seller"
support = "help@shop.example"
"""

MUG = """
[product.mug]
name = "Mug"
price = "12.50"
"""


def read(text: str, head: str = HEAD, **tombstones: str) -> Settings:
    """Read a shop that is right."""
    return check(head + text, "shop.toml", tombstones=tombstones)


def problems(text: str, head: str = HEAD, **tombstones: str) -> list[Problem]:
    """Read a shop that is wrong; lines count from the first of `text`."""
    with pytest.raises(BadConfig) as caught:
        check(head + text, "shop.toml", tombstones=tombstones)
    before = head.count("\n")
    return [Problem(each.file, each.line - before, each.key, each.what, each.instead) for each in caught.value.problems]


def said(text: str, head: str = HEAD, **tombstones: str) -> list[str]:
    """Read a shop that is wrong, and give what is said, without the file: "3: product "mug", price: ..."."""
    return [str(problem).removeprefix("shop.toml:") for problem in problems(text, head, **tombstones)]
