"""A figure: so many of something, and what they come to in each currency."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from bot.money import Money, total


@dataclass(frozen=True, slots=True)
class Figure:
    """How many there are, and their sums, one a currency, in the order of the codes."""

    count: int = 0
    amounts: tuple[Money, ...] = ()


def figure(amounts: Iterable[Money]) -> Figure:
    """Count amounts, and add up those of each currency."""
    known = list(amounts)
    currencies = sorted({amount.currency for amount in known})
    sums = (total((each for each in known if each.currency == currency), currency) for currency in currencies)
    return Figure(len(known), tuple(sums))
