"""Words: a sentence is filled with what the reader's language makes of money, dates, numbers and plurals, and nothing leaks."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.money import Money
from bot.words import Moment, Ref, Tongue, plain
from config.words import Words

NEW_YEAR = datetime(2026, 12, 31, 23, 30, tzinfo=UTC)


def _tongue(locale: str) -> Tongue:
    return Tongue(Words.load(), locale, ZoneInfo("Europe/Paris"))


@pytest.mark.parametrize(
    ("locale", "said"), [("en", "“€12.50” is in another currency."), ("fr", "« 12,50\u00a0€ » est dans")]
)
def test_money_is_written_as_the_reader_writes_it(locale: str, said: str) -> None:
    """Money in a sentence becomes text of the reader's language."""
    sentence = plain(_tongue(locale).say("refused.amount_currency", typed=Money(1250, "EUR"), currency="USD"))
    assert sentence.replace("«\u00a0", "« ").replace("\u00a0»", " »").startswith(said)


@pytest.mark.parametrize(
    ("locale", "said"),
    [("en", "1 January 2027 at 00:30 (Europe/Paris)"), ("fr", "1er janvier 2027 à 00:30 (Europe/Paris)")],
)
def test_an_instant_stays_an_instant_with_its_civil_text(locale: str, said: str) -> None:
    """A date travels as the instant, for platforms to show natively, with the operator's civil time beside it."""
    tongue = _tongue(locale)
    moments = [piece for piece in tongue.say("notice.banner", date=NEW_YEAR) if isinstance(piece, Moment)]
    assert moments == [Moment(NEW_YEAR, said)] == [tongue.moment(NEW_YEAR)]
    assert said in tongue.word("notice.banner", date=NEW_YEAR)


def test_a_link_is_read_aloud_with_its_address() -> None:
    """As plain text a reference is its label and where it leads."""
    place = Ref("The market", "https://market.example/")
    said = _tongue("en").say("sellers.channel", place=place)
    assert place in said
    assert plain(said).endswith("The market (https://market.example/)")


@pytest.mark.parametrize(
    ("locale", "count", "said"),
    [
        ("en", 0, "0 things for sale"),
        ("en", 1, "1 thing for sale"),
        ("en", 1200, "1,200 things for sale"),
        ("fr", 0, "0 article en vente"),
        ("fr", 1, "1 article en vente"),
        ("fr", 2, "2 articles en vente"),
    ],
)
def test_plurals_are_the_languages_own(locale: str, count: int, said: str) -> None:
    """In French nothing is singular, in English it is plural."""
    assert _tongue(locale).word("shop.variants", count) == said


@given(st.text(max_size=60))
def test_what_people_type_is_never_a_template(typed: str) -> None:
    """Braces, keys and format marks in what was typed stay what they are."""
    pieces = _tongue("en").say("refused.unknown_product", typed=typed)
    assert typed in pieces
    assert plain(pieces) == f"There is no “{typed}” here."


def test_an_unknown_key_is_an_error() -> None:
    """A sentence that is not there is found by the tests, not by a reader."""
    with pytest.raises(KeyError):
        _tongue("en").say("no.such.key")
    with pytest.raises(KeyError):
        _tongue("en").say("notice.banner")


@pytest.mark.parametrize(
    ("locale", "texts", "said"),
    [
        ("fr", {"en": "e", "fr": "f"}, "f"),
        ("fr", {"en": "e"}, "e"),
        ("fr", {"de": "d"}, "d"),
        ("fr-CA", {"en": "e", "fr": "f"}, "f"),
        ("en", None, ""),
        ("en", {}, ""),
    ],
)
def test_the_operators_text_is_picked_for_the_reader(locale: str, texts: dict[str, str] | None, said: str) -> None:
    """The reader's locale, else their language, else English, else whatever there is."""
    assert _tongue(locale).pick(texts) == said
