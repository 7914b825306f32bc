"""Money: what is written is read back in every currency, what is doubtful is refused, sums never lose a minor unit."""

from __future__ import annotations

import time
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.stripe.limits import to_stripe
from bot.errors import BadAmount, MixedCurrencies
from bot.money import EXPONENTS, LARGEST, STEPS, Money, exponent, gross_up, parse, total

CURRENCIES = st.sampled_from(["EUR", "USD", "CZK", "JPY", "KRW", "ISK", "KWD", "TND"])
MINOR = st.integers(0, LARGEST)
MONEY = st.builds(Money, MINOR, CURRENCIES)


def _doubtful(text: str) -> bool:
    """Tell whether one mark and three digits follow each other: thousands to one reader, a fraction to another."""
    return text.count(".") == 1 and len(text.partition(".")[2]) == 3 and not text.startswith("0.")


@given(MONEY)
def test_what_is_written_plainly_is_read_back(amount: Money) -> None:
    """Every amount of every currency comes back as it was, but for thousandths, which look like thousands."""
    written = amount.plain()
    if _doubtful(written):
        with pytest.raises(BadAmount) as refused:
            parse(written, amount.currency)
        assert refused.value.why == "ambiguous"
    else:
        assert parse(written, amount.currency) == amount


@given(st.builds(Money, MINOR.map(lambda minor: minor // 10 * 10), CURRENCIES))
def test_what_is_offered_to_be_typed_is_read_back(amount: Money) -> None:
    """An amount that Stripe can take is offered in a form that nothing doubtful is in, thousandths too."""
    assert parse(amount.typed(), amount.currency) == amount


@given(MONEY, st.sampled_from(["{} {}", "{}{}", "{} {} "]), st.sampled_from([".", ","]))
def test_a_code_or_sign_and_either_mark_are_understood(amount: Money, form: str, mark: str) -> None:
    """The currency's own code may stand beside the amount, and a comma is as good as a point."""
    written = amount.plain()
    if not _doubtful(written):
        text = form.format(written.replace(".", mark), amount.currency.lower())
        assert parse(text, amount.currency) == amount


@given(MONEY, st.sampled_from([" ", "\u00a0", "\u202f", "\u2009", "'", "’"]))
def test_thousands_marks_that_are_no_decimal_marks_are_understood(amount: Money, mark: str) -> None:
    """Spaces of all kinds and apostrophes group thousands."""
    whole, point, fraction = f"{amount.decimal:,f}".partition(".")
    text = whole.replace(",", mark) + point + fraction
    if mark in text or not _doubtful(text):
        assert parse(text, amount.currency) == amount


@given(st.text(max_size=30), CURRENCIES)
def test_any_text_is_an_amount_that_can_be_charged_or_a_refusal(text: str, currency: str) -> None:
    """No text makes anything but an amount from nothing to the largest, or a BadAmount that says why."""
    try:
        amount = parse(text, currency)
    except BadAmount as error:
        refused = error
    else:
        assert 0 <= amount.minor <= LARGEST
        assert amount.currency == currency
        return
    assert (refused.typed, refused.currency) == (text, currency)
    assert text in str(refused)


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [
        ("¥500", "JPY", 500),
        ("12,50 €", "EUR", 1250),
        ("12,50\u00a0€", "EUR", 1250),
        ("1 234,5", "EUR", 123450),
        ("1.234,50 €", "EUR", 123450),
        ("€1,234.50", "EUR", 123450),
        ("$ 10", "USD", 1000),
        ("$10", "CAD", 1000),
        ("CA$10", "CAD", 1000),
        ("10 kr", "SEK", 1000),
        ("1.234", "JPY", 1234),
        ("1,234,567", "JPY", 1234567),
        ("0.500", "KWD", 500),
        ("1,2", "KWD", 1200),
        ("+5", "EUR", 500),
        ("0", "EUR", 0),
        ("12 eur", "EUR", 1200),
        ("EUR 12", "EUR", 1200),
        ("999999.99", "EUR", LARGEST),
        ("099", "EUR", 9900),
    ],
)
def test_what_people_write_is_understood(text: str, currency: str, minor: int) -> None:
    """The ways in which people write amounts, in several languages."""
    assert parse(text, currency) == Money(minor, currency)


@pytest.mark.parametrize(
    ("text", "currency", "why"),
    [
        ("1,234", "EUR", "ambiguous"),
        ("1.234 €", "EUR", "ambiguous"),
        ("12.500", "KWD", "ambiguous"),
        ("12.345,6", "JPY", "decimals"),
        ("500.5", "JPY", "decimals"),
        ("12.505", "EUR", "ambiguous"),
        ("0.505", "EUR", "decimals"),
        ("12.5050", "EUR", "decimals"),
        ("$5", "EUR", "currency"),
        ("US$5", "CAD", "currency"),
        ("5 USD", "EUR", "currency"),
        ("-5", "EUR", "sign"),
        ("€-5", "EUR", "sign"),
        ("1000000", "EUR", "size"),
        ("100000000", "JPY", "size"),
        ("", "EUR", "form"),
        ("free", "EUR", "form"),
        ("12.", "EUR", "form"),
        (".50", "EUR", "form"),
        ("1 23", "EUR", "form"),
        ("1,23,4", "EUR", "form"),
        ("1.234,567.89", "EUR", "form"),
        ("12 potatoes", "EUR", "form"),
        ("1e3", "EUR", "form"),
        ("12 12", "EUR", "form"),
    ],
)
def test_what_is_no_clear_amount_is_refused_with_its_reason(text: str, currency: str, why: str) -> None:
    """A doubtful amount is never guessed, and each refusal names its kind."""
    with pytest.raises(BadAmount) as refused:
        parse(text, currency)
    assert refused.value.why == why


def test_the_largest_is_taken_and_one_more_is_not() -> None:
    """99 999 999 minor units can be charged, one more cannot."""
    for currency in ("EUR", "JPY"):
        assert parse(Money(LARGEST, currency).plain(), currency).minor == LARGEST
        with pytest.raises(BadAmount) as refused:
            parse(Money(LARGEST + 1, currency).plain(), currency)
        assert refused.value.why == "size"


@given(MONEY, MONEY)
def test_two_currencies_never_mix(one: Money, other: Money) -> None:
    """Adding, taking away, comparing and summing two currencies raises; equality is just false."""
    if one.currency == other.currency:
        assert (one + other) - other == one
        assert (one < other) == (one.minor < other.minor)
        return
    for mix in (
        lambda: one + other,
        lambda: one - other,
        lambda: one < other,
        lambda: one >= other,
        lambda: total([one, other], one.currency),
    ):
        with pytest.raises(MixedCurrencies):
            mix()
    assert one != other


@given(MONEY.map(lambda money: money * STEPS.get(money.currency, 1)), st.decimals(0, 100, places=2))
def test_a_percentage_is_within_half_of_what_can_be_charged_and_never_more_than_all(
    amount: Money, rate: Decimal
) -> None:
    """Taking per cent off is exact to half a minor unit, in thousandths to half of ten, and 100 % is everything."""
    part = amount.percent(rate)
    assert abs(Decimal(part.minor) - Decimal(amount.minor) * rate / 100) <= Decimal(STEPS.get(amount.currency, 1)) / 2
    assert Money(0, amount.currency) <= part <= amount
    assert amount.percent(100) == amount


@given(
    st.integers(1, LARGEST),
    st.decimals(0, 50, places=2),
    st.integers(0, 1000),
)
def test_who_covers_the_fees_pays_no_minor_unit_too_much(net: int, percent: Decimal, fixed: int) -> None:
    """After the fee at least the net is left, and with a minor unit less it would not be."""

    def left(gross: int) -> Decimal:
        return gross - gross * percent / 100 - fixed

    gross = gross_up(Money(net, "EUR"), percent=percent, fixed=Money(fixed, "EUR"))
    assert left(gross.minor) >= net
    assert left(gross.minor - 1) < net


@given(st.sampled_from(sorted(EXPONENTS)), MINOR)
def test_the_decimals_are_those_of_iso_4217(currency: str, minor: int) -> None:
    """Five hundred yen are 500, and a dinar has a thousand fils."""
    places = len(Money(minor, currency).plain().partition(".")[2])
    assert places == exponent(currency) == EXPONENTS[currency]
    assert Money(minor, currency).decimal * 10 ** exponent(currency) == minor


@pytest.mark.parametrize("code", ["eur", "EURO", "", "E1R", "€"])
def test_a_currency_is_three_capital_letters(code: str) -> None:
    """A code that is none makes no Money."""
    with pytest.raises(BadAmount):
        Money(1, code)


@pytest.mark.parametrize("text", ["9" * 5000, "1" + "'" * 20_000 + "1.", "1" + "\u00a0" * 20_000 + "x x"])
def test_a_text_too_long_is_no_amount(text: str) -> None:
    """A message without end is refused at once, and must not hold up everybody else's."""
    begun = time.process_time()
    with pytest.raises(BadAmount) as caught:
        parse(text, "EUR")
    assert caught.value.why == "form"
    assert time.process_time() - begun < 1


@pytest.mark.parametrize("currency", ["KWD", "MGA", "EUR", "JPY"])
def test_what_is_reckoned_can_be_charged(currency: str) -> None:
    """A discount and covered fees end in the digits that cards take, and still leave at least the net amount."""
    for minor in range(1000, 20000, 700):
        net = Money(minor, currency)
        gross = gross_up(net, percent=Decimal("1.5"), fixed=Money(0, currency))
        for amount in (net.percent(15), gross):
            assert to_stripe(amount) > 0
        assert gross.minor - Decimal(gross.minor) * Decimal("0.015") >= minor
