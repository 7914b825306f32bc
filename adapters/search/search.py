"""Search over the catalogue as people type: labels, tags and ids, whatever the order of the words, typos forgiven.

How a variant is scored is a matter of words: each word that was typed counts by what of the variant it is most like, and the
whole by their mean; see `Levels`. The best are found without looking at all of them: the vocabulary is asked which of its words
are like the typed one, and only variants that have such a word for each of those typed are compared.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from heapq import merge, nsmallest
from itertools import islice
from typing import Final

from adapters.search.folding import words
from adapters.search.index import Index
from bot.catalogue import Catalogue, Search, Variant

#: How many slips of the finger (a letter wrong, missing, too many, or two swapped) a word of so many letters may have.
FORGIVEN: Final = ((10, 3), (6, 2), (3, 1), (0, 0))
#: What people type beyond this many words finds nothing more.
MOST_WORDS: Final = 12
#: What people type beyond this many characters is not looked at.
MOST_CHARACTERS: Final = 200

#: What a word counts that is the same, that is the beginning of a word, and more where it stands in the label.
SAME: Final = 100.0
BEGUN: Final = 90.0
IN_LABEL: Final = 5.0
#: What a word counts that is nearly so, less its share of slips.
NEAR: Final = 80.0
#: What is added where the words are all of a name, and where the label begins with them.
NAMED: Final = 100.0
AHEAD: Final = 50.0
#: What a label counts that is what was typed but for the spaces.
RUN_TOGETHER: Final = 150.0

#: Marks of a variant, beside the codes of `Levels`, which are smaller: it is named, its label begins so, it is run together.
_NAMED, _AHEAD, _RUN = 32, 64, 128


class FuzzySearch:
    """The port `bot.catalogue.Search`, over one catalogue that does not change."""

    def __init__(self, catalogue: Catalogue, before: Search | None = None) -> None:
        """Prepare the words of every variant. Those of `before` will do where only prices, stock or texts changed."""
        self._by_id: Final = catalogue.variants
        self._variants: Final = tuple(catalogue.variants.values())
        known = before.index if isinstance(before, FuzzySearch) else None
        fits = known is not None and known.fits(self._variants)
        self.index: Final[Index] = known.over(self._variants) if known and fits else Index(self._variants)

    def find(self, typed: str, most: int = 25) -> Sequence[Variant]:
        """Give the best matches, best first; for "" the first of the catalogue. Never raises."""
        wanted = words(typed[:MOST_CHARACTERS])[:MOST_WORDS]
        if not wanted:
            return [] if typed.strip() else list(islice(self._variants, max(most, 0)))
        if most <= 0:
            return []
        marks = self._marks(wanted)
        levels = [Levels(self.index, word) for word in wanted]
        best = self._best(levels, marks, most)
        # Slips need not be looked for where so many need none, and whoever needs one would come after them.
        least = max((each.slipped for each in levels), default=0.0)
        bound = (sum(SAME + IN_LABEL for _ in levels[1:]) + least) / len(levels)
        if len(best) < most or -best[-1][0] <= bound:
            for each in levels:
                each.forgive()
            best = self._best(levels, marks, most)
        return [self._variants[place] for _, place in best]

    def exact(self, typed: str) -> Sequence[Variant]:
        """Give the variants that `typed` names for certain (id, label, product name, any order of the words)."""
        text = typed[:MOST_CHARACTERS]
        by_id = self._by_id.get(text.strip().casefold())
        if by_id is not None:
            return [by_id]
        wanted = words(text)
        return [self._variants[place] for place in self.index.named(wanted)] if wanted else []

    def _marks(self, wanted: Sequence[str]) -> bytearray:
        """Mark what is more than its words: named by all of them, beginning with them, or the same run together."""
        marks = bytearray(len(self._variants))
        for place in self.index.labelled(" ".join(wanted)):
            marks[place] = _AHEAD
        for place in self.index.named(wanted):
            marks[place] |= _NAMED
        for place in self.index.run_together(wanted):
            marks[place] = _RUN
        return marks

    def _best(self, levels: Sequence[Levels], marks: bytearray, most: int) -> list[tuple[float, int]]:
        """Give the places of the best, each after its score below zero: the order of these is that of the answer."""
        if len(levels) == 1:
            return list(islice(_of_one(levels[0], marks), most))
        rarest, *others = sorted(levels, key=lambda each: len(each.places))
        counts = [(each.scores, each.codes) for each in levels]
        codes = [each.codes for each in others]
        places = [place for place in set(rarest.places) if all(code[place] for code in codes)]
        share = len(levels)
        scored = [
            (-(_BONUS[marks[place]] + sum([scores[code[place]] for scores, code in counts]) / share), place)
            for place in places
            if marks[place] != _RUN
        ]
        return nsmallest(most, [*scored, *((-RUN_TOGETHER, place) for place in _marked(marks, _RUN))])


_BONUS: Final = {0: 0.0, _NAMED: NAMED, _AHEAD: AHEAD, _NAMED | _AHEAD: NAMED + AHEAD}


class Levels:
    """How much a typed word counts for each variant: a code of a byte, by which `scores` tells how much; 0 is not at all.

    A word counts 100 where the variant has it, 90 where it has one that begins with it, and where it has one that is like it
    80 less the share of letters that are slips; 5 more each where that stands in the label. What counts most is what counts.
    """

    def __init__(self, index: Index, word: str) -> None:
        """Look the word up, as it is typed."""
        self.index = index
        self._word = word
        self._allowed = next(edits for shortest, edits in FORGIVEN if len(word) >= shortest)
        first, end = index.beginning(word)
        number = index.number(word)
        exact = [] if number is None else [(number, number + 1)]
        self._found: list[tuple[float, list[tuple[int, int]]]] = [(SAME, exact), (BEGUN, [(first, end)])]
        self._tell()

    @property
    def slipped(self) -> float:
        """The most that the word can count with a slip."""
        return NEAR * (1 - 1 / len(self._word)) + IN_LABEL if self._allowed else 0.0

    def forgive(self) -> None:
        """Look up what is like the word, too."""
        for edits, near in self.index.slips.near(self._word, self._allowed) if self._allowed else ():
            ranges = [(number, number + 1) for number in near]
            self._found.append((NEAR * (1 - edits / len(self._word)), ranges))
        self._tell()

    def _tell(self) -> None:
        """Write the codes: the least first, so that more overwrites it."""
        parts: list[tuple[float, array[int]]] = []
        for score, ranges in self._found:
            for postings, more in ((self.index.others, 0.0), (self.index.labels, IN_LABEL)):
                places = array("I")
                for first, end in ranges:
                    places += postings.of(first, end)
                if places:
                    parts.append((score + more, places))
        parts.sort(key=lambda part: part[0])
        self.scores: list[float] = [0.0, *(score for score, _ in parts)]
        self.codes = bytearray(len(self.index.variants))
        self.places = array("I")
        for code, (_, places) in enumerate(parts, 1):
            self.places += places
            for place in places:
                self.codes[place] = code


def _of_one(level: Levels, marks: bytearray) -> Iterator[tuple[float, int]]:
    """Give all that one word finds, best first: one score is one of a few bytes, and bytes are found quickly."""
    codes = bytearray(level.codes)
    for place in _marked(marks, _RUN):
        codes[place] = 0  # it counts the same, however much its word does
    size = len(marks)
    both = (int.from_bytes(codes, "little") | int.from_bytes(marks, "little")).to_bytes(size, "little")
    kinds = {_RUN: RUN_TOGETHER}
    for mark, bonus in _BONUS.items():
        kinds |= {code | mark: bonus + score for code, score in enumerate(level.scores) if code}
    for score in sorted(set(kinds.values()), reverse=True):
        alike = [_marked(both, byte) for byte, counts in kinds.items() if counts == score]
        yield from ((-score, place) for place in merge(*alike))


def _marked(marks: bytes | bytearray, wanted: int) -> Iterator[int]:
    """Give the places of a byte."""
    place = marks.find(wanted)
    while place >= 0:
        yield place
        place = marks.find(wanted, place + 1)
