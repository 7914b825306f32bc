"""The catalogues of words: complete in every locale, nothing stale, and French as France writes it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from string import Formatter

import pytest

from bot.orders import State
from config.find import HERE, locales
from config.words import Words

ROOT = HERE.parent
LOCALES = locales()
#: Who asks for a sentence, by the name of what is called.
ASKING = {"say", "word", "template"}
#: Texts of commands that look like keys: the ids of options.
NO_SENTENCES = {"buy.product"}
_KEY = re.compile(r"[a-z]+(?:\.[a-z0-9_-]+)+")
#: Stands for what is only known at run time, in a key that is put together.
_HOLE = "HOLE"
_LIKE_KEY = re.compile(r"[a-z]+\.(?:[a-z0-9_.-]|HOLE)+")


@cache
def _sentences(locale: str) -> dict[str, tuple[str, ...]]:
    return dict(Words.load().tomes[locale].sentences)


def _sources() -> Iterator[Path]:
    for package in ("bot", "commands", "adapters", "config"):
        yield from sorted((ROOT / package).rglob("*.py"))


@dataclass(frozen=True)
class Asked:
    """What one source says of sentences: keys it asks for, other texts that look like keys, keys it puts together."""

    keys: frozenset[str]
    others: frozenset[str]
    patterns: frozenset[str]


def _python(text: str) -> Asked:
    nodes = list(ast.walk(ast.parse(text)))
    joined = [node for node in nodes if isinstance(node, ast.JoinedStr)]
    parts = {id(part) for node in joined for part in node.values}
    calls = [node for node in nodes if isinstance(node, ast.Call) and node.args and _name(node.func) in ASKING]
    asked = [each for node in calls for each in _branches(node.args[0])]
    keys = [each.value for each in asked if isinstance(each, ast.Constant)]
    others = [node.value for node in nodes if isinstance(node, ast.Constant) and id(node) not in parts]
    put_together = [_pattern(node) for node in asked if isinstance(node, ast.JoinedStr)]
    like_keys = [pattern for pattern in map(_pattern, joined) if _in_a_space(pattern) and _LIKE_KEY.fullmatch(pattern)]
    return Asked(
        frozenset(key for key in keys if isinstance(key, str)),
        frozenset(other for other in others if isinstance(other, str) and _in_a_space(other) and _KEY.fullmatch(other)),
        frozenset(re.escape(each).replace(_HOLE, "[a-z0-9_.-]+") for each in (*put_together, *like_keys)),
    )


def _pattern(joined: ast.JoinedStr) -> str:
    return "".join(str(part.value) if isinstance(part, ast.Constant) else _HOLE for part in joined.values)


@cache
def _spaces() -> frozenset[str]:
    return frozenset(key.partition(".")[0] for key in _sentences("en") if "." in key)


def _in_a_space(text: str) -> bool:
    """Tell whether a text begins as some key does: "order.", "refused."."""
    return text.partition(".")[0] in _spaces()


@cache
def _asked() -> Asked:
    """Gather from all sources. In commands every text that looks like a key is one, but for NO_SENTENCES."""
    keys: set[str] = set()
    others: set[str] = set()
    patterns: set[str] = set()
    for file in _sources():
        found = _python(file.read_text(encoding="utf-8"))
        keys |= found.keys | (found.others - NO_SENTENCES if file.is_relative_to(ROOT / "commands") else set())
        others |= found.others
        patterns |= found.patterns
    for template in sorted((ROOT / "adapters").rglob("*.html")):
        keys |= set(re.findall(r"\b(?:say|word)\(\s*[\"']([^\"']+)", template.read_text(encoding="utf-8")))
    return Asked(frozenset(keys), frozenset(others), frozenset(patterns))


def _name(function: ast.expr) -> str:
    return (
        function.attr if isinstance(function, ast.Attribute) else function.id if isinstance(function, ast.Name) else ""
    )


def _branches(asked: ast.expr) -> Iterator[ast.expr]:
    if isinstance(asked, ast.IfExp):
        yield from _branches(asked.body)
        yield from _branches(asked.orelse)
    else:
        yield asked


def _holes(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name is not None}


@pytest.mark.parametrize("locale", LOCALES)
def test_every_sentence_that_is_asked_for_exists(locale: str) -> None:
    """Each key that the sources name is in the catalogue, and each that they put together can be."""
    asked, known = _asked(), _sentences(locale)
    assert sorted(asked.keys - set(known)) == []
    assert [pattern for pattern in asked.patterns if not any(re.fullmatch(pattern, key) for key in known)] == []


@pytest.mark.parametrize("locale", LOCALES)
def test_no_sentence_is_stale(locale: str) -> None:
    """Each sentence of the catalogue is asked for somewhere."""
    asked = _asked()
    unnamed = set(_sentences(locale)) - asked.keys - asked.others
    assert sorted(key for key in unnamed if not any(re.fullmatch(each, key) for each in asked.patterns)) == []


@pytest.mark.parametrize("locale", LOCALES)
def test_every_locale_says_the_same(locale: str) -> None:
    """Each locale has every key of the others, none empty, with the same placeholders in every form."""
    known = _sentences(locale)
    assert sorted(set(_sentences("en")) ^ set(known)) == []
    for key, forms in known.items():
        assert all(form.strip() and form == form.strip() for form in forms), key
        wanted = set().union(*(_holes(form) for form in _sentences("en")[key]))
        assert set().union(*(_holes(form) for form in forms)) == wanted, key
        # "one mug" may say its number in words; every other placeholder stands in every form.
        assert all(wanted - _holes(form) <= {"count"} for form in forms), key


@pytest.mark.parametrize("locale", LOCALES)
def test_every_state_of_an_order_has_its_word(locale: str) -> None:
    """Each state in which people meet an order has a word of its own."""
    assert [state for state in State if f"state.{state}" not in _sentences(locale)] == []


@pytest.mark.parametrize("locale", LOCALES)
def test_plurals_have_all_their_forms(locale: str) -> None:
    """A sentence with a plural has it in every locale, with as many forms as its rule can choose."""
    tome = Words.load().tomes[locale]
    forms = 1 + max(tome.form(count) for count in range(1000))
    for key, said in tome.sentences.items():
        assert len(said) == (forms if len(_sentences("en")[key]) > 1 else 1), key


def _french() -> list[tuple[str, str]]:
    return [(key, form) for key, forms in _sentences("fr").items() for form in forms]


def test_french_punctuation_has_its_spaces() -> None:
    """Before : ; ! ? and », and after «, stands a space that does not break; other spaces there are mistakes."""
    wrong = [
        (key, form)
        for key, form in _french()
        if re.search(r"(?:^|[^\u00a0\u202f?!])[:;!?»](?=$|[\s.,)])", form) or re.search(r"«(?![\u00a0\u202f])", form)
    ]
    assert wrong == []


def test_french_has_french_quotes() -> None:
    """French has the curly apostrophe and guillemets; straight quotes stand only around what people are to type."""
    wrong = [(key, form) for key, form in _french() if "'" in form or re.search(r'(?<![\w/] )"(?!\w)|[“”]', form)]
    assert wrong == []


def test_french_speaks_to_people_as_vous() -> None:
    """Nobody is addressed as tu."""
    wrong = [(key, form) for key, form in _french() if re.search(r"\b(?:tu|toi|ton|tes)\b", form, re.IGNORECASE)]
    assert wrong == []
