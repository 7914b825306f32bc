"""Products as rows of a catalogue file: what is written is what is read."""

from __future__ import annotations

import io

import pytest
from hypothesis import HealthCheck, given, settings

from bot.catalogue import Catalogue, Image, Product
from config.listed_out import fits, write_rows
from tests.adapters.channels.goods import catalogues, same
from tests.config.catalogues import shop
from tests.config.test_planting import _one, _product


def sheet(*products: Product) -> str:
    """Give the file of some products."""
    out = io.StringIO(newline="")
    write_rows(out, products, ships=True)
    return out.getvalue()


@given(catalogues())
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_is_written_is_what_is_read(tmp_path_factory: pytest.TempPathFactory, catalogue: Catalogue) -> None:
    """Whatever fits into rows, the shop that names the file has."""
    fitting = Catalogue.of([product for product in catalogue.products if fits(product, ships=True)])
    same(shop(tmp_path_factory.mktemp("sheet"), sheet(*fitting.products)).catalogue, fitting)


@pytest.mark.parametrize(
    "product",
    [
        _product("mug", _one(1400), name="=HYPERLINK(1)"),
        _product("mug", _one(1400), tags=("blue|white",)),
        _product("mug", _one(1400), images=(Image("https://a.example/1"), Image("https://a.example/2", "its back"))),
        _product("mug", _one(1400), description=" indented"),
    ],
)
def test_what_a_row_cannot_say_does_not_fit(product: Product) -> None:
    """A formula, a list's entry with the mark between entries in it, words for a second picture, spaces at the ends."""
    assert not fits(product, ships=True)
    assert fits(_product("mug", _one(1400), name="Mug", tags=("blue",)), ships=True)
