"""Money: integer minor units with an ISO 4217 code; two currencies never mix."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal
from functools import lru_cache, total_ordering
from typing import Final

from bot.errors import BadAmount, MixedCurrencies

# ISO 4217, table A.1, column "Minor unit": the currencies that do not have two decimals.
# Source: https://www.six-group.com/en/products-services/financial-information/data-standards.html
EXPONENTS: Final = dict.fromkeys(
    (
        "BIF",
        "CLP",
        "DJF",
        "GNF",
        "ISK",
        "JPY",
        "KMF",
        "KRW",
        "PYG",
        "RWF",
        "UGX",
        "UYI",
        "VND",
        "VUV",
        "XAF",
        "XOF",
        "XPF",
    ),
    0,
) | dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3)

#: What cards are charged in, in minor units, where that is not one: the last digits of an amount must be 0.
#: https://docs.stripe.com/currencies#three-decimal and, for MGA, https://docs.stripe.com/currencies#zero-decimal
STEPS: Final = {"MGA": 100} | {currency: 10 for currency, decimals in EXPONENTS.items() if decimals == 3}  # noqa: PLR2004

# What people type for a currency. A sign shared by many currencies ("$", "kr", "¥") means the one in force, if it fits.
SIGNS: Final = {
    "€": ("EUR",),
    "£": ("GBP",),
    "¥": ("JPY", "CNY"),
    "$": ("USD", "CAD", "AUD", "NZD", "SGD", "HKD", "MXN", "BRL"),
    "US$": ("USD",),
    "CA$": ("CAD",),
    "A$": ("AUD",),
    "kr": ("SEK", "NOK", "DKK", "ISK"),
    "₣": ("CHF",),
    "fr": ("CHF",),
    "zł": ("PLN",),
    "Kč": ("CZK",),
    "₹": ("INR",),
    "₩": ("KRW",),
}

#: Stripe takes at most eight digits of minor units (https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts).
LARGEST: Final = 99_999_999

#: Characters of an amount, with its currency, at most: what is longer is none, and would only take long to read.
_LONGEST: Final = 40

# What stands between thousands: spaces (plain, no-break, thin, narrow no-break) and apostrophes.
_SPACES: Final = " \u00a0\u2009\u202f'’"
_AMOUNT: Final = re.compile(
    rf"\A(?P<before>[^\d\s.,+-]*)\s*(?P<sign>[+-]?)(?P<number>\d[\d.,{_SPACES}]*?)\s*(?P<after>[^\d\s.,]*)\Z"
)


def exponent(currency: str) -> int:
    """Tell how many decimals a currency has (ISO 4217): 2 for EUR, 0 for JPY, 3 for KWD."""
    return EXPONENTS.get(currency, 2)


@lru_cache(maxsize=64)
def _has_form(currency: str) -> bool:
    """Tell whether a text has the form of a currency's code. It is asked at each amount, and there are few currencies."""
    return re.fullmatch(r"[A-Z]{3}", currency) is not None


@total_ordering
@dataclass(frozen=True, slots=True)
class Money:
    """An amount: `minor` whole minor units (cents, yen, fils) of `currency` (ISO 4217, upper case)."""

    minor: int
    currency: str

    def __post_init__(self) -> None:
        if not _has_form(self.currency):
            raise BadAmount(self.currency, "currency", self.currency)

    def _same(self, other: Money) -> None:
        if self.currency != other.currency:
            raise MixedCurrencies(self.currency, other.currency)

    def __add__(self, other: Money) -> Money:
        self._same(other)
        return Money(self.minor + other.minor, self.currency)

    def __sub__(self, other: Money) -> Money:
        self._same(other)
        return Money(self.minor - other.minor, self.currency)

    def __mul__(self, times: int) -> Money:
        return Money(self.minor * times, self.currency)

    def __lt__(self, other: Money) -> bool:
        self._same(other)
        return self.minor < other.minor

    def __bool__(self) -> bool:
        return self.minor != 0

    @property
    def decimal(self) -> Decimal:
        """The amount in major units, exactly: Decimal("12.50") for 1250 EUR."""
        return Decimal(self.minor).scaleb(-exponent(self.currency))

    def percent(self, rate: Decimal | int) -> Money:
        """Take `rate` per cent of it, to what can be charged, half of that rounded up."""
        return self.rounded(Decimal(self.minor) * Decimal(rate) / 100, ROUND_HALF_UP)

    def rounded(self, minor: Decimal, rounding: str) -> Money:
        """Give so many minor units of its currency, rounded (as `decimal` names it) to what can be charged."""
        step = STEPS.get(self.currency, 1)
        return Money(int((minor / step).quantize(Decimal(1), rounding)) * step, self.currency)

    def plain(self) -> str:
        """Write it as the config does: "12.50", "500"."""
        return f"{self.decimal:f}"

    def typed(self) -> str:
        """Write it as a person would type it, so that nothing is doubtful: "12.50", "500", and 5000 fils as "5"."""
        plain = self.plain()
        return plain.rstrip("0").rstrip(".") if exponent(self.currency) == 3 else plain  # noqa: PLR2004 - like thousands

    def __str__(self) -> str:
        return f"{self.plain()} {self.currency}"


def total(amounts: Iterable[Money], currency: str) -> Money:
    """Add amounts that must all be in `currency`; nothing adds up to zero."""
    result = Money(0, currency)
    for amount in amounts:
        result += amount
    return result


def gross_up(net: Money, *, percent: Decimal, fixed: Money) -> Money:
    """Tell what to charge so that `net` is left after a fee of `percent` per cent and `fixed`, rounded up."""
    return net.rounded(Decimal((net + fixed).minor) / (1 - percent / 100), ROUND_CEILING)


def parse(text: str, currency: str) -> Money:
    """Read what a person typed ("12.50", "¥500", "12,50 €", "1 234,5") as an amount in `currency`.

    Raises BadAmount when it is no amount, names another currency, has too many decimals, is negative, is more than
    Stripe takes, or can be read in two ways ("1,234" euros): a doubtful amount is refused, never guessed.
    """
    typed = text.strip()
    found = _AMOUNT.match(typed) if len(typed) <= _LONGEST else None
    if not found:
        raise BadAmount(text, "form", currency)
    for sign in (found["before"], found["after"]):
        if sign and not _means(sign, currency):
            known = any(_means(sign, code) for codes in SIGNS.values() for code in codes) or _is_code(sign)
            raise BadAmount(text, "currency" if known else "form", currency)
    if found["sign"] == "-":
        raise BadAmount(text, "sign", currency)
    whole, fraction = _split(found["number"], exponent(currency), text, currency)
    minor = int(whole) * 10 ** exponent(currency) + int(fraction.ljust(exponent(currency), "0") or "0")
    if minor > LARGEST:
        raise BadAmount(text, "size", currency)
    return Money(minor, currency)


def _is_code(sign: str) -> bool:
    return re.fullmatch(r"[A-Za-z]{3}", sign) is not None


def _means(sign: str, currency: str) -> bool:
    if sign.upper() == currency:
        return True
    return any(currency in codes for known, codes in SIGNS.items() if known.casefold() == sign.casefold())


def _split(number: str, decimals: int, typed: str, currency: str) -> tuple[str, str]:
    """Split the digits into whole and fraction, or raise BadAmount."""
    packed = number
    for space in _SPACES:
        packed = packed.replace(space, " ")
    marks = [mark for mark in packed if mark in ".,"]
    if not marks:
        return _grouped(packed, " ", typed, currency), ""
    last = max(packed.rfind("."), packed.rfind(","))
    head, tail, mark = packed[:last], packed[last + 1 :], packed[last]
    if not tail.isdigit():
        raise BadAmount(typed, "form", currency)
    if marks.count(mark) > 1:  # "1.234.567": the mark groups thousands
        if len(set(marks)) > 1:
            raise BadAmount(typed, "form", currency)
        return _grouped(packed, mark, typed, currency), ""
    other = "," if mark == "." else "."
    groups = other if other in head else " "
    lone = other not in head and " " not in head
    if lone and len(tail) == 3 and head != "0":  # noqa: PLR2004 - thousands come in threes
        if decimals == 0:
            return _grouped(packed, mark, typed, currency), ""
        raise BadAmount(typed, "ambiguous", currency)
    if len(tail) > decimals:
        raise BadAmount(typed, "decimals", currency)
    return _grouped(head, groups, typed, currency), tail


def _grouped(digits: str, mark: str, typed: str, currency: str) -> str:
    """Take the thousands marks out, or raise BadAmount where they do not stand between threes."""
    if not re.fullmatch(rf"\d+|\d{{1,3}}(?:{re.escape(mark)}\d{{3}})+", digits):
        raise BadAmount(typed, "form", currency)
    return digits.replace(mark, "")
