"""The words of a catalogue: which variants have them, in their label or elsewhere."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from copy import copy
from typing import Final

from adapters.search.folding import called, further, joined, names, words
from adapters.search.slips import Slips
from bot.catalogue import Variant

#: Comes after whatever a word may go on with.
_AFTER: Final = "\U0010ffff"


class Postings:
    """For each word the places of the variants that have it, ascending: one flat array, and where each word begins in it."""

    def __init__(self, size: int, word_of: Iterable[int], place_of: Sequence[int]) -> None:
        """Sort pairs of a word's number and a variant's place, which come by ascending places."""
        count = array("I", bytes(4 * (size + 1)))
        pairs = array("I", word_of)
        for word in pairs:
            count[word + 1] += 1
        for word in range(size):
            count[word + 1] += count[word]
        self._starts: Final = array("I", count)
        self._places: Final = array("I", bytes(4 * len(pairs)))
        for word, place in zip(pairs, place_of, strict=True):
            self._places[count[word]] = place
            count[word] += 1

    def of(self, first: int, end: int) -> array[int]:
        """Give the places of all words from one number up to another."""
        return self._places[self._starts[first] : self._starts[end]]


class Index:
    """What is asked of a catalogue's words. Numbers of words are their places in the sorted vocabulary."""

    def __init__(self, variants: Sequence[Variant]) -> None:
        """Take the variants in, in their order. A hundred thousand take a few seconds and some tens of megabytes."""
        self.variants = variants
        first_seen: dict[str, int] = {}
        labels, label_places, others, other_places = array("I"), array("I"), array("I"), array("I")
        keys: list[str] = []
        hashes, hashed = array("q"), array("I")
        for place, variant in enumerate(variants):
            label = words(variant.label)
            keys.append(" ".join(label))
            own = dict.fromkeys(label)
            for word in own:
                labels.append(first_seen.setdefault(word, len(first_seen)))
                label_places.append(place)
            for word in dict.fromkeys(further(variant)):
                if word not in own:
                    others.append(first_seen.setdefault(word, len(first_seen)))
                    other_places.append(place)
            for key in names(variant):
                hashes.append(hash(key))
                hashed.append(place)
            hashes.append(hash(_run("".join(label))))
            hashed.append(place)
        self.vocabulary: Final = sorted(first_seen)
        number = array("I", bytes(4 * len(first_seen)))
        for new, word in enumerate(self.vocabulary):
            number[first_seen[word]] = new
        size = len(self.vocabulary)
        self.labels: Final = Postings(size, (number[word] for word in labels), label_places)
        self.others: Final = Postings(size, (number[word] for word in others), other_places)
        del first_seen, labels, others, label_places, other_places
        self._by_label: Final = array("I", sorted(range(len(variants)), key=keys.__getitem__))
        del keys
        order = sorted(range(len(hashes)), key=hashes.__getitem__)
        self._hashes: Final = array("q", (hashes[at] for at in order))
        self._hashed: Final = array("I", (hashed[at] for at in order))
        self.slips: Final = Slips(self.vocabulary)

    def fits(self, variants: Sequence[Variant]) -> bool:
        """Tell whether others are called as our variants are, one by one."""
        pairs = zip(self.variants, variants, strict=False)
        return len(variants) == len(self.variants) and all(a is b or called(a) == called(b) for a, b in pairs)

    def over(self, variants: Sequence[Variant]) -> Index:
        """Give what is known of our variants' words for others, which it fits."""
        made = copy(self)
        made.variants = variants
        return made

    def beginning(self, word: str) -> tuple[int, int]:
        """Give the numbers of all words that begin with one, from the first up to the end; the word itself is the first."""
        return bisect_left(self.vocabulary, word), bisect_left(self.vocabulary, word + _AFTER)

    def number(self, word: str) -> int | None:
        """Give a word's number; None where nothing has it."""
        at = bisect_left(self.vocabulary, word)
        return at if at < len(self.vocabulary) and self.vocabulary[at] == word else None

    def named(self, wanted: Sequence[str]) -> list[int]:
        """Give the places of those that words name for certain, in any order; in the catalogue's order."""
        key = " ".join(sorted(wanted))
        return [place for place in self._hash(key) if key in names(self.variants[place])]

    def run_together(self, wanted: Sequence[str]) -> list[int]:
        """Give the places of those whose label is all of this, wherever the spaces are."""
        run = "".join(wanted)
        found = self._hash(_run(run))
        return [place for place in found if joined(self.variants[place]).replace(" ", "") == run]

    def labelled(self, beginning: str) -> array[int]:
        """Give the places of those whose label's words begin so; in no order."""
        first = bisect_left(self._by_label, beginning, key=self._label)
        return self._by_label[first : bisect_left(self._by_label, beginning + _AFTER, first, key=self._label)]

    def _label(self, place: int) -> str:
        return joined(self.variants[place])

    def _hash(self, key: str) -> Sequence[int]:
        """Give the places that a key may be of: two keys may have the same hash."""
        wanted = hash(key)
        first = bisect_left(self._hashes, wanted)
        end = first
        while end < len(self._hashes) and self._hashes[end] == wanted:
            end += 1
        return sorted(set(self._hashed[first:end]))


def _run(text: str) -> str:
    """Tell a label run together from a name."""
    return f"\0{text}"
