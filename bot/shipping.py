"""Shipping: a flat rate for the countries of a region, and what an order remembers of the one it ships at."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from bot.money import Money


@dataclass(frozen=True, slots=True)
class Shipping:
    """What an order remembers of its rate: an edit of the config changes nothing of it."""

    #: The country (ISO 3166-1 alpha-2) that stands for the region: the one that was named, else the region's first;
    #: once it is paid, the one of the address.
    region: str
    name: dict[str, str]  # by locale
    price: Money
    countries: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ShippingRate:
    """A flat rate for the countries (ISO 3166-1 alpha-2) of a region, of which there is at least one."""

    name: dict[str, str]  # by locale
    countries: tuple[str, ...]
    price: Money

    @property
    def code(self) -> str:
        """The country that stands for the region, in buttons: its first."""
        return self.countries[0]

    def to(self, country: str = "") -> Shipping:
        """Give what an order to a country of the region remembers."""
        return Shipping(country or self.code, self.name, self.price, self.countries)


def rate_to(rates: Iterable[ShippingRate], country: str) -> ShippingRate | None:
    """Find the rate of a country; None where the shop does not ship there."""
    return next((rate for rate in rates if country in rate.countries), None)
