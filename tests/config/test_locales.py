"""The catalogues of words: complete in every locale, nothing stale, and French as France writes it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from bot.orders import State
from config.find import HERE, locales
from config.words import Tome, Words, tome
from tests.config.gaps import gaps

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
    """Each locale has every key of English and no other, none empty, with the same placeholders, in all its plural forms."""
    tomes = Words.load().tomes
    assert gaps(tomes["en"], tomes[locale]) == []


@pytest.mark.parametrize("locale", LOCALES)
def test_every_state_of_an_order_has_its_word(locale: str) -> None:
    """Each state in which people meet an order has a word of its own."""
    assert [state for state in State if f"state.{state}" not in _sentences(locale)] == []


_BROKEN = """\
msgid ""
msgstr ""
"Language: pl\\n"
"Content-Type: text/plain; charset=UTF-8\\n"
"Plural-Forms: nplurals=3; plural=(n==1 ? 0 : n%10>=2 && n%10<=4 && (n%100<10 || n%100>=20) ? 1 : 2);\\n"

msgid "orders.pay"
msgstr "Zapłać"

msgid "orders.title"
msgstr "Zamówienia "

msgid "orders.none"
msgstr ""

msgid "shop.variants"
msgid_plural "shop.variants"
msgstr[0] "{count} rzecz"
msgstr[1] "{count} rzeczy"

msgid "shop.causes"
msgstr "{count} celów"

msgid "orders.nonsense"
msgstr "Bzdura"
"""


def test_what_a_catalogue_lacks_is_named(tmp_path: Path) -> None:
    """A missing key, placeholder or plural form, an empty, ragged or unknown sentence: each is named with its key."""
    file = tmp_path / "pl.po"
    file.write_text(_BROKEN, encoding="utf-8")
    english = Words.load().tomes["en"]
    some = ("orders.pay", "orders.title", "orders.none", "orders.receipt", "shop.variants", "shop.causes")
    wanted = Tome({key: english.sentences[key] for key in some}, english.form)
    assert gaps(wanted, tome(file)) == [
        "orders.none: empty",
        "orders.nonsense: unknown",
        "orders.pay: without {number}",
        "orders.receipt: missing: Receipt {number}",
        "orders.title: a space at its end",
        "shop.causes: 1 of 3 plural forms",
        "shop.variants: 2 of 3 plural forms",
    ]


#: What a language does not write: mistakes of whoever has English in mind, or calls a stranger a friend.
STRANGE = {
    # straight or English quotes, no space that keeps the sign, du
    "de": r"""['"”«»]|“(?=\w)|\d[ ]?[€%]|\b(?:du|dir|dich|dein\w*|euch|euer)\b""",
    # quotes of English, questions and cries without their opening sign, tú and vosotros
    "es": r"""['"“”„]|^[^¿]*\?|^[^¡]*!|\b(?:tú|tu|tus|te|ti|vosotros|vuestr\w+)\b""",
    # commas, semicolons and question marks of Latin, digits of the east beside amounts in those of the west
    "ar": r"""['"“”„,;?]|[٠-٩۰-۹]|(?<=\s)/\u200e""",
}


@pytest.mark.parametrize("locale", STRANGE)
def test_each_language_is_written_as_its_countries_write_it(locale: str) -> None:
    """Quotes, marks and the word for "you" are the language's own."""
    said = [(key, form) for key, forms in _sentences(locale).items() for form in forms]
    assert [(key, form) for key, form in said if re.search(STRANGE[locale], form, re.IGNORECASE)] == []


@pytest.mark.parametrize("locale", LOCALES)
def test_commands_have_names_of_their_own(locale: str) -> None:
    """A command's name is one word in lower case, no two are the same, and sentences name the command as it is typed there."""
    known = _sentences(locale)
    names = {key: forms[0] for key, forms in known.items() if re.fullmatch(r"command\.[a-z]+", key)}
    assert [name for name in names.values() if name != name.casefold() or re.search(r"\s", name)] == []
    assert len(set(names.values())) == len(names)
    for key, forms in _sentences("en").items():
        for command in set(re.findall(r"(?<![\w`/])/(buy|donate|orders)\b", forms[0])):
            assert all(f"/{names[f'command.{command}']}" in form for form in known[key]), key


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
