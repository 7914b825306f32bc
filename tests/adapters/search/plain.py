"""The rules of the search as plainly as they can be said: every variant is scored, by a distance that is not ours."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from rapidfuzz.distance import OSA

from bot.catalogue import Catalogue, Variant

#: How many slips of the finger (a letter wrong, missing, too many, or two swapped) a word of so many letters may have.
FORGIVEN: Final = ((10, 3), (6, 2), (3, 1), (0, 0))
#: What people type beyond this many words finds nothing more.
MOST_WORDS: Final = 12
#: What people type beyond this many characters is not looked at.
MOST_CHARACTERS: Final = 200
_LIGATURES: Final = str.maketrans({"œ": "oe", "æ": "ae", "ß": "ss", "ø": "o", "ł": "l", "đ": "d"})


def fold(text: str) -> str:
    """Write a text without case, accents and ligatures: "Nœud d'été" is "noeud d'ete"."""
    bare = unicodedata.normalize("NFKD", text.casefold().translate(_LIGATURES))
    return "".join(char for char in bare if not unicodedata.combining(char)).translate(_LIGATURES)


def words(text: str) -> tuple[str, ...]:
    """Take a text apart into folded words."""
    return tuple(re.findall(r"\w+", fold(text).replace("_", " ")))


@dataclass(frozen=True, slots=True)
class _Entry:
    """A variant as it is looked for."""

    variant: Variant
    place: int
    names: frozenset[tuple[str, ...]]  # what names it for certain, each with its words sorted
    label: tuple[str, ...]
    all: tuple[str, ...]  # label, tags and id


class PlainSearch:
    """The port `bot.catalogue.Search`, over one catalogue that does not change."""

    def __init__(self, catalogue: Catalogue) -> None:
        """Prepare the words of every variant."""
        self._entries = [_entry(place, variant) for place, variant in enumerate(catalogue.variants.values())]

    def find(self, typed: str, most: int = 25) -> Sequence[Variant]:
        """Give the best matches, best first; for "" the first of the catalogue. Never raises."""
        wanted = words(typed[:MOST_CHARACTERS])[:MOST_WORDS]
        if not wanted:
            return [] if typed.strip() else [entry.variant for entry in self._entries[:most]]
        scored = [(_score(wanted, entry), entry) for entry in self._entries]
        found = sorted((-score, entry.place, entry.variant) for score, entry in scored if score)
        return [variant for _, _, variant in found[:most]]

    def exact(self, typed: str) -> Sequence[Variant]:
        """Give the variants that `typed` names for certain (id, label, product name, any order of the words)."""
        text = typed[:MOST_CHARACTERS]
        if by_id := [entry.variant for entry in self._entries if entry.variant.id == text.strip().casefold()]:
            return by_id
        name = tuple(sorted(words(text)))
        return [entry.variant for entry in self._entries if name in entry.names] if name else []


def _entry(place: int, variant: Variant) -> _Entry:
    product = variant.product
    label = words(variant.label)
    names = (words(variant.id), label, words(product.name), words(product.id), words(variant.sku))
    tags = tuple(word for tag in product.tags for word in words(tag))
    return _Entry(
        variant,
        place,
        frozenset(tuple(sorted(name)) for name in names if name),
        label,
        tuple(dict.fromkeys((*label, *tags, *words(variant.id), *words(variant.sku)))),
    )


def _score(wanted: tuple[str, ...], entry: _Entry) -> float:
    """Score a variant, 0 where a word of `wanted` is like none of its words."""
    if "".join(wanted) == "".join(entry.label):
        return 150.0
    each = [max(_alike(word, other, in_label=other in entry.label) for other in entry.all) for word in wanted]
    if not all(each):
        return 0.0
    whole = 100.0 if tuple(sorted(wanted)) in entry.names else 0.0
    ahead = 50.0 if " ".join(entry.label).startswith(" ".join(wanted)) else 0.0
    return whole + ahead + sum(each) / len(each)


def _alike(word: str, other: str, *, in_label: bool) -> float:
    """Score one word against another: the same, its beginning, or nearly so; the label's words count a little more."""
    bonus = 5.0 if in_label else 0.0
    if word == other:
        return 100.0 + bonus
    if other.startswith(word):
        return 90.0 + bonus
    allowed = next(edits for shortest, edits in FORGIVEN if len(word) >= shortest)
    if not allowed:
        return 0.0
    # A word still being typed is held against as much of the other.
    edits = min(OSA.distance(word, other), OSA.distance(word, other[: len(word)]) + 0.5)
    return (1 - edits / len(word)) * 80 + bonus if edits <= allowed + 0.5 else 0.0
