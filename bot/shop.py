"""The shop as it is now: one immutable snapshot, swapped whole, at most a second old. It advises; transactions decide."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bot.catalogue import Catalogue, Search, Variant
from bot.money import Money
from bot.retirement import Plan, Stage, stage
from bot.settings import Settings


@dataclass(frozen=True, slots=True)
class Stock:
    """How many of a variant orders hold in reserve, and how many are sold."""

    reserved: int = 0
    sold: int = 0


@dataclass(frozen=True, slots=True)
class Shop:
    """Settings, catalogue, search, stock and plans at one moment."""

    settings: Settings
    search: Search
    stock: Mapping[str, Stock] = field(default_factory=dict)
    #: Cause id to what its gifts add up to, refunds taken off.
    raised: Mapping[str, Money] = field(default_factory=dict)
    #: Whether no real money moves: said on every card.
    test_money: bool = False
    #: The smallest charge that the payment provider takes, by currency.
    minimums: Mapping[str, Money] = field(default_factory=dict)
    #: Addresses of places to buy instead that did not answer of late.
    dead: frozenset[str] = frozenset()

    @property
    def catalogue(self) -> Catalogue:
        """What is sold."""
        return self.settings.catalogue

    def available(self, variant: Variant) -> int | None:
        """How many can still be bought; None where it does not run out."""
        return available(variant, self.stock.get(variant.id, Stock()))

    def plan(self, feature: str) -> Plan | None:
        """Give the retirement of a feature, if one is configured."""
        return self.settings.plans.get(feature)

    def stage(self, feature: str, now: datetime) -> Stage:
        """Tell what people see of a feature at `now`, on the calendar's clock."""
        return stage(self.plan(feature), now)


def available(variant: Variant, stock: Stock) -> int | None:
    """Available = stock - reserved - sold, never less than none; None where it does not run out."""
    return None if variant.stock is None else max(0, variant.stock - stock.reserved - stock.sold)
