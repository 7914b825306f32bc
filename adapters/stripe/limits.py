"""What Stripe's amounts are: its own special currencies, and the smallest charge of each.

Source of everything here: https://docs.stripe.com/currencies
"""

from __future__ import annotations

from typing import Final

from bot.errors import BadAmount
from bot.money import Money, exponent

#: ISO 4217 gives these no decimals; Stripe still writes them with two, which must be 00.
#: https://docs.stripe.com/currencies#special-cases
WRITTEN_WITH_TWO: Final = frozenset({"ISK", "UGX"})
#: ISO 4217 gives these decimals; Stripe takes them whole. https://docs.stripe.com/currencies#zero-decimal
TAKEN_WHOLE: Final = frozenset({"MGA"})
#: The last digit must be 0. https://docs.stripe.com/currencies#three-decimal
THREE_DECIMALS: Final = frozenset({"BHD", "JOD", "KWD", "OMR", "TND"})

#: In minor units of ISO 4217. https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts
_SMALLEST: Final = {
    "USD": 50, "AED": 200, "AUD": 50, "BGN": 100, "BRL": 50, "CAD": 50, "CHF": 50, "CZK": 1500, "DKK": 250, "EUR": 50,
    "GBP": 30, "HKD": 400, "HUF": 17500, "INR": 50, "JPY": 50, "MXN": 1000, "MYR": 200, "NOK": 300, "NZD": 50,
    "PLN": 200, "RON": 200, "SEK": 300, "SGD": 50, "THB": 1000,
}  # fmt: skip
MINIMUMS: Final = {currency: Money(minor, currency) for currency, minor in _SMALLEST.items()}


def to_stripe(amount: Money) -> int:
    """Write an amount as Stripe counts it. Raises BadAmount where Stripe cannot take its last digits."""
    if amount.currency in WRITTEN_WITH_TWO:
        return amount.minor * 100
    if amount.currency in TAKEN_WHOLE:
        whole, rest = divmod(amount.minor, _places(amount.currency))
        if rest:
            raise BadAmount(amount.plain(), "decimals", amount.currency)
        return whole
    if amount.currency in THREE_DECIMALS and amount.minor % 10:
        raise BadAmount(amount.plain(), "decimals", amount.currency)
    return amount.minor


def from_stripe(amount: int, currency: str) -> Money:
    """Read an amount as Stripe counts it; `currency` in either case."""
    code = currency.upper()
    if code in WRITTEN_WITH_TWO:
        return Money(int(amount / 100), code)  # towards zero, so that what leaves is read as what comes
    if code in TAKEN_WHOLE:
        return Money(amount * _places(code), code)
    return Money(amount, code)


def _places(currency: str) -> int:
    return int(10 ** exponent(currency))
