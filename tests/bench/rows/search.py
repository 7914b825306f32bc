"""Search as one types, among a hundred thousand products."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from time import process_time
from typing import Final

from rapidfuzz import fuzz, process

from adapters.search import FuzzySearch
from adapters.search.folding import fold
from bot.catalogue import Variant
from config.read import read
from tests.bench.goods import rows, slipped, write
from tests.bench.row import Figure, Row, Scale, alone, pairs

PRODUCTS: Final = 100_000
QUERIES: Final = 1_000
#: The anchor takes so long that it answers every so many of them.
_EVERY: Final = 10


def _measure(scale: Scale) -> Sequence[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        catalogue = read(write(Path(folder), list(rows(scale.of(PRODUCTS, least=50))))).catalogue
    search, variants = FuzzySearch(catalogue), list(catalogue.variants.values())
    labels = [fold(variant.label) for variant in variants]
    choose = random.Random(2017)  # noqa: S311 - the same queries each time
    typos = [_typo(variant, choose) for variant in choose.choices(variants, k=scale.of(QUERIES, least=20))]
    typed = [text for text, _ in typos[::2]] + [_typing(variant, choose) for _, variant in typos[1::2]]
    recall = sum(variant in search.find(text) for text, variant in typos) / len(typos)

    def anchor(text: str) -> object:
        return process.extract(fold(text), labels, scorer=fuzz.partial_ratio, limit=25)

    def both() -> Iterator[tuple[float, float]]:
        for _ in range(scale.rounds):
            ours = _slowest(typed, search.find)
            yield ours, _slowest(typed[::_EVERY], anchor)

    return [
        pairs("p99 of a look-up, half of them with typos", "ms CPU", both(), bound=0.1),
        alone("typo recall among the first 25", "", recall, bound=0.95, at_least=True),
    ]


def _typo(variant: Variant, choose: random.Random) -> tuple[str, Variant]:
    """Type a name with a slip in one word."""
    words = variant.label.lower().split()
    at = choose.choice([place for place, word in enumerate(words) if len(word) > 3])
    return " ".join(slipped(word, choose) if place == at else word for place, word in enumerate(words)), variant


def _typing(variant: Variant, choose: random.Random) -> str:
    """Be about to type a name, or its words in another order."""
    words = variant.label.split()
    choose.shuffle(words)
    return " ".join(words[:2]) if choose.random() < 0.3 else variant.label[: choose.randint(1, len(variant.label))]


def _slowest(typed: Sequence[str], find: Callable[[str], object]) -> float:
    """Give the milliseconds that all but one in a hundred stay below."""
    took = []
    for text in typed:
        before = process_time()
        find(text)
        took.append((process_time() - before) * 1000)
    return sorted(took)[int(len(took) * 0.99)]


ROW: Final = Row("search as you type, 100,000 products", "rapidfuzz partial_ratio over all", _measure)
