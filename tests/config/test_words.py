"""Words: sentences in their plural, and money, numbers, dates and lists as each language writes them."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.money import EXPONENTS, Money
from bot.words import Language, Tongue
from config.regions import CURRENCIES
from config.words import Words

WORDS: Language = Words.load()
LOCALES = sorted(WORDS.locales())
PARIS = ZoneInfo("Europe/Paris")
NARROW = "\u202f"
HARD = "\u00a0"

_PO = """\
msgid ""
msgstr ""
"Language: {0}\\n"
"Content-Type: text/plain; charset=UTF-8\\n"
"Plural-Forms: nplurals=2; plural=(n {1});\\n"

msgid "left"
msgid_plural "left"
msgstr[0] "{{count}} {2}"
msgstr[1] "{{count}} {2}s"

msgid "greeting"
msgstr "{3} {{name}}"
"""


@pytest.fixture
def small(tmp_path: Path) -> Words:
    """Two small catalogues."""
    (tmp_path / "en.po").write_text(_PO.format("en", "!= 1", "mug", "Hello"), encoding="utf-8")
    (tmp_path / "fr.po").write_text(_PO.format("fr", "> 1", "tasse", "Bonjour"), encoding="utf-8")
    return Words.load("en", tmp_path)


def test_a_sentence_is_given_in_its_language_and_form(small: Words) -> None:
    """Plurals follow each language's rule: nothing is plural in English and singular in French."""
    assert small.template("greeting", "fr") == "Bonjour {name}"
    assert [small.template("left", "en", count) for count in (0, 1, 2)] == [
        "{count} mugs",
        "{count} mug",
        "{count} mugs",
    ]
    assert [small.template("left", "fr", count) for count in (0, 1, 2)] == [
        "{count} tasse",
        "{count} tasse",
        "{count} tasses",
    ]
    with pytest.raises(KeyError, match="no_such_key"):
        small.template("no_such_key", "en")


def test_a_sentence_is_filled_through_the_port(small: Words) -> None:
    """The core's Tongue fills a sentence with numbers as the reader writes them."""
    assert Tongue(small, "fr", PARIS).word("left", 1234) == f"1{NARROW}234 tasses"


@pytest.mark.parametrize(
    ("asked", "given"),
    [
        ("fr", "fr"),
        ("fr-CA", "fr"),
        ("fr_FR", "fr"),
        ("FR-fr", "fr"),
        ("en-GB", "en"),
        ("de", "en"),
        ("", "en"),
        ("frr", "en"),
    ],
)
def test_a_locale_falls_back_to_its_language_then_to_the_default(small: Words, asked: str, given: str) -> None:
    """A regional locale is read in its language, an unknown one in the default."""
    assert small.resolve(asked) == given


def test_the_default_locale_is_the_shops(tmp_path: Path, small: Words) -> None:
    """Where nothing fits, the operator's default locale speaks."""
    assert Words.load("fr", tmp_path).resolve("de") == "fr"
    assert list(small.locales()) == ["en", "fr"]


@pytest.mark.parametrize(
    ("money", "english", "french"),
    [
        (Money(1250, "EUR"), "€12.50", f"12,50{HARD}€"),
        (Money(500, "JPY"), "¥500", f"500{HARD}JPY"),
        (Money(123456789, "USD"), "$1,234,567.89", f"1{NARROW}234{NARROW}567,89{HARD}$US"),
        (Money(1234, "KWD"), f"KWD{HARD}1.234", f"1,234{HARD}KWD"),
        (Money(1005, "GBP"), "£10.05", f"10,05{HARD}£GB"),
    ],
)
def test_money_is_written_as_each_language_does(money: Money, english: str, french: str) -> None:
    """Signs, marks and spaces are the language's, decimals the currency's."""
    assert WORDS.money(money, "en") == english
    assert WORDS.money(money, "fr-CA") == french


@given(st.integers(0, 99_999_999), st.sampled_from(sorted(CURRENCIES | set(EXPONENTS))), st.sampled_from(LOCALES))
def test_no_written_amount_loses_a_minor_unit(minor: int, currency: str, locale: str) -> None:
    """Whatever the currency, the digits that are written are exactly those of the amount."""
    written = WORDS.money(Money(minor, currency), locale)
    digits = "".join(char for char in written if char.isdigit())
    assert int(digits) == minor


def test_days_and_instants_are_written_in_the_operators_zone() -> None:
    """A day is the civil day in the zone, with French's first of the month; an instant says its zone."""
    at = datetime(2017, 2, 1, 8, tzinfo=UTC)
    assert WORDS.day(at, PARIS, "en") == "1 February 2017"
    assert WORDS.day(at, PARIS, "fr") == "1er février 2017"
    assert WORDS.day(at.replace(day=11), PARIS, "fr") == "11 février 2017"
    angeles = ZoneInfo("America/Los_Angeles")
    assert WORDS.day(at.replace(hour=7), angeles, "en") == "31 January 2017"
    assert WORDS.instant(at, angeles, "en") == "1 February 2017 at 00:00 (America/Los_Angeles)"
    assert WORDS.instant(at, PARIS, "fr") == "1er février 2017 à 09:00 (Europe/Paris)"


def test_numbers_percentages_and_lists_are_the_languages() -> None:
    """Thousands, percentages and the last "and" follow the language."""
    assert (WORDS.number(12345, "en"), WORDS.number(12345, "fr")) == ("12,345", f"12{NARROW}345")
    assert (WORDS.percent(0.24, "en"), WORDS.percent(0.24, "fr")) == ("24%", f"24{HARD}%")
    assert WORDS.names(["Mug", "Cap", "Print"], "en") == "Mug, Cap and Print"
    assert WORDS.names(["Tasse", "Cap", "Zine"], "fr") == "Tasse, Cap et Zine"
    assert WORDS.names(["Mug"], "en") == "Mug"
    assert WORDS.names([], "en") == ""


def test_days_and_instants_are_each_languages() -> None:
    """What stands between day, month, year and hour is the language's."""
    at = datetime(2017, 2, 1, 8, tzinfo=UTC)
    said = {locale: WORDS.instant(at, PARIS, locale) for locale in ("de", "es", "ar")}
    assert said == {
        "de": "1. Februar 2017 um 09:00 Uhr (Europe/Paris)",
        "es": "1 de febrero de 2017 a las 09:00 (Europe/Paris)",
        "ar": "1 فبراير 2017 الساعة 09:00 (Europe/Paris)",
    }


def test_arabic_has_its_six_plurals() -> None:
    """None, one, two, few, many and others are each said in a form of their own (CLDR's plural rules)."""
    said = [WORDS.template("shop.variants", "ar", count) for count in (0, 1, 2, 3, 11, 100)]
    assert len(set(said)) == 6
    assert WORDS.template("shop.variants", "ar", 103) == said[3]


def test_data_keeps_its_direction_in_a_language_that_runs_the_other_way() -> None:
    """In Arabic a number, an amount and each name of a list are isolated; in German nothing is put around them."""
    arabic, german = Tongue(WORDS, "ar", PARIS), Tongue(WORDS, "de", PARIS)
    assert (WORDS.direction("ar"), WORDS.direction("ar-EG"), WORDS.direction("de")) == ("rtl", "rtl", "ltr")
    assert arabic.word("orders.receipt", number="2026-000001") == "الإيصال \u20682026-000001\u2069"
    assert german.word("orders.receipt", number="2026-000001") == "Beleg 2026-000001"
    assert f"\u2068{WORDS.money(Money(1250, 'EUR'), 'ar')}\u2069" in arabic.say("order.pay", amount=Money(1250, "EUR"))
    assert WORDS.names(["Mug", "Cap"], "ar") == "\u2068Mug\u2069 و\u2068Cap\u2069"
    assert WORDS.names(["Mug"], "ar") == "Mug"
    assert arabic.word("demo.try_staff", url="https://till.example/staff").endswith(" https://till.example/staff")
    assert arabic.word("receipt.title") == "إيصال تبرعك"
