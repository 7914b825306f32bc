"""Progress bars on long work with catalogues."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from bot.catalogue import Product
from bot.cli.watching import bar, counted, size_of, watched


def test_a_file_tells_how_far_it_is_read() -> None:
    """What is read through it is the same, back and forth too, and each piece is told with where it ends."""
    content = bytes(range(256)) * 1000
    source = io.BytesIO(content)
    told: list[int] = []
    assert size_of(source) == len(content)
    reading = watched(source, told.append)
    assert reading.read(10) == content[:10]
    assert reading.seek(0) == 0
    assert b"".join(iter(lambda: reading.read(70_000), b"")) == content
    assert reading.seek(-4, io.SEEK_END) == len(content) - 4
    assert reading.read() == content[-4:]
    assert told[0] < len(content)
    assert max(told) == len(content)


def test_products_tell_how_many_were_looked_at() -> None:
    """They are the same products, told of now and then, each time that somebody goes through them."""
    products = tuple(Product(f"p{number}", "Thing") for number in range(200))
    told: list[int] = []
    seen = counted(products, told.append)
    assert list(seen) == list(products)
    assert told == [0, 64, 128, 192]
    assert (len(seen), seen[5]) == (200, products[5])
    assert list(seen) == list(products)
    assert told == [0, 64, 128, 192] * 2


@pytest.mark.parametrize(
    ("terminal", "shown", "there"), [(True, True, True), (False, True, False), (True, False, False)]
)
def test_a_bar_is_for_terminals(terminal: bool, shown: bool, there: bool) -> None:
    """A bar is drawn on a terminal where it is wanted, and nothing at all is printed elsewhere."""
    out = io.StringIO()
    with bar("reading", 10, Console(file=out, force_terminal=terminal), shown=shown) as told:
        told(7)
    assert ("reading" in out.getvalue()) is there
    assert bool(out.getvalue()) is there
