"""The index finds exactly what the rules say, in the order that they say it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st
from rapidfuzz.distance import OSA

from adapters.search import FuzzySearch
from adapters.search.slips import Slips
from bot.catalogue import Catalogue, Product, Variant, tie
from bot.money import Money
from tests.adapters.search.plain import PlainSearch

#: Few letters, so that words are alike; one of them with an accent.
_WORDS = st.text("abcé", min_size=1, max_size=12)
_PRICE = Money(100, "EUR")


def _catalogue(names: Sequence[tuple[str, str, str, str]]) -> Catalogue:
    def product(number: int, name: str, tag: str, sku: str, variant: str) -> Product:
        bare = Product(f"p{number}", name, tags=(tag,))
        if not variant:
            return tie(bare, lambda tied: [Variant(tied.id, tied, "", _PRICE, sku=sku)])
        return tie(bare, lambda tied: [Variant(f"{tied.id}/{each}", tied, each, _PRICE) for each in (variant, "a")])

    return Catalogue.of([product(number, *each) for number, each in enumerate(names)])


_NAMES = st.lists(
    st.tuples(
        st.lists(_WORDS, min_size=1, max_size=3).map(" ".join),
        _WORDS,
        st.one_of(st.just(""), _WORDS),
        st.one_of(st.just(""), st.sampled_from(["b", "bc"])),
    ),
    max_size=12,
)
_CATALOGUES = _NAMES.map(_catalogue)


@given(_CATALOGUES, st.lists(_WORDS, min_size=1, max_size=3), st.integers(1, 9))
@settings(max_examples=150, deadline=None)
def test_the_best_are_those_that_the_rules_name(catalogue: Catalogue, typed: list[str], most: int) -> None:
    """Looking at every variant, with a distance that is not ours, finds the same ones in the same order."""
    fast, plain = FuzzySearch(catalogue), PlainSearch(catalogue)
    for text in (" ".join(typed), "".join(typed), *(variant.label[:5] for variant in catalogue.variants.values())):
        assert [each.id for each in fast.find(text, most)] == [each.id for each in plain.find(text, most)]
        assert [each.id for each in fast.exact(text)] == [each.id for each in plain.exact(text)]


@given(_NAMES, st.data())
@settings(max_examples=150, deadline=None)
def test_a_search_that_took_over_another_s_words_finds_what_its_own_finds(
    names: list[tuple[str, str, str, str]], data: st.DataObject
) -> None:
    """Whatever of the products changes, one name, tag, number or variant, or nothing that is searched, all of it is found."""
    before = FuzzySearch(_catalogue(names))
    if names:
        at, part = data.draw(st.integers(0, len(names) - 1)), data.draw(st.integers(0, 3))
        others = names[data.draw(st.integers(0, len(names) - 1))]
        name, tag, sku, variant = (
            other if part == place else own for place, (own, other) in enumerate(zip(names[at], others, strict=True))
        )
        names[at] = name, tag, sku, variant
    catalogue = _catalogue(names)
    after, fresh = FuzzySearch(catalogue, before), FuzzySearch(catalogue)
    for text in ("a", *(word for name in names for part in name for word in part.split())):
        assert [id(each) for each in after.find(text)] == [id(each) for each in fresh.find(text)]
        assert [id(each) for each in after.exact(text)] == [id(each) for each in fresh.exact(text)]


def test_words_are_taken_over_where_only_a_price_changed() -> None:
    """An edit of prices makes nothing new of the words, and gives the new prices."""
    names = [("mug", "kitchen", "", "blue"), ("cap", "hat", "C1", "")]
    before = FuzzySearch(_catalogue(names))
    dearer = [
        replace(product, variants=tuple(replace(each, price=Money(200, "EUR")) for each in product.variants))
        for product in _catalogue(names).products
    ]
    after = FuzzySearch(Catalogue.of(dearer), before)
    assert after.index.labels is before.index.labels
    assert [each.price.minor for each in after.find("mug blue")] == [200]


@given(st.lists(_WORDS, unique=True, max_size=150), _WORDS, st.integers(1, 3))
@settings(max_examples=150, deadline=None)
def test_slips_are_counted_as_others_count_them(vocabulary: list[str], word: str, most: int) -> None:
    """Each word comes once, with the least edits that lead to it or, for half an edit more, to its beginning."""
    near = {place: edits for edits, places in Slips(vocabulary).near(word, most) for place in places}
    for place, other in enumerate(vocabulary):
        edits = min(float(OSA.distance(word, other)), OSA.distance(word, other[: len(word)]) + 0.5)
        expected = edits if edits <= most + 0.5 and not other.startswith(word) else None
        assert near.get(place) == expected, other


def test_what_only_needs_slips_comes_after_what_needs_none() -> None:
    """Where enough is found without slips, looking for those would change nothing; where it is not, they fill the rest."""
    names = [f"marble {number}" for number in range(5)] + ["marbel six", "zebra"]
    catalogue = _catalogue([(name, "x", "", "") for name in names])
    search = FuzzySearch(catalogue)
    assert [each.label for each in search.find("marble", 5)] == names[:5]
    assert [each.label for each in search.find("marble", 9)] == names[:6]
    assert [each.label for each in search.find("marbel", 9)] == [names[5], *names[:5]]


def test_a_slip_in_a_long_word_may_come_before_two_beginnings() -> None:
    """Enough that needs no slip is not the end of it: one slip in a long word of the label counts more than two tags begun."""
    catalogue = _catalogue([("mug", "lighthousekeeper", "oak", ""), ("Lighthousekeepr oa", "x", "", "")])
    assert [each.label for each in FuzzySearch(catalogue).find("lighthousekeepe oa", 1)] == ["Lighthousekeepr oa"]
    assert [each.label for each in PlainSearch(catalogue).find("lighthousekeepe oa", 1)] == ["Lighthousekeepr oa"]


def test_two_names_of_one_hash_are_not_taken_for_each_other() -> None:
    """What names for certain is compared letter by letter: -1 and -2 have the same hash, and so may two names."""
    catalogue = _catalogue([("mug", "x", "", ""), ("cap", "x", "", "")])
    search = FuzzySearch(catalogue)
    index = search.index
    for at in range(len(index._hashes)):
        index._hashes[at] = hash("mug")
    assert [each.label for each in search.exact("mug")] == ["mug"]
    assert search.find("mug")[0].label == "mug"
