"""Amounts as Stripe counts them, and the least it charges; checked against the sandbox's own copy of Stripe's table."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.sandbox import currencies
from adapters.stripe.limits import MINIMUMS, from_stripe, to_stripe
from adapters.stripe.requests import locale
from bot.errors import BadAmount
from bot.money import Money, exponent

_CODES = [code.upper() for code in currencies.CURRENCIES]


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (Money(1250, "EUR"), 1250),
        (Money(500, "JPY"), 500),
        (Money(5, "ISK"), 500),
        (Money(5, "UGX"), 500),
        (Money(500, "MGA"), 5),
        (Money(5120, "KWD"), 5120),
        (Money(1045, "HUF"), 1045),
        (Money(80045, "TWD"), 80045),
    ],
    ids=str,
)
def test_special_cases(ours: Money, theirs: int) -> None:
    """Each special case of Stripe's table is written and read as the table says."""
    assert to_stripe(ours) == theirs
    assert from_stripe(theirs, ours.currency.lower()) == ours


@pytest.mark.parametrize("amount", [Money(5124, "KWD"), Money(1, "TND"), Money(550, "MGA")], ids=str)
def test_uneven(amount: Money) -> None:
    """An amount whose last digits Stripe cannot take is refused, never rounded."""
    with pytest.raises(BadAmount):
        to_stripe(amount)


@given(st.sampled_from(_CODES), st.integers(0, 99_999_999))
def test_there_and_back(currency: str, minor: int) -> None:
    """Whatever Stripe can take comes back as it went, is not crooked, and is worth the same in major units."""
    amount = Money(minor, currency)
    try:
        theirs = to_stripe(amount)
    except BadAmount:
        return
    assert from_stripe(theirs, currency.lower()) == amount
    assert currencies.crooked(theirs, currency.lower()) is None
    decimals = 0 if currency.lower() in currencies.ZERO_DECIMAL else 3 if exponent(currency) == 3 else 2
    assert amount.decimal.scaleb(decimals) == theirs


def test_minimums() -> None:
    """The smallest charges are those that the sandbox enforces, in every currency."""
    assert {code: to_stripe(least) for code, least in MINIMUMS.items()} == {
        code.upper(): least for code, least in currencies.MINIMUM.items()
    }


@pytest.mark.parametrize(
    ("tag", "theirs"),
    [
        ("fr", "fr"),
        ("fr-FR", "fr"),
        ("fr_CA", "fr-CA"),
        ("en-US", "en"),
        ("pt-br", "pt-BR"),
        ("eo", "auto"),
        ("", "auto"),
    ],
)
def test_locale(tag: str, theirs: str) -> None:
    """The page is shown in the nearest language that it has, else in the browser's."""
    assert locale(tag) == theirs
