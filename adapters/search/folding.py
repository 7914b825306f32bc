"""Texts as they are compared: without case, accents and ligatures, word by word."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final

from bot.catalogue import Variant

_LIGATURES: Final = str.maketrans({"œ": "oe", "æ": "ae", "ß": "ss", "ø": "o", "ł": "l", "đ": "d"})
_WORD: Final = re.compile(r"\w+")


def fold(text: str) -> str:
    """Write a text without case, accents and ligatures: "Nœud d'été" is "noeud d'ete"."""
    if text.isascii():
        return text.lower()
    bare = unicodedata.normalize("NFKD", text.casefold().translate(_LIGATURES))
    return "".join(char for char in bare if not unicodedata.combining(char)).translate(_LIGATURES)


@lru_cache(maxsize=8192)  # a name is asked for its words several times in a row, and tags are the same again and again
def words(text: str) -> tuple[str, ...]:
    """Take a text apart into folded words."""
    return tuple(_WORD.findall(fold(text).replace("_", " ")))


def names(variant: Variant) -> set[str]:
    """Give what names a variant for certain, each with its words sorted."""
    product = variant.product
    texts = {variant.id, variant.label, product.name, product.id, variant.sku}
    return {" ".join(sorted(each)) for text in texts if (each := words(text))}


def joined(variant: Variant) -> str:
    """Give a label's words, with a space between."""
    return " ".join(words(variant.label))


def further(variant: Variant) -> tuple[str, ...]:
    """Give the words that a variant is found by beside those of its label: tags, id, number."""
    tags = (word for tag in variant.product.tags for word in words(tag))
    return (*tags, *words(variant.id), *(words(variant.sku) if variant.sku else ()))


def called(variant: Variant) -> tuple[object, ...]:
    """Give all that a variant's words are taken from: two that are called the same are found by the same."""
    product = variant.product
    return variant.id, variant.name, variant.sku, product.id, product.name, product.tags
