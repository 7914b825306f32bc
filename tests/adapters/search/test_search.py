"""Search: what people type finds what they mean."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.search import FuzzySearch
from bot.catalogue import Catalogue, Product, Search, Variant
from bot.money import Money


def _product(key: str, name: str, *variants: str, tags: tuple[str, ...] = (), sku: str = "") -> Product:
    product = Product(key, name, tags=tags)
    price = Money(1000, "EUR")
    made = [Variant(f"{key}/{each}", product, each, price) for each in variants] or [
        Variant(key, product, "", price, sku=sku)
    ]
    object.__setattr__(product, "variants", tuple(made))
    return product


CATALOGUE = Catalogue.of(
    [
        _product("mug", "Mug", "blue", "white", tags=("tasse",)),
        _product("muffin", "Muffin"),
        _product("tea-towel", "Tea towel", tags=("torchon", "lin")),
        _product("ete", "Affiche d’été", sku="AF-1"),
        _product("knots", "Livre de nœuds", tags=("pdf",)),
        _product("lamp", "Ship's lamp, small", "blue"),
    ]
)
SEARCH: Search = FuzzySearch(CATALOGUE)


def _found(typed: str, most: int = 25) -> list[str]:
    return [variant.id for variant in SEARCH.find(typed, most)]


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("mug", "mug/blue"),
        ("MUG WHITE", "mug/white"),
        ("white mug", "mug/white"),
        ("Mug, white", "mug/white"),
        ("mug/white", "mug/white"),
        ("mug whi", "mug/white"),
        ("mgu", "mug/blue"),
        ("mugg", "mug/blue"),
        ("mug wihte", "mug/white"),
        ("tasse blanche", None),
        ("tasse", "mug/blue"),
        ("mufin", "muffin"),
        ("tea", "tea-towel"),
        ("teatowel", "tea-towel"),
        ("tea-towel", "tea-towel"),
        ("towle", "tea-towel"),
        ("ete", "ete"),
        ("ÉTÉ", "ete"),
        ("affiche d'ete", "ete"),
        ("afiche", "ete"),
        ("af-1", "ete"),
        ("noeud", "knots"),
        ("nœuds", "knots"),
        ("PDF", "knots"),
        ("ships lamp", "lamp/blue"),
        ("zeppelin", None),
        ("!!!", None),
        ("xx", None),
    ],
)
def test_what_is_typed_finds_what_is_meant(typed: str, first: str | None) -> None:
    """Accents, case, typos, word order and tags do not stand in the way; what is like nothing finds nothing."""
    assert next(iter(_found(typed)), None) == first


def test_beginnings_come_before_likenesses() -> None:
    """A word that begins so is ahead of one that is only like it, and a name ahead of a tag."""
    assert _found("mu") == ["mug/blue", "mug/white", "muffin"]
    assert _found("muf")[0] == "muffin"
    assert _found("blue")[:2] == ["mug/blue", "lamp/blue"]


def test_nothing_typed_gives_the_first_of_the_catalogue() -> None:
    """An empty prompt lists the catalogue in its order, and never more than asked for."""
    assert _found("", 3) == ["mug/blue", "mug/white", "muffin"]
    assert _found("   ", 1) == ["mug/blue"]
    assert _found("m", 2) == ["mug/blue", "mug/white"]


@pytest.mark.parametrize(
    ("typed", "named"),
    [
        ("mug", ["mug/blue", "mug/white"]),
        ("Mug, blue", ["mug/blue"]),
        ("blue mug", ["mug/blue"]),
        ("MUG/BLUE", ["mug/blue"]),
        ("tea towel", ["tea-towel"]),
        ("tea-towel", ["tea-towel"]),
        ("affiche d'été", ["ete"]),
        ("Affiche d’ete", ["ete"]),
        ("livre de noeuds", ["knots"]),
        ("ship's small lamp blue", ["lamp/blue"]),
        ("mugg", []),
        ("mu", []),
        ("blue", []),
        ("tasse", []),
        ("", []),
        ("?", []),
    ],
)
def test_only_what_is_certain_is_exact(typed: str, named: list[str]) -> None:
    """An id, a label, a product's name, in any order of the words, names for certain; likenesses, parts and tags do not."""
    assert [variant.id for variant in SEARCH.exact(typed)] == named


@pytest.mark.parametrize("variant", list(CATALOGUE.variants.values()), ids=lambda variant: str(variant.id))
def test_every_label_finds_itself(variant: Variant) -> None:
    """What a choice is called names it, and finds it first."""
    assert list(SEARCH.exact(variant.label)) == [variant]
    assert SEARCH.find(variant.label)[0] is variant


@given(st.text(max_size=300), st.integers(0, 30))
def test_no_text_breaks_the_search(typed: str, most: int) -> None:
    """Whatever is typed, the search answers, with at most as many as asked for."""
    assert len(SEARCH.find(typed, most)) <= most
    assert set(SEARCH.exact(typed)) <= set(CATALOGUE.variants.values())


def test_an_empty_catalogue_finds_nothing() -> None:
    """A shop without products can be searched."""
    search = FuzzySearch(Catalogue.of([]))
    assert list(search.find("")) == []
    assert list(search.exact("mug")) == []
