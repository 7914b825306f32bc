"""Typed text is taken apart into words, and what stands in quotes is one."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.tokenise import tokenise

WORD = st.text(st.characters(codec="utf-8", categories=["L", "N"]), min_size=1, max_size=8)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", []),
        ("   ", []),
        ("mug 2", ["mug", "2"]),
        ('"blue mug" 2', ["blue mug", "2"]),
        ("“blue mug” 2", ["blue mug", "2"]),
        ("„blaue Tasse“ 2", ["blaue Tasse", "2"]),
        ("« Eau potable » mensuel", ["Eau potable", "mensuel"]),
        ("«\u00a0Eau potable\u00a0» mensuel", ["Eau potable", "mensuel"]),
        ("l'eau d’été", ["l'eau", "d’été"]),
        ('12,50 € to "Clean water" monthly', ["12,50", "€", "to", "Clean water", "monthly"]),
        ('"blue mug 2', ["blue", "mug", "2"]),
        ("a\tb\nc\u00a0d", ["a", "b", "c", "d"]),
        ('"" mug', ["", "mug"]),
        ('mug"', ["mug"]),
    ],
)
def test_words_and_quotes(text: str, words: list[str]) -> None:
    """Words at white space; straight, curly, German and French quotes; one that is not closed is left out."""
    assert tokenise(text) == words


@given(st.lists(WORD, max_size=6))
def test_bare_words_come_back(words: list[str]) -> None:
    """Words without quotes come back as they were, in their order."""
    assert tokenise("  ".join(words)) == words


@given(st.lists(st.lists(WORD, min_size=1, max_size=3).map(" ".join), max_size=5), st.sampled_from(['""', "“”", "«»"]))
def test_quoted_words_come_back_whole(phrases: list[str], quotes: str) -> None:
    """A phrase in quotes is one word."""
    assert tokenise(" ".join(f"{quotes[0]}{phrase}{quotes[1]}" for phrase in phrases)) == phrases


@given(st.text(max_size=60))
def test_any_text_is_taken_apart(text: str) -> None:
    """Nothing is an error, and every word stands in the text as it is."""
    assert all(word in text for word in tokenise(text))


@pytest.mark.parametrize("text", ['"' + " " * 2000 + "x", "“ " * 2000, "„" * 4000])
def test_no_message_takes_long(text: str) -> None:
    """Whatever is typed is read at once: a message must not hold up everybody else's."""
    begun = time.process_time()
    tokenise(text)
    assert time.process_time() - begun < 1
