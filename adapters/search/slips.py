"""Which words of a vocabulary are a few slips of the finger away from another one: all of them asked at once, bit by bit.

A set of words is one large integer, a bit a word. The table of the optimal string alignment distance is filled as for two
words, but a cell holds the set of all words for which so many edits do: a hundred thousand words cost what a few hundred
comparisons of integers cost, and nothing is left out, whatever the alphabet.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from typing import Final

#: Words that share a letter at a place: as many are kept as a set, fewer as a list.
_FEW: Final = 64
_ONE: Final = ord("1")


class Slips:
    """The words of a vocabulary, to be asked for those that are like another."""

    def __init__(self, vocabulary: Sequence[str]) -> None:
        """Take words in. They are spoken of by their places in `vocabulary`."""
        # Long words have the low bits: what only few words are long enough for is then a small number.
        self._order: Final = array("I", sorted(range(len(vocabulary)), key=lambda place: -len(vocabulary[place])))
        longest = len(vocabulary[self._order[0]]) if vocabulary else 0
        by_length = [0] * (longest + 2)
        for word in vocabulary:
            by_length[len(word)] += 1
        #: How many words have at least so many letters.
        self._long: Final = [sum(by_length[length:]) for length in range(longest + 2)]
        self._letters: Final = [
            _letters([vocabulary[place][at] for place in self._order[: self._long[at + 1]]]) for at in range(longest)
        ]

    def near(self, word: str, most: int) -> Iterator[tuple[float, list[int]]]:
        """Give the words within `most` edits of `word`, nearest first, by how many edits; none twice.

        An edit is a letter wrong, missing, too many, or two swapped. A longer word that begins like it with so many edits
        counts half an edit more. Those that begin with it itself are left out.
        """
        length = len(word)
        reached = self._reached(word, most)
        seen = reached[0].get(length, 0)
        for edits in range(1, most + 1):
            whole = 0
            for at, found in reached[edits].items():
                whole |= found & ~self._mask(at + 1)
            yield float(edits), self._places(whole & ~seen)
            seen |= whole
            begun = reached[edits].get(length, 0)
            yield edits + 0.5, self._places(begun & ~seen)
            seen |= begun

    def _mask(self, length: int) -> int:
        """Give the set of all words of at least so many letters."""
        return (1 << self._long[length]) - 1 if length < len(self._long) else 0

    def _reached(self, word: str, most: int) -> list[dict[int, int]]:
        """Give, for each number of edits and each length, the words whose beginning of that length is that near to `word`."""
        masks = [self._mask(at) for at in range(len(word) + most + 2)]
        before: list[dict[int, int]] = [{} for _ in range(most + 1)]
        row: list[dict[int, int]] = [{at: masks[at] for at in range(edits + 1)} for edits in range(most + 1)]
        for number, letter in enumerate(word, 1):
            previous = word[number - 2] if number > 1 else ""
            last, row = row, [{} for _ in range(most + 1)]
            for at in range(max(0, number - most), number + most + 1):
                here = self._set(at - 1, letter) if at else 0
                swapped = self._set(at - 2, letter) & self._set(at - 1, previous) if at > 1 and previous else 0
                for edits in range(most + 1):
                    found = last[edits].get(at - 1, 0) & here
                    if edits:
                        less = last[edits - 1]
                        found |= less.get(at, 0) | ((less.get(at - 1, 0) | row[edits - 1].get(at - 1, 0)) & masks[at])
                        if swapped:
                            found |= before[edits - 1].get(at - 2, 0) & swapped
                    if found:
                        row[edits][at] = found
            before = last
        return row

    def _set(self, at: int, letter: str) -> int:
        """Give the set of all words with a letter at a place."""
        found = self._letters[at].get(letter, 0) if at < len(self._letters) else 0
        return found if isinstance(found, int) else sum(1 << bit for bit in found)

    def _places(self, found: int) -> list[int]:
        bits = f"{found:b}"[::-1] if found else ""
        places, bit = [], bits.find("1")
        while bit >= 0:
            places.append(self._order[bit])
            bit = bits.find("1", bit + 1)
        return places


def _letters(column: Sequence[str]) -> dict[str, int | array[int]]:
    """Give, for each letter that stands at one place of the words, the set of those words."""
    found: dict[str, array[int]] = {}
    for bit, letter in enumerate(column):
        bits = found.get(letter)
        if bits is None:
            bits = found[letter] = array("I")
        bits.append(bit)
    return {letter: bits if len(bits) < _FEW else _as_set(bits) for letter, bits in found.items()}


def _as_set(bits: array[int]) -> int:
    """Give a set of ascending bits: written as a number of so many binary digits, which is quicker than adding them up."""
    digits = bytearray(b"0") * (bits[-1] + 1)
    for bit in bits:
        digits[-1 - bit] = _ONE
    return int(digits, 2)
